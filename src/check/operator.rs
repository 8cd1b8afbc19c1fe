//! Tasks that are operators of Airflow's own: what they may not have, and arguments that Freehold sets by itself.

use super::wait::of_a_container;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::name::{TaskName, is_python_keyword};
use crate::source::Spanned;
use crate::spec::{Gaps, Task, Workflow};

pub(super) fn check(workflow: &Workflow, gaps: &Gaps, sink: &mut Sink) {
    workflow.members().into_iter().for_each(|member| check_task(member.name, member.task, gaps, sink));
}

fn check_task(name: &Spanned<TaskName>, task: &Task, gaps: &Gaps, sink: &mut Sink) {
    let Some(operator) = &task.operator else {
        if let Some(with) = task.with.as_ref().filter(|_| !gaps.may_have(task.span, "operator")) {
            let fault = Diagnostic::error(&code::OPERATOR, format!("task `{}` has arguments for no operator", name.value));
            sink.push(fault.at(with.span, "").help("add `operator: PATH.OF.A.CLASS`; a container's are called `args`"));
        }
        return;
    };
    if let Some(wait) = &task.wait_for {
        let fault = Diagnostic::error(&code::OPERATOR, format!("task `{}` is an operator and a wait", name.value));
        let fault = fault.at(operator.span, "the operator").at(wait.span, "the wait");
        sink.push(fault.help("make two tasks of it, and let one need the other"));
    }
    let odd = of_a_container(task);
    if !odd.is_empty() {
        let keys = quoted_list(odd.iter().map(|(key, _)| *key));
        let title = format!("task `{}` is an operator and runs no container, and has {keys}", name.value);
        let fault = Diagnostic::error(&code::OPERATOR, title);
        let fault = odd.iter().fold(fault, |fault, (key, span)| fault.at(*span, format!("`{key}` is for a container")));
        sink.push(fault.at(operator.span, "the operator").help(format!("delete {keys}, or delete `operator`")));
    }
    for (argument, _) in task.with.iter().flat_map(|with| &with.entries) {
        if let Some((_, instead)) = OURS.iter().find(|(ours, _)| *ours == argument.value) {
            let fault = Diagnostic::error(&code::ARGUMENT, format!("`{}` is no argument to give here", argument.value));
            sink.push(fault.at(argument.span, "").help(*instead));
        } else if !is_identifier(&argument.value) {
            let fault = Diagnostic::error(&code::ARGUMENT, format!("`{}` cannot be an argument's name", argument.value.escape_debug()));
            sink.push(fault.at(argument.span, "").help("write it as the operator's documentation does: `poke_interval`"));
        }
    }
}

/// Arguments of every operator that Freehold sets, or that no data can be, and what to do instead.
const OURS: &[(&str, &str)] = &[
    ("task_id", "delete it: the task's name is its id"),
    ("doc_md", "write `description:` beside `operator:`"),
    ("dag", "delete it: the task belongs to its workflow"),
    ("task_group", "delete it: the task belongs to its group"),
    ("default_args", "write `defaults:` in the workflow"),
    ("owner", "delete it: the team is the owner"),
    ("params", "write `params:` in the workflow"),
    ("retries", "write `retries:` beside `operator:`"),
    ("retry_delay", "write `retry_delay:` beside `operator:`"),
    ("retry_exponential_backoff", "write `retry_exponential_backoff:` beside `operator:`"),
    ("max_retry_delay", "write `max_retry_delay:` beside `operator:`"),
    ("execution_timeout", "write `execution_timeout:` beside `operator:`"),
    ("pool", "write `pool:` beside `operator:`"),
    ("pool_slots", "write `pool_slots:` beside `operator:`"),
    ("priority_weight", "write `priority_weight:` beside `operator:`"),
    ("weight_rule", "write `priority_weight:` beside `operator:`"),
    ("trigger_rule", "write `trigger_rule:` beside `operator:`"),
    ("depends_on_past", "write `depends_on_past:` beside `operator:`"),
    ("wait_for_downstream", "write `wait_for_downstream:` beside `operator:`"),
    ("outlets", "write `produces:` beside `operator:`"),
    ("inlets", "write `schedule: { assets: [...] }` in the workflow"),
    ("do_xcom_push", "write `output: true` beside `operator:`"),
    ("map_index_template", "delete it: items are named by their fan-out"),
    ("max_active_tis_per_dag", "write `max_parallel:` beside `operator:`"),
    ("max_active_tis_per_dagrun", "write `max_parallel:` beside `operator:`"),
    ("start_date", "write `start_date:` in the workflow"),
    ("end_date", "write `end_date:` in the workflow"),
    ("queue", "write `pool:` beside `operator:`"),
    ("executor", "delete it: the platform chooses the executor"),
    ("executor_config", "delete it: the platform chooses the executor"),
    ("run_as_user", "delete it: the platform chooses the user"),
    ("email", "delete it: the platform defines who is told"),
    ("email_on_failure", "delete it: the platform defines who is told"),
    ("email_on_retry", "delete it: the platform defines who is told"),
    ("on_execute_callback", "delete it: a function is no data"),
    ("on_failure_callback", "delete it: a function is no data"),
    ("on_success_callback", "delete it: a function is no data"),
    ("on_retry_callback", "delete it: a function is no data"),
    ("on_skipped_callback", "delete it: a function is no data"),
    ("pre_execute", "delete it: a function is no data"),
    ("post_execute", "delete it: a function is no data"),
];

fn is_identifier(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && !is_python_keyword(text)
}
