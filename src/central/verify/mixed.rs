//! MIXED: a change of policy stands alone.

use super::case::Case;
use super::exempt::is_spent;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let policy = case.changes.iter().find(|change| change.place.is_policy() && !is_spent(change));
    let owned = case.changes.iter().find(|change| change.place.team().is_some());
    if let (Some(policy), Some(owned)) = (policy, owned) {
        let title = format!("`{}` and `{}` are changed together", policy.path, owned.path);
        let fault = Diagnostic::error(&code::MIXED, title).at_file(&*policy.path, "this says what is allowed");
        let fault = fault.at_file(&*owned.path, "this would be judged by it");
        sink.push(fault.help("land the change of policy first, the other one after it"));
    }
    Ok(())
}
