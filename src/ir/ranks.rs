//! In which layer of a drawing each task or group stands.

use std::collections::HashMap;

use super::{FanOut, Node};

/// Which of the nodes beside each other, `depth` groups deep, wait for which, as pairs of places: what must be done first, and what waits.
/// What a group's members need beside the group, the group waits for. Sorted, none twice.
#[must_use]
pub fn waits(nodes: &[Node], depth: usize) -> Vec<(usize, usize)> {
    let places: HashMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.name().as_str(), at)).collect();
    let mut needed = Vec::new();
    let mut edges = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        collect(node, depth, &mut needed);
        edges.extend(needed.drain(..).filter_map(|name| Some((*places.get(name)?, at))));
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// The names, `depth` groups deep, of what a node and those in it need. A need leads to the groups around who needs it, so that its depth
/// alone tells where it leads.
fn collect<'a>(node: &'a Node, depth: usize, names: &mut Vec<&'a str>) {
    names.extend(node.needs().iter().filter(|need| need.groups.len() == depth).map(|need| need.name.as_str()));
    match node.fan_out() {
        Some(FanOut::Mapped { task, .. }) if depth == 0 => names.push(task.as_str()),
        Some(FanOut::Mapped { .. } | FanOut::Static { .. }) | None => {}
    }
    match node {
        Node::Task(_) => {}
        Node::Group(group) => group.nodes.iter().for_each(|node| collect(node, depth, names)),
    }
}

/// The layer of each of `count` nodes, from 0: one behind the last of those that it waits for, which is the longest way that leads to it.
/// Linear in nodes and edges. What waits for itself, which `check` has refused, ends in a layer that is too low.
#[must_use]
pub fn ranks(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut after = vec![Vec::new(); count];
    let mut missing = vec![0_usize; count];
    for &(from, to) in edges {
        after[from].push(to);
        missing[to] += 1;
    }
    let mut ranks = vec![0; count];
    let mut ready: Vec<usize> = (0..count).filter(|node| missing[*node] == 0).collect();
    while let Some(node) = ready.pop() {
        for &next in &after[node] {
            ranks[next] = ranks[next].max(ranks[node] + 1);
            missing[next] -= 1;
            if missing[next] == 0 {
                ready.push(next);
            }
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::ranks;

    #[test]
    fn a_node_stands_behind_the_longest_way_that_leads_to_it() {
        assert_eq!(ranks(5, &[(0, 1), (1, 2), (0, 2), (2, 3)]), [0, 1, 2, 3, 0]);
    }

    #[test]
    fn a_long_chain_takes_no_stack_and_no_square_of_its_length() {
        let edges: Vec<(usize, usize)> = (1..50_000).map(|at| (at - 1, at)).collect();
        assert_eq!(ranks(50_000, &edges).last(), Some(&49_999));
    }
}
