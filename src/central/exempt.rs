//! Records by which the platform lets one change break one rule, once.
//!
//! A record lies in `overrides/<team>/<name>.yaml` on the protected branch. The change that needs it deletes it: so it is used once,
//! and Git tells for what.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::compiler::{Override, OverrideRule};
use crate::name::SourceName;

/// Approvers without whom nothing is deleted against a rule.
pub(crate) const APPROVERS: usize = 2;

/// The records of one team that have not expired.
#[derive(Debug, Default)]
pub(crate) struct Exemptions {
    records: Vec<(String, Override)>,
    used: RefCell<BTreeSet<String>>,
}

impl Exemptions {
    /// Takes in records by their paths; one that has expired, or has too few approvers, is none. Where the platform names its people,
    /// approvers are among them or among the team's members.
    pub(crate) fn new(
        records: impl IntoIterator<Item = (String, Override)>,
        (administrators, members): (&[String], &[String]),
        today: Option<jiff::civil::Date>,
    ) -> Self {
        let is_known = |name: &str| {
            let mut known = administrators.iter().chain(members);
            administrators.is_empty() || known.any(|known| known.to_lowercase() == name)
        };
        let agreed = |record: &Override| {
            let names: BTreeSet<String> = record.approvers.iter().map(|name| name.trim().to_lowercase()).collect();
            names.iter().filter(|name| !name.is_empty() && is_known(name)).count()
        };
        let holds = |record: &Override| today.is_some_and(|today| today <= record.expires) && agreed(record) >= approvers(record.rule);
        Self { records: records.into_iter().filter(|(_, record)| holds(record)).collect(), used: RefCell::default() }
    }

    /// Whether a record lets a rule be broken for something that goes by any of these paths. It counts as used then.
    pub(crate) fn excuse<'p>(&self, rule: OverrideRule, source: &SourceName, paths: impl IntoIterator<Item = &'p str>) -> bool {
        let paths: BTreeSet<&str> = paths.into_iter().collect();
        let covers = |record: &Override| {
            record.rule == rule && record.source == *source && record.paths.iter().any(|path| paths.contains(path.as_str()))
        };
        let Some((path, _)) = self.records.iter().find(|(_, record)| covers(record)) else { return false };
        self.used.borrow_mut().insert(path.clone());
        true
    }

    /// Paths of the records that were used.
    pub(crate) fn into_used(self) -> BTreeSet<String> {
        self.used.into_inner()
    }
}

/// How many people have to stand behind a record.
pub(crate) fn approvers(rule: OverrideRule) -> usize {
    match rule {
        OverrideRule::Guard | OverrideRule::Complete => APPROVERS,
        OverrideRule::Mono | OverrideRule::Limits => 1,
    }
}
