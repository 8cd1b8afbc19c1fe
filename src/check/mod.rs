//! The meaning of one workflow's file: does every name refer to something, can it ever run, can it ever end.
//!
//! In goes a [`Workflow`] as written, out come diagnostics, and the [`Graph`] of what needs what. No policy and no other file
//! is looked at; that is for `resolve` and `policy`.

mod adopted;
mod asset;
mod condition;
mod cron;
mod daylight;
mod departures;
mod fan_out;
mod graph;
mod interval;
mod json_schema;
mod nesting;
mod operator;
mod output;
mod params;
mod references;
mod schedule;
mod secret;
mod teardown;
mod wait;

pub use departures::{check_departures, has_departures};
pub use graph::Graph;
pub use references::variables;
pub use secret::check_secrets;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::TaskName;
use crate::spec::{Gaps, Group, Table, Task, Workflow};

/// Checks one workflow; faults are told, but nothing of the absence of what may be in its gaps.
pub fn check(workflow: &Workflow, gaps: &Gaps, sink: &mut Sink) {
    if let Some(file) = workflow.adopted.as_ref().filter(|_| gaps.is_none()) {
        return adopted::check(workflow, file, sink);
    }
    schedule::check(workflow, gaps, sink);
    params::check(workflow, gaps, sink);
    interval::check(workflow, sink);
    asset::check(workflow, sink);
    check_names(workflow, gaps, sink);
    wait::check(workflow, sink);
    operator::check(workflow, gaps, sink);
    output::check(workflow, sink);
    condition::check(workflow, sink);
    teardown::check(workflow, gaps, sink);
    let mut found = Sink::new();
    let graph = Graph::new(workflow, gaps, &mut found);
    let sound = gaps.is_none() && !found.has_errors();
    sink.extend(found.into_sorted());
    references::check(workflow, sound.then_some(&graph), gaps, sink);
}

/// The tasks at the top of a workflow.
pub(crate) fn tasks(workflow: &Workflow) -> impl Iterator<Item = (&crate::source::Spanned<TaskName>, &Task)> {
    workflow.tasks.iter().flat_map(Table::iter)
}

fn check_names(workflow: &Workflow, gaps: &Gaps, sink: &mut Sink) {
    // An empty group is told by itself.
    if gaps.is_none() && workflow.members().is_empty() && workflow.nested_groups().is_empty() {
        let fault = Diagnostic::error(&code::NO_TASKS, format!("workflow `{}` has no tasks", workflow.workflow.value));
        sink.push(fault.at(workflow.workflow.span, "").help("add `tasks: { hello: { args: [hello] } }`"));
    }
    check_level(workflow.tasks.as_ref(), workflow.groups.as_ref(), sink);
    for around in workflow.nested_groups() {
        let Some((name, group)) = around.last() else { continue };
        nesting::check_depth(&around, sink);
        check_level(group.tasks.as_ref(), group.groups.as_ref(), sink);
        if gaps.is_none()
            && group.tasks.iter().flat_map(Table::iter).next().is_none()
            && group.groups.iter().flat_map(Table::iter).next().is_none()
        {
            sink.push(
                Diagnostic::error(&code::NO_TASKS, format!("group `{}` has no tasks", name.value))
                    .at(name.span, "")
                    .help("add a task to it, or delete it"),
            );
        }
    }
    nesting::check_fan_outs(workflow, sink);
    for for_each in workflow.fan_outs() {
        fan_out::check(for_each, sink);
    }
    for around in workflow.nested_groups() {
        let Some((name, group)) = around.last() else { continue };
        let is_repeated = group.for_each.is_some() || gaps.may_have(group.span, "for_each");
        if !is_repeated {
            fan_out::check_unrepeated(("group", name), group.batch.as_ref(), group.max_parallel.as_ref(), sink);
        }
    }
    for member in workflow.members() {
        let is_repeated = member.task.for_each.is_some() || gaps.may_have(member.task.span, "for_each");
        if !is_repeated {
            fan_out::check_unrepeated(("task", member.name), member.task.batch.as_ref(), member.task.max_parallel.as_ref(), sink);
        }
    }
}

/// Tasks and groups beside each other have names of their own.
fn check_level(tasks: Option<&Table<TaskName, Task>>, groups: Option<&Table<TaskName, Group>>, sink: &mut Sink) {
    for (name, _) in groups.into_iter().flat_map(Table::iter) {
        if let Some((task, _)) = tasks.and_then(|tasks| tasks.entry(name.value.as_str())) {
            let fault = Diagnostic::error(&code::NAME_TAKEN, format!("`{}` is a task and a group", name.value));
            sink.push(
                fault
                    .at(name.span, "the group")
                    .at(task.span, "the task")
                    .help("give one of them another name, so that `needs` can tell them apart"),
            );
        }
    }
}
