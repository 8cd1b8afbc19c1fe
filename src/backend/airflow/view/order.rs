//! In which order tasks and groups are defined, so that every name is there before it is used.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::ir::{FanOut, Need, Node};
use crate::name::TaskName;

/// Every task and group that another one needs or takes its items from.
pub(super) fn referenced(nodes: &[Node]) -> HashSet<Need> {
    nodes.iter().flat_map(needs_of).collect()
}

/// What a node, or something in it, needs or takes its items from.
fn needs_of(node: &Node) -> Vec<Need> {
    let mut needs = node.needs().to_vec();
    if let Some(FanOut::Mapped { task, .. }) = node.fan_out() {
        needs.push(Need { groups: Vec::new(), name: task.clone() });
    }
    if let Node::Group(group) = node {
        needs.extend(group.nodes.iter().flat_map(needs_of));
    }
    needs
}

/// The nodes of the level inside `groups`, each behind those that it needs, otherwise as they were written.
pub(super) fn in_order<'a>(nodes: &'a [Node], groups: &[&TaskName]) -> Vec<&'a Node> {
    let index: HashMap<&TaskName, usize> = nodes.iter().enumerate().map(|(index, node)| (node.name(), index)).collect();
    let is_here = |need: &Need| need.groups.iter().eq(groups.iter().copied());
    let of_node = |node| needs_of(node).iter().filter(|need| is_here(need)).filter_map(|need| index.get(&need.name).copied()).collect();
    let mut missing: Vec<BTreeSet<usize>> = nodes.iter().map(of_node).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (node, needs) in missing.iter().enumerate() {
        needs.iter().for_each(|need| needed_by[*need].push(node));
    }
    let mut ready: BTreeSet<usize> = (0..nodes.len()).filter(|node| missing[*node].is_empty()).collect();
    let mut ordered = Vec::with_capacity(nodes.len());
    while let Some(next) = ready.pop_first() {
        ordered.push(&nodes[next]);
        for node in &needed_by[next] {
            missing[*node].remove(&next);
            if missing[*node].is_empty() {
                ready.insert(*node);
            }
        }
    }
    ordered
}
