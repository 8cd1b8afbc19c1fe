//! Which tasks and groups of a workflow differ.

use std::collections::{BTreeMap, HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::fields::{Fields, changed, group_fields, task_fields};
use super::{Mark, grouped};
use crate::ir::{self, FanOut, Node, Row};

/// A setting that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FieldChange {
    /// What it is called where authors write it: `retries`, `resources.requests.cpu`, `env[STAGE]`.
    pub field: String,
    /// Its value before; null when it was not set.
    pub before: Option<String>,
    /// Its value after; null when it is not set.
    pub after: Option<String>,
}

/// A task or a group that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TaskChange {
    /// `task`, `group.task`, or `group/` for a group itself.
    pub task: String,
    /// What happens to it.
    pub kind: Mark,
    /// Settings that differ; none of one that is new or gone.
    pub fields: Vec<FieldChange>,
}

/// A task or a group with what is compared.
struct Part<'a> {
    fields: Fields,
    fan_out: Option<&'a FanOut>,
}

/// What differs between the tasks of two workflows: what both have in the order of the second, then what is gone.
pub(super) fn changes(before: &ir::Workflow, after: &ir::Workflow) -> Vec<TaskChange> {
    let (old, new) = (parts(before), parts(after));
    let renamed = [
        (before.name.as_str(), after.name.as_str()),
        (before.team.as_str(), after.team.as_str()),
        (before.source.as_str(), after.source.as_str()),
    ];
    let by_name: HashMap<&str, &Part<'_>> = old.iter().map(|(name, part)| (name.as_str(), part)).collect();
    let mut found: Vec<TaskChange> =
        new.iter().filter_map(|(name, part)| compare(name, by_name.get(name.as_str()).copied(), part, &renamed)).collect();
    let kept: HashSet<&str> = new.iter().map(|(name, _)| name.as_str()).collect();
    let gone = old.iter().filter(|(name, _)| !kept.contains(name.as_str()));
    found.extend(gone.map(|(name, _)| TaskChange { task: name.clone(), kind: Mark::Removed, fields: Vec::new() }));
    found
}

fn parts(workflow: &ir::Workflow) -> Vec<(String, Part<'_>)> {
    let mut parts = Vec::new();
    collect_parts(&workflow.nodes, "", &mut parts);
    parts
}

fn collect_parts<'a>(nodes: &'a [Node], prefix: &str, parts: &mut Vec<(String, Part<'a>)>) {
    for node in nodes {
        let (own, fan_out) = (format!("{prefix}{}", node.name()), node.fan_out());
        match node {
            Node::Task(task) => parts.push((own, Part { fields: task_fields(task), fan_out })),
            Node::Group(group) => {
                parts.push((format!("{own}/"), Part { fields: group_fields(group), fan_out }));
                collect_parts(&group.nodes, &format!("{own}."), parts);
            }
        }
    }
}

fn compare(name: &str, before: Option<&Part<'_>>, after: &Part<'_>, renamed: &[(&str, &str)]) -> Option<TaskChange> {
    let Some(before) = before else { return Some(TaskChange { task: name.to_owned(), kind: Mark::Added, fields: Vec::new() }) };
    let mut fields = changed(&before.fields, &after.fields, renamed);
    fields.extend(items_change(before.fan_out, after.fan_out));
    (!fields.is_empty()).then(|| TaskChange { task: name.to_owned(), kind: Mark::Changed, fields })
}

/// What the items of a fan-out are called among the settings.
pub(super) const ITEMS: &str = "items";
/// Items of each kind that are named.
const NAMED: usize = 3;

/// What differs in the items of a fan-out: `100` → `99 (1 gone: c0017)`.
fn items_change(before: Option<&FanOut>, after: Option<&FanOut>) -> Option<FieldChange> {
    let (before, after) = (rows(before), rows(after));
    if before == after {
        return None;
    }
    let by_key = |rows: &[Row]| rows.iter().map(|row| (row.key.clone(), row.value.clone())).collect::<BTreeMap<_, _>>();
    let (old, new) = (by_key(before.unwrap_or_default()), by_key(after.unwrap_or_default()));
    let added = new.keys().filter(|key| !old.contains_key(*key));
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    let others = new.iter().filter(|(key, value)| old.get(*key).is_some_and(|old| old != *value)).map(|(key, _)| key);
    let told: Vec<String> = [named(added, "new"), named(gone, "gone"), named(others, "changed")].into_iter().flatten().collect();
    let told = match (before, after, told.as_slice()) {
        (None, _, _) | (_, None, _) => String::new(),
        (Some(_), Some(_), []) => " (in another order)".to_owned(),
        (Some(_), Some(_), told) => format!(" ({})", told.join(", ")),
    };
    let count = |rows: &[Row]| grouped(rows.len() as u64);
    Some(FieldChange { field: ITEMS.to_owned(), before: before.map(count), after: after.map(|rows| count(rows) + &told) })
}

/// `4,900 new: c0100, c0101, c0102, …`; `None` when there are none.
fn named<'a>(keys: impl Iterator<Item = &'a String>, word: &str) -> Option<String> {
    let keys: Vec<&str> = keys.map(String::as_str).collect();
    let more = if keys.len() > NAMED { ", …" } else { "" };
    let names = keys.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    (!keys.is_empty()).then(|| format!("{} {word}: {names}{more}", grouped(keys.len() as u64)))
}

fn rows(fan_out: Option<&FanOut>) -> Option<&[Row]> {
    match fan_out? {
        FanOut::Static { variables: _, rows } => Some(rows),
        FanOut::Mapped { .. } => None,
    }
}
