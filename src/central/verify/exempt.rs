//! OVERRIDE: a record on the branch lets the change that takes it away break one rule.

use std::cell::Cell;

use super::case::{Case, Changed};
use super::place::Place;
use crate::central::compiler::{Override, OverrideRule};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{SourceName, TeamName};

/// People who have to stand behind a record that lets workflows go.
const APPROVERS: usize = 2;

/// A record that the change takes away.
pub(super) struct Record {
    path: String,
    team: TeamName,
    /// What it says; `None` when that cannot be understood.
    says: Option<Override>,
    is_used: Cell<bool>,
}

impl Record {
    /// Reads the records that a change takes away.
    pub(super) fn all(case: &Case<'_>) -> Result<Vec<Self>, GitError> {
        let mut records = Vec::new();
        for change in case.changes.iter().filter(|change| is_spent(change)) {
            let Place::Override { team } = &change.place else { continue };
            let bytes = case.policy_file(&change.path)?.unwrap_or_default();
            let (path, team, says) = (change.path.clone(), team.clone(), case.compiler.override_record(&bytes));
            records.push(Self { path, team, says, is_used: Cell::new(false) });
        }
        Ok(records)
    }
}

/// Whether a change takes a record away.
pub(super) fn is_spent(change: &Changed) -> bool {
    matches!(change.place, Place::Override { .. }) && change.after.is_none()
}

impl Case<'_> {
    /// Whether a record that the change takes away lets a rule be broken for any of these paths. It counts as used then.
    pub(super) fn is_excused(&self, rule: OverrideRule, team: &TeamName, source: &SourceName, paths: &[&str]) -> bool {
        let holds = |says: &Override| {
            let needed = match rule {
                OverrideRule::Guard | OverrideRule::Complete => APPROVERS,
                OverrideRule::Mono | OverrideRule::Limits => 1,
            };
            let is_meant = says.rule == rule && says.source == *source && paths.iter().any(|path| says.paths.contains(*path));
            is_meant && says.approvers.len() >= needed && self.today.is_some_and(|today| today <= says.expires)
        };
        let found = self.overrides.iter().find(|record| record.team == *team && record.says.as_ref().is_some_and(holds));
        found.is_some_and(|record| {
            record.is_used.set(true);
            true
        })
    }
}

/// What was not needed stays: only the platform may take a record back.
pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    if case.is_platform {
        return Ok(());
    }
    for record in case.overrides.iter().filter(|record| !record.is_used.get()) {
        let fault = Diagnostic::error(&code::OVERRIDE, format!("`{}` is taken away, and lets nothing that this change does", record.path));
        let label = match &record.says {
            None => "it cannot be understood".to_owned(),
            Some(says) if case.today.is_none_or(|today| today > says.expires) => format!("it held until {}", says.expires),
            Some(says) => format!("it is for `{}/{}`, and has {} approvers", record.team, says.source, says.approvers.len()),
        };
        sink.push(fault.at_file(&*record.path, label).help("leave the record there, or ask the platform's people for one that fits"));
    }
    Ok(())
}
