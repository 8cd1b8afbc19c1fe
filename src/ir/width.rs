//! The most that can run together in one run, given what needs what.
//!
//! Of tasks that wait for each other one runs at a time, so what runs together is a set in which none waits for another: an antichain. The
//! heaviest one is found level by level, because to what is beside it a group is one node; it is as heavy as the least flow that covers every
//! node (Dilworth's theorem, with weights). That a task needs another says nothing where Airflow may start it before the other is done:
//!
//! - `one_failed` and such rules do not wait for all.
//! - A task of which one need has failed is done at once, without having run, while its other needs may still run. What follows it with the
//!   rule `all_success` does not run then either, but what follows it with `all_done` does.

use std::collections::{HashMap, HashSet};

use petgraph::Direction;
use petgraph::algo::{dinics, toposort};
use petgraph::graph::DiGraph;

use super::instances::Repeated;
use super::{FanOut, Node, Task, TriggerRule};
use crate::name::TaskName;

/// Nodes times needs of a level beyond which they are not reckoned with: what is told is then more than can be, never less.
const MOST_WORK: usize = 100_000_000;

/// What is asked of the tasks of one run.
pub(super) struct Width<'f> {
    /// What one instance of a task weighs; not negative.
    pub weight: &'f dyn Fn(&Task) -> f64,
    /// Tasks at once.
    pub tasks_at_once: f64,
}

impl Width<'_> {
    /// The greatest weight of what can run together.
    pub(super) fn of(&self, nodes: &[Node]) -> f64 {
        self.level(nodes, None, 0)
    }

    fn level(&self, nodes: &[Node], around: Option<&TaskName>, depth: usize) -> f64 {
        let order = Order::of(nodes, depth, Entry::Free);
        let weights: Vec<f64> = nodes.iter().map(|node| self.node(node, around, depth)).collect();
        heaviest(&weights, &order.edges)
    }

    /// All items of a node together.
    fn node(&self, node: &Node, around: Option<&TaskName>, depth: usize) -> f64 {
        let (count, bound) = self.repeated(node, around);
        match node {
            Node::Task(task) => times(count.min(bound), (self.weight)(task)),
            Node::Group(group) => {
                let inside = node.instances_in(around);
                let free = times(count, self.level(&group.nodes, inside, depth + 1));
                // The bound holds for each task by itself: while three items are at the first one, three others may be at the second.
                if bound < count { free.min(times(bound, self.together(&group.nodes, inside))) } else { free }
            }
        }
    }

    /// The weight of what is in nodes, as if nothing needed anything.
    fn together(&self, nodes: &[Node], around: Option<&TaskName>) -> f64 {
        let one = |node: &Node| {
            let (count, bound) = self.repeated(node, around);
            let inside = match node {
                Node::Task(task) => (self.weight)(task),
                Node::Group(group) => self.together(&group.nodes, node.instances_in(around)),
            };
            times(count.min(bound), inside)
        };
        nodes.iter().map(one).sum()
    }

    fn repeated(&self, node: &Node, around: Option<&TaskName>) -> (f64, f64) {
        let Repeated { count, bound } = node.repeated(around);
        (count.min(self.tasks_at_once), bound)
    }
}

/// Nothing is nothing, however often.
fn times(count: f64, weight: f64) -> f64 {
    if weight > 0.0 { count * weight } else { 0.0 }
}

/// The greatest weight of nodes of which none comes after another: all that there is, less the most that chains can share. A unit of one node
/// and a unit of a later one are the same chain's, so the sharing is a flow from nodes to later nodes, through others where need be.
fn heaviest(weights: &[f64], edges: &[(usize, usize)]) -> f64 {
    let all = weights.iter().sum();
    if edges.is_empty() || !f64::is_finite(all) || weights.len().saturating_mul(edges.len()) > MOST_WORK {
        return all;
    }
    let mut flow = DiGraph::<(), u128>::new();
    let (source, sink) = (flow.add_node(()), flow.add_node(()));
    let unlimited: u128 = weights.iter().map(|weight| thousandths(*weight)).sum();
    let ends: Vec<_> = weights
        .iter()
        .map(|weight| {
            let (before, after) = (flow.add_node(()), flow.add_node(()));
            flow.add_edge(source, before, thousandths(*weight));
            flow.add_edge(after, sink, thousandths(*weight));
            flow.add_edge(after, before, unlimited);
            (before, after)
        })
        .collect();
    for (from, to) in edges {
        flow.add_edge(ends[*from].0, ends[*to].1, unlimited);
    }
    let (shared, _) = dinics(&flow, source, sink);
    #[expect(clippy::cast_precision_loss, reason = "what is asked of a cluster is told to a few digits")]
    let heaviest = unlimited.saturating_sub(shared) as f64 / 1000.0;
    heaviest.min(all)
}

/// A weight in whole numbers, which add up exactly: Kubernetes tells a core in thousandths. Never less, but for what a sum of decimals is off.
fn thousandths(weight: f64) -> u128 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative, and too large a one stops at the largest"
    )]
    let whole = (weight.min(1e30) * 1000.0 - 1e-6).ceil() as u128;
    whole
}

/// What the first tasks of a group wait for outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// Nothing.
    Free,
    /// One task, which is done only when all before it is.
    One,
    /// Anything else.
    Many,
}

/// How a task waits for what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// It runs when all of it has succeeded.
    ForSuccess,
    /// It runs when all of it is done, whatever came of it; only the rule `all_done` never ends a task before that.
    ForEnd { is_whole: bool },
    /// It may run earlier.
    No,
}

impl Waiting {
    fn of(task: &Task) -> Self {
        match task.trigger_rule {
            TriggerRule::AllSuccess if task.teardown.is_none() => Self::ForSuccess,
            TriggerRule::AllDone => Self::ForEnd { is_whole: task.teardown.is_none() },
            TriggerRule::AllSuccess
            | TriggerRule::AllFailed
            | TriggerRule::NoneFailed
            | TriggerRule::NoneFailedMinOneSuccess
            | TriggerRule::NoneSkipped
            | TriggerRule::AllSkipped => Self::ForEnd { is_whole: false },
            TriggerRule::OneSuccess | TriggerRule::OneFailed | TriggerRule::OneDone | TriggerRule::Always => Self::No,
        }
    }
}

/// What is certain of a node.
#[derive(Debug, Clone, Copy)]
struct Known {
    /// That all before it is done when it is, also where it never ran; and all in it when its last tasks are.
    is_honest: bool,
    /// That all in it runs only after what the group around it waits for.
    is_late: bool,
    /// That all in it is done when its last tasks have succeeded.
    is_closed: bool,
    /// That it is one task, and is there once.
    is_single: bool,
}

/// Who comes after whom among the nodes of a level.
struct Order {
    /// From a node to one that runs only when all of it is done.
    edges: Vec<(usize, usize)>,
    /// What is certain of all of them together.
    known: Known,
}

impl Order {
    fn of(nodes: &[Node], depth: usize, entry: Entry) -> Self {
        let places: HashMap<&TaskName, usize> = nodes.iter().enumerate().map(|(place, node)| (node.name(), place)).collect();
        let mut needs = DiGraph::<(), ()>::new();
        let indices: Vec<_> = nodes.iter().map(|_| needs.add_node(())).collect();
        for (node, to) in nodes.iter().zip(&indices) {
            let beside = node.needs().iter().filter(|need| need.groups.len() == depth).filter_map(|need| places.get(&need.name));
            for from in beside {
                needs.update_edge(indices[*from], *to, ());
            }
        }
        let mut known: Vec<Known> = vec![Known { is_honest: false, is_late: false, is_closed: false, is_single: false }; nodes.len()];
        let mut edges = Vec::new();
        // What goes in circles is refused elsewhere, and has no order.
        for index in toposort(&needs, None).unwrap_or_default() {
            let beside: Vec<_> =
                needs.neighbors_directed(index, Direction::Incoming).map(|from| (from.index(), &known[from.index()])).collect();
            let (own, after) = judge(&nodes[index.index()], depth, entry, &beside);
            edges.extend(after.into_iter().map(|from| (from, index.index())));
            known[index.index()] = own;
        }
        let leads_on: HashSet<usize> = edges.iter().map(|(from, _)| *from).collect();
        let is_last = |place: usize| needs.neighbors(indices[place]).next().is_none();
        let is_closed = known.iter().enumerate().all(|(place, known)| known.is_closed && (is_last(place) || leads_on.contains(&place)));
        let known = Known {
            is_honest: known.iter().all(|known| known.is_honest),
            is_late: known.iter().all(|known| known.is_late),
            is_closed,
            is_single: false,
        };
        Self { edges, known }
    }
}

/// What is certain of a node that needs those `beside` it, and which of them it comes after. `entry` is what the group around it waits for.
fn judge(node: &Node, depth: usize, entry: Entry, beside: &[(usize, &Known)]) -> (Known, Vec<usize>) {
    let upstream = upstream(node, depth, entry, beside);
    let (mut own, waiting) = match node {
        Node::Task(task) => {
            let waiting = Waiting::of(task);
            let is_honest = match waiting {
                Waiting::ForEnd { is_whole: true } | Waiting::No => true,
                Waiting::ForSuccess | Waiting::ForEnd { is_whole: false } => upstream != Entry::Many,
            };
            (Known { is_honest, is_late: false, is_closed: true, is_single: task.fan_out().is_none() }, waiting)
        }
        Node::Group(group) => {
            let known = Order::of(&group.nodes, depth + 1, upstream).known;
            // Where its first tasks wait for several things, all in it is late only when all of those have succeeded.
            (known, if known.is_late { Waiting::ForSuccess } else { Waiting::No })
        }
    };
    let comes_after = |known: &Known| {
        known.is_closed
            && match waiting {
                Waiting::ForSuccess => true,
                Waiting::ForEnd { is_whole: _ } => known.is_honest,
                Waiting::No => false,
            }
    };
    let after: Vec<_> = beside.iter().filter(|(_, known)| comes_after(known)).collect();
    own.is_late = if beside.is_empty() {
        match (entry, waiting) {
            (Entry::Free, _) | (_, Waiting::ForSuccess) | (Entry::One, Waiting::ForEnd { is_whole: _ }) => true,
            (Entry::Many, Waiting::ForEnd { is_whole: _ }) | (Entry::One | Entry::Many, Waiting::No) => false,
        }
    } else {
        after.iter().any(|(_, known)| known.is_late)
    };
    (own, after.into_iter().map(|(place, _)| *place).collect())
}

/// What a node waits for: those `beside` it, or what the group around it does, and whatever else.
fn upstream(node: &Node, depth: usize, entry: Entry, beside: &[(usize, &Known)]) -> Entry {
    let is_further_out = node.needs().iter().any(|need| need.groups.len() != depth);
    // Airflow makes it wait for the task whose output it is repeated over, also where it needs that by way of others.
    let is_needed = |task: &TaskName| node.needs().iter().any(|need| need.name == *task);
    let is_over_another = match node.fan_out() {
        Some(FanOut::Mapped { task, .. }) => !is_needed(task),
        Some(FanOut::Static { .. }) | None => false,
    };
    match beside {
        _ if is_further_out || is_over_another => Entry::Many,
        [] => entry,
        [(_, known)] if known.is_single && known.is_honest => Entry::One,
        _ => Entry::Many,
    }
}

#[cfg(test)]
mod tests;
