//! A workflow's file as it was written → the file that it stands for: blueprints put in, and what the environment says laid over it.
//!
//! In go nodes, and blueprints that have been read; out come nodes without `uses`, `with` and `environments`. Every node keeps the place
//! where it was written, so what later stages find is shown in the blueprint, or at the argument; [`Origins`] then adds where that was
//! brought in. Nothing is known here of what the keys mean, only which maps merge.

mod arguments;
mod blueprint;
mod environment;
mod expression;
mod fill;
mod origins;
mod overlay;
mod shape;
mod uses;

pub use blueprint::check_blueprint;
pub use origins::Origins;
pub use shape::{Shape, references};
pub use uses::{Found, NO_VERSION, Shelf};

use std::collections::BTreeSet;

use self::environment::lay_environment;
use self::overlay::lay_over;
use self::uses::{Call, call};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::name::BlueprintReference;
use crate::source::{Sources, Spanned};
use crate::yaml::{Entry, MAX_NODES, MAX_REPEATED_BYTES, Node, Value};

/// The most blueprints inside one another.
const MAX_DEPTH: usize = 8;

/// A workflow's file with everything put in.
#[derive(Debug)]
pub struct Expanded {
    /// The workflow.
    pub node: Node,
    /// Where what was put in comes from.
    pub origins: Origins,
    /// The environments that it speaks of.
    pub environments: Vec<Spanned<String>>,
    /// The blueprints that it is made from, those that stand inside others too.
    pub blueprints: BTreeSet<BlueprintReference>,
}

/// Puts blueprints and an environment into a workflow. `None` when something is wrong, which has been told.
pub fn expand(root: Node, shelf: &Shelf, environment: &str, sources: &Sources, sink: &mut Sink) -> Option<Expanded> {
    let mut found = Sink::new();
    let mut expansion =
        Expansion { shelf, sources, sink: &mut found, origins: Origins::default(), blueprints: BTreeSet::new(), nodes: 0, bytes: 0 };
    let expanded = expansion.workflow(root, environment);
    let (origins, blueprints) = (expansion.origins, expansion.blueprints);
    let sound = !found.has_errors();
    sink.extend(found.into_sorted().into_iter().map(|fault| origins.explain(fault)));
    let (node, environments) = expanded.filter(|_| sound)?;
    Some(Expanded { node, origins, environments, blueprints })
}

/// One workflow on its way.
struct Expansion<'a> {
    shelf: &'a Shelf,
    sources: &'a Sources,
    sink: &'a mut Sink,
    origins: Origins,
    blueprints: BTreeSet<BlueprintReference>,
    /// Values that blueprints have given so far.
    nodes: usize,
    /// Bytes of text that blueprints have given so far.
    bytes: usize,
}

impl Expansion<'_> {
    fn workflow(&mut self, root: Node, environment: &str) -> Option<(Node, Vec<Spanned<String>>)> {
        let mut chain = Vec::new();
        let mut root = self.here(root, Shape::Workflow, &mut chain)?;
        let Some(environments) = take(&mut root, "environments") else {
            return self.inside(root, Shape::Workflow, &chain).map(|root| (root, Vec::new()));
        };
        let names = environments.value.entries().iter().map(|entry| entry.key.clone()).collect();
        let root = lay_environment(self, root, environments, environment, &chain)?;
        self.inside(root, Shape::Workflow, &chain).map(|root| (root, names))
    }

    /// Puts in the blueprint that a node itself uses, and the one that that one uses, and so on.
    fn here(&mut self, mut node: Node, shape: Shape, chain: &mut Vec<Call>) -> Option<Node> {
        while let Some(uses) = take(&mut node, "uses") {
            let with = take(&mut node, "with");
            // What the caller wrote beside a call stands outside of the blueprints around it.
            let depth = chain.iter().rposition(|call| call.source() == uses.value.span.source).map_or(0, |at| at + 1);
            chain.truncate(depth);
            let call = call(&uses, self.shelf, self.sink)?;
            self.refuse_rings(&call, chain)?;
            let body = call.body(shape, self.sink)?;
            let arguments = arguments::check(with.as_ref().map(|with| &with.value), &call, self.sink)?;
            self.origins.used(&call);
            self.blueprints.insert(call.reference.clone());
            let body = fill::fill(&body, &arguments, self)?;
            chain.push(call);
            node = lay_over(body, node, shape);
        }
        // What is no blueprint may take arguments of another kind: an operator does.
        if let Some(with) = node.entry("with").filter(|_| node.get("operator").is_none()) {
            let fault = Diagnostic::error(&code::BLUEPRINT_ARGUMENT, "`with` hands arguments to nothing").at(with.key.span, "");
            self.sink.push(fault.help("add `uses:` with the blueprint that takes them, or delete it"));
            return None;
        }
        Some(node)
    }

    /// Puts in what the tasks and groups inside a node use.
    fn inside(&mut self, mut node: Node, shape: Shape, chain: &[Call]) -> Option<Node> {
        let Value::Map(entries) = node.value else { return Some(node) };
        let count = entries.len();
        let each = |expansion: &mut Self, Entry { key, value }: Entry| {
            let value = match shape.inner(&key.value) {
                Some(inner) if inner.has_calls() => {
                    let mut chain = chain.to_vec();
                    let value = if inner.may_use() { expansion.here(value, inner, &mut chain)? } else { value };
                    expansion.inside(value, inner, &chain)?
                }
                Some(_) | None => value,
            };
            Some(Entry { key, value })
        };
        let entries: Vec<Entry> = entries.into_iter().filter_map(|entry| each(self, entry)).collect();
        let is_whole = entries.len() == count;
        node.value = Value::Map(entries);
        is_whole.then_some(node)
    }

    fn refuse_rings(&mut self, call: &Call, chain: &[Call]) -> Option<()> {
        if let Some(at) = chain.iter().position(|outer| outer.reference == call.reference) {
            let ring: Vec<String> = chain[at..].iter().chain([call]).map(|call| format!("`{}`", call.reference)).collect();
            let title = format!("blueprint `{}` uses itself: {}", call.reference, ring.join(" → "));
            let mut fault = Diagnostic::error(&code::BLUEPRINT_CYCLE, title).at(call.at, "here the ring closes");
            for step in &chain[at + 1..] {
                fault = fault.at(step.at, format!("uses `{}`", step.reference));
            }
            self.sink.push(fault.help("take one `uses` of the ring out"));
            return None;
        }
        if chain.len() >= MAX_DEPTH {
            let names: Vec<String> = chain.iter().map(|call| call.reference.to_string()).collect();
            let title =
                format!("more than {MAX_DEPTH} blueprints are inside one another: {}", quoted_list(names.iter().map(String::as_str)));
            self.sink.push(Diagnostic::error(&code::BUDGET, title).at(call.at, "").help("use fewer steps"));
            return None;
        }
        Some(())
    }

    /// Charges what a blueprint gives to the budget of a file; `false` when there is no more.
    fn may_give(&mut self, bytes: usize) -> bool {
        self.nodes += 1;
        self.bytes += bytes;
        self.nodes <= MAX_NODES && self.bytes <= MAX_REPEATED_BYTES
    }
}

/// Takes a key out of a map.
fn take(node: &mut Node, key: &str) -> Option<Entry> {
    let Value::Map(entries) = &mut node.value else { return None };
    let at = entries.iter().position(|entry| entry.key.value == key)?;
    Some(entries.remove(at))
}

#[cfg(test)]
mod tests;
