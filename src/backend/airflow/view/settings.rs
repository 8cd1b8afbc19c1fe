//! What Airflow is told of a task beside its pod, and what all tasks of a workflow are told alike.

use super::{Argument, pods::base_container, timedelta};
use crate::{
    backend::airflow::{
        jinja,
        python::{Expression, Identifier},
        version::Version,
    },
    ir::{Node, Task, TriggerRule, Value, Workflow},
};

/// Seconds that the operator waits for a node unless it is told:
/// <https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html>
const STARTUP_TIMEOUT: u64 = 120;

/// The tasks of a node.
pub(super) fn tasks_of(node: &Node) -> &[Task] {
    match node {
        Node::Task(task) => std::slice::from_ref(task),
        Node::Group(group) => &group.tasks,
    }
}

/// What is said of one task: its image when that is the same for every item, and whatever is not the default of every
/// Airflow, whatever its version and configuration.
pub(super) fn settings(task: &Task, version: Version) -> Vec<Argument> {
    let mut settings = Vec::new();
    if let Some(Value::Text(image)) = base_container(task).and_then(|base| base.get("image")) {
        settings.extend(image.as_literal().map(|image| ("image", Expression::Text(jinja::escape(image)))));
    }
    settings.extend(retries(task, version));
    settings.extend(task.execution_timeout.map(|longest| ("execution_timeout", timedelta(longest))));
    if task.startup_timeout.as_secs() != STARTUP_TIMEOUT {
        settings.push(("startup_timeout_seconds", Expression::number(task.startup_timeout.as_secs())));
    }
    settings.extend(task.pool.iter().map(|pool| ("pool", Expression::text(pool))));
    if task.pool_slots != 1 {
        settings.push(("pool_slots", Expression::number(task.pool_slots)));
    }
    if task.priority_weight != 1 {
        settings.push(("priority_weight", Expression::number(task.priority_weight)));
    }
    settings.into_iter().map(|(name, value)| (Identifier::fixed(name), value)).collect()
}

fn retries(task: &Task, version: Version) -> Vec<(&'static str, Expression)> {
    let mut settings = vec![("retries", Expression::number(task.retries))];
    if task.retries > 0 {
        settings.push(("retry_delay", timedelta(task.retry_delay)));
        if task.retry_exponential_backoff {
            let factor = if version.has_backoff_factor() { Expression::number(2) } else { Expression::Bool(true) };
            settings.push(("retry_exponential_backoff", factor));
        }
        settings.extend(task.max_retry_delay.map(|longest| ("max_retry_delay", timedelta(longest))));
    }
    settings
}

/// What a reader looks for where the task is, so it is never shared.
pub(super) fn own_settings(task: &Task) -> Vec<Argument> {
    let mut settings = Vec::new();
    if task.trigger_rule != TriggerRule::AllSuccess {
        settings.push(("trigger_rule", Expression::text(task.trigger_rule.as_str())));
    }
    if task.output {
        settings.push(("do_xcom_push", Expression::Bool(true)));
    }
    settings.into_iter().map(|(name, value)| (Identifier::fixed(name), value)).collect()
}

/// The settings that all tasks of a workflow have alike, when there are several tasks.
pub(super) fn shared(workflow: &Workflow, version: Version) -> Vec<Argument> {
    let mut tasks = workflow.nodes.iter().flat_map(tasks_of);
    let (Some(first), Some(second)) = (tasks.next(), tasks.next()) else { return Vec::new() };
    let mut shared = settings(first, version);
    for task in std::iter::once(second).chain(tasks) {
        let settings = settings(task, version);
        shared.retain(|setting| settings.contains(setting));
    }
    shared
}
