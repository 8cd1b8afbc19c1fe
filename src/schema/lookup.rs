//! From JSON pointers to nodes and schemas.

use serde_json::Value;

use super::{BASE, document};
use crate::source::Span;
use crate::yaml::{Node, Value as Yaml};

/// A place in a node: what stands there, and the key before it.
pub(super) struct Found<'a> {
    pub(super) node: &'a Node,
    /// The key of the map entry whose value the node is; none for an item of a list and for the whole file.
    pub(super) key: Option<Span>,
    /// The last step of the pointer that is a key.
    pub(super) name: Option<&'a str>,
    /// The one before that.
    pub(super) owner: Option<&'a str>,
}

impl Found<'_> {
    /// What the node is, for the start of a sentence; `None` for the whole file.
    pub(super) fn subject(&self) -> Option<String> {
        let name = self.name?.escape_debug();
        Some(if self.key.is_some() { format!("`{name}`") } else { format!("an item of `{name}`") })
    }

    /// Where a key of the node is, for the end of a sentence; nothing for the whole file.
    pub(super) fn whose(&self) -> String {
        self.subject().map_or_else(String::new, |subject| format!(" in {subject}"))
    }
}

/// The node of a JSON pointer, as far as it goes.
pub(super) fn find<'a>(root: &'a Node, pointer: &str) -> Found<'a> {
    let mut found = Found { node: root, key: None, name: None, owner: None };
    for step in steps(pointer) {
        let next = match &found.node.value {
            Yaml::Map(entries) => entries
                .iter()
                .find(|entry| entry.key.value == step)
                .map(|entry| (&entry.value, Some((entry.key.span, entry.key.value.as_str())))),
            Yaml::List(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)).map(|item| (item, None)),
            Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => None,
        };
        let Some((node, key)) = next else { break };
        found.node = node;
        found.key = key.map(|(span, _)| span);
        if let Some((_, name)) = key {
            found.owner = found.name.replace(name);
        }
    }
    found
}

/// The steps of a JSON pointer.
pub(super) fn steps(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

/// The schemas on the way to a keyword, from the outermost to the one that has it.
pub(super) struct Way {
    schemas: Vec<&'static Value>,
    /// The steps between them, one fewer.
    steps: Vec<String>,
}

impl Way {
    /// The way to a keyword's location.
    pub(super) fn to(location: &str) -> Self {
        let (file, pointer) = location.strip_prefix(BASE).and_then(|rest| rest.split_once('#')).unwrap_or(("", ""));
        let mut at = document(file);
        let mut way = Self { schemas: vec![at], steps: Vec::new() };
        let steps: Vec<String> = steps(pointer).collect();
        for step in steps.iter().take(steps.len().saturating_sub(1)) {
            let next = at.get(step).or_else(|| step.parse::<usize>().ok().and_then(|index| at.get(index)));
            let Some(next) = next else { break };
            at = next;
            way.schemas.push(at);
            way.steps.push(step.clone());
        }
        way
    }

    /// The schema that has the keyword.
    pub(super) fn last(&self) -> &'static Value {
        self.schemas.last().copied().unwrap_or(&Value::Null)
    }

    /// The schema that has the keyword, and those that it is a branch of.
    pub(super) fn union(&self) -> impl Iterator<Item = &'static Value> {
        const BRANCHES: [&str; 7] = ["if", "then", "else", "not", "allOf", "anyOf", "oneOf"];
        let is_branch = |step: &&String| BRANCHES.contains(&step.as_str()) || step.parse::<usize>().is_ok();
        let branches = self.steps.iter().rev().take_while(is_branch).count();
        self.schemas.iter().rev().take(branches + 1).copied()
    }
}
