//! What was taken out of a workflow because it has faults of its own: of what is not there for that reason, nothing is told.

use std::collections::HashSet;

use crate::source::Span;

/// What a workflow may have beside what was understood of it. A fault that something is missing is told only where nothing here could be it.
#[derive(Debug, Default)]
pub struct Gaps {
    keys: HashSet<(Span, String)>,
    strange: HashSet<Span>,
    names: HashSet<String>,
    has_lost_names: bool,
}

impl Gaps {
    /// A key was taken out of a map.
    pub fn add_key(&mut self, map: Span, key: &str) {
        self.keys.insert((map, key.to_owned()));
    }

    /// A map has a key that nobody knows: it may stand for any that the map does not have.
    pub fn add_strange_key(&mut self, map: Span) {
        self.strange.insert(map);
    }

    /// A task, a group, a variable or a parameter was taken out.
    pub fn add_name(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Some of these were taken out, and under which names is not known.
    pub fn add_names(&mut self) {
        self.has_lost_names = true;
    }

    /// The names of tasks, groups, variables and parameters that were taken out, as far as they are known.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether nothing was taken out.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let Self { keys, strange, names, has_lost_names } = self;
        keys.is_empty() && strange.is_empty() && names.is_empty() && !has_lost_names
    }

    /// Whether a map that lacks a key may have had it.
    #[must_use]
    pub fn may_have(&self, map: Span, key: &str) -> bool {
        !self.is_none() && (self.strange.contains(&map) || self.keys.contains(&(map, key.to_owned())))
    }

    /// Whether a task, a group, a variable or a parameter that is not there may have been there.
    #[must_use]
    pub fn may_name(&self, name: &str) -> bool {
        self.has_lost_names || self.names.contains(name)
    }
}
