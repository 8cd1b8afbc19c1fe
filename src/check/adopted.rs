//! Workflows that are hand-written files: what they do stands in the file, and nowhere else.

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::source::{Span, Spanned};
use crate::spec::{AdoptedPath, Schedule, Table, Workflow};

/// Tells what a workflow says beside the file that it is.
pub(super) fn check(workflow: &Workflow, adopted: &Spanned<AdoptedPath>, sink: &mut Sink) {
    let more = said_of_dags(workflow);
    if more.is_empty() {
        return;
    }
    let keys = quoted_list(more.iter().map(|(key, _)| *key));
    let title = format!("workflow `{}` is an adopted file, and says {keys} too", workflow.workflow.value);
    let fault = Diagnostic::error(&code::ADOPTED_AND_MORE, title);
    let fault = more.iter().fold(fault, |fault, (key, span)| fault.at(*span, format!("`{key}` would change nothing")));
    let fault = fault.at(adopted.span, "it is this file, byte for byte");
    sink.push(fault.help(format!("delete {keys}; to write the workflow in YAML, delete `adopted` in place of them")));
}

/// The keys that say what a workflow does, each with its place.
fn said_of_dags(workflow: &Workflow) -> Vec<(&'static str, Span)> {
    let Workflow { workflow: name, description, schedule, start_date, end_date, catchup, max_active_runs, .. } = workflow;
    let Workflow { max_active_tasks, run_timeout, max_consecutive_failed_runs, paused, deadline, notify, tags, .. } = workflow;
    let Workflow { params, vars, protect: _, renamed_from: _, taken_from: _, adopted: _, defaults, tasks, groups, span: _, .. } = workflow;
    let schedule = schedule.as_ref().map(|schedule| match schedule {
        Schedule::Fields(fields) => fields.span,
        Schedule::None => name.span,
    });
    let found = [
        ("description", description.as_ref().map(|text| text.span)),
        ("schedule", schedule),
        ("start_date", start_date.as_ref().map(|date| date.span)),
        ("end_date", end_date.as_ref().map(|date| date.span)),
        ("catchup", catchup.as_ref().map(|catchup| catchup.span)),
        ("max_active_runs", max_active_runs.as_ref().map(|most| most.span)),
        ("max_active_tasks", max_active_tasks.as_ref().map(|most| most.span)),
        ("run_timeout", run_timeout.as_ref().map(|timeout| timeout.span)),
        ("max_consecutive_failed_runs", max_consecutive_failed_runs.as_ref().map(|most| most.span)),
        ("paused", paused.as_ref().map(|paused| paused.span)),
        ("deadline", deadline.as_ref().map(|deadline| deadline.span)),
        ("notify", notify.as_ref().map(|notify| notify.span)),
        ("tags", tags.as_ref().map(|tags| tags.first().map_or(name.span, |tag| tag.span))),
        ("params", params.as_ref().map(|params| first(params, name.span))),
        ("vars", vars.as_ref().map(|vars| first(vars, name.span))),
        ("defaults", defaults.as_ref().map(|defaults| defaults.span)),
        ("tasks", tasks.as_ref().map(|tasks| first(tasks, name.span))),
        ("groups", groups.as_ref().map(|groups| first(groups, name.span))),
    ];
    found.into_iter().filter_map(|(key, span)| Some((key, span?))).collect()
}

/// Where a map's first key stands; an empty one has no place.
fn first<K, V>(table: &Table<K, V>, without: Span) -> Span {
    table.entries.first().map_or(without, |(key, _)| key.span)
}
