//! A workflow's file as it was written → the file that it stands for: blueprints put in, and what the environment says laid over it.
//!
//! In go nodes, and blueprints that have been read; out come nodes without `uses`, `with` and `environments`. Every node keeps the place
//! where it was written, so what later stages find is shown in the blueprint, or at the argument; [`Origins`] then adds where that was
//! brought in. What cannot be put in is told and leaves a hole, so that later stages can judge the rest. Nothing is known here of what the
//! keys mean, only which maps merge.

mod arguments;
mod blueprint;
mod environment;
mod expression;
mod fill;
mod holes;
mod origins;
mod overlay;
mod shape;
mod uses;

pub use blueprint::check_blueprint;
pub use holes::Holes;
pub use origins::Origins;
pub use shape::{Shape, references};
pub use uses::{Found, NO_VERSION, Shelf};

use std::collections::BTreeSet;

use self::arguments::Arguments;
use self::environment::lay_environment;
use self::overlay::lay_over;
use self::uses::{Call, call};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::BlueprintReference;
use crate::source::{Sources, Spanned};
use crate::yaml::{Entry, MAX_NODES, MAX_REPEATED_BYTES, Node, Value};

/// The most blueprints inside one another.
const MAX_DEPTH: usize = 8;

/// A workflow's file with everything put in that could be.
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
    /// What could not be put in.
    pub holes: Holes,
    /// Whether nothing was wrong.
    pub is_whole: bool,
}

/// Puts blueprints and an environment into a workflow. What is wrong is told.
pub fn expand(root: Node, shelf: &Shelf, environment: &str, sources: &Sources, sink: &mut Sink) -> Expanded {
    let mut found = Sink::new();
    let mut expansion = Expansion::new(shelf, sources, &mut found);
    let (node, environments) = expansion.workflow(root, environment);
    let Expansion { origins, blueprints, holes, .. } = expansion;
    // A blueprint with faults of its own leaves a hole, and was told in its place.
    let is_whole = holes.is_none() && !found.has_errors();
    sink.extend(found.into_sorted().into_iter().map(|fault| origins.explain(fault)));
    Expanded { node, origins, environments, blueprints, holes, is_whole }
}

/// One workflow on its way.
struct Expansion<'a> {
    shelf: &'a Shelf,
    sources: &'a Sources,
    sink: &'a mut Sink,
    origins: Origins,
    blueprints: BTreeSet<BlueprintReference>,
    holes: Holes,
    /// Values that blueprints have given so far.
    nodes: usize,
    /// Bytes of text that blueprints have given so far.
    bytes: usize,
    /// Whether it was told that they have given too much.
    is_spent: bool,
}

impl<'a> Expansion<'a> {
    fn new(shelf: &'a Shelf, sources: &'a Sources, sink: &'a mut Sink) -> Self {
        Self {
            shelf,
            sources,
            sink,
            origins: Origins::default(),
            blueprints: BTreeSet::new(),
            holes: Holes::default(),
            nodes: 0,
            bytes: 0,
            is_spent: false,
        }
    }

    fn workflow(&mut self, root: Node, environment: &str) -> (Node, Vec<Spanned<String>>) {
        let mut chain = Vec::new();
        let mut root = self.here(root, Shape::Workflow, &mut chain);
        let Some(environments) = take(&mut root, "environments") else {
            return (self.inside(root, Shape::Workflow, &chain), Vec::new());
        };
        let names = environments.value.entries().iter().map(|entry| entry.key.clone()).collect();
        let root = lay_environment(self, root, environments, environment, &chain);
        (self.inside(root, Shape::Workflow, &chain), names)
    }

    /// Puts in the blueprint that a node itself uses, and the one that that one uses, and so on.
    fn here(&mut self, mut node: Node, shape: Shape, chain: &mut Vec<Call>) -> Node {
        while let Some(uses) = take(&mut node, "uses") {
            let with = take(&mut node, "with");
            // What the caller wrote beside a call stands outside of the blueprints around it.
            let depth = chain.iter().rposition(|call| call.source() == uses.value.span.source).map_or(0, |at| at + 1);
            chain.truncate(depth);
            match self.called(&uses, with.as_ref(), (&node, shape), chain) {
                Some(body) => node = lay_over(body, node, shape),
                None => {
                    self.holes.add_map(shape, node.span);
                    return node;
                }
            }
        }
        self.refuse_idle_arguments(&mut node);
        node
    }

    /// What a call stands for. `None` when that is not known, which has been told.
    fn called(&mut self, uses: &Entry, with: Option<&Entry>, (node, shape): (&Node, Shape), chain: &mut Vec<Call>) -> Option<Node> {
        if self.holes.is_in(&uses.value) {
            return None;
        }
        let call = call(uses, self.shelf, self.sink)?;
        self.refuse_rings(&call, chain)?;
        let body = call.body(shape, self.sink)?;
        let arguments = match with {
            None if written_near(node, "with") => Arguments::unknown(&call),
            Some(_) | None => Arguments::check(with.map(|with| &with.value), &call, &self.holes, self.sink),
        };
        self.origins.used(&call);
        self.blueprints.insert(call.reference.clone());
        let body = fill::fill(&body, &arguments, self)?;
        chain.push(call);
        Some(body)
    }

    /// What is no blueprint may take arguments of another kind: an operator does. And where one of these keys is misspelt, that is the slip.
    fn refuse_idle_arguments(&mut self, node: &mut Node) {
        if ["uses", "operator"].iter().any(|taker| node.get(taker).is_some() || written_near(node, taker)) {
            return;
        }
        if let Some(with) = take(node, "with") {
            let fault = Diagnostic::error(&code::BLUEPRINT_ARGUMENT, "`with` hands arguments to nothing").at(with.key.span, "");
            self.sink.push(fault.help("add `uses:` with the blueprint that takes them, or delete it"));
        }
    }

    /// Puts in what the tasks and groups inside a node use.
    fn inside(&mut self, mut node: Node, shape: Shape, chain: &[Call]) -> Node {
        let Value::Map(entries) = node.value else { return node };
        let each = |Entry { key, value }: Entry| {
            let value = match shape.inner(&key.value) {
                Some(inner) if inner.has_calls() => {
                    let mut chain = chain.to_vec();
                    let value = if inner.may_use() { self.here(value, inner, &mut chain) } else { value };
                    self.inside(value, inner, &chain)
                }
                Some(_) | None => value,
            };
            Entry { key, value }
        };
        node.value = Value::Map(entries.into_iter().map(each).collect());
        node
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

/// Whether a map has a key that is most probably meant to be another one.
fn written_near(node: &Node, key: &str) -> bool {
    let is_near = |written: &str| matches!(strsim::osa_distance(written, key), 1 | 2) && suggest(written, [key]).is_some();
    node.entries().iter().any(|entry| is_near(&entry.key.value))
}

/// Takes a key out of a map.
fn take(node: &mut Node, key: &str) -> Option<Entry> {
    let Value::Map(entries) = &mut node.value else { return None };
    let at = entries.iter().position(|entry| entry.key.value == key)?;
    Some(entries.remove(at))
}

#[cfg(test)]
mod tests;
