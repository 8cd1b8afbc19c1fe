//! REFERENCES: who newly waits for a workflow waits for one that is there.

use super::case::Case;
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let new = case.changes.iter().filter(|change| change.before.is_none() && matches!(change.place, Place::Compiled { .. }));
    for change in new {
        let ["references", team, workflow, ..] = change.path.split('/').collect::<Vec<_>>()[..] else { continue };
        if case.repository.entry(case.tree, &format!("dags/{team}/{workflow}.py"))?.is_some() {
            continue;
        }
        let waiting = change.path.trim_end_matches(".yaml").splitn(4, '/').nth(3).unwrap_or_default();
        let fault = Diagnostic::error(&code::AWAITED, format!("`{waiting}` waits for `{team}/{workflow}`, which is not there"));
        sink.push(fault.at_file(&*change.path, "").help(format!("have team `{team}` publish it first, or take the `wait_for` out")));
    }
    Ok(())
}
