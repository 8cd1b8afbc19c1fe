//! What one workflow asks for: when it runs, and how much of the cluster it takes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::fields::{self, is_set};
use super::runs::{is_over, missed_runs, next_runs};
use super::schedule::in_words;
use crate::ir::{self, Load};

/// Runs that are told.
const RUNS: usize = 3;
/// Resources that are told also where nothing requests them.
const RESOURCES: [&str; 2] = ["cpu", "memory"];

/// What one workflow asks for.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Facts {
    /// When it runs, in words: `every day at 03:00 Europe/Prague`.
    pub schedule: String,
    /// The next runs, in the schedule's own time zone; none when they are not known beforehand.
    pub next_runs: Vec<String>,
    /// The first moment that its schedule counts from, where it says one.
    pub start_date: Option<String>,
    /// The moment after which it does not run any more, where it says one.
    pub end_date: Option<String>,
    /// Whether that is past.
    pub is_over: bool,
    /// Runs since the start date for which Airflow makes up, because of `catchup`; what is more than 100 is an estimate.
    pub catchup_runs: u64,
    /// Tasks of a run. A fan-out that is known beforehand counts once for each item, one over another task's output once.
    pub tasks: u64,
    /// The most pods at once.
    pub pods_at_once: u64,
    /// What those request at the most, by resource, in cores and bytes.
    pub requests_at_once: BTreeMap<String, f64>,
    /// Pods of a run, without those over another task's output.
    pub pods_per_run: u64,
    /// What those request, all together.
    pub requests_per_run: BTreeMap<String, f64>,
    /// What comes for each item of a task's output.
    pub per_item: Vec<PerItem>,
}

/// What a run has for each item of a task's output, or for each batch of them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PerItem {
    /// The task whose output has the items.
    pub over: String,
    /// How many items one pod gets: 1 when there is a pod for each.
    pub items: u32,
    /// Pods for each.
    pub pods: u64,
    /// What those request, by resource.
    pub requests: BTreeMap<String, f64>,
}

impl Facts {
    pub(super) fn of(workflow: &ir::Workflow, now: Timestamp) -> Self {
        let load = Load::of(workflow);
        let mut resources = load.resources();
        resources.extend(RESOURCES);
        let amounts =
            |of: &dyn Fn(&str) -> f64| resources.iter().map(|resource| ((*resource).to_owned(), of(resource))).collect::<BTreeMap<_, _>>();
        let per_item = load.portions().into_iter().map(|portion| PerItem {
            over: portion.task.to_string(),
            items: portion.items,
            pods: whole(load.pods_per(portion)),
            requests: amounts(&|resource| load.requested_per(portion, resource)),
        });
        Self {
            schedule: in_words(workflow),
            start_date: is_set(workflow.start_date).then(|| fields::moment(workflow.start_date)),
            end_date: workflow.end_date.map(fields::moment),
            is_over: is_over(workflow, now),
            catchup_runs: missed_runs(workflow, now),
            next_runs: next_runs(workflow, now, RUNS).iter().map(ToString::to_string).collect(),
            tasks: workflow.task_count() as u64,
            pods_at_once: whole(load.pods_at_once()),
            requests_at_once: amounts(&|resource| load.requested_at_once(resource)),
            pods_per_run: whole(load.pods_per_run()),
            requests_per_run: amounts(&|resource| load.requested_per_run(resource)),
            per_item: per_item.collect(),
        }
    }
}

/// A count, which is reckoned with as a number that may have no end.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` ends at the largest number, and no count is negative")]
fn whole(count: f64) -> u64 {
    count as u64
}

/// What many workflows ask for together, when all of them do at once.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Totals {
    /// Tasks of one run of each.
    pub tasks: u64,
    /// The most pods at once.
    pub pods_at_once: u64,
    /// What those request at the most, by resource, in cores and bytes.
    pub requests_at_once: BTreeMap<String, f64>,
}

impl Totals {
    pub(super) fn of<'a>(all: impl Iterator<Item = &'a Facts>) -> Self {
        let mut totals = Self::default();
        for facts in all {
            totals.tasks += facts.tasks;
            totals.pods_at_once = totals.pods_at_once.saturating_add(facts.pods_at_once);
            for (resource, amount) in &facts.requests_at_once {
                *totals.requests_at_once.entry(resource.clone()).or_default() += amount;
            }
        }
        totals
    }
}
