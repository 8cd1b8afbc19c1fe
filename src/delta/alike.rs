//! Differences that several workflows of a change have alike, such as a new image in all of them.

use std::cmp::Reverse;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::tasks::ITEMS;
use super::{Facts, Mark, WorkflowChange};

/// A difference is told once when it is so many workflows'.
const SEVERAL: usize = 3;

/// A difference that several workflows have alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Alike {
    /// The setting, of the workflow or of tasks of it.
    pub field: String,
    /// Its value before; null when it was not set.
    pub before: Option<String>,
    /// Its value after; null when it is not set.
    pub after: Option<String>,
    /// Workflows that have the difference: `<team>/<workflow>`.
    pub workflows: Vec<String>,
}

/// A setting with its values before and after.
type Difference<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

/// What several workflows have alike, that of most workflows first. Workflows of a kind are put in the order of how much differs in each
/// besides, most first: what stands out is not to be looked for among a hundred that are alike.
pub(super) fn set_apart(workflows: &mut Vec<WorkflowChange>) -> Vec<Alike> {
    let mut having: HashMap<Difference<'_>, Vec<usize>> = HashMap::new();
    for (at, change) in workflows.iter().enumerate() {
        for difference in differences(change) {
            let found = having.entry(difference).or_default();
            if found.last() != Some(&at) {
                found.push(at);
            }
        }
    }
    let own = |change: &WorkflowChange| whole(change) + differences(change).filter(|difference| having[difference].len() < SEVERAL).count();
    let ranks: Vec<(_, usize)> = workflows.iter().enumerate().map(|(at, change)| ((change.kind, Reverse(own(change))), at)).collect();
    let several = having.iter().filter(|(_, found)| found.len() >= SEVERAL);
    let mut alike: Vec<Alike> = several
        .map(|((field, before, after), found)| Alike {
            field: (*field).to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
            workflows: found.iter().map(|at| workflows[*at].address()).collect(),
        })
        .collect();
    alike.sort_by_cached_key(|alike| (Reverse(alike.workflows.len()), alike.field.clone(), alike.before.clone(), alike.after.clone()));
    let mut ranked: Vec<_> = ranks.into_iter().zip(std::mem::take(workflows)).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    workflows.extend(ranked.into_iter().map(|(_, change)| change));
    alike
}

fn differences(change: &WorkflowChange) -> impl Iterator<Item = Difference<'_>> {
    let fields = change.settings.iter().chain(change.tasks.iter().flat_map(|task| &task.fields));
    // What differs in items is told in numbers, which may be the same of others.
    fields.filter(|field| field.field != ITEMS).map(|field| (field.field.as_str(), field.before.as_deref(), field.after.as_deref()))
}

/// What differs in a workflow as a whole: tasks that are new or gone, and when it runs.
fn whole(change: &WorkflowChange) -> usize {
    let tasks = change.tasks.iter().filter(|task| matches!(task.kind, Mark::Added | Mark::Removed)).count();
    let runs_otherwise = |(before, after): (&Facts, &Facts)| before.schedule != after.schedule;
    tasks + usize::from(change.before.as_ref().zip(change.after.as_ref()).is_some_and(runs_otherwise))
}
