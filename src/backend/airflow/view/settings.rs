//! What Airflow is told of a task beside its pod, and what all tasks of a workflow are told alike.

use super::{Argument, notify::Callbacks, pods::base_container, schedule::asset, timedelta};
use crate::{
    backend::airflow::{
        jinja,
        python::{Expression, Identifier},
        version::Version,
    },
    ir::{Handling, LoggedContainers, Node, Task, TaskKind, TriggerRule, Value, Wait, Workflow},
};

/// Seconds that the operator waits for a node unless it is told:
/// <https://airflow.apache.org/docs/apache-airflow-providers-cncf-kubernetes/stable/operators.html>
const STARTUP_TIMEOUT: u64 = 120;
const IMAGE: &str = "image";
const STARTUP: &str = "startup_timeout_seconds";
const EXECUTION_TIMEOUT: &str = "execution_timeout";
/// The argument for the assets that a task produces.
pub(super) const OUTLETS: &str = "outlets";
const DEFERRABLE: &str = "deferrable";
const ON_FINISH_ACTION: &str = "on_finish_action";
const SKIP_ON_EXIT_CODE: &str = "skip_on_exit_code";
const GET_LOGS: &str = "get_logs";
const CONTAINER_LOGS: &str = "container_logs";
const INIT_CONTAINER_LOGS: &str = "init_container_logs";
const LOG_EVENTS: &str = "log_events_on_failure";
const LOG_POD_SPEC: &str = "log_pod_spec_on_failure";
/// Settings that mean nothing to a wait, or that it always says itself: tasks that run a pod may share them without it.
const OF_PODS: [&str; 11] = [
    IMAGE,
    STARTUP,
    EXECUTION_TIMEOUT,
    DEFERRABLE,
    ON_FINISH_ACTION,
    SKIP_ON_EXIT_CODE,
    GET_LOGS,
    CONTAINER_LOGS,
    INIT_CONTAINER_LOGS,
    LOG_EVENTS,
    LOG_POD_SPEC,
];

/// What is said of one task: its image when that is the same for every item, and whatever is not the default of every
/// Airflow, whatever its version and configuration.
pub(super) fn settings(task: &Task, version: Version, callbacks: &Callbacks<'_>) -> Vec<Argument> {
    let mut settings = Vec::new();
    match &task.kind {
        TaskKind::Container(container) => {
            if let Some(Value::Text(image)) = base_container(container).and_then(|base| base.get("image")) {
                settings.extend(image.as_literal().map(|image| (IMAGE, Expression::Text(jinja::escape(image)))));
            }
            settings.extend(retries(task, version));
            settings.extend(container.execution_timeout.map(|longest| (EXECUTION_TIMEOUT, timedelta(longest))));
            if container.startup_timeout.as_secs() != STARTUP_TIMEOUT {
                settings.push((STARTUP, Expression::number(container.startup_timeout.as_secs())));
            }
            settings.extend(handling(&container.handling));
        }
        TaskKind::Operator(operator) => {
            settings.extend(retries(task, version));
            settings.extend(operator.execution_timeout.map(|longest| (EXECUTION_TIMEOUT, timedelta(longest))));
        }
        TaskKind::Wait(wait) => {
            settings.extend(retries(task, version));
            settings.push((EXECUTION_TIMEOUT, timedelta(wait.within)));
        }
    }
    settings.extend(task.pool.iter().map(|pool| ("pool", Expression::text(pool))));
    if task.pool_slots != 1 {
        settings.push(("pool_slots", Expression::number(task.pool_slots)));
    }
    if task.priority_weight != 1 {
        settings.push(("priority_weight", Expression::number(task.priority_weight)));
    }
    if task.depends_on_past {
        settings.push(("depends_on_past", Expression::Bool(true)));
    }
    if task.wait_for_downstream {
        settings.push(("wait_for_downstream", Expression::Bool(true)));
    }
    let told = callbacks.arguments(&task.notify);
    settings.into_iter().map(|(name, value)| (Identifier::fixed(name), value)).chain(told).collect()
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

/// What is said of how a pod is dealt with, by the names of the operator's arguments.
fn handling(handling: &Handling) -> Vec<(&'static str, Expression)> {
    let Handling { deferrable, on_finish_action, skip_on_exit_code, get_logs, container_logs, init_container_logs, .. } = handling;
    let Handling { log_events_on_failure, log_pod_spec_on_failure, .. } = handling;
    let logged = |containers: &LoggedContainers| match containers {
        LoggedContainers::All => Expression::Bool(true),
        LoggedContainers::Named(names) => Expression::List(names.iter().map(Expression::text).collect()),
    };
    let codes = match skip_on_exit_code.as_slice() {
        [] => None,
        [code] => Some(Expression::number(code)),
        codes => Some(Expression::List(codes.iter().map(Expression::number).collect())),
    };
    let said = [
        (DEFERRABLE, deferrable.map(Expression::Bool)),
        (ON_FINISH_ACTION, on_finish_action.map(|action| Expression::text(action.as_str()))),
        (SKIP_ON_EXIT_CODE, codes),
        (GET_LOGS, get_logs.map(Expression::Bool)),
        (CONTAINER_LOGS, container_logs.as_ref().map(logged)),
        (INIT_CONTAINER_LOGS, init_container_logs.as_ref().map(logged)),
        (LOG_EVENTS, log_events_on_failure.map(Expression::Bool)),
        (LOG_POD_SPEC, log_pod_spec_on_failure.map(Expression::Bool)),
    ];
    said.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// What a reader looks for where the task is, so it is never shared.
pub(super) fn own_settings(task: &Task, version: Version) -> Vec<Argument> {
    let mut settings = Vec::new();
    // A teardown's is set when it is made one.
    if task.trigger_rule != TriggerRule::AllSuccess && task.teardown.is_none() {
        settings.push(("trigger_rule", Expression::text(task.trigger_rule.as_str())));
    }
    if !task.produces.is_empty() {
        settings.push((OUTLETS, Expression::List(task.produces.iter().map(|uri| asset(uri, version)).collect())));
    }
    match &task.kind {
        TaskKind::Container(container) if container.output => settings.push(("do_xcom_push", Expression::Bool(true))),
        // What an operator returns is kept in Airflow's database unless it is told not to.
        TaskKind::Operator(operator) => settings.push(("do_xcom_push", Expression::Bool(operator.output))),
        TaskKind::Container(_) | TaskKind::Wait(_) => {}
    }
    settings.into_iter().map(|(name, value)| (Identifier::fixed(name), value)).collect()
}

/// The settings that all tasks of a workflow have alike, when several of them run pods.
pub(super) fn shared(workflow: &Workflow, version: Version, callbacks: &Callbacks<'_>) -> Vec<Argument> {
    let tasks = workflow.nodes.iter().flat_map(Node::tasks);
    let (waits, others): (Vec<&Task>, Vec<&Task>) = tasks.partition(|task| matches!(task.kind, TaskKind::Wait(_)));
    let (operators, pods): (Vec<&Task>, Vec<&Task>) = others.into_iter().partition(|task| matches!(task.kind, TaskKind::Operator(_)));
    let [first, second, rest @ ..] = pods.as_slice() else { return Vec::new() };
    let mut shared = settings(first, version, callbacks);
    for task in std::iter::once(second).chain(rest) {
        let settings = settings(task, version, callbacks);
        shared.retain(|setting| settings.contains(setting));
    }
    // An operator of Airflow's own takes every default that it has an argument for: what is meant for pods is not given to it.
    for operator in operators {
        let settings = settings(operator, version, callbacks);
        shared.retain(|setting| settings.contains(setting));
    }
    for wait in waits {
        let settings = settings(wait, version, callbacks);
        shared.retain(|setting| OF_PODS.contains(&setting.0.as_str()) || settings.contains(setting));
    }
    shared
}

/// What a task that waits is told of the workflow that it waits for.
///
/// Airflow 2 and the first providers of Airflow 3 read how long it may take from `execution_timeout`, later ones from `timeout`:
/// <https://airflow.apache.org/docs/apache-airflow-providers-standard/stable/sensors/external_task_sensor.html>
pub(super) fn wait(wait: &Wait, version: Version) -> Vec<Argument> {
    let Wait { team: _, workflow: _, dag_id, offset, within } = wait;
    let mut settings = vec![("external_dag_id", Expression::text(dag_id.as_str()))];
    if !offset.is_zero() {
        settings.push(("execution_delta", timedelta(*offset)));
    }
    let states = |state: &str| Expression::List(vec![Expression::text(state)]);
    settings.push(("allowed_states", states("success")));
    settings.push(("failed_states", states("failed")));
    settings.push(("deferrable", Expression::Bool(version.defers_waits())));
    if !version.defers_waits() {
        settings.push(("mode", Expression::text("reschedule")));
    }
    settings.push(("timeout", timedelta(*within)));
    settings.into_iter().map(|(name, value)| (Identifier::fixed(name), value)).collect()
}
