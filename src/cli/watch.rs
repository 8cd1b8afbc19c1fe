//! Doing something again whenever what it read has changed.

use std::sync::Arc;
use std::time::Duration;

use super::output::Output;
use super::{Ending, Failure};
use crate::io::Seen;

/// Between two looks: what a person does not notice.
const INTERVAL: Duration = Duration::from_millis(150);
/// Editors and `git switch` take several steps: after the first of them the others are waited for.
const SETTLING: Duration = Duration::from_millis(60);

/// Shows something, and again at each change of what it has read, until it is interrupted or nobody reads any more. What is wrong is
/// shown, and may be mended.
pub(super) fn watch(output: &Output, mut show: impl FnMut(&Arc<Seen>) -> Result<Ending, Failure>) -> Result<Ending, Failure> {
    loop {
        let seen = Arc::default();
        output.clear()?;
        if let Err(failure) = show(&seen) {
            output.failure(&failure);
        }
        if output.is_abandoned() {
            return Ok(Ending::Clean);
        }
        output.note("waiting for a change; Ctrl-C ends");
        while !seen.has_changed() {
            std::thread::sleep(INTERVAL);
        }
        std::thread::sleep(SETTLING);
    }
}
