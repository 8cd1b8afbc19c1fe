//! What a workflow asks of the cluster: pods, and what they request.
//!
//! Pods at once are reckoned so that there are never more while runs go by themselves: `max_active_runs` times the lesser of
//! `max_active_tasks` and what one run could start together, which is each task as often as it is repeated, up to `max_parallel` where that
//! holds, less those that wait for others ([`Width`]). What they request is the most that so many pods can.

use std::collections::BTreeSet;

use super::instances::Repeated;
use super::width::Width;
use super::{FanOut, Node, Task, TaskKind, Value, Workflow, amount};
use crate::name::TaskName;

/// The pods of a workflow.
#[derive(Debug, Clone)]
pub struct Load<'a> {
    runs: f64,
    tasks_at_once: f64,
    nodes: &'a [Node],
    pods: Vec<RepeatedPod<'a>>,
    /// The most of them that one run has at once.
    pods_of_a_run: f64,
}

/// So many items of a task's output, for which a run has pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion<'a> {
    /// The task.
    pub task: &'a TaskName,
    /// One item, or as many as one pod gets.
    pub items: u32,
}

/// A task's pod, and how often a run has it.
#[derive(Debug, Clone)]
struct RepeatedPod<'a> {
    task: &'a Task,
    often: Often<'a>,
    spec: &'a Value,
}

/// How often a run has what stands somewhere.
#[derive(Debug, Clone, Copy)]
struct Often<'a> {
    /// What is known before the run.
    times: f64,
    /// How many of all of them run at once.
    at_once: f64,
    /// Over what it is repeated besides, when only the run knows the rest.
    per_item: Option<Portion<'a>>,
}

impl<'a> Often<'a> {
    const ONCE: Self = Self { times: 1.0, at_once: 1.0, per_item: None };

    fn repeated(self, fan_out: &'a FanOut, Repeated { count, bound }: Repeated) -> Self {
        let at_once = self.at_once * count.min(bound);
        match fan_out {
            FanOut::Static { variables: _, rows: _ } => Self { times: self.times * count, at_once, ..self },
            // Of the fan-outs around a task one is mapped at most.
            FanOut::Mapped { task, batch, variable: _, path: _, key: _ } => {
                let portion = Portion { task, items: batch.unwrap_or(1) };
                Self { at_once, per_item: Some(portion), ..self }
            }
        }
    }
}

/// Finds the pods of a node. `around` is the group around it whose items are instances.
fn collect<'a>(node: &'a Node, outer: Often<'a>, around: Option<&'a TaskName>, pods: &mut Vec<RepeatedPod<'a>>) {
    let often = node.fan_out().map_or(outer, |fan_out| outer.repeated(fan_out, node.repeated(around)));
    match node {
        Node::Task(task) => {
            pods.extend(task.pod_spec().map(|spec| RepeatedPod { task, often, spec }));
        }
        Node::Group(group) => {
            let around = node.instances_in(around);
            group.nodes.iter().for_each(|node| collect(node, often, around, pods));
        }
    }
}

fn pods_of(nodes: &[Node]) -> Vec<RepeatedPod<'_>> {
    let mut pods = Vec::new();
    nodes.iter().for_each(|node| collect(node, Often::ONCE, None, &mut pods));
    pods
}

/// The tasks in nodes of the top level of which one run may have several pods at once.
pub fn repeated_at_once(nodes: &[Node]) -> impl Iterator<Item = &Task> {
    pods_of(nodes).into_iter().filter(|pod| pod.often.at_once > 1.0).map(|pod| pod.task)
}

impl<'a> Load<'a> {
    /// Of a workflow.
    #[must_use]
    pub fn of(workflow: &'a Workflow) -> Self {
        let (runs, tasks_at_once) = (f64::from(workflow.max_active_runs), f64::from(workflow.max_active_tasks));
        let nodes = &*workflow.nodes;
        let pods_of_a_run = together(nodes, tasks_at_once, &|_| 1.0).min(tasks_at_once);
        Self { runs, tasks_at_once, nodes, pods: pods_of(nodes), pods_of_a_run }
    }

    /// The most pods at once.
    #[must_use]
    pub fn pods_at_once(&self) -> f64 {
        self.runs * self.pods_of_a_run
    }

    /// The most of a resource that pods request at once: of what runs together, and never more than as many of the largest pods.
    #[must_use]
    pub fn requested_at_once(&self, resource: &str) -> f64 {
        let mut asked: Vec<(f64, f64)> = self.pods.iter().map(|pod| (requested(pod.spec, resource), pod.often.at_once)).collect();
        asked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut largest, mut left) = (0.0, self.pods_of_a_run);
        for (each, count) in asked {
            let taken = count.min(left);
            largest += each * taken;
            left -= taken;
        }
        self.runs * together(self.nodes, self.tasks_at_once, &|spec| requested(spec, resource)).min(largest)
    }

    /// The pods of one run, without those over another task's output.
    #[must_use]
    pub fn pods_per_run(&self) -> f64 {
        self.known().map(|pod| pod.often.times).sum()
    }

    /// What those of one run request of a resource, all together.
    #[must_use]
    pub fn requested_per_run(&self, resource: &str) -> f64 {
        self.known().map(|pod| pod.often.times * requested(pod.spec, resource)).sum()
    }

    fn known(&self) -> impl Iterator<Item = &RepeatedPod<'a>> {
        self.pods.iter().filter(|pod| pod.often.per_item.is_none())
    }

    /// Over what of tasks' outputs pods are repeated, in the order of their first mention.
    #[must_use]
    pub fn portions(&self) -> Vec<Portion<'a>> {
        let mut portions = Vec::new();
        for portion in self.pods.iter().filter_map(|pod| pod.often.per_item) {
            if !portions.contains(&portion) {
                portions.push(portion);
            }
        }
        portions
    }

    /// For each portion of a task's output, how many pods a run has.
    #[must_use]
    pub fn pods_per(&self, portion: Portion<'_>) -> f64 {
        self.over(portion).map(|pod| pod.often.times).sum()
    }

    /// For each portion of a task's output, what a run's pods request of a resource.
    #[must_use]
    pub fn requested_per(&self, portion: Portion<'_>, resource: &str) -> f64 {
        self.over(portion).map(|pod| pod.often.times * requested(pod.spec, resource)).sum()
    }

    fn over(&self, portion: Portion<'_>) -> impl Iterator<Item = &RepeatedPod<'a>> {
        self.pods.iter().filter(move |pod| pod.often.per_item == Some(portion))
    }

    /// The resources that any pod requests.
    #[must_use]
    pub fn resources(&self) -> BTreeSet<&'a str> {
        let containers = self.pods.iter().flat_map(|pod| ["initContainers", "containers"].map(|key| list(pod.spec, key))).flatten();
        let asked = containers.flat_map(|container| ["requests", "limits"].map(|kind| container.get("resources")?.get(kind)));
        let keys = asked.flatten().flat_map(|amounts| match amounts {
            Value::Map(map) => map.keys().map(String::as_str).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => Vec::new(),
        });
        keys.collect()
    }
}

/// The most of something that the pods of one run have together, of which so many tasks run at once.
fn together(nodes: &[Node], tasks_at_once: f64, of: &dyn Fn(&Value) -> f64) -> f64 {
    Width { weight: &|task| task.pod_spec().map(of).unwrap_or_default(), tasks_at_once }.of(nodes)
}

impl Task {
    /// The spec of its pod.
    fn pod_spec(&self) -> Option<&Value> {
        match &self.kind {
            TaskKind::Container(container) => container.pod.get("spec"),
            TaskKind::Operator(_) | TaskKind::Wait(_) => None,
        }
    }
}

fn list<'a>(spec: &'a Value, key: &str) -> &'a [Value] {
    spec.get(key).map(Value::items).unwrap_or_default()
}

/// What a pod requests, as Kubernetes reckons it: its containers together, or its largest first container when that is more. What is only
/// limited is requested.
fn requested(spec: &Value, resource: &str) -> f64 {
    let of = |container: &Value, kind: &str| match container.get("resources")?.get(kind)?.get(resource)? {
        Value::Text(text) => amount(text.as_literal()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
    };
    let one = |container: &Value| of(container, "requests").or_else(|| of(container, "limits")).unwrap_or_default();
    let first = list(spec, "initContainers").iter().map(one).fold(0.0, f64::max);
    first.max(list(spec, "containers").iter().map(one).sum())
}
