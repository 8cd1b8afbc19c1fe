//! What a rule sees: the resolved workflow in a shape of its own, which stays when the compiler's changes.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::ir::{self, Member, Schedule, TaskKind, Timetable, Value, amount};
use crate::policy::Policy;

/// What the rules of a platform see, as it is printed.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RuleInputs {
    /// 1.
    pub schema_version: u32,
    /// What rules are asked about, one after the other.
    pub inputs: Vec<RuleInput>,
}

/// What a rule of the platform sees: of a rule over workflows one for each workflow, of a rule over tasks one for each task too.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RuleInput {
    /// The environment that the central branch is.
    environment: String,
    /// The team.
    team: String,
    /// The team's source that the workflow belongs to.
    source: String,
    /// The workflow.
    workflow: WorkflowInput,
    /// The task, in a rule over tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<TaskInput>,
}

/// A workflow as rules see it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct WorkflowInput {
    /// Its name within the team.
    name: String,
    /// What it is for; empty when it does not say.
    description: String,
    /// When it runs.
    schedule: ScheduleInput,
    /// Whether runs that were missed are made up for.
    catchup: bool,
    /// Runs at once.
    max_active_runs: u32,
    /// Tasks at once.
    max_active_tasks: u32,
    /// The longest that a run may take; null without a bound.
    run_timeout_seconds: Option<u64>,
    /// Failed runs in a row after which it is paused; null for Airflow's own setting.
    max_consecutive_failed_runs: Option<u32>,
    /// Whether it starts paused where Airflow has not seen it yet.
    paused: bool,
    /// How long after it was queued a run is late; null when nobody would be told.
    deadline_seconds: Option<u64>,
    /// Who is told what becomes of a run.
    notify: WorkflowNotifyInput,
    /// Words to find it by; the team is one of them.
    tags: Vec<String>,
    /// Names of its parameters.
    params: Vec<String>,
    /// The Kubernetes namespace in which its pods run.
    namespace: String,
    /// Its tasks, those of groups too; only in a rule over workflows.
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<Vec<TaskInput>>,
}

/// Who is told what becomes of a run, by names of the platform's notifiers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct WorkflowNotifyInput {
    /// That it has failed.
    on_failure: Vec<String>,
    /// That it has succeeded.
    on_success: Vec<String>,
    /// That it is late.
    on_deadline: Vec<String>,
}

/// Who is told what becomes of a task, by names of the platform's notifiers.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TaskNotifyInput {
    /// That it has failed.
    on_failure: Vec<String>,
    /// That it has succeeded.
    on_success: Vec<String>,
    /// That it is tried again.
    on_retry: Vec<String>,
}

/// When a workflow runs, as rules see it.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ScheduleInput {
    /// Cron expressions; none for a workflow that has no such schedule.
    crons: Vec<String>,
    /// The time zone of the expressions; empty without them.
    timezone: String,
    /// Seconds from one run to the next of a schedule at a fixed distance; null for others.
    every_seconds: Option<u64>,
    /// Whether new assets start a run.
    assets: bool,
}

/// A task as rules see it. Texts that only the run knows stand as they were written: `${{ run.date }}`.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct TaskInput {
    /// Its name.
    name: String,
    /// The group around it, with the groups around that: `retrain.models`; null at the top.
    group: Option<String>,
    /// `container`, `operator` for one of Airflow's own, or `wait` for one that waits for another workflow.
    kind: &'static str,
    /// The class of an operator; empty for other tasks.
    operator: String,
    /// What a wait waits for, `team/workflow`; empty for other tasks.
    waits_for: String,
    /// Names of what must be done first.
    needs: Vec<String>,
    /// Which outcomes of what it needs let it start.
    trigger_rule: &'static str,
    /// What must be so for it to run, in words: `${{ params.mode }} is full`.
    run_if: Vec<String>,
    /// Whether it cleans up, and does not count for what becomes of the run.
    teardown: bool,
    /// Tries after the first.
    retries: u32,
    /// Wait before a try.
    retry_delay_seconds: u64,
    /// Whether that wait doubles with each try.
    retry_exponential_backoff: bool,
    /// The longest that a doubled wait gets; null without a bound.
    max_retry_delay_seconds: Option<u64>,
    /// Whether it waits for its own success in the run before.
    depends_on_past: bool,
    /// Whether it waits for what directly follows it in the run before, too.
    wait_for_downstream: bool,
    /// The longest that a try may take; null without a bound, and for a wait the longest that it waits.
    execution_timeout_seconds: Option<u64>,
    /// The longest that the pod may wait for a node; null without a pod.
    startup_timeout_seconds: Option<u64>,
    /// Airflow pool; empty for the default one.
    pool: String,
    /// Slots that it takes in the pool.
    pool_slots: u32,
    /// Weight against other tasks that wait.
    priority_weight: i32,
    /// The profile that the pod was made from; empty without one.
    profile: String,
    /// Whether it hands over a value.
    output: bool,
    /// Assets that are new once it has succeeded.
    produces: Vec<String>,
    /// Who is told what becomes of it.
    notify: TaskNotifyInput,
    /// How often a run has it: 1 without a fan-out, null when only the run knows.
    items: Option<u64>,
    /// How many of its items run at once; null without a bound.
    max_parallel: Option<u32>,
    /// The image of the task's own container; empty without a pod.
    image: String,
    /// What the task's own container asks for, in cores and bytes: `{"cpu": 0.5, "memory": 2147483648.0}`.
    requests: BTreeMap<String, f64>,
    /// What the task's own container may use at the most, likewise.
    limits: BTreeMap<String, f64>,
    /// Environment variables of the task's own container that are texts.
    env: BTreeMap<String, String>,
    /// Labels of the pod.
    labels: BTreeMap<String, String>,
    /// Annotations of the pod.
    annotations: BTreeMap<String, String>,
    /// The whole PodSpec, in Kubernetes' spelling; an empty map without a pod. A key that a pod does not have is missing: ask `has(task.pod.nodeSelector)`.
    pod: Map<String, Json>,
}

/// What rules see of a workflow: first the workflow with its tasks, then each task with its workflow.
#[must_use]
pub fn rule_inputs(policy: &Policy<'_>, workflow: &ir::Workflow) -> Vec<RuleInput> {
    let tasks: Vec<TaskInput> = workflow.members().iter().map(task_input).collect();
    let around = workflow_input(workflow);
    let of_task = |task: &TaskInput| rule_input(policy, workflow, around.clone(), Some(task.clone()));
    let of_tasks: Vec<RuleInput> = tasks.iter().map(of_task).collect();
    let whole = rule_input(policy, workflow, WorkflowInput { tasks: Some(tasks), ..around.clone() }, None);
    std::iter::once(whole).chain(of_tasks).collect()
}

fn rule_input(policy: &Policy<'_>, ir: &ir::Workflow, workflow: WorkflowInput, task: Option<TaskInput>) -> RuleInput {
    RuleInput { environment: policy.environment().to_owned(), team: ir.team.to_string(), source: ir.source.to_string(), workflow, task }
}

/// The same, made once for all rules of a workflow.
pub(super) struct Seen {
    /// What a rule over tasks sees around each of them.
    pub(super) around: Map<String, Json>,
    /// The workflow with its tasks, which only a rule over workflows sees.
    pub(super) whole: Json,
}

impl Seen {
    /// Of a workflow.
    pub(super) fn of(policy: &Policy<'_>, workflow: &ir::Workflow) -> Self {
        let around = to_json(&rule_input(policy, workflow, workflow_input(workflow), None));
        let tasks = workflow.members().iter().map(|member| task_json(task_input(member))).collect();
        let mut whole = around.get(WORKFLOW).cloned().unwrap_or_default();
        if let Json::Object(fields) = &mut whole {
            fields.insert(TASKS.to_owned(), Json::Array(tasks));
        }
        Self { around, whole }
    }

    /// The tasks, those of groups too, in the order written.
    pub(super) fn tasks(&self) -> impl Iterator<Item = &Json> {
        self.whole.get(TASKS).and_then(Json::as_array).into_iter().flatten()
    }
}

/// The variable of the workflow.
pub(super) const WORKFLOW: &str = "workflow";
/// The variable of the task.
pub(super) const TASK: &str = "task";
/// The workflow's field of its tasks.
const TASKS: &str = "tasks";

fn task_json(mut task: TaskInput) -> Json {
    // It is JSON already, and the largest part.
    let pod = std::mem::take(&mut task.pod);
    let mut fields = to_json(&task);
    fields.insert("pod".to_owned(), Json::Object(pod));
    Json::Object(fields)
}

fn to_json(input: &impl Serialize) -> Map<String, Json> {
    match serde_json::to_value(input) {
        Ok(Json::Object(fields)) => fields,
        Ok(Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) | Err(_) => Map::new(),
    }
}

fn workflow_input(workflow: &ir::Workflow) -> WorkflowInput {
    WorkflowInput {
        name: workflow.name.to_string(),
        description: workflow.description.clone().unwrap_or_default(),
        schedule: schedule_input(&workflow.schedule),
        catchup: workflow.catchup,
        max_active_runs: workflow.max_active_runs,
        max_active_tasks: workflow.max_active_tasks,
        run_timeout_seconds: workflow.run_timeout.as_ref().map(Duration::as_secs),
        max_consecutive_failed_runs: workflow.max_consecutive_failed_runs,
        paused: workflow.paused,
        deadline_seconds: workflow.deadline.as_ref().map(|deadline| deadline.after.as_secs()),
        notify: WorkflowNotifyInput {
            on_failure: workflow.notify.on_failure.clone(),
            on_success: workflow.notify.on_success.clone(),
            on_deadline: workflow.deadline.as_ref().map(|deadline| deadline.notifiers.clone()).unwrap_or_default(),
        },
        tags: workflow.tags.clone(),
        params: workflow.params.iter().map(|param| param.name.clone()).collect(),
        namespace: workflow.namespace.clone(),
        tasks: None,
    }
}

fn schedule_input(schedule: &Schedule) -> ScheduleInput {
    let assets = schedule.assets().is_some();
    match schedule.timetable() {
        None => ScheduleInput { assets, ..ScheduleInput::default() },
        Some(Timetable::Cron { expressions, timezone }) => {
            ScheduleInput { crons: expressions.clone(), timezone: timezone.clone(), every_seconds: None, assets }
        }
        Some(Timetable::Every(distance)) => ScheduleInput { every_seconds: Some(distance.as_secs()), assets, ..ScheduleInput::default() },
    }
}

/// How often a run has a task; `None` when only the run knows.
fn items(member: &Member<'_>) -> Option<u64> {
    member.fan_outs().try_fold(1u64, |count, (fan_out, _)| Some(count.saturating_mul(fan_out.count()? as u64)))
}

/// How many of its items run at once: what the innermost fan-out that is bounded says.
fn max_parallel(member: &Member<'_>) -> Option<u32> {
    let around = member.groups.iter().filter_map(|group| group.max_parallel).next_back();
    member.task.max_parallel().or(around)
}

fn task_input(member: &Member<'_>) -> TaskInput {
    let Member { groups, task } = member;
    let (kind, container, timeout) = match &task.kind {
        TaskKind::Container(container) => ("container", Some(container), container.execution_timeout),
        TaskKind::Operator(operator) => ("operator", None, operator.execution_timeout),
        TaskKind::Wait(wait) => ("wait", None, Some(wait.within)),
    };
    let (operator, waits_for) = match &task.kind {
        TaskKind::Container(_) => (String::new(), String::new()),
        TaskKind::Operator(operator) => (operator.class.to_string(), String::new()),
        TaskKind::Wait(wait) => (String::new(), format!("{}/{}", wait.team, wait.workflow)),
    };
    let pod = container.map(|container| &container.pod);
    let base = pod.and_then(|pod| pod.get("spec")?.get("containers")?.items().first());
    let resources = |kind: &str| base.and_then(|base| base.get("resources")?.get(kind)).map(amounts).unwrap_or_default();
    let metadata = |kind: &str| pod.and_then(|pod| pod.get("metadata")?.get(kind)).map(texts).unwrap_or_default();
    TaskInput {
        name: task.name.to_string(),
        group: group_of(groups),
        kind,
        operator,
        waits_for,
        needs: task.needs.iter().map(|need| need.name.to_string()).collect(),
        trigger_rule: task.trigger_rule.as_str(),
        run_if: task.run_if.iter().map(ToString::to_string).collect(),
        teardown: task.teardown.is_some(),
        retries: task.retries,
        retry_delay_seconds: task.retry_delay.as_secs(),
        retry_exponential_backoff: task.retry_exponential_backoff,
        max_retry_delay_seconds: task.max_retry_delay.as_ref().map(Duration::as_secs),
        depends_on_past: task.depends_on_past,
        wait_for_downstream: task.wait_for_downstream,
        execution_timeout_seconds: timeout.as_ref().map(Duration::as_secs),
        startup_timeout_seconds: container.map(|container| container.startup_timeout.as_secs()),
        pool: task.pool.clone().unwrap_or_default(),
        pool_slots: task.pool_slots,
        priority_weight: task.priority_weight,
        profile: container.and_then(|container| container.profile.as_ref()).map(ToString::to_string).unwrap_or_default(),
        output: task.has_output(),
        produces: task.produces.iter().map(ToString::to_string).collect(),
        notify: TaskNotifyInput {
            on_failure: task.notify.on_failure.clone(),
            on_success: task.notify.on_success.clone(),
            on_retry: task.notify.on_retry.clone(),
        },
        items: items(member),
        max_parallel: max_parallel(member),
        image: base.and_then(|base| base.get("image")).and_then(text).unwrap_or_default(),
        requests: resources("requests"),
        limits: resources("limits"),
        env: base.and_then(|base| base.get("env")).map(variables).unwrap_or_default(),
        labels: metadata("labels"),
        annotations: metadata("annotations"),
        pod: match pod.and_then(|pod| pod.get("spec")).map(json) {
            Some(Json::Object(spec)) => spec,
            _ => Map::new(),
        },
    }
}

fn group_of(groups: &[&ir::Group]) -> Option<String> {
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    (!names.is_empty()).then(|| names.join("."))
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    match value {
        Value::Map(map) => Some(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => None,
    }
    .into_iter()
    .flatten()
}

fn amounts(value: &Value) -> BTreeMap<String, f64> {
    entries(value).filter_map(|(key, value)| Some((key.clone(), amount(&text(value)?)?))).collect()
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    entries(value).filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect()
}

fn variables(value: &Value) -> BTreeMap<String, String> {
    value.items().iter().filter_map(|variable| Some((text(variable.get("name")?)?, text(variable.get("value")?)?))).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(number) => number.clone().into(),
        Value::Text(text) => text.to_string().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(map) => Json::Object(map.iter().map(|(key, value)| (key.clone(), json(value))).collect()),
    }
}

#[cfg(test)]
mod tests {
    /// `UPDATE_SCHEMAS=1 cargo test` writes it anew.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test compares files of the repository")]
    fn the_committed_schemas_hold_what_rules_see() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/rule-input.v1.json");
        let title = "What a rule of the platform sees, as `freehold preview --what policy` prints it";
        let wanted = format!("{:#}\n", crate::spec::generate::<super::RuleInputs>(title));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs_err::write(path, &wanted).expect("written");
        }
        assert!(fs_err::read_to_string(path).expect("the schema is committed") == wanted, "{path} is stale");
    }
}
