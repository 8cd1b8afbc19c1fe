//! How much all workflows of a team may have and do at once: the sum of what [`ir::Load`] reckons for each.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::ir::{self, amount};
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
    /// Of a hand-written file: nobody knows what it takes, and quotas hold for what is compiled.
    #[must_use]
    pub fn of_adopted(grant: &Grant) -> Self {
        let quotas = grant.limits.iter().filter_map(|limits| limits.requests.as_ref()).flat_map(Table::keys);
        Self { requests: quotas.map(|resource| (resource.to_owned(), 0.0)).collect(), ..Self::default() }
    }

    /// What was written down of a workflow: tasks, pods, and what those request. `None` when a number is none, or one is missing that the
    /// grant has a quota for.
    #[must_use]
    pub fn read(tasks: &str, pods: &str, requests: &BTreeMap<String, String>, grant: &Grant) -> Option<Self> {
        let number = |text: &String| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
        let quotas = grant.limits.iter().filter_map(|limits| limits.requests.as_ref()).flat_map(Table::keys);
        let requests = quotas.map(|resource| Some((resource.to_owned(), number(requests.get(resource)?)?)));
        let (tasks, pods) = (number(&tasks.to_owned())?, number(&pods.to_owned())?);
        Some(Self { place: None, tasks, pods, requests: requests.collect::<Option<_>>()? })
    }

    /// Its numbers as they are written down: tasks, pods, and what those request. Reading gives the same numbers.
    #[must_use]
    pub fn written(&self) -> (String, String, BTreeMap<String, String>) {
        let Self { place: _, tasks, pods, requests } = self;
        let requests = requests.iter().map(|(resource, amount)| (resource.clone(), amount.to_string()));
        (tasks.to_string(), pods.to_string(), requests.collect())
    }

    /// Of a resolved workflow that is named at a place.
    #[must_use]
    pub fn of(workflow: &ir::Workflow, place: Span, grant: &Grant) -> Self {
        let load = ir::Load::of(workflow);
        let quotas = grant.limits.iter().filter_map(|limits| limits.requests.as_ref()).flat_map(Table::keys);
        Self {
            place: Some(place),
            tasks: f64::from(u32::try_from(workflow.task_count()).unwrap_or(u32::MAX)),
            pods: load.pods_at_once(),
            requests: quotas.map(|resource| (resource.to_owned(), load.requested_at_once(resource))).collect(),
        }
    }
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
