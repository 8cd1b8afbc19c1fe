//! What needs what: names looked up, cycles found, and what is upstream of a task.

use std::collections::{BTreeSet, HashMap};

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::{groups, tasks};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::{ForEach, OutputItems, Workflow};

/// A task or a group: the group around it, if any, and its name.
type Place<'a> = (Option<&'a str>, &'a str);

/// What needs what in one workflow. An edge leads from what needs to what is needed.
pub struct Graph<'a> {
    edges: DiGraph<Place<'a>, Span>,
    nodes: HashMap<Place<'a>, NodeIndex>,
}

impl<'a> Graph<'a> {
    /// Looks up every name behind `needs`; unknown ones and cycles are told.
    pub fn new(workflow: &'a Workflow, sink: &mut Sink) -> Self {
        let mut graph = Self { edges: DiGraph::new(), nodes: HashMap::new() };
        let nothing: &[Spanned<TaskName>] = &[];
        for (name, _) in tasks(workflow) {
            graph.add((None, name.value.as_str()));
        }
        for (name, group) in groups(workflow) {
            graph.add((None, name.value.as_str()));
            group.tasks.keys().for_each(|task| graph.add((Some(name.value.as_str()), task)));
        }
        for (name, task) in tasks(workflow) {
            graph.link((None, name.value.as_str()), task.needs.as_deref().unwrap_or(nothing), sink);
            graph.link_items((None, name.value.as_str()), task.for_each.as_ref());
        }
        for (name, group) in groups(workflow) {
            let group_name = name.value.as_str();
            for (task_name, task) in group.tasks.iter() {
                let place = (Some(group_name), task_name.value.as_str());
                graph.edge((None, group_name), place, task_name.span);
                graph.link(place, task.needs.as_deref().unwrap_or(nothing), sink);
                graph.link_items(place, task.for_each.as_ref());
                graph.link(place, group.needs.as_deref().unwrap_or(nothing), sink);
                graph.link_items(place, group.for_each.as_ref());
            }
        }
        graph.tell_cycles(sink);
        graph
    }

    /// Names of the top-level tasks and groups that are done before a task starts.
    #[must_use]
    pub fn upstream(&self, group: Option<&str>, task: &str) -> BTreeSet<&'a str> {
        let Some(start) = self.nodes.get(&(group, task)) else { return BTreeSet::new() };
        let mut search = petgraph::visit::Dfs::new(&self.edges, *start);
        let mut found = BTreeSet::new();
        while let Some(node) = search.next(&self.edges) {
            if let (None, name) = self.edges[node]
                && node != *start
            {
                found.insert(name);
            }
        }
        found
    }

    fn add(&mut self, place: Place<'a>) {
        let node = self.edges.add_node(place);
        self.nodes.entry(place).or_insert(node);
    }

    fn edge(&mut self, from: Place<'a>, to: Place<'a>, span: Span) {
        if let (Some(from), Some(to)) = (self.nodes.get(&from), self.nodes.get(&to)) {
            self.edges.update_edge(*from, *to, span);
        }
    }

    /// A task that is repeated over an output waits for it, whether it says so or not.
    fn link_items(&mut self, from: Place<'a>, for_each: Option<&'a ForEach>) {
        if let Some(OutputItems { task, .. }) = for_each.and_then(ForEach::output) {
            self.edge(from, (None, task.value.as_str()), task.span);
        }
    }

    fn link(&mut self, from: Place<'a>, needs: &'a [Spanned<TaskName>], sink: &mut Sink) {
        for need in needs {
            let name = need.value.as_str();
            let target = [(from.0, name), (None, name)].into_iter().find(|place| self.nodes.contains_key(place));
            match target {
                Some(target) => self.edge(from, target, need.span),
                None => sink.push(self.unknown(from, need)),
            }
        }
    }

    fn unknown(&self, from: Place<'a>, need: &Spanned<TaskName>) -> Diagnostic {
        let name = need.value.as_str();
        let fault = Diagnostic::error(&code::UNKNOWN_NEED, format!("there is no task or group `{name}`")).at(need.span, "");
        let mut known: Vec<&str> =
            self.nodes.keys().filter(|place| (place.0.is_none() || place.0 == from.0) && **place != from).map(|place| place.1).collect();
        known.sort_unstable();
        if let Some((Some(group), _)) = self.nodes.keys().filter(|place| place.1 == name).min() {
            return fault.help(format!("`{name}` is inside group `{group}`: write `{group}` to wait for all of it"));
        }
        match suggest(name, known.iter().copied()) {
            Some(near) => fault.help(format!("write `{near}`")),
            None if known.is_empty() => fault.help("delete it: there is nothing else to wait for"),
            None => fault.help(format!("write one of {}", quoted_list(known))),
        }
    }

    fn tell_cycles(&self, sink: &mut Sink) {
        for component in petgraph::algo::tarjan_scc(&self.edges) {
            let inside: BTreeSet<NodeIndex> = component.iter().copied().collect();
            let edges = self.edges.edge_references().filter(|edge| inside.contains(&edge.source()) && inside.contains(&edge.target()));
            let mut edges: Vec<_> = edges.map(|edge| (*edge.weight(), self.edges[edge.source()], self.edges[edge.target()])).collect();
            edges.retain(|(_, from, to)| to.0 != Some(from.1));
            edges.sort_unstable();
            if edges.is_empty() {
                continue;
            }
            let names: BTreeSet<&str> = edges.iter().map(|(_, from, _)| from.1).collect();
            let title = match names.iter().collect::<Vec<_>>().as_slice() {
                [only] => format!("`{only}` needs itself"),
                _ => format!("{} wait for each other", quoted_list(names)),
            };
            let fault = Diagnostic::error(&code::CYCLE, title);
            let fault = edges.into_iter().fold(fault, |fault, (span, from, to)| fault.at(span, format!("`{}` needs `{}`", from.1, to.1)));
            sink.push(fault.help("delete one of these, so that one of them can start"));
        }
    }
}
