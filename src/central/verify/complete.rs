//! COMPLETE: no source is emptied, unless it says so itself.

use super::case::Case;
use super::guard::is_said;
use crate::central::compiler::OverrideRule;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;

const PROJECT: &str = "freehold.yaml";

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state, source, files) in case.touched_sources() {
        let made = state.output().map_or(0, |output| output.workflows.iter().filter(|found| found.source == *source).count());
        let is_told = || match files.locks() {
            (Some(before), _) => before.workflows.keys().all(|name| is_said(case, (team, state), source, name)),
            // In an audit nothing is known of before but what the lock remembers.
            (None, Some(after)) => case.base.is_none() && !after.tombstones.is_empty(),
            (None, None) => false,
        };
        let missing = if !files.files.contains_key(PROJECT) {
            format!("its `{PROJECT}`")
        } else if made == 0 && !is_told() {
            "any workflow".to_owned()
        } else {
            continue;
        };
        let folder = format!("sources/{team}/{source}");
        if files.files.is_empty() && case.is_excused(OverrideRule::Complete, team, source, &[&folder]) {
            continue;
        }
        let fault = Diagnostic::error(&code::COMPLETE, format!("`{team}/{source}` would be without {missing}"));
        let fault = fault.at_file(folder, "a source that is not whole would delete what it no longer names");
        sink.push(fault.help("bring the files back, `git checkout <base> -- <folder>`, or name the workflows that go in `retire`"));
    }
    Ok(())
}
