//! Tasks that wait for another workflow: what they may not have, because they run no pod.

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::{ForEach, Settings, Table, Task, WaitFor, Workflow};

pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    for member in workflow.members() {
        let repeated = member.groups.iter().find_map(|(_, group)| group.for_each.as_ref());
        check_task(member.name, member.task, repeated, sink);
    }
}

fn check_task(name: &Spanned<TaskName>, task: &Task, repeated: Option<&ForEach>, sink: &mut Sink) {
    let Some(wait) = &task.wait_for else { return };
    let odd = of_a_pod(task);
    if !odd.is_empty() {
        let keys = quoted_list(odd.iter().map(|(key, _)| *key));
        let fault = Diagnostic::error(&code::WAIT, format!("task `{}` waits and runs no container, and has {keys}", name.value));
        let fault = odd.iter().fold(fault, |fault, (key, span)| fault.at(*span, format!("`{key}` is for a container")));
        let fault = fault.at(wait.span, "the wait");
        sink.push(match odd.as_slice() {
            [("execution_timeout", _)] => fault.help("write `within:` in `wait_for:`"),
            _ => fault.help(format!("move {keys} to another task, with `needs: [{}]`", name.value)),
        });
    }
    if let Some(repeated) = repeated {
        let fault = Diagnostic::error(&code::WAIT, format!("task `{}` would wait once for each item", name.value));
        let fault = fault.at(wait.span, "the wait").at(repeated.span, "the group is repeated");
        sink.push(fault.help(format!("move `{0}` out of the group, and add `needs: [{0}]` to the group", name.value)));
    }
    let WaitFor { workflow: _, within, offset: _, span: _ } = wait;
    if let Some(within) = within.as_ref().filter(|within| within.value.0.is_zero()) {
        let fault = Diagnostic::error(&code::INVALID_VALUE, "a wait of no length is none").at(within.span, "");
        sink.push(fault.help("write how long to wait at most: `6h`"));
    }
}

/// The keys of a task that a wait has no use for, each with its place.
fn of_a_pod(task: &Task) -> Vec<(&'static str, Span)> {
    let Task { for_each, max_parallel, batch, output, settings, .. } = task;
    let found = [
        ("for_each", for_each.as_ref().map(|each| each.span)),
        ("max_parallel", max_parallel.as_ref().map(|most| most.span)),
        ("batch", batch.as_ref().map(|size| size.span)),
        ("output", output.as_ref().map(|output| output.span)),
        ("execution_timeout", settings.execution_timeout.as_ref().map(|timeout| timeout.span)),
    ];
    found.into_iter().filter_map(|(key, span)| Some((key, span?))).chain(of_a_container(task)).collect()
}

/// The keys of a task that only a container has, each with its place.
pub(super) fn of_a_container(task: &Task) -> Vec<(&'static str, Span)> {
    let Task { description: _, needs: _, wait_for: _, operator: _, with: _, for_each: _, max_parallel: _, batch: _, .. } = task;
    let Task { output: _, produces: _, settings, span: _, .. } = task;
    let Settings { image, command, args, env, resources, profile, pod, labels, annotations, .. } = settings;
    let Settings { execution_timeout: _, startup_timeout, .. } = settings;
    let Settings { retries: _, retry_delay: _, retry_exponential_backoff: _, max_retry_delay: _, pool: _, .. } = settings;
    let Settings { pool_slots: _, priority_weight: _, trigger_rule: _, depends_on_past: _, .. } = settings;
    let Settings { wait_for_downstream: _, notify: _, pods, span: _, .. } = settings;
    let found = [
        ("image", image.as_ref().map(|image| image.span)),
        ("command", command.as_ref().map(|command| command.span)),
        ("args", args.as_ref().map(|args| args.span)),
        ("env", env.as_ref().and_then(first_key)),
        ("resources", resources.as_ref().map(|resources| resources.span)),
        ("profile", profile.as_ref().map(|profile| profile.span)),
        ("pod", pod.as_ref().map(|pod| pod.node.span)),
        ("labels", labels.as_ref().and_then(first_key)),
        ("annotations", annotations.as_ref().and_then(first_key)),
        ("startup_timeout", startup_timeout.as_ref().map(|timeout| timeout.span)),
    ];
    found.into_iter().filter_map(|(key, span)| Some((key, span?))).chain(pods.written()).collect()
}

fn first_key<K, V>(table: &Table<K, V>) -> Option<Span> {
    table.entries.first().map(|(key, _)| key.span)
}
