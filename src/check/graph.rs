//! What needs what: names looked up, cycles found, and what is upstream of a task.

use std::collections::{BTreeSet, HashMap};

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Dfs, EdgeRef, VisitMap, Visitable};

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::{ForEach, Gaps, Group, OutputItems, Workflow};

/// A task or a group: the names of the groups around it and its own, the outermost first.
type Place<'a> = Vec<&'a str>;

/// Unknown names that are compared with all others: hundreds have one cause, such as a renamed prefix.
const MOST_HELPED: usize = 100;

/// Needs of one cycle that are shown.
const MOST_SHOWN: usize = 30;

/// What needs what in one workflow. An edge leads from what needs to what is needed.
pub struct Graph<'a> {
    edges: DiGraph<Place<'a>, Span>,
    nodes: HashMap<Place<'a>, NodeIndex>,
}

/// What is done before a task starts.
pub struct Upstream<'g> {
    graph: &'g Graph<'g>,
    start: Option<NodeIndex>,
    done: <DiGraph<Place<'g>, Span> as Visitable>::Map,
}

impl Upstream<'_> {
    /// Whether a top-level task or group is among it.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let node = self.graph.nodes.get([name].as_slice());
        node.is_some_and(|node| Some(*node) != self.start && self.done.is_visited(node))
    }
}

impl<'a> Graph<'a> {
    /// Looks up every name behind `needs`; unknown ones and cycles are told.
    pub fn new(workflow: &'a Workflow, gaps: &Gaps, sink: &mut Sink) -> Self {
        let mut graph = Self { edges: DiGraph::new(), nodes: HashMap::new() };
        let (members, groups) = (workflow.members(), workflow.nested_groups());
        let path =
            |around: &[(&'a Spanned<TaskName>, &'a Group)]| around.iter().map(|(name, _)| name.value.as_str()).collect::<Place<'_>>();
        members.iter().for_each(|member| graph.add(member.path()));
        groups.iter().for_each(|around| graph.add(path(around)));
        let mut unknown = Vec::new();
        for around in &groups {
            let Some(((name, group), outer)) = around.split_last() else { continue };
            let place = path(around);
            graph.edge(&path(outer), &place, name.span);
            unknown.extend(graph.unknown_in(&place, group.needs.as_ref()));
        }
        for member in &members {
            let place = member.path();
            graph.edge(&path(&member.groups), &place, member.name.span);
            unknown.extend(graph.unknown_in(&place, member.task.needs.as_ref()));
            graph.link(&place, &place, member.task.needs.as_ref(), member.task.for_each.as_ref());
            graph.link(&place, &place, member.task.teardown().map(|teardown| &teardown.setups), None);
            // What a group needs is needed by whatever is in it.
            for (depth, (_, group)) in member.groups.iter().enumerate() {
                graph.link(&place, &place[..=depth], group.needs.as_ref(), group.for_each.as_ref());
            }
        }
        unknown.retain(|(_, need)| !gaps.may_name(need.value.as_str()));
        for (index, (place, need)) in unknown.iter().enumerate() {
            let fault = Diagnostic::error(&code::UNKNOWN_NEED, format!("there is no task or group `{}`", need.value)).at(need.span, "");
            let help = if index < MOST_HELPED { graph.help_with(place, need, gaps) } else { "see the first of these".to_owned() };
            sink.push(fault.help(help));
        }
        graph.tell_cycles(sink);
        graph
    }

    /// What is done before a task starts.
    #[must_use]
    pub fn upstream(&self, task: &[&str]) -> Upstream<'_> {
        let start = self.nodes.get(task).copied();
        let mut search = Dfs::empty(&self.edges);
        search.stack.extend(start);
        while search.next(&self.edges).is_some() {}
        Upstream { graph: self, start, done: search.discovered }
    }

    fn add(&mut self, place: Place<'a>) {
        if !self.nodes.contains_key(&place) {
            let node = self.edges.add_node(place.clone());
            self.nodes.insert(place, node);
        }
    }

    fn edge(&mut self, from: &[&'a str], to: &[&'a str], span: Span) {
        if let (Some(from), Some(to)) = (self.nodes.get(from), self.nodes.get(to)) {
            self.edges.update_edge(*from, *to, span);
        }
    }

    /// `from` waits for what stands in the needs of `place`, and for what that is repeated over, whether it says so or not.
    fn link(&mut self, from: &[&'a str], place: &[&'a str], needs: Option<&'a Vec<Spanned<TaskName>>>, for_each: Option<&'a ForEach>) {
        for need in needs.into_iter().flatten() {
            if let Some(target) = self.find(place, need.value.as_str()) {
                self.edge(from, &target, need.span);
            }
        }
        if let Some(OutputItems { task, .. }) = for_each.and_then(ForEach::output) {
            self.edge(from, &[task.value.as_str()], task.span);
        }
    }

    /// The needs of a place that lead nowhere.
    fn unknown_in(&self, place: &[&'a str], needs: Option<&'a Vec<Spanned<TaskName>>>) -> Vec<(Place<'a>, &'a Spanned<TaskName>)> {
        let unknown = needs.into_iter().flatten().filter(|need| self.find(place, need.value.as_str()).is_none());
        unknown.map(|need| (place.to_vec(), need)).collect()
    }

    /// What is meant by a name in the needs of `from`: the nearest one, beside it or beside a group around it.
    fn find(&self, from: &[&'a str], name: &'a str) -> Option<Place<'a>> {
        let around = |depth: usize| [&from[..depth], &[name]].concat();
        (0..from.len()).rev().map(around).find(|place| self.nodes.contains_key(place))
    }

    /// What to type instead of an unknown name.
    fn help_with(&self, from: &[&'a str], need: &Spanned<TaskName>, gaps: &Gaps) -> String {
        let name = need.value.as_str();
        if let Some(hidden) = self.nodes.keys().filter(|place| place.last() == Some(&name)).min() {
            let groups = hidden[..hidden.len() - 1].join(".");
            // What can be named from here is the outermost group that is not around both.
            let shared = hidden.iter().zip(from).take_while(|(one, other)| one == other).count();
            return match hidden.get(shared) {
                Some(group) if shared < from.len() => {
                    format!("`{name}` is inside group `{groups}`: write `{group}` to wait for all of it")
                }
                Some(_) | None => format!("delete it: `{name}` is inside group `{groups}` itself"),
            };
        }
        let is_in_sight = |place: &Place<'_>| {
            let around = &place[..place.len() - 1];
            around.len() < from.len() && from.starts_with(around) && !from.starts_with(place)
        };
        let known: BTreeSet<&str> =
            self.nodes.keys().filter(|place| is_in_sight(place)).filter_map(|place| place.last().copied()).collect();
        // One that was taken out for its own faults is there all the same.
        match suggest(name, known.iter().copied().chain(gaps.names())) {
            Some(near) => format!("write `{near}`"),
            None if known.is_empty() => "delete it: there is nothing else to wait for".to_owned(),
            None => format!("write one of {}", quoted_list(known)),
        }
    }

    fn tell_cycles(&self, sink: &mut Sink) {
        let components = petgraph::algo::tarjan_scc(&self.edges);
        let mut component_of = vec![0; self.edges.node_count()];
        for (number, component) in components.iter().enumerate() {
            component.iter().for_each(|node| component_of[node.index()] = number);
        }
        let mut inside = vec![Vec::new(); components.len()];
        for edge in self.edges.edge_references() {
            let number = component_of[edge.source().index()];
            if number == component_of[edge.target().index()] {
                inside[number].push((*edge.weight(), &self.edges[edge.source()], &self.edges[edge.target()]));
            }
        }
        for mut edges in inside {
            edges.retain(|(_, from, to)| to.split_last().is_none_or(|(_, around)| around != from.as_slice()));
            edges.sort_unstable();
            if edges.is_empty() {
                continue;
            }
            let name = |place: &Place<'a>| place.last().copied().unwrap_or_default();
            let names: BTreeSet<&str> = edges.iter().map(|(_, from, _)| name(from)).collect();
            let title = match names.iter().collect::<Vec<_>>().as_slice() {
                [only] => format!("`{only}` needs itself"),
                _ => format!("{} wait for each other", quoted_list(names)),
            };
            let fault = Diagnostic::error(&code::CYCLE, title);
            // Two tasks that need each other are mended at one place; whoever has made hundreds need each other begins with these.
            let shown = edges.into_iter().take(MOST_SHOWN);
            let fault = shown.fold(fault, |fault, (span, from, to)| fault.at(span, format!("`{}` needs `{}`", name(from), name(to))));
            sink.push(fault.help("delete one of these, so that one of them can start"));
        }
    }
}
