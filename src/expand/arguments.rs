//! What is handed to a blueprint, held against its parameters.

use std::collections::BTreeMap;

use serde_json::json;

use super::Holes;
use super::expression::has_expression;
use super::uses::Call;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::{Span, Spanned};
use crate::spec::{Param, Table, is_bounded, misfit, shown};
use crate::yaml::{Entry, Node, Value};

/// What the parameters of a blueprint stand for, as far as what is handed over has no faults.
pub(super) struct Arguments {
    values: BTreeMap<String, Node>,
    /// Where the call stands.
    pub(super) call: Span,
}

impl Arguments {
    pub(super) fn value(&self, name: &str) -> Option<&Node> {
        self.values.get(name)
    }

    /// Those of a call of which nothing is known.
    pub(super) fn unknown(call: &Call) -> Self {
        Self { values: BTreeMap::new(), call: call.at }
    }

    /// Those of a call, with the parameters' defaults. What is wrong is told, and what has holes is not known.
    pub(super) fn check(with: Option<&Node>, call: &Call, holes: &Holes, sink: &mut Sink) -> Self {
        let mut arguments = Self::unknown(call);
        if let Some(with) = with.filter(|with| !matches!(with.value, Value::Map(_))) {
            if !holes.is_in(with) {
                let fault = Diagnostic::error(&code::WRONG_TYPE, "`with` is no map").at(with.span, "");
                sink.push(fault.help("write the parameters' names and values: `with: { customer: acme }`"));
            }
            return arguments;
        }
        let given = with.map_or(&[][..], Node::entries);
        given.iter().for_each(|entry| check_known(entry, call, sink));
        for (name, parameter) in call.blueprint.parameters.iter().flat_map(Table::iter) {
            let value = match given.iter().find(|entry| entry.key.value == name.value) {
                Some(Entry { key: _, value }) => {
                    Some(value).filter(|value| !holes.is_in(value) && check_value(name, parameter, value, call, sink))
                }
                None => default(name, parameter, given, call, sink),
            };
            arguments.values.extend(value.map(|value| (name.value.clone(), value.clone())));
        }
        arguments
    }
}

/// What a parameter stands for that nothing is handed to. `None` when that is not known, which has been told.
fn default<'a>(name: &Spanned<String>, parameter: &'a Param, given: &[Entry], call: &Call, sink: &mut Sink) -> Option<&'a Node> {
    // A misspelt one is told as such.
    if given.iter().any(|entry| is_meant(&entry.key.value, &name.value, call)) {
        return None;
    }
    let default = parameter.schema.get("default");
    if default.is_none() {
        let title = format!("`{}` needs `{}`", call.reference, name.value);
        let fault = Diagnostic::error(&code::BLUEPRINT_ARGUMENT, title).at(call.at, "").at(name.span, "it has no default");
        sink.push(fault.help(match given {
            [] => format!("add `with: {{ {}: … }}`", name.value),
            _ => format!("add `{}: …` to `with`", name.value),
        }));
    }
    default
}

/// Whether what is handed over under a name that no parameter has is meant for this one.
fn is_meant(typed: &str, name: &str, call: &Call) -> bool {
    call.parameters().all(|known| known != typed) && suggest(typed, call.parameters()) == Some(name)
}

fn check_known(entry: &Entry, call: &Call, sink: &mut Sink) {
    let known: Vec<&str> = call.parameters().collect();
    let name = entry.key.value.as_str();
    if known.contains(&name) {
        return;
    }
    let title = format!("`{}` has no parameter `{}`", call.reference, name.escape_debug());
    let fault =
        Diagnostic::error(&code::BLUEPRINT_ARGUMENT, title).at(entry.key.span, "").at(call.blueprint.blueprint.span, "the blueprint");
    sink.push(fault.help(match suggest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "delete it; keys of what the blueprint stands for are written beside `uses`".to_owned(),
        None => format!("it takes {}; keys of what it stands for are written beside `uses`", quoted_list(known)),
    }));
}

/// Whether a parameter takes a value; `false` has been told.
fn check_value(name: &Spanned<String>, parameter: &Param, value: &Node, call: &Call, sink: &mut Sink) -> bool {
    let mut schema = parameter.schema.to_json();
    schema.as_object_mut().and_then(|schema| schema.shift_remove("default"));
    // What is known at run time only can be held against its type and no more.
    if value.as_str().is_some_and(has_expression) {
        schema = schema.get("type").map_or_else(|| json!({}), |of| json!({ "type": of }));
    }
    // One that is no schema has been told where it stands.
    if !is_bounded(&schema) {
        return true;
    }
    let Ok(validator) = jsonschema::draft202012::new(&schema) else { return true };
    let instance = value.to_json();
    let Some(error) = validator.iter_errors(&instance).next() else { return true };
    let place = value.place_of_pointer(error.instance_path().as_str());
    let title = format!("parameter `{}` of `{}` does not take this", name.value, call.reference);
    let fault = Diagnostic::error(&code::BLUEPRINT_ARGUMENT, title).at(place, misfit(&error)).at(parameter.schema.span, "what it takes");
    let description = parameter.schema.get("description").and_then(Node::as_str);
    sink.push(fault.help(match description {
        Some(description) => format!("hand over what it asks for: {description}"),
        None => format!("hand over a value that fits {}", shown(&schema)),
    }));
    false
}
