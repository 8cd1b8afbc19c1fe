//! Names of notifiers → the notifiers themselves, and who is told what.

use std::collections::BTreeMap;

use super::Surroundings;
use super::layers::Layers;
use crate::diag::Sink;
use crate::ir::{self, Piece, Text, Value};
use crate::policy::{Policy, check_notifier};
use crate::spec::{self, Data, DataValue, Notifiers, Notify, Part, Reference, Table, Template, Workflow, WorkflowNotify};

/// Whom a run tells.
pub(super) fn of_run(workflow: &Workflow, policy: &Policy<'_>, sink: &mut Sink) -> (ir::Notify, Option<ir::Deadline>) {
    let Some(WorkflowNotify { on_failure, on_success, on_retry: _, on_deadline, span: _ }) = &workflow.notify else {
        return (ir::Notify::default(), None);
    };
    let mut names = |notifiers: &Option<Notifiers>| names(notifiers.as_ref(), policy, sink);
    let notify = ir::Notify { on_failure: names(on_failure), on_success: names(on_success), on_retry: Vec::new() };
    let notifiers = names(on_deadline);
    let after = workflow.deadline.as_ref().filter(|_| !notifiers.is_empty());
    (notify, after.map(|after| ir::Deadline { after: after.value.0, notifiers }))
}

/// Whom a task tells. What its workflow says of retries is nearer than the platform's, and farther than `defaults`.
pub(super) fn of_task(layers: &Layers<'_>, workflow: &Workflow, policy: &Policy<'_>, sink: &mut Sink) -> ir::Notify {
    let of = |field: fn(&Notify) -> Option<&Notifiers>| layers.last(move |settings| settings.notify.as_ref().and_then(field));
    let on_retry = layers.own().rev().find_map(|settings| settings.notify.as_ref()?.on_retry.as_ref());
    let on_retry = on_retry.or_else(|| workflow.notify.as_ref()?.on_retry.as_ref());
    ir::Notify {
        on_failure: names(of(|notify| notify.on_failure.as_ref()), policy, sink),
        on_success: names(of(|notify| notify.on_success.as_ref()), policy, sink),
        on_retry: names(on_retry.or_else(|| of(|notify| notify.on_retry.as_ref())), policy, sink),
    }
}

/// The names that the platform knows, each once.
fn names(notifiers: Option<&Notifiers>, policy: &Policy<'_>, sink: &mut Sink) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in notifiers.into_iter().flatten() {
        if check_notifier(name, policy, sink).is_some() && !names.contains(&name.value) {
            names.push(name.value.clone());
        }
    }
    names
}

/// The notifiers that a resolved workflow names, ordered by name.
pub(super) fn notifiers(workflow: &ir::Workflow, surroundings: &Surroundings<'_>) -> Vec<ir::Notifier> {
    let of = |notify: &ir::Notify| {
        let ir::Notify { on_failure, on_success, on_retry } = notify;
        [on_failure, on_success, on_retry].into_iter().flatten().cloned().collect::<Vec<_>>()
    };
    let tasks = workflow.nodes.iter().flat_map(ir::Node::tasks).flat_map(|task| of(&task.notify));
    let late = workflow.deadline.iter().flat_map(|deadline| deadline.notifiers.iter().cloned());
    let named = of(&workflow.notify).into_iter().chain(late).chain(tasks);
    let defined = surroundings.policy.platform.notifiers.as_ref();
    let found: BTreeMap<String, &spec::Notifier> = named.filter_map(|name| Some((name.clone(), defined?.get(&name)?))).collect();
    found.into_iter().map(|(name, notifier)| resolve_notifier(name, notifier, workflow, surroundings)).collect()
}

fn resolve_notifier(name: String, notifier: &spec::Notifier, workflow: &ir::Workflow, surroundings: &Surroundings<'_>) -> ir::Notifier {
    let spec::Notifier { class, with, span: _ } = notifier;
    let arguments = with.iter().flat_map(Table::iter);
    let arguments = arguments.map(|(name, data)| (spec::Key::as_key(&name.value).to_owned(), value(data, workflow, surroundings)));
    ir::Notifier { name, class: class.value.clone(), arguments: arguments.collect() }
}

fn value(data: &Data, workflow: &ir::Workflow, surroundings: &Surroundings<'_>) -> Value {
    let inner = |data: &Data| value(data, workflow, surroundings);
    match &data.value {
        DataValue::Null => Value::Null,
        DataValue::Bool(flag) => Value::Bool(*flag),
        DataValue::Number(number) => Value::Number(number.clone()),
        DataValue::Text(template) => Value::Text(text(template, workflow, surroundings)),
        DataValue::List(items) => Value::List(items.iter().map(inner).collect()),
        DataValue::Map(entries) => Value::Map(entries.iter().map(|(key, value)| (key.clone(), inner(value))).collect()),
    }
}

/// The platform's own text: the target's templating is always the platform's to use.
fn text(template: &Template, workflow: &ir::Workflow, surroundings: &Surroundings<'_>) -> Text {
    Text::new(template.parts.iter().map(|part| match part {
        Part::Literal(text) => Piece::Literal(text.clone()),
        Part::Native(text) => Piece::Native(text.value.clone()),
        Part::Reference(reference) => match &reference.value {
            Reference::Environment => Piece::Literal(surroundings.policy.environment().to_owned()),
            Reference::Team => Piece::Literal(workflow.team.to_string()),
            Reference::Source => Piece::Literal(workflow.source.to_string()),
            Reference::Workflow => Piece::Literal(workflow.name.to_string()),
            Reference::Task => Piece::Task,
            Reference::Run(value) => Piece::Run(*value),
            // Refused when the platform's file was read.
            Reference::Variable(_) | Reference::Each { .. } | Reference::Param(_) | Reference::Output { .. } => {
                Piece::Literal(String::new())
            }
        },
    }))
}
