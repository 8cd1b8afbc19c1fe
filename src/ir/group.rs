//! Tasks and groups of tasks, inside each other.

use super::{FanOut, Need, Task};
use crate::name::TaskName;

/// A task or a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A single task.
    Task(Task),
    /// Tasks that belong together.
    Group(Group),
}

/// Tasks and groups that belong together, once or once for each item.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its name; no other task or group beside it has it.
    pub name: TaskName,
    /// What must be done before any of its tasks starts, in the order written.
    pub needs: Vec<Need>,
    /// Over what it is repeated. No variable of it is one of a fan-out around it, and of all fan-outs around a task at most one is mapped.
    pub fan_out: Option<FanOut>,
    /// For each of its tasks, how many of its items run at once within one run.
    pub max_parallel: Option<u32>,
    /// What is in it: its tasks in the order written, then its groups.
    pub nodes: Vec<Node>,
}

/// A task and the groups around it.
#[derive(Debug, Clone)]
pub struct Member<'a> {
    /// The groups, the outermost first.
    pub groups: Vec<&'a Group>,
    /// The task.
    pub task: &'a Task,
}

/// The tasks in nodes of the top level with the groups around them, in the order written.
#[must_use]
pub fn members(nodes: &[Node]) -> Vec<Member<'_>> {
    let mut found = Vec::new();
    nodes.iter().for_each(|node| node.collect(&[], &mut found));
    found
}

impl Node {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &TaskName {
        match self {
            Self::Task(task) => &task.name,
            Self::Group(group) => &group.name,
        }
    }

    /// What it needs itself, without what is in it.
    #[must_use]
    pub fn needs(&self) -> &[Need] {
        match self {
            Self::Task(task) => &task.needs,
            Self::Group(group) => &group.needs,
        }
    }

    /// The tasks beside it that set up what it takes away, when it cleans up.
    #[must_use]
    pub fn setups(&self) -> Option<&[TaskName]> {
        match self {
            Self::Task(task) => task.teardown.as_deref(),
            Self::Group(_) => None,
        }
    }

    /// Over what it is repeated.
    #[must_use]
    pub fn fan_out(&self) -> Option<&FanOut> {
        match self {
            Self::Task(task) => task.fan_out(),
            Self::Group(group) => group.fan_out.as_ref(),
        }
    }

    /// The task that it is, or all tasks in it.
    #[must_use]
    pub fn tasks(&self) -> Vec<&Task> {
        let mut found = Vec::new();
        self.collect(&[], &mut found);
        found.into_iter().map(|member| member.task).collect()
    }

    /// How many tasks a run has of it.
    pub(super) fn task_count(&self) -> usize {
        let inside = match self {
            Self::Task(_) => 1,
            Self::Group(group) => group.nodes.iter().map(Self::task_count).fold(0, usize::saturating_add),
        };
        inside.saturating_mul(self.fan_out().and_then(FanOut::count).unwrap_or(1))
    }

    pub(super) fn collect<'a>(&'a self, around: &[&'a Group], found: &mut Vec<Member<'a>>) {
        match self {
            Self::Task(task) => found.push(Member { groups: around.to_vec(), task }),
            Self::Group(group) => {
                let around = [around, &[group]].concat();
                group.nodes.iter().for_each(|node| node.collect(&around, found));
            }
        }
    }
}

impl<'a> Member<'a> {
    /// Every fan-out that repeats the task, the outermost first, each with the bound of how many of its items run at once.
    pub fn fan_outs(&self) -> impl Iterator<Item = (&'a FanOut, Option<u32>)> {
        let around: Vec<_> = self.groups.iter().filter_map(|group| Some((group.fan_out.as_ref()?, group.max_parallel))).collect();
        around.into_iter().chain(self.task.fan_out().map(|own| (own, self.task.max_parallel())))
    }

    /// Its name with those of its groups: `retrain.models.fit`.
    #[must_use]
    pub fn path(&self) -> String {
        let groups = self.groups.iter().map(|group| group.name.as_str());
        groups.chain([self.task.name.as_str()]).collect::<Vec<_>>().join(".")
    }
}
