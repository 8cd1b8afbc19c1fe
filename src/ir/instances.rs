//! Whether the items of a fan-out are tasks of their own, or instances of one task.
//!
//! Of a list that is known beforehand each item is a task with a name that stays. Nothing bounds how many of those run at once within a run,
//! so with `max_parallel` they are instances of one task, as the items of another task's output always are. Of all fan-outs around a task one
//! at most has instances, and what does not go with them keeps its tasks.

use super::{FanOut, Node, OperatorArgument, Piece, Task, TaskKind, TriggerRule};
use crate::name::TaskName;

/// What the items of a fan-out are in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Items<'a> {
    /// Tasks or groups of their own, as many at once as there are.
    Own,
    /// Tasks or groups of their own, although `max_parallel` says how many of them run at once.
    Unbounded(Hindrance<'a>),
    /// Instances of one task or group.
    Instances,
}

/// Why the items of a list that is known beforehand cannot be instances of one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance<'a> {
    /// The items of this task or group, around it or in it, are instances.
    Others(&'a TaskName),
    /// An operator does not render this argument, which refers to the item.
    Untouched {
        /// The operator's task.
        task: &'a TaskName,
        /// The argument.
        argument: &'a str,
    },
    /// This task has the trigger rule [`TriggerRule::Always`], and would start before there are instances.
    Always(&'a TaskName),
}

/// How often there is what a fan-out repeats; numbers without an end are infinite.
#[derive(Debug, Clone, Copy)]
pub(super) struct Repeated {
    /// Its items: without an end where only the run knows them, 1 without a fan-out.
    pub count: f64,
    /// How many of them each of its tasks may be at.
    pub bound: f64,
}

impl Node {
    /// What its items are; `None` when it is not repeated. `around` is the group around it whose items are instances.
    #[must_use]
    pub fn items<'a>(&'a self, around: Option<&'a TaskName>) -> Option<Items<'a>> {
        let fan_out = self.fan_out()?;
        if fan_out.is_mapped() {
            return Some(Items::Instances);
        }
        if self.max_parallel().is_none() {
            return Some(Items::Own);
        }
        let hindrance = around.map(Hindrance::Others).or_else(|| self.hindrance(fan_out));
        Some(hindrance.map_or(Items::Instances, Items::Unbounded))
    }

    /// The group whose items are instances for what is in this one: itself, or the one `around` it.
    #[must_use]
    pub fn instances_in<'a>(&'a self, around: Option<&'a TaskName>) -> Option<&'a TaskName> {
        let own = matches!(self.items(around), Some(Items::Instances)).then(|| self.name());
        own.or(around)
    }

    /// How many of its items run at once within one run.
    #[must_use]
    pub fn max_parallel(&self) -> Option<u32> {
        match self {
            Self::Task(task) => task.max_parallel(),
            Self::Group(group) => group.max_parallel,
        }
    }

    /// How often a run has each of its tasks, and how many of those at once; `around` is the group around it whose items are instances.
    pub(super) fn repeated(&self, around: Option<&TaskName>) -> Repeated {
        let (Some(fan_out), Some(items)) = (self.fan_out(), self.items(around)) else {
            return Repeated { count: 1.0, bound: f64::INFINITY };
        };
        let count = fan_out.count().map_or(f64::INFINITY, |count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        let bound = match (items, self.max_parallel()) {
            (Items::Instances, Some(most)) => f64::from(most),
            (Items::Instances | Items::Own | Items::Unbounded(_), _) => f64::INFINITY,
        };
        Repeated { count, bound }
    }

    fn hindrance(&self, fan_out: &FanOut) -> Option<Hindrance<'_>> {
        match self {
            Self::Task(task) => of_task(task, fan_out),
            Self::Group(group) => group.nodes.iter().find_map(|node| {
                let is_mapped = node.fan_out().is_some_and(FanOut::is_mapped);
                let others = is_mapped.then(|| Hindrance::Others(node.name()));
                others.or_else(|| node.hindrance(fan_out))
            }),
        }
    }
}

fn of_task<'a>(task: &'a Task, fan_out: &FanOut) -> Option<Hindrance<'a>> {
    let always = (task.trigger_rule == TriggerRule::Always).then_some(Hindrance::Always(&task.name));
    always.or_else(|| match &task.kind {
        TaskKind::Operator(operator) => {
            let untouched = operator.arguments.iter().find(|argument| !argument.is_templated && has_item(argument, fan_out))?;
            Some(Hindrance::Untouched { task: &task.name, argument: &untouched.name })
        }
        TaskKind::Container(_) | TaskKind::Wait(_) => None,
    })
}

fn has_item(argument: &OperatorArgument, fan_out: &FanOut) -> bool {
    let is_item = |piece: &Piece| matches!(piece, Piece::Each(path) if path.first().is_some_and(|variable| fan_out.has_variable(variable)));
    argument.value.texts().into_iter().any(|text| text.pieces.iter().any(is_item))
}
