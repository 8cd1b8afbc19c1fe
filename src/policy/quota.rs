//! How much all workflows of a team may have and do at once.
//!
//! Pods at once are reckoned so that there are never more: of each workflow `max_active_runs` times the lesser of `max_active_tasks` and
//! what one run could start together, which is each task as often as it is repeated, and over another task's output up to
//! `max_parallel`. That one task needs another is not reckoned with. What they request is that of as many of the workflow's largest pods.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::ir::{self, FanOut, Node, TaskKind, Value, amount};
use crate::name::SourceName;
use crate::source::Span;
use crate::spec::{Grant, Limits, Table};

/// What a workflow takes of its team's quotas.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// Where the workflow is named.
    place: Option<Span>,
    /// Tasks of a run.
    tasks: f64,
    /// Pods at once.
    pods: f64,
    /// What those request, by resource.
    requests: BTreeMap<String, f64>,
}

/// Whether a grant has a quota that workflows are reckoned for.
#[must_use]
pub fn has_quotas(grant: &Grant) -> bool {
    grant.limits.as_ref().is_some_and(|limits| limits.tasks.is_some() || limits.pods.is_some() || limits.requests.is_some())
}

impl Usage {
    /// Of a resolved workflow that is named at a place.
    #[must_use]
    pub fn of(workflow: &ir::Workflow, place: Span, grant: &Grant) -> Self {
        let pods = repeated_pods(workflow);
        let runs = f64::from(workflow.max_active_runs);
        let at_once = f64::from(workflow.max_active_tasks);
        let quotas = grant.limits.iter().filter_map(|limits| limits.requests.as_ref()).flat_map(Table::keys);
        Self {
            place: Some(place),
            tasks: f64::from(u32::try_from(workflow.task_count()).unwrap_or(u32::MAX)),
            pods: runs * pods.iter().map(|(count, _)| count).sum::<f64>().min(at_once),
            requests: quotas.map(|resource| (resource.to_owned(), runs * largest(&pods, at_once, resource))).collect(),
        }
    }
}

/// The PodSpec of each task, and how many of it a run could start together.
fn repeated_pods(workflow: &ir::Workflow) -> Vec<(f64, &Value)> {
    // Airflow bounds the items of a mapped task only: of a list that is known beforehand each item is a task of its own.
    let items = |fan_out: Option<&FanOut>, most: Option<u32>| match fan_out {
        None => 1.0,
        Some(FanOut::Static { variables: _, rows }) => f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)),
        Some(FanOut::Mapped { .. }) => most.map_or(f64::INFINITY, f64::from),
    };
    let mut pods = Vec::new();
    for node in &workflow.nodes {
        let around = match node {
            Node::Task(_) => 1.0,
            Node::Group(group) => items(group.fan_out.as_ref(), group.max_parallel),
        };
        for task in node.tasks() {
            let TaskKind::Container(container) = &task.kind else { continue };
            let count = around * items(container.fan_out.as_ref(), container.max_parallel);
            pods.extend(container.pod.get("spec").map(|spec| (count, spec)));
        }
    }
    pods
}

/// What the pods that request most of a resource request together, so many of them.
fn largest(pods: &[(f64, &Value)], mut at_once: f64, resource: &str) -> f64 {
    let mut asked: Vec<(f64, f64)> = pods.iter().map(|(count, spec)| (requested(spec, resource), *count)).collect();
    asked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut together = 0.0;
    for (each, count) in asked {
        let taken = count.min(at_once);
        together += each * taken;
        at_once -= taken;
    }
    together
}

/// What the containers of a pod request together; a limit is a request where there is none, as in Kubernetes.
fn requested(spec: &Value, resource: &str) -> f64 {
    let of = |container: &Value, kind: &str| match container.get("resources")?.get(kind)?.get(resource)? {
        Value::Text(text) => amount(text.as_literal()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
    };
    let one = |container: &Value| of(container, "requests").or_else(|| of(container, "limits")).unwrap_or_default();
    let list = |key: &str| spec.get(key).map(Value::items).unwrap_or_default();
    let first = list("initContainers").iter().map(one).fold(0.0, f64::max);
    first.max(list("containers").iter().map(one).sum())
}

/// Tells which quotas of a grant the team's workflows are over, all sources together.
///
/// What nobody can count any more may be any number: then a quota is not kept.
pub fn check_quotas(grant: &Grant, usages: &[Usage], uncounted: &BTreeSet<&SourceName>, sink: &mut Sink) {
    let Some(Limits { tasks, pods, requests, .. }) = &grant.limits else { return };
    let team = &grant.team.value;
    if !uncounted.is_empty() && has_quotas(grant) {
        let names = quoted_list(uncounted.iter().map(|source| source.as_str()));
        let title = format!("whether team `{team}` keeps within its quotas cannot be told: {names} does not compile");
        let first = tasks.iter().map(|most| most.span).chain(pods.iter().map(|most| most.span));
        let place = first.chain(requests.iter().flat_map(Table::iter).map(|(resource, _)| resource.span)).next();
        let fault = Diagnostic::error(&code::QUOTA, title).at_if(place, "what runs of it counts, and nobody knows how much that is");
        sink.push(fault.help(format!("publish a version of {names} that compiles")));
    }
    if let Some(most) = tasks {
        let quota = Quota { most: f64::from(most.value), written: most.value.to_string(), place: most.span };
        quota.judge(&format!("the workflows of team `{team}` have too many tasks"), usages, |usage| usage.tasks, sink);
    }
    if let Some(most) = pods {
        let quota = Quota { most: f64::from(most.value), written: most.value.to_string(), place: most.span };
        quota.judge(&format!("the workflows of team `{team}` may run too many pods at once"), usages, |usage| usage.pods, sink);
    }
    for (resource, most) in requests.iter().flat_map(Table::iter) {
        let Some(allowed) = amount(&most.value.0) else { continue };
        let quota = Quota { most: allowed, written: most.value.0.clone(), place: most.span };
        let of = |usage: &Usage| usage.requests.get(&resource.value).copied().unwrap_or_default();
        quota.judge(&format!("the pods of team `{team}` may request too much {} at once", resource.value), usages, of, sink);
    }
}

struct Quota {
    most: f64,
    written: String,
    place: Span,
}

impl Quota {
    fn judge(&self, title: &str, usages: &[Usage], of: impl Fn(&Usage) -> f64, sink: &mut Sink) {
        let total: f64 = usages.iter().map(&of).sum();
        if total <= self.most {
            return;
        }
        // Of two that take as much the one that stands first is shown.
        let largest = usages.iter().rev().max_by(|a, b| of(a).total_cmp(&of(b)));
        let mut fault = Diagnostic::error(&code::QUOTA, format!("{title}: {}, and {} are allowed", shown(total), self.written));
        if let Some(Usage { place: Some(place), .. }) = largest {
            let share = largest.map(&of).unwrap_or_default();
            fault = fault.at(*place, format!("{} by this workflow", shown(share)));
        }
        let help = "lower `max_active_runs` or `max_active_tasks`, or ask the platform to raise the limit";
        sink.push(fault.at(self.place, "the limit").help(help));
    }
}

/// A total as a person writes it: bytes in Gi.
fn shown(total: f64) -> String {
    const GI: f64 = 1_073_741_824.0;
    if total >= GI { format!("{}Gi", (total / GI * 10.0).round() / 10.0) } else { format!("{total}") }
}
