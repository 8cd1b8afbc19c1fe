//! Workflows that a publish takes away: which they are, and what their source says about it.

use std::collections::{BTreeMap, BTreeSet};

use super::compiler::{Departures, WorkflowFile};
use super::layout;
use super::lock::{Lock, LockedWorkflow, Tombstone};
use super::request::Request;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::name::{DagId, WorkflowAddress, WorkflowName};

/// A workflow that the last publish had and this one does not have.
pub(crate) struct Departure<'a> {
    pub(crate) name: &'a str,
    pub(crate) workflow: &'a LockedWorkflow,
    pub(crate) fate: Fate<'a>,
}

/// What the source says about it.
#[derive(Clone)]
pub(crate) enum Fate<'a> {
    /// `retire` names it.
    Retired,
    /// Another workflow says that it was called so.
    Renamed(&'a WorkflowFile),
    /// It is given to another source, which takes it over.
    Taken(WorkflowAddress),
    /// Nothing.
    Unsaid,
}

/// What is gone, by name.
pub(crate) fn find<'a>(last: Option<&'a Lock>, desired: &Lock, own: &[&'a WorkflowFile], said: &Departures) -> Vec<Departure<'a>> {
    let gone = last.into_iter().flat_map(|lock| &lock.workflows).filter(|(name, _)| !desired.workflows.contains_key(*name));
    let retired: BTreeSet<&str> = said.retired.iter().map(WorkflowName::as_str).collect();
    let renamed = own.iter().filter_map(|found| Some((found.life.renamed_from.as_ref()?.as_str(), *found)));
    let renamed = first_of(renamed);
    let fate = |name: &str| match renamed.get(name) {
        Some(successor) => Fate::Renamed(successor),
        None if retired.contains(name) => Fate::Retired,
        None => Fate::Unsaid,
    };
    gone.map(|(name, workflow)| Departure { name, workflow, fate: fate(name) }).collect()
}

/// What is found by a name: the first, where several go by one. A source has thousands of workflows, and all of them may go at once.
fn first_of<'n, T>(all: impl Iterator<Item = (&'n str, T)>) -> BTreeMap<&'n str, T> {
    let mut found = BTreeMap::new();
    for (name, one) in all {
        found.entry(name).or_insert(one);
    }
    found
}

/// What the lock remembers of workflows that are gone: those of before, and these; without what is there again.
pub(crate) fn tombstones(last: Option<&Lock>, desired: &Lock, departures: &[Departure<'_>]) -> BTreeMap<String, Tombstone> {
    let Some(last) = last else { return BTreeMap::new() };
    let mut all = last.tombstones.clone();
    all.extend(departures.iter().map(|gone| {
        let successor = match &gone.fate {
            Fate::Renamed(to) => Some(format!("{}/{}", last.team, to.workflow)),
            Fate::Taken(by) => Some(by.to_string()),
            Fate::Retired | Fate::Unsaid => None,
        };
        (gone.name.to_owned(), last.bury(gone.workflow, successor))
    }));
    all.retain(|name, _| !desired.workflows.contains_key(name));
    all
}

/// Tells what going and coming back means for a workflow's runs: Airflow knows them by DAG id.
pub(crate) fn warn(request: &Request<'_>, last: Option<&Lock>, own: &[&WorkflowFile], departures: &[Departure<'_>], sink: &mut Sink) {
    let Some(last) = last else { return };
    let renamed_to = first_of(departures.iter().filter_map(|gone| match gone.fate {
        Fate::Renamed(to) => Some((to.workflow.as_str(), gone)),
        Fate::Retired | Fate::Taken(_) | Fate::Unsaid => None,
    }));
    let unsaid = departures.iter().filter(|gone| matches!(gone.fate, Fate::Unsaid));
    let unsaid = first_of(unsaid.map(|gone| (gone.workflow.file.as_str(), gone)));
    for new in own.iter().filter(|found| !last.workflows.contains_key(found.workflow.as_str())) {
        if let Some(old) = renamed_to.get(new.workflow.as_str()) {
            sink.extend(loses_runs(request, old, new));
        } else if let Some(old) = unsaid.get(new.file.as_str()) {
            let title = format!("workflow `{}` seems to be `{}` under another name", new.workflow, old.name);
            let fault = Diagnostic::warning(&code::RENAMED, title).at_file(&*new.file, "both were written in this file");
            sink.push(fault.help(format!("if it is, write `renamed_from: {}`; the plan then counts no deletion", old.name)));
        } else if new.life.catches_up && last.tombstones.contains_key(new.workflow.as_str()) {
            let title = format!("workflow `{}` comes back with `catchup: true`", new.workflow);
            let fault = Diagnostic::warning(&code::COMES_BACK, title);
            let fault = fault.at_file(&*new.file, "every run since its `start_date` that Airflow does not know starts at once");
            sink.push(fault.help("write `catchup: false`, or a `start_date` that is not past, unless they all should run"));
        }
    }
}

/// Nothing when the platform grants the new one the id that the old one had.
fn loses_runs(request: &Request<'_>, gone: &Departure<'_>, new: &WorkflowFile) -> Option<Diagnostic> {
    let Departure { name: old, workflow, fate: _ } = gone;
    let granted: Vec<String> = workflow.compiled.iter().filter_map(|path| layout::claimed_id(path)).map(str::to_owned).collect();
    let before = if granted.is_empty() { vec![format!("{}__{old}", request.team)] } else { granted };
    let kept: BTreeSet<String> = new.dag_ids.iter().map(DagId::folded).collect();
    let lost = quoted_list(before.iter().filter(|id| !kept.contains(*id)).map(String::as_str));
    if lost.is_empty() {
        return None;
    }
    let ids = quoted_list(new.dag_ids.iter().map(DagId::as_str));
    let fault = Diagnostic::warning(&code::RENAMED, format!("workflow `{old}` becomes `{}`", new.workflow));
    let fault = fault.at_file(&*new.file, format!("{ids} starts without the runs of {lost}"));
    Some(fault.help(if new.life.catches_up {
        "`catchup: true` starts every run since `start_date` again: write `catchup: false` unless they all should run"
    } else {
        "nothing need be typed; if the runs should stay together, keep the old name, or ask the platform for the old id in `dag_ids`"
    }))
}
