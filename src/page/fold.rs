//! Which of many tasks beside each other are drawn as one.

use std::collections::BTreeMap;

use crate::ir::{Node, ranks, waits};

/// So many boxes beside each other are drawn one by one.
const PLAIN: usize = 60;
/// Fewer that are alike are not drawn as one.
const ALIKE: usize = 4;

/// A task or a group, or many that are drawn as one.
pub(super) enum Item<'a> {
    /// One.
    Node(&'a Node),
    /// Many that stand in the same layer; those that are named alike, where that is enough.
    Fold(Vec<&'a Node>),
}

/// What stands beside each other, `depth` groups deep, with who waits for whom.
pub(super) fn items(nodes: &[Node], depth: usize) -> (Vec<Item<'_>>, Vec<(usize, usize)>) {
    let edges = waits(nodes, depth);
    if nodes.len() <= PLAIN {
        return (nodes.iter().map(Item::Node).collect(), edges);
    }
    let ranks = ranks(nodes.len(), &edges);
    let alike = classes(nodes, |at, node| (ranks[at], pattern(node.name().as_str())));
    let classes = if alike.len() <= PLAIN { alike } else { classes(nodes, |at, _| (ranks[at], String::new())) };
    let mut item_of = vec![0; nodes.len()];
    let mut items = Vec::new();
    for members in classes {
        if members.len() < ALIKE {
            for at in members {
                item_of[at] = items.len();
                items.push(Item::Node(&nodes[at]));
            }
        } else {
            members.iter().for_each(|at| item_of[*at] = items.len());
            items.push(Item::Fold(members.into_iter().map(|at| &nodes[at]).collect()));
        }
    }
    // All of an item stand in one layer, so that no item waits for itself.
    let mut edges: Vec<(usize, usize)> = edges.into_iter().map(|(from, to)| (item_of[from], item_of[to])).collect();
    edges.sort_unstable();
    edges.dedup();
    (items, edges)
}

/// The places of nodes by their key, in the order of the first of each.
fn classes<K: Ord>(nodes: &[Node], key: impl Fn(usize, &Node) -> K) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    let mut known = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let class = *known.entry(key(at, node)).or_insert_with(|| {
            classes.push(Vec::new());
            classes.len() - 1
        });
        classes[class].push(at);
    }
    classes
}

/// A name with `#` in place of its numbers: `load_0017` and `load_0018` are named alike.
fn pattern(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for character in name.chars() {
        let character = if character.is_ascii_digit() { '#' } else { character };
        if character != '#' || !pattern.ends_with('#') {
            pattern.push(character);
        }
    }
    pattern
}
