//! Anchored values, and what repeating them may cost.

use std::collections::HashMap;
use std::rc::Rc;

use super::{MAX_NODES, MAX_REPEATED_BYTES, Node, Value};

/// A value that aliases can repeat.
pub(super) struct Anchored {
    pub(super) node: Node,
    /// Values in it, with itself.
    pub(super) nodes: usize,
    /// Levels of lists and maps in it.
    pub(super) depth: usize,
    bytes: usize,
}

#[derive(Default)]
pub(super) struct Anchors {
    by_id: HashMap<usize, Rc<Anchored>>,
    kept: usize,
    repeated: usize,
}

impl Anchors {
    /// Keeps a value under an anchor; 0 is none. `false` when too much is kept: anchors inside anchors keep the same values again.
    pub(super) fn keep(&mut self, id: usize, node: &Node) -> bool {
        if id == 0 {
            return true;
        }
        let Weight { nodes, bytes, depth } = weigh(node);
        self.kept += nodes;
        if self.kept > MAX_NODES {
            return false;
        }
        self.by_id.insert(id, Rc::new(Anchored { node: node.clone(), nodes, depth, bytes }));
        true
    }

    /// The value of an anchor; `None` while it is not complete.
    pub(super) fn find(&self, id: usize) -> Option<Rc<Anchored>> {
        self.by_id.get(&id).map(Rc::clone)
    }

    /// Whether one more copy is within the budget, which it is charged to.
    pub(super) fn may_repeat(&mut self, anchored: &Anchored) -> bool {
        self.repeated += anchored.bytes;
        self.repeated <= MAX_REPEATED_BYTES
    }
}

struct Weight {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

fn weigh(node: &Node) -> Weight {
    let leaf = |bytes| Weight { nodes: 1, bytes, depth: 0 };
    let around = |sum: Weight, inner: Weight| Weight {
        nodes: sum.nodes + inner.nodes,
        bytes: sum.bytes + inner.bytes,
        depth: sum.depth.max(inner.depth + 1),
    };
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => leaf(8),
        Value::String(text) => leaf(text.len() + 8),
        Value::List(items) => items.iter().map(weigh).fold(Weight { nodes: 1, bytes: 8, depth: 1 }, around),
        Value::Map(entries) => {
            let key = |entry: &super::Entry| {
                let Weight { nodes, bytes, depth } = weigh(&entry.value);
                Weight { nodes, bytes: bytes + entry.key.value.len(), depth }
            };
            entries.iter().map(key).fold(Weight { nodes: 1, bytes: 8, depth: 1 }, around)
        }
    }
}
