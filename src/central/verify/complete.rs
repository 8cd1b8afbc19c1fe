//! COMPLETE: no source is emptied.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;

const PROJECT: &str = "freehold.yaml";

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state, source, files) in case.touched_sources() {
        let made = state.output().map_or(0, |output| output.workflows.iter().filter(|found| found.source == *source).count());
        let missing = if !files.files.contains_key(PROJECT) {
            format!("its `{PROJECT}`")
        } else if made == 0 {
            "any workflow".to_owned()
        } else {
            continue;
        };
        let fault = Diagnostic::error(&code::COMPLETE, format!("`{team}/{source}` would be without {missing}"));
        let help = "bring the files back: `git checkout <base> -- <folder>`";
        sink.push(
            fault.at_file(format!("sources/{team}/{source}"), "a source that is not whole would delete what it no longer names").help(help),
        );
    }
    Ok(())
}
