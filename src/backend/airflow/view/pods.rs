//! The pods' templates: what the operator takes as arguments comes out, equal ones become one constant with a telling name.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::{Argument, Statement};
use crate::{
    backend::airflow::{
        jinja::{Item, Scope},
        names::Names,
        python::{Expression, Identifier},
    },
    ir::{Task, Value},
    name::{ProfileName, TaskName},
};

/// Keys of the base container that are arguments of the operator, and their names there. The first three are what a
/// reader looks for; the operator overwrites the last with its own default unless it is told.
pub(super) const ARGUMENTS: [(&str, &str); 4] =
    [("image", "image"), ("command", "cmds"), ("args", "arguments"), ("terminationMessagePolicy", "termination_message_policy")];

/// The rest of a task's pod.
pub(in crate::backend::airflow) struct Pod {
    template: Expression,
    task: TaskName,
    profile: Option<ProfileName>,
    is_of_row: bool,
}

/// The container that runs the task.
pub(super) fn base_container(task: &Task) -> Option<&Value> {
    task.pod.get("spec")?.get("containers")?.items().first()
}

impl Pod {
    /// A task's pod without what are arguments; `None` when nothing is left that Airflow would not do by itself.
    pub(super) fn of(task: &Task, scope: &Scope<'_>) -> Option<Self> {
        let rest = rest_of(&task.pod)?;
        let is_of_row = matches!(scope.item, Item::Row(_)) && rest.has_each();
        Some(Self { template: scope.value(&rest), task: task.name.clone(), profile: task.profile.clone(), is_of_row })
    }
}

fn rest_of(pod: &Value) -> Option<Value> {
    let Value::Map(pod) = pod else { return None };
    let mut rest = IndexMap::with_capacity(pod.len());
    for (key, value) in pod {
        let value = match (key.as_str(), value) {
            ("spec", Value::Map(spec)) => Value::Map(spec.iter().filter_map(spec_entry).collect()),
            _ => value.clone(),
        };
        if !matches!(&value, Value::Map(map) if map.is_empty()) {
            rest.insert(key.clone(), value);
        }
    }
    (!rest.is_empty()).then_some(Value::Map(rest))
}

/// A field of the spec; not the containers when there is only a base container with nothing left to say of it.
fn spec_entry((key, value): (&String, &Value)) -> Option<(String, Value)> {
    let Value::List(containers) = value else { return Some((key.clone(), value.clone())) };
    if key != "containers" {
        return Some((key.clone(), value.clone()));
    }
    let mut containers = containers.clone();
    if let Some(Value::Map(base)) = containers.first_mut() {
        base.retain(|key, _| !ARGUMENTS.iter().any(|(name, _)| name == key));
    }
    let says_nothing = matches!(containers.as_slice(), [Value::Map(base)] if base.keys().all(|key| key == "name"));
    (!says_nothing).then(|| (key.clone(), Value::List(containers)))
}

/// Moves templates that do not depend on a row into constants, each once.
pub(super) fn hoist(body: &mut [Statement], names: &mut Names) -> Vec<Argument> {
    let mut users: IndexMap<Expression, Vec<(TaskName, Option<ProfileName>)>> = IndexMap::new();
    visit(body, &mut |_, pod| {
        if !pod.is_of_row {
            users.entry(pod.template.clone()).or_default().push((pod.task.clone(), pod.profile.clone()));
        }
    });
    let constants: Vec<Argument> =
        users.into_iter().map(|(template, users)| (names.constant(&[called(&users), "pod"]), template)).collect();
    let by_template: HashMap<&Expression, &Identifier> = constants.iter().map(|(name, template)| (template, name)).collect();
    visit(body, &mut |arguments, pod| {
        let constant = by_template.get(&pod.template).map(|name| Expression::Name((*name).clone()));
        let template = constant.unwrap_or_else(|| pod.template.clone());
        arguments.push((Identifier::fixed("pod_template_dict"), template));
    });
    constants
}

/// The task when there is one, the profile when all have it.
fn called(users: &[(TaskName, Option<ProfileName>)]) -> &str {
    match users {
        [(task, _)] => task.as_str(),
        [(_, Some(profile)), rest @ ..] if rest.iter().all(|(_, other)| other.as_ref() == Some(profile)) => profile.as_str(),
        _ => "shared",
    }
}

fn visit(body: &mut [Statement], action: &mut dyn FnMut(&mut Vec<Argument>, &Pod)) {
    for statement in body {
        match statement {
            Statement::Task { arguments, pod: Some(pod), .. } => action(arguments, pod),
            Statement::Group { body, .. } | Statement::Loop { body, .. } | Statement::Mapped { body, .. } => visit(body, action),
            Statement::Task { pod: None, .. }
            | Statement::Expand { .. }
            | Statement::Items { .. }
            | Statement::Edges(_)
            | Statement::Pass => {}
        }
    }
}
