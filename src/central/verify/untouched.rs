//! UNTOUCHED: a source that the change does not touch, and that does not compile any more, is told and stops nobody.
//!
//! Nothing of it differs between base and result, and its lock is known to say what is there; so the change can do nothing by it.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state) in &case.teams {
        for (source, faults) in state.output().into_iter().flat_map(|output| &output.faulty) {
            let title = format!("`{team}/{source}` does not compile any more, and this change does not touch it");
            let label = faults.first().map_or("", |first| first.title.as_str());
            let fault = Diagnostic::warning(&code::UNTOUCHED, title).at_file(format!("sources/{team}/{source}"), label);
            sink.push(fault.help(format!("`freehold audit` shows all of it; have team `{team}` publish a version that compiles")));
        }
    }
    Ok(())
}
