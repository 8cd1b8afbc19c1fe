//! The names that a project and its platform have, as far as the file that is open does not say them itself.

use std::collections::{BTreeMap, BTreeSet};

use super::cursor::{Step, follow};
use crate::source::Span;
use crate::yaml::Node;

/// Something that has a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The name, as it is written where it is used.
    pub name: String,
    /// What it is, as Markdown; may be empty.
    pub about: String,
    /// The file that defines it, as the project's messages show it; none where there is no such file at hand.
    pub path: Option<String>,
    /// Where in that file; its start, without it.
    pub span: Option<Span>,
}

/// The names that may be used in a project's files.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The platform's profiles.
    pub profiles: Vec<Known>,
    /// The platform's pools.
    pub pools: Vec<Known>,
    /// The platform's notifiers.
    pub notifiers: Vec<Known>,
    /// The classes of operators that the platform allows.
    pub operators: Vec<Known>,
    /// Blueprints: the platform's with their versions, and the project's own.
    pub blueprints: Vec<Known>,
    /// The team's workflows.
    pub workflows: Vec<Known>,
    /// Teams that have a grant.
    pub teams: Vec<Known>,
    /// Variables of the project and the platform.
    pub vars: Vec<Known>,
    /// Names of time zones.
    pub zones: Vec<Known>,
    /// The columns of data files, by the path as the file that is open writes it.
    pub columns: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// What may be named at a place of a workflow's or project's file; nothing where a text is free.
    pub(super) fn at(&self, root: &Node, steps: &[Step]) -> Vec<Known> {
        let keys: Vec<&str> = steps.iter().filter_map(Step::key).collect();
        let (last, before) = keys.split_last().map_or((None, &[][..]), |(last, before)| (Some(*last), before));
        let above = before.last().copied();
        match (above, last) {
            (Some(_), Some("key")) if before.iter().rev().nth(1) == Some(&"for_each") => self.columns_beside(root, steps),
            (Some("env" | "vars" | "with" | "params" | "labels" | "annotations"), _) => Vec::new(),
            (_, Some("needs" | "teardown")) => beside(root, steps),
            (_, Some("profile")) => self.profiles.clone(),
            (_, Some("pool")) => self.pools.clone(),
            (_, Some("uses")) => self.blueprints.clone(),
            (_, Some("operator")) => self.operators.clone(),
            (Some("wait_for"), Some("workflow")) | (None, Some("retire")) => self.workflows.clone(),
            (None, Some("team")) | (Some("give"), Some("to")) => self.teams.clone(),
            (Some("schedule"), Some("timezone")) => self.zones.clone(),
            (Some("notify"), Some("on_failure" | "on_success" | "on_retry" | "on_deadline")) => self.notifiers.clone(),
            _ => Vec::new(),
        }
    }
}

impl Names {
    /// The columns of the file that a variable of a fan-out is in.
    fn columns_beside(&self, root: &Node, steps: &[Step]) -> Vec<Known> {
        let columns = follow(root, &steps[..steps.len() - 1]).map(|variable| self.columns_of(variable)).unwrap_or_default();
        columns.into_iter().map(|name| Known { name, about: "a column".to_owned(), ..Known::default() }).collect()
    }

    /// The columns of a fan-out's variable: those of its data file, or the keys of the first of its items.
    pub(super) fn columns_of(&self, variable: &Node) -> Vec<String> {
        let file = variable.get("file").and_then(Node::as_str).and_then(|file| self.columns.get(file));
        let item = variable.items().first().map(Node::entries).unwrap_or_default();
        file.cloned().unwrap_or_else(|| item.iter().map(|entry| entry.key.value.clone()).collect())
    }
}

/// The names beside the task or group around a place that wait for it, and would wait for themselves if it needed them.
pub(super) fn behind(root: &Node, steps: &[Step]) -> BTreeSet<String> {
    let is_table = |step: &Step| matches!(step.key(), Some("tasks" | "groups"));
    let table = steps.iter().rposition(is_table);
    let parent = table.and_then(|table| follow(root, &steps[..table]));
    let (Some(own), Some(parent)) = (table.and_then(|table| steps.get(table + 1)?.key()), parent) else { return BTreeSet::new() };
    let all = || ["tasks", "groups"].into_iter().filter_map(|table| parent.get(table)).flat_map(Node::entries);
    let needs =
        |node: &Node, name: &str| node.get("needs").is_some_and(|needs| needs.items().iter().any(|need| need.as_str() == Some(name)));
    let (mut found, mut waiting) = (BTreeSet::new(), vec![own.to_owned()]);
    while let Some(name) = waiting.pop() {
        for entry in all().filter(|entry| needs(&entry.value, &name)) {
            if found.insert(entry.key.value.clone()) {
                waiting.push(entry.key.value.clone());
            }
        }
    }
    found
}

/// The tasks and groups beside the one whose `needs` a place is in.
fn beside(root: &Node, steps: &[Step]) -> Vec<Known> {
    let is_table = |step: &Step| matches!(step.key(), Some("tasks" | "groups"));
    let Some(table) = steps.iter().rposition(is_table) else { return Vec::new() };
    let own = steps.get(table + 1).and_then(Step::key);
    let Some(parent) = follow(root, &steps[..table]) else { return Vec::new() };
    let known = |what: &'static str| {
        let entries = parent.get(what).map(Node::entries).unwrap_or_default();
        entries.iter().filter(move |entry| Some(entry.key.value.as_str()) != own).map(move |entry| Known {
            name: entry.key.value.clone(),
            about: about(&entry.value, what),
            path: None,
            span: Some(entry.key.span),
        })
    };
    known("tasks").chain(known("groups")).collect()
}

/// What a task or group says of itself.
fn about(node: &Node, table: &str) -> String {
    let what = if table == "tasks" { "task" } else { "group" };
    node.get("description").and_then(Node::as_str).map_or_else(|| what.to_owned(), |text| format!("{what}: {text}"))
}
