//! What waits for what within a workflow, before and after in one drawing.

use std::collections::{BTreeMap, HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{TaskChange, note};
use crate::ir::{self, FanOut, Need, Node};

/// What a change does to a part of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Nothing.
    Same,
    /// It is new.
    Added,
    /// It says something else.
    Changed,
    /// It goes.
    Removed,
}

impl Mark {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// Tasks and groups, and what they wait for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// Tasks and groups in the order written, a group before its tasks; what is gone comes last.
    pub nodes: Vec<GraphNode>,
    /// Who waits for whom.
    pub edges: Vec<Edge>,
}

/// A task or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    /// Its name with those of the groups around it, `group.task`: no two are alike.
    pub id: String,
    /// Its own name.
    pub name: String,
    /// What there is to say beside it: `× 1,000 (customer)`.
    pub note: String,
    /// The id of the group around it.
    pub group: Option<String>,
    /// Whether it is a group.
    pub is_group: bool,
    /// What happens to it.
    pub mark: Mark,
}

/// One waits for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// What must be done first.
    pub from: String,
    /// What waits.
    pub to: String,
    /// What happens to it.
    pub mark: Mark,
}

impl Graph {
    /// Of a workflow that does not change.
    #[must_use]
    pub fn of_workflow(workflow: &ir::Workflow) -> Self {
        Self::of(None, Some(workflow), &[])
    }

    /// Of a workflow before and after, whose tasks differ as told.
    pub(super) fn of(before: Option<&ir::Workflow>, after: Option<&ir::Workflow>, changes: &[TaskChange]) -> Self {
        let marks: HashMap<&str, Mark> = changes.iter().map(|change| (change.task.trim_end_matches('/'), change.kind)).collect();
        let mark = |id: &str| match (before, after) {
            (Some(_), Some(_)) => marks.get(id).copied().unwrap_or(Mark::Same),
            // All of it is new, or goes: that need not be said of each task.
            (None, _) | (_, None) => Mark::Same,
        };
        let (old, new) = (before.map(nodes).unwrap_or_default(), after.map(nodes).unwrap_or_default());
        let there: HashSet<String> = new.iter().map(|node| node.id.clone()).collect();
        let all = new.into_iter().chain(old.into_iter().filter(|node| !there.contains(&node.id)));
        let nodes = all.map(|node| GraphNode { mark: mark(&node.id), ..node }).collect();
        Self { nodes, edges: merged(before.map(edges), after.map(edges)) }
    }
}

fn merged(before: Option<Vec<(String, String)>>, after: Option<Vec<(String, String)>>) -> Vec<Edge> {
    let is_whole = before.is_some() && after.is_some();
    let mut marks: BTreeMap<(String, String), Mark> = BTreeMap::new();
    for edge in before.into_iter().flatten() {
        marks.insert(edge, Mark::Removed);
    }
    for edge in after.into_iter().flatten() {
        let was_there = marks.contains_key(&edge);
        marks.insert(edge, if was_there || !is_whole { Mark::Same } else { Mark::Added });
    }
    marks.into_iter().map(|((from, to), mark)| Edge { from, to, mark: if is_whole { mark } else { Mark::Same } }).collect()
}

fn nodes(workflow: &ir::Workflow) -> Vec<GraphNode> {
    let mut found = Vec::new();
    collect_nodes(&workflow.nodes, None, &mut found);
    found
}

/// The nodes inside a group, each group before what is in it.
fn collect_nodes(nodes: &[Node], around: Option<&str>, found: &mut Vec<GraphNode>) {
    for node in nodes {
        let name = node.name().to_string();
        let id = around.map_or_else(|| name.clone(), |around| format!("{around}.{name}"));
        let inner = match node {
            Node::Task(_) => None,
            Node::Group(group) => Some(&group.nodes),
        };
        let group = around.map(str::to_owned);
        found.push(GraphNode { id: id.clone(), name, note: note(node), group, is_group: inner.is_some(), mark: Mark::Same });
        inner.into_iter().for_each(|inner| collect_nodes(inner, Some(&id), found));
    }
}

/// Who waits for whom, each once.
fn edges(workflow: &ir::Workflow) -> Vec<(String, String)> {
    let mut edges = Vec::new();
    collect_edges(&workflow.nodes, "", &mut edges);
    edges
}

fn collect_edges(nodes: &[Node], prefix: &str, edges: &mut Vec<(String, String)>) {
    for node in nodes {
        let own = format!("{prefix}{}", node.name());
        let producer = match node.fan_out() {
            Some(FanOut::Mapped { task, .. }) => Some(task.to_string()),
            Some(FanOut::Static { .. }) | None => None,
        };
        edges.extend(node.needs().iter().map(Need::path).chain(producer).map(|from| (from, own.clone())));
        if let Node::Group(group) = node {
            collect_edges(&group.nodes, &format!("{own}."), edges);
        }
    }
}
