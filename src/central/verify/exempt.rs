//! OVERRIDE: a record on the branch lets the change that takes it away break one rule.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::case::{Case, Changed};
use super::place::Place;
use crate::central::compiler::{Override, OverrideRule};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{SourceName, TeamName};

/// People who have to stand behind a record that lets workflows go.
const APPROVERS: usize = 2;

/// People who have to stand behind a record.
pub(super) fn needed(rule: OverrideRule) -> usize {
    match rule {
        OverrideRule::Guard | OverrideRule::Complete => APPROVERS,
        OverrideRule::Mono | OverrideRule::Limits => 1,
    }
}

/// The people who stand behind a record, each once, however the name is written. Where the policy says who the platform's people are,
/// only those count whom it still names.
pub(super) fn people(says: &Override, administrators: &[String], members: &[String]) -> BTreeSet<String> {
    let folded = |name: &String| name.trim().to_lowercase();
    let known: BTreeSet<String> = administrators.iter().chain(members).map(folded).collect();
    says.approvers.iter().map(folded).filter(|name| !name.is_empty() && (administrators.is_empty() || known.contains(name))).collect()
}

/// A record that the change takes away.
pub(super) struct Record {
    path: String,
    team: TeamName,
    /// What it says; `None` when that cannot be understood.
    says: Option<Override>,
    /// The platform's people, as the branch names them.
    administrators: Vec<String>,
    is_used: Cell<bool>,
}

impl Record {
    /// Reads the records that a change takes away.
    pub(super) fn all(case: &Case<'_>) -> Result<Vec<Self>, GitError> {
        let mut records = Vec::new();
        let platform = if case.changes.iter().any(is_spent) { case.policy_file("platform.yaml")? } else { None };
        let administrators = platform.map(|platform| case.compiler.administrators(&platform)).unwrap_or_default();
        for change in case.changes.iter().filter(|change| is_spent(change)) {
            let Place::Override { team } = &change.place else { continue };
            let bytes = case.policy_file(&change.path)?.unwrap_or_default();
            let (path, team, says) = (change.path.clone(), team.clone(), case.compiler.override_record(&bytes));
            records.push(Self { path, team, says, administrators: administrators.clone(), is_used: Cell::new(false) });
        }
        Ok(records)
    }

    /// How many people stand behind what it says.
    fn approvers(&self, case: &Case<'_>, says: &Override) -> usize {
        let authority = case.teams.get(&self.team).and_then(|team| team.authority.as_ref());
        people(says, &self.administrators, authority.map_or(&[], |authority| &authority.members)).len()
    }
}

/// Whether a change takes a record away.
pub(super) fn is_spent(change: &Changed) -> bool {
    matches!(change.place, Place::Override { .. }) && change.after.is_none()
}

impl Case<'_> {
    /// Whether a record that the change takes away lets a rule be broken for any of these paths. It counts as used then.
    pub(super) fn is_excused(&self, rule: OverrideRule, team: &TeamName, source: &SourceName, paths: &[&str]) -> bool {
        let holds = |record: &Record, says: &Override| {
            let is_meant = says.rule == rule && says.source == *source && paths.iter().any(|path| says.paths.contains(*path));
            is_meant && record.approvers(self, says) >= needed(rule) && self.today.is_some_and(|today| today <= says.expires)
        };
        let is_it = |record: &&Record| record.team == *team && record.says.as_ref().is_some_and(|says| holds(record, says));
        let found = self.overrides.iter().find(is_it);
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
            Some(says) => format!("it is for `{}/{}`, and has {} approvers", record.team, says.source, record.approvers(case, says)),
        };
        sink.push(fault.at_file(&*record.path, label).help("leave the record there, or ask the platform's people for one that fits"));
    }
    Ok(())
}
