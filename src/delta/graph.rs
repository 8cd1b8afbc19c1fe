//! What waits for what within a workflow, before and after in one drawing.

use std::collections::{BTreeMap, HashMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{TaskChange, grouped};
use crate::ir::{self, FanOut, Need, Node, Task, TaskKind, Wait};
use crate::spec::Timespan;

/// What a change does to a part of a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
    /// `task`, `group.task`, or `group` for a group: no two are alike.
    pub id: String,
    /// Its own name.
    pub name: String,
    /// What there is to say beside it: `× 1,000 (customer)`.
    pub note: String,
    /// The group around it.
    pub group: Option<String>,
    /// Whether it is a group.
    pub is_group: bool,
    /// What happens to it.
    pub mark: Mark,
}

/// One waits for another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// What must be done first.
    pub from: String,
    /// What waits.
    pub to: String,
    /// What happens to it.
    pub mark: Mark,
}

impl Graph {
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
    let task_node = |task: &Task, group: Option<&ir::Group>| GraphNode {
        id: group.map_or_else(|| task.name.to_string(), |group| format!("{}.{}", group.name, task.name)),
        name: task.name.to_string(),
        note: what(task),
        group: group.map(|group| group.name.to_string()),
        is_group: false,
        mark: Mark::Same,
    };
    let mut found = Vec::new();
    for node in &workflow.nodes {
        match node {
            Node::Task(task) => found.push(task_node(task, None)),
            Node::Group(group) => {
                let name = group.name.to_string();
                let note = times(group.fan_out.as_ref());
                found.push(GraphNode { id: name.clone(), name, note, group: None, is_group: true, mark: Mark::Same });
                found.extend(group.tasks.iter().map(|task| task_node(task, Some(group))));
            }
        }
    }
    found
}

/// `× 1,000 (customer)`.
fn times(fan_out: Option<&FanOut>) -> String {
    match fan_out {
        None => String::new(),
        Some(FanOut::Static { variables, rows }) => format!("× {} ({})", grouped(rows.len() as u64), variables.join(", ")),
        Some(FanOut::Mapped { variable, task, .. }) => format!("× each {variable} of {task}"),
    }
}

/// What there is to say of a task beside its name.
fn what(task: &Task) -> String {
    match &task.kind {
        TaskKind::Container(container) => times(container.fan_out.as_ref()),
        TaskKind::Operator(operator) => format!("{} {}", times(operator.fan_out.as_ref()), operator.class.class()).trim().to_owned(),
        TaskKind::Wait(Wait { team, workflow, dag_id: _, offset, within: _ }) => {
            let earlier = if offset.is_zero() { String::new() } else { format!(", {} earlier", Timespan(*offset)) };
            format!("waits for {team}/{workflow}{earlier}")
        }
    }
}

/// Who waits for whom, each once.
fn edges(workflow: &ir::Workflow) -> Vec<(String, String)> {
    let producer = |fan_out: Option<&FanOut>| match fan_out {
        Some(FanOut::Mapped { task, .. }) => Some(task.to_string()),
        Some(FanOut::Static { .. }) | None => None,
    };
    let mut edges = Vec::new();
    for node in &workflow.nodes {
        let group = match node {
            Node::Task(_) => None,
            Node::Group(group) => {
                let to = group.name.to_string();
                edges.extend(
                    group.needs.iter().map(ToString::to_string).chain(producer(group.fan_out.as_ref())).map(|from| (from, to.clone())),
                );
                Some(&group.name)
            }
        };
        let id = |name: &dyn std::fmt::Display| group.map_or_else(|| name.to_string(), |group| format!("{group}.{name}"));
        for task in node.tasks() {
            let from = |need: &Need| match need {
                Need::Sibling(name) => id(name),
                Need::Top(name) => name.to_string(),
            };
            edges.extend(task.needs.iter().map(from).chain(producer(task.fan_out())).map(|from| (from, id(&task.name))));
        }
    }
    edges
}
