//! The pods' templates: what the operator takes as arguments comes out, equal ones become one constant with a telling name.

use indexmap::IndexMap;

use super::{Argument, Statement};
use crate::{
    backend::airflow::{
        jinja::Scope,
        names::Names,
        python::{Expression, Identifier},
    },
    ir::{Container, Value},
    name::{ProfileName, TaskName},
};

/// Keys of the base container that are arguments of the operator, and their names there. The first three are what a
/// reader looks for; the operator overwrites the last with its own default unless it is told.
pub(super) const ARGUMENTS: [(&str, &str); 4] =
    [("image", "image"), ("command", "cmds"), ("args", "arguments"), ("terminationMessagePolicy", "termination_message_policy")];

/// The rest of a task's pod.
pub(in crate::backend::airflow) struct Pod {
    /// What goes into the template; taken out when it becomes a constant.
    template: Expression,
    task: TaskName,
    profile: Option<ProfileName>,
    is_of_row: bool,
    constant: Option<usize>,
}

/// The container that runs the task.
pub(super) fn base_container(container: &Container) -> Option<&Value> {
    container.pod.get("spec")?.get("containers")?.items().first()
}

impl Pod {
    /// A task's pod without what are arguments; `None` when nothing is left that Airflow would not do by itself.
    pub(super) fn of(task: &TaskName, container: &Container, scope: &Scope<'_>) -> Option<Self> {
        let template = template_of(&container.pod, scope)?;
        // Only what stands in a row is behind a name.
        let is_of_row = template.has_names();
        Some(Self { template, task: task.clone(), profile: container.profile.clone(), is_of_row, constant: None })
    }
}

fn template_of(pod: &Value, scope: &Scope<'_>) -> Option<Expression> {
    let Value::Map(pod) = pod else { return None };
    let mut entries = Vec::with_capacity(pod.len());
    for (key, value) in pod {
        let value = match (key.as_str(), value) {
            ("spec", Value::Map(spec)) => {
                Expression::Dict(spec.iter().filter_map(|(key, value)| Some((key.clone(), spec_field(key, value, scope)?))).collect())
            }
            _ => scope.value(value),
        };
        if !matches!(&value, Expression::Dict(entries) if entries.is_empty()) {
            entries.push((key.clone(), value));
        }
    }
    (!entries.is_empty()).then_some(Expression::Dict(entries))
}

/// A field of the spec; not the containers when there is only a base container with nothing left to say of it.
fn spec_field(key: &str, value: &Value, scope: &Scope<'_>) -> Option<Expression> {
    let (true, [Value::Map(base), others @ ..]) = (key == "containers", value.items()) else { return Some(scope.value(value)) };
    let is_argument = |key: &str| ARGUMENTS.iter().any(|(name, _)| *name == key);
    let rest = base.iter().filter(|(key, _)| !is_argument(key));
    let base = Expression::Dict(rest.map(|(key, value)| (key.clone(), scope.value(value))).collect());
    let says_nothing = matches!(&base, Expression::Dict(entries) if entries.iter().all(|(key, _)| key == "name"));
    let containers = std::iter::once(base).chain(others.iter().map(|container| scope.value(container)));
    (!(says_nothing && others.is_empty())).then(|| Expression::List(containers.collect()))
}

/// Moves templates that do not depend on a row into constants, each once.
pub(super) fn hoist(body: &mut [Statement], names: &mut Names) -> Vec<Argument> {
    let mut users: IndexMap<Expression, Vec<(TaskName, Option<ProfileName>)>> = IndexMap::new();
    visit(body, &mut |_, pod| {
        if !pod.is_of_row {
            let entry = users.entry(std::mem::replace(&mut pod.template, Expression::None));
            pod.constant = Some(entry.index());
            entry.or_default().push((pod.task.clone(), pod.profile.clone()));
        }
    });
    let constants: Vec<Argument> =
        users.into_iter().map(|(template, users)| (names.constant(&[called(&users), "pod"]), template)).collect();
    visit(body, &mut |arguments, pod| {
        let template = match pod.constant {
            Some(index) => Expression::Name(constants[index].0.clone()),
            None => std::mem::replace(&mut pod.template, Expression::None),
        };
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

fn visit(body: &mut [Statement], action: &mut dyn FnMut(&mut Vec<Argument>, &mut Pod)) {
    for statement in body {
        match statement {
            Statement::Task { arguments, pod: Some(pod), .. } => action(arguments, pod),
            Statement::Group { body, .. } | Statement::Loop { body, .. } | Statement::Mapped { body, .. } => visit(body, action),
            Statement::Task { pod: None, .. }
            | Statement::Sensor { .. }
            | Statement::Raw { .. }
            | Statement::Expand { .. }
            | Statement::Items { .. }
            | Statement::Edges(_)
            | Statement::Teardown { .. }
            | Statement::Pass => {}
        }
    }
}
