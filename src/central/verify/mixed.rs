//! MIXED: a change of policy stands alone, and so does one of hand-written files beside teams' files.

use super::case::Case;
use super::exempt::is_spent;
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let policy = case.changes.iter().find(|change| change.place.is_policy() && !is_spent(change));
    let owned = case.changes.iter().find(|change| change.place.team().is_some());
    let by_hand = case.changes.iter().find(|change| change.place == Place::Unmanaged);
    if let (Some(policy), Some(owned)) = (policy, owned.or(by_hand)) {
        let title = format!("`{}` and `{}` are changed together", policy.path, owned.path);
        let fault = Diagnostic::error(&code::MIXED, title).at_file(&*policy.path, "this says what is allowed");
        let fault = fault.at_file(&*owned.path, "this would be judged by it");
        sink.push(fault.help("land the change of policy first, the other one after it"));
    }
    if let (Some(owned), Some(by_hand)) = (owned, by_hand) {
        let title = format!("`{}` and `{}` are changed together", by_hand.path, owned.path);
        let fault = Diagnostic::error(&code::MIXED, title).at_file(&*by_hand.path, "no team's: it is changed by hand");
        let fault = fault.at_file(&*owned.path, format!("it belongs to {}", owned.place));
        sink.push(fault.help("land them as two changes, so that each is agreed to by whom it concerns"));
    }
    Ok(())
}
