//! Where something could not be put into a workflow, because it has faults of its own: of what is not there for that reason, nothing is told.

use std::collections::HashSet;

use super::Shape;
use crate::source::Span;
use crate::yaml::{Node, Value};

/// What could not be put into a workflow.
#[derive(Debug, Default)]
pub struct Holes {
    values: HashSet<Span>,
    maps: Vec<(Shape, Span)>,
}

impl Holes {
    /// Whether everything could be put in.
    #[must_use]
    pub fn is_none(&self) -> bool {
        let Self { values, maps } = self;
        values.is_empty() && maps.is_empty()
    }

    /// A value that is not known: what stands in its place until it is left out.
    pub(super) fn value(&mut self, at: Span) -> Node {
        self.values.insert(at);
        Node { span: at, value: Value::Null }
    }

    /// A map that may have more keys than are known.
    pub(super) fn add_map(&mut self, shape: Shape, at: Span) {
        self.maps.push((shape, at));
    }

    /// Maps that may have more keys than are known, and what they are.
    pub fn maps(&self) -> impl Iterator<Item = (Shape, Span)> {
        self.maps.iter().copied()
    }

    /// Whether a map may have more keys than are known.
    pub(super) fn has_map(&self, at: Span) -> bool {
        self.maps.iter().any(|(_, map)| *map == at)
    }

    /// Whether a value, or one in it, is not known.
    pub(super) fn is_in(&self, node: &Node) -> bool {
        !self.places(node).is_empty()
    }

    /// Where in a node values are not known: keys of maps and indexes of lists that lead there from the top.
    #[must_use]
    pub fn places(&self, node: &Node) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        if !self.values.is_empty() {
            self.collect(node, &mut Vec::new(), &mut found);
        }
        found
    }

    fn collect(&self, node: &Node, steps: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        if matches!(node.value, Value::Null) && self.values.contains(&node.span) {
            found.push(steps.clone());
        }
        let entries = node.entries().iter().map(|entry| (entry.key.value.clone(), &entry.value));
        let items = node.items().iter().enumerate().map(|(index, item)| (index.to_string(), item));
        for (step, inner) in entries.chain(items) {
            steps.push(step);
            self.collect(inner, steps, found);
            steps.pop();
        }
    }
}
