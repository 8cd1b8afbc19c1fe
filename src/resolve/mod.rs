//! A workflow as written + policy → a resolved workflow: layers merged, fan-outs read, names joined, expressions filled in.
//!
//! What no single file can tell is judged here: a value may come from the platform's defaults, a profile, the workflow, a group or the
//! task, and is checked where all of them are known. Faults point at the layer that the value came from.

mod assets;
mod claims;
mod condition;
mod container;
mod data;
mod due;
mod enforce;
mod fan_out;
mod handling;
mod handover;
mod layers;
mod notify;
mod operator;
mod pod;
mod room;
mod schedule;
mod size;
mod task;
mod text;
mod volume;
mod waits;

use std::collections::BTreeMap;

pub use assets::check_assets;
pub use data::{Rows, read_rows};
pub use due::{Due, DueError, timestamp};
pub use layers::{Layer, Layers};
pub use pod::{BasePods, base_pods};
pub use text::native_templates;
pub use waits::{Rest, StandingWorkflow, check_waits};

use crate::diag::{Diagnostic, Place, Sink, codes as code};
use crate::ir;
use crate::name::{SourceName, TaskName, WorkflowName};
use crate::policy::{Policy, WorkflowCase, check_rules, check_workflow};
use crate::source::Spanned;
use crate::spec::{self, Group, Table, Task, Workflow};

/// What resolving a workflow needs beside its file.
pub struct Surroundings<'a> {
    /// What holds for the team.
    pub policy: &'a Policy<'a>,
    /// The pods of the platform's layers.
    pub base_pods: &'a BasePods,
    /// The team's source that the workflow belongs to.
    pub source: &'a SourceName,
    /// The workflow's file, relative to the source.
    pub file: &'a str,
    /// Rows of data files, by the path as the workflow writes it.
    pub data: &'a BTreeMap<String, Rows>,
}

/// Resolves one workflow that `check` has found no fault in. `None` when something is wrong, which has been told.
pub fn resolve(workflow: &Workflow, surroundings: &Surroundings<'_>, sink: &mut Sink) -> Option<ir::Workflow> {
    let mut found = sink.inner();
    let Some(nodes) = resolve_nodes(workflow, surroundings, &mut found) else {
        sink.extend(found.into_sorted());
        return None;
    };
    let interval = due::interval(workflow, surroundings.policy);
    check_workflow(&WorkflowCase { policy: surroundings.policy, written: workflow, interval }, &mut found);
    found.extend(schedule::floats(workflow));
    handover::check_handovers(workflow, &nodes, &mut found);
    condition::check_branches(workflow, &nodes, &mut found);
    claims::check_claims(workflow, &nodes, surroundings.policy, &mut found);
    let told = notify::of_run(workflow, surroundings.policy, &mut found);
    let resolved = (!found.has_errors()).then(|| head(workflow, surroundings, nodes, told));
    // A rule is asked about what would run; a workflow with other faults would not.
    if let Some(resolved) = &resolved {
        check_rules(surroundings.policy, resolved, workflow, &mut found);
    }
    let sound = !found.has_errors();
    sink.extend(found.into_sorted());
    resolved.filter(|_| sound)
}

/// A workflow as it would run if nothing of it were refused, for those who are told what a change would do; `None` where a part of it cannot
/// be worked out. What is wrong is not told.
pub fn foresee(workflow: &Workflow, surroundings: &Surroundings<'_>) -> Option<ir::Workflow> {
    let mut unheard = Sink::new();
    let nodes = resolve_nodes(workflow, surroundings, &mut unheard)?;
    let is_whole = ir::members(&nodes).len() == workflow.members().len();
    let told = notify::of_run(workflow, surroundings.policy, &mut unheard);
    is_whole.then(|| head(workflow, surroundings, nodes, told))
}

fn head(
    workflow: &Workflow,
    surroundings: &Surroundings<'_>,
    nodes: Vec<ir::Node>,
    (notify, deadline): (ir::Notify, Option<ir::Deadline>),
) -> ir::Workflow {
    let policy = surroundings.policy;
    let Workflow {
        workflow: name,
        description,
        schedule: _,
        start_date: _,
        end_date,
        catchup,
        max_active_runs,
        max_active_tasks,
        run_timeout,
        max_consecutive_failed_runs,
        paused,
        deadline: _,
        notify: _,
        tags,
        params,
        protect: _,
        renamed_from: _,
        taken_from: _,
        adopted: _,
        vars: _,
        defaults: _,
        tasks: _,
        groups: _,
        span: _,
    } = workflow;
    let mut all_tags = vec![policy.team().to_string()];
    for tag in tags.iter().flatten().map(|tag| &tag.value) {
        if !all_tags.contains(tag) {
            all_tags.push(tag.clone());
        }
    }
    let mut resolved = ir::Workflow {
        team: policy.team().clone(),
        source: surroundings.source.clone(),
        name: name.value.clone(),
        dag_id: policy.dag_ids.of(policy.team(), &name.value),
        file: surroundings.file.to_owned(),
        description: description.as_ref().map(|text| text.value.clone()),
        schedule: schedule::resolve_schedule(workflow, policy.team()),
        start_date: schedule::start_of(workflow),
        end_date: end_date.as_ref().map(|date| date.value.0),
        catchup: catchup.as_ref().is_some_and(|catchup| catchup.value),
        max_active_runs: max_active_runs.as_ref().map_or(ir::ACTIVE_RUNS, |count| u32::from(count.value.get())),
        max_active_tasks: max_active_tasks.as_ref().map_or(ir::ACTIVE_TASKS, |count| u32::from(count.value.get())),
        run_timeout: run_timeout.as_ref().map(|longest| longest.value.0),
        max_consecutive_failed_runs: max_consecutive_failed_runs.as_ref().map(|count| u32::from(count.value.get())),
        paused: paused.as_ref().is_some_and(|paused| paused.value),
        deadline,
        notify,
        notifiers: Vec::new(),
        tags: all_tags,
        params: params.iter().flat_map(Table::iter).map(|(name, param)| resolve_param(&name.value, param)).collect(),
        namespace: policy.namespace().to_owned(),
        nodes,
    };
    resolved.notifiers = notify::notifiers(&resolved, surroundings);
    resolved
}

fn resolve_param(name: &str, param: &spec::Param) -> ir::Param {
    let mut schema = match param.schema.to_json() {
        serde_json::Value::Object(schema) => schema,
        _ => serde_json::Map::new(),
    };
    let default = schema.shift_remove("default");
    ir::Param { name: name.to_owned(), default, schema }
}

/// The tasks and groups of a workflow; `None` when they are too much, which has been told.
fn resolve_nodes(workflow: &Workflow, surroundings: &Surroundings<'_>, sink: &mut Sink) -> Option<Vec<ir::Node>> {
    let room = room::Room::new();
    let scope = task::Scope { workflow, surroundings, room: &room, groups: Vec::new() };
    let mut found = sink.inner();
    let nodes = resolve_level(workflow.tasks.as_ref(), workflow.groups.as_ref(), &scope, &mut found);
    // What was left out looks like a fault of its own.
    if let Some(fault) = room.fault(workflow) {
        sink.push(fault);
        return None;
    }
    sink.extend(found.into_sorted());
    Some(nodes)
}

/// The tasks and the groups beside each other.
fn resolve_level(
    tasks: Option<&Table<TaskName, Task>>,
    groups: Option<&Table<TaskName, Group>>,
    scope: &task::Scope<'_>,
    sink: &mut Sink,
) -> Vec<ir::Node> {
    let mut nodes = Vec::new();
    for (name, task) in tasks.into_iter().flat_map(Table::iter).take_while(|_| !scope.room.is_spent()) {
        nodes.extend(task::resolve_task(name, task, scope, sink).map(ir::Node::Task));
    }
    for (name, group) in groups.into_iter().flat_map(Table::iter).take_while(|_| !scope.room.is_spent()) {
        nodes.extend(resolve_group(name, group, scope, sink).map(ir::Node::Group));
    }
    nodes
}

fn resolve_group(name: &Spanned<TaskName>, group: &Group, scope: &task::Scope<'_>, sink: &mut Sink) -> Option<ir::Group> {
    let fan_out = match &group.for_each {
        Some(for_each) => Some(fan_out::resolve_fan_out(for_each, group.batch.as_ref(), scope.surroundings, sink)?),
        None => None,
    };
    let around = task::Around { name: &name.value, group, fan_out: fan_out.as_ref() };
    let groups = scope.groups.iter().copied().chain([around]).collect();
    let inner = task::Scope { groups, ..*scope };
    condition::check_texts(group.run_if.as_ref(), &inner.repeated(None), &inner, sink);
    let nodes = resolve_level(group.tasks.as_ref(), group.groups.as_ref(), &inner, sink);
    Some(ir::Group {
        name: name.value.clone(),
        needs: scope.needs(group.needs.as_ref()),
        max_parallel: group.max_parallel.as_ref().map(|count| u32::from(count.value.get())),
        fan_out: fan_out.map(|resolved| resolved.fan_out),
        nodes,
    })
}

/// Tells when two workflows of a team have one name, or names that Kubernetes takes for one.
pub fn check_unique<'a>(workflows: impl IntoIterator<Item = &'a Workflow>, rest: &'a Rest, sink: &mut Sink) {
    let fold = |name: &WorkflowName| crate::name::KubernetesName::fold(name.as_str());
    let standing = rest.standing().iter().map(|stands| (fold(&stands.name), (&stands.name, Place::File(stands.file.clone()))));
    let mut seen: BTreeMap<String, (&WorkflowName, Place)> = standing.collect();
    for workflow in workflows {
        let name = &workflow.workflow;
        let folded = fold(&name.value);
        let Some((other, place)) = seen.get(&folded) else {
            seen.insert(folded, (&name.value, name.span.into()));
            continue;
        };
        let title = if **other == name.value {
            format!("two workflows are called `{other}`")
        } else {
            format!("`{other}` and `{}` are one name to Kubernetes, which has no `_`", name.value)
        };
        let fault = Diagnostic::error(&code::DUPLICATE_WORKFLOW, title).at(name.span, "the second").at(place.clone(), "the first");
        sink.push(fault.help("give one of them another name"));
    }
}
