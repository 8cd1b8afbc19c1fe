//! Workflows that look renamed, though nobody says so.

use std::collections::HashMap;

use super::{Edge, Kind, WorkflowChange};

/// What two workflows have alike of which one may be the other with another name.
type Likeness = (String, Vec<String>, Vec<Edge>, String);

/// Tells of each new workflow which one it may be that goes: one of the same team, with the same tasks and schedule, and the only one.
pub(super) fn mark(workflows: &mut [WorkflowChange]) {
    let mut going: HashMap<Likeness, Vec<String>> = HashMap::new();
    let mut coming: HashMap<Likeness, usize> = HashMap::new();
    for change in workflows.iter() {
        match (change.kind, likeness(change)) {
            (Kind::Removed, Some(likeness)) => going.entry(likeness).or_default().push(change.workflow.clone()),
            (Kind::Added, Some(likeness)) => *coming.entry(likeness).or_default() += 1,
            (Kind::Removed | Kind::Added, None) | (Kind::Moved | Kind::Changed | Kind::Regenerated | Kind::Reworded, _) => {}
        }
    }
    for change in workflows.iter_mut().filter(|change| change.kind == Kind::Added) {
        let Some(likeness) = likeness(change).filter(|likeness| coming.get(likeness) == Some(&1)) else { continue };
        if let Some([only]) = going.get(&likeness).map(Vec::as_slice) {
            change.resembles = Some(only.clone());
        }
    }
}

fn likeness(change: &WorkflowChange) -> Option<Likeness> {
    let facts = change.before.as_ref().or(change.after.as_ref())?;
    let tasks = change.graph.nodes.iter().map(|node| node.id.clone()).collect();
    Some((change.team.clone(), tasks, change.graph.edges.clone(), facts.schedule.clone()))
}
