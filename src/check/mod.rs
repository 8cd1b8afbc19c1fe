//! The meaning of one workflow's file: does every name refer to something, can it ever run, can it ever end.
//!
//! In goes a [`Workflow`] as written, out come diagnostics, and the [`Graph`] of what needs what. No policy and no other file
//! is looked at; that is for `resolve` and `policy`.

mod adopted;
mod asset;
mod cron;
mod daylight;
mod departures;
mod fan_out;
mod graph;
mod json_schema;
mod operator;
mod output;
mod params;
mod references;
mod schedule;
mod secret;
mod wait;

pub use departures::{check_departures, has_departures};
pub use graph::Graph;
pub use references::variables;
pub use secret::check_secrets;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::TaskName;
use crate::spec::{ForEach, Group, Table, Task, Workflow};

/// Checks one workflow; faults are told.
pub fn check(workflow: &Workflow, sink: &mut Sink) {
    if let Some(file) = &workflow.adopted {
        return adopted::check(workflow, file, sink);
    }
    schedule::check(workflow, sink);
    params::check(workflow, sink);
    asset::check(workflow, sink);
    check_names(workflow, sink);
    wait::check(workflow, sink);
    operator::check(workflow, sink);
    output::check(workflow, sink);
    let mut found = Sink::new();
    let graph = Graph::new(workflow, &mut found);
    let sound = !found.has_errors();
    sink.extend(found.into_sorted());
    references::check(workflow, sound.then_some(&graph), sink);
}

/// The tasks at the top of a workflow.
pub(crate) fn tasks(workflow: &Workflow) -> impl Iterator<Item = (&crate::source::Spanned<TaskName>, &Task)> {
    workflow.tasks.iter().flat_map(Table::iter)
}

/// The groups of a workflow.
pub(crate) fn groups(workflow: &Workflow) -> impl Iterator<Item = (&crate::source::Spanned<TaskName>, &Group)> {
    workflow.groups.iter().flat_map(Table::iter)
}

fn check_names(workflow: &Workflow, sink: &mut Sink) {
    if tasks(workflow).next().is_none() && groups(workflow).all(|(_, group)| group.tasks.is_empty()) {
        let fault = Diagnostic::error(&code::NO_TASKS, format!("workflow `{}` has no tasks", workflow.workflow.value));
        sink.push(fault.at(workflow.workflow.span, "").help("add `tasks: { hello: { args: [hello] } }`"));
    }
    for (name, group) in groups(workflow) {
        if let Some((task, _)) = workflow.tasks.as_ref().and_then(|tasks| tasks.entry(name.value.as_str())) {
            let fault = Diagnostic::error(&code::NAME_TAKEN, format!("`{}` is a task and a group", name.value));
            sink.push(
                fault
                    .at(name.span, "the group")
                    .at(task.span, "the task")
                    .help("give one of them another name, so that `needs` can tell them apart"),
            );
        }
        if group.tasks.is_empty() {
            sink.push(
                Diagnostic::error(&code::NO_TASKS, format!("group `{}` has no tasks", name.value))
                    .at(name.span, "")
                    .help("add a task to it, or delete it"),
            );
        }
        let repeated: Option<&ForEach> = group.for_each.as_ref();
        for (task_name, task) in group.tasks.iter() {
            if let (Some(outer), Some(inner)) = (repeated, &task.for_each) {
                let fault = Diagnostic::error(
                    &code::NESTED_FAN_OUT,
                    format!("task `{}` is repeated inside a group that is repeated", task_name.value),
                );
                let fault = fault.at(inner.span, "the inner one").at(outer.span, "the outer one");
                sink.push(fault.help("repeat either the group or the task; a list of all pairs in the outer one does the same"));
            }
        }
    }
    for for_each in workflow.fan_outs() {
        fan_out::check(for_each, sink);
    }
}
