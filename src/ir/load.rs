//! What a workflow asks of the cluster: pods, and what they request.
//!
//! Pods at once are reckoned so that there are never more: `max_active_runs` times the lesser of `max_active_tasks` and what one run could
//! start together, which is each task as often as it is repeated, and over another task's output up to `max_parallel`. That one task
//! needs another is not reckoned with. What they request is that of as many of the workflow's largest pods.

use std::collections::BTreeSet;

use super::{FanOut, Member, TaskKind, Value, Workflow, amount};
use crate::name::TaskName;

/// The pods of a workflow.
#[derive(Debug, Clone)]
pub struct Load<'a> {
    runs: f64,
    tasks_at_once: f64,
    pods: Vec<RepeatedPod<'a>>,
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
    /// What is known before the run.
    times: f64,
    /// When only the run knows the rest: over what it is repeated, and how many of those run at once.
    per_item: Option<(Portion<'a>, f64)>,
    spec: &'a Value,
}

impl RepeatedPod<'_> {
    fn at_once(&self) -> f64 {
        self.per_item.map_or(self.times, |(_, most)| self.times * most)
    }
}

fn repeated_pod<'a>(member: &Member<'a>) -> Option<RepeatedPod<'a>> {
    let TaskKind::Container(container) = &member.task.kind else { return None };
    let mut pod = RepeatedPod { times: 1.0, per_item: None, spec: container.pod.get("spec")? };
    for (fan_out, most) in member.fan_outs() {
        match fan_out {
            // Airflow bounds the items of a mapped task only: of a list that is known beforehand each item is a task of its own.
            FanOut::Static { variables: _, rows } => pod.times *= f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)),
            // Of the fan-outs around a task one is mapped at most.
            FanOut::Mapped { task, batch, variable: _, path: _, key: _ } => {
                let portion = Portion { task, items: batch.unwrap_or(1) };
                pod.per_item = Some((portion, most.map_or(f64::INFINITY, f64::from)));
            }
        }
    }
    Some(pod)
}

impl<'a> Load<'a> {
    /// Of a workflow.
    #[must_use]
    pub fn of(workflow: &'a Workflow) -> Self {
        let pods = workflow.members().iter().filter_map(repeated_pod).collect();
        Self { runs: f64::from(workflow.max_active_runs), tasks_at_once: f64::from(workflow.max_active_tasks), pods }
    }

    /// The most pods at once.
    #[must_use]
    pub fn pods_at_once(&self) -> f64 {
        self.runs * self.pods.iter().map(RepeatedPod::at_once).sum::<f64>().min(self.tasks_at_once)
    }

    /// The most of a resource that pods request at once.
    #[must_use]
    pub fn requested_at_once(&self, resource: &str) -> f64 {
        let mut asked: Vec<(f64, f64)> = self.pods.iter().map(|pod| (requested(pod.spec, resource), pod.at_once())).collect();
        asked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut together, mut left) = (0.0, self.tasks_at_once);
        for (each, count) in asked {
            let taken = count.min(left);
            together += each * taken;
            left -= taken;
        }
        self.runs * together
    }

    /// The pods of one run, without those over another task's output.
    #[must_use]
    pub fn pods_per_run(&self) -> f64 {
        self.known().map(|pod| pod.times).sum()
    }

    /// What those of one run request of a resource, all together.
    #[must_use]
    pub fn requested_per_run(&self, resource: &str) -> f64 {
        self.known().map(|pod| pod.times * requested(pod.spec, resource)).sum()
    }

    fn known(&self) -> impl Iterator<Item = &RepeatedPod<'a>> {
        self.pods.iter().filter(|pod| pod.per_item.is_none())
    }

    /// Over what of tasks' outputs pods are repeated, in the order of their first mention.
    #[must_use]
    pub fn portions(&self) -> Vec<Portion<'a>> {
        let mut portions = Vec::new();
        for (portion, _) in self.pods.iter().filter_map(|pod| pod.per_item) {
            if !portions.contains(&portion) {
                portions.push(portion);
            }
        }
        portions
    }

    /// For each portion of a task's output, how many pods a run has.
    #[must_use]
    pub fn pods_per(&self, portion: Portion<'_>) -> f64 {
        self.over(portion).map(|pod| pod.times).sum()
    }

    /// For each portion of a task's output, what a run's pods request of a resource.
    #[must_use]
    pub fn requested_per(&self, portion: Portion<'_>, resource: &str) -> f64 {
        self.over(portion).map(|pod| pod.times * requested(pod.spec, resource)).sum()
    }

    fn over(&self, portion: Portion<'_>) -> impl Iterator<Item = &RepeatedPod<'a>> {
        self.pods.iter().filter(move |pod| pod.per_item.is_some_and(|(over, _)| over == portion))
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
