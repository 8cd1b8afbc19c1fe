//! A blueprint by itself: are its parameters sound, and is each of them used.

use std::collections::BTreeSet;

use super::expression;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::Span;
use crate::spec::{Blueprint, NoSchema, Param, Table, is_bounded, misfit, misspelt_keywords};
use crate::yaml::{Node, Value};

/// Checks one blueprint; `name` is what its place calls it. Faults are told.
pub fn check_blueprint(blueprint: &Blueprint, name: &str, sink: &mut Sink) {
    let Blueprint { blueprint: own, description: _, parameters, task, group, workflow, span: _ } = blueprint;
    if own.value.as_str() != name {
        let fault = Diagnostic::error(&code::WRONG_PLACE, format!("blueprint `{}` is in the place of `{name}`", own.value));
        sink.push(fault.at(own.span, "").help(format!("write `blueprint: {name}`, or rename the file")));
    }
    let bodies = [task.as_ref().map(|body| &body.0), group.as_ref().map(|body| &body.0), workflow.as_ref().map(|body| &body.0)];
    let bodies: Vec<&Node> = bodies.into_iter().flatten().collect();
    let [body] = bodies.as_slice() else {
        let title = format!("blueprint `{}` stands for {}", own.value, if bodies.is_empty() { "nothing" } else { "several things" });
        let mut fault = Diagnostic::error(&code::BLUEPRINT_KIND, title).at(own.span, "");
        for body in bodies {
            fault = fault.at(body.span, "one of them");
        }
        sink.push(fault.help("write exactly one of `task:`, `group:` and `workflow:`"));
        return;
    };
    for (parameter, schema) in parameters.iter().flat_map(Table::iter) {
        check_parameter(&parameter.value, parameter.span, schema, sink);
    }
    let mut used = BTreeSet::new();
    let known: Vec<&str> = parameters.iter().flat_map(Table::keys).collect();
    check_body(body, &known, &mut used, sink);
    for (parameter, _) in parameters.iter().flat_map(Table::iter).filter(|(parameter, _)| !used.contains(&parameter.value)) {
        let title = format!("nothing uses parameter `{}` of blueprint `{}`", parameter.value, own.value);
        let fault = Diagnostic::warning(&code::UNUSED_PARAMETER, title).at(parameter.span, "");
        sink.push(fault.help(format!("write `${{{{ with.{} }}}}` where its value goes, or delete it", parameter.value)));
    }
}

fn check_parameter(name: &str, span: Span, parameter: &Param, sink: &mut Sink) {
    let fault = |title: String| Diagnostic::error(&code::BLUEPRINT_PARAMETER, title).at(span, "");
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    if !is_word {
        sink.push(
            fault(format!("`{}` is no name for a parameter", name.escape_debug()))
                .help("write letters, digits and `_`, such as `min_rows`"),
        );
    }
    for (written, near) in misspelt_keywords(&parameter.schema) {
        let title = format!("JSON Schema has no keyword `{}`", written.value);
        let fault = Diagnostic::error(&code::BLUEPRINT_PARAMETER, title).at(written.span, "");
        sink.push(fault.help(format!("did you mean `{near}`?")));
    }
    let mut schema = parameter.schema.to_json();
    let default = schema.as_object_mut().and_then(|schema| schema.shift_remove("default"));
    if !is_bounded(&schema) {
        let fault = fault(format!("the schema of parameter `{name}` leads to itself, or to too much"));
        sink.push(fault.help("write what `$ref` leads to in its place"));
        return;
    }
    match (jsonschema::draft202012::new(&schema), default) {
        (Err(error), _) => {
            let NoSchema { place, why, help } = NoSchema::of(&parameter.schema, &error);
            let fault = Diagnostic::error(&code::BLUEPRINT_PARAMETER, format!("parameter `{name}` is no JSON Schema")).at(place, why);
            sink.push(fault.help(help.unwrap_or_else(|| "write `{ type: string, default: 2Gi }`".to_owned())));
        }
        (Ok(validator), Some(default)) => {
            let place = parameter.schema.get("default").map_or(span, |node| node.span);
            if let Some(error) = validator.iter_errors(&default).next() {
                let title = format!("the default of parameter `{name}` does not fit its own schema");
                let fault = Diagnostic::error(&code::BLUEPRINT_PARAMETER, title).at(place, misfit(&error));
                sink.push(fault.help("change the default, or the schema beside it"));
            }
        }
        (Ok(_), None) => {}
    }
}

fn check_body(node: &Node, known: &[&str], used: &mut BTreeSet<String>, sink: &mut Sink) {
    match &node.value {
        Value::String(text) => {
            for argument in expression::arguments(text) {
                if !known.contains(&argument.name.as_str()) {
                    sink.push(unknown(&argument.name, known, node.span));
                }
                used.insert(argument.name);
            }
        }
        Value::List(items) => items.iter().for_each(|item| check_body(item, known, used, sink)),
        Value::Map(entries) => entries.iter().for_each(|entry| check_body(&entry.value, known, used, sink)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn unknown(name: &str, known: &[&str], at: Span) -> Diagnostic {
    let fault = Diagnostic::error(&code::UNKNOWN_REFERENCE, format!("the blueprint has no parameter `{name}`")).at(at, "");
    fault.help(match suggest(name, known.iter().copied()) {
        Some(near) => format!("write `with.{near}`"),
        None if known.is_empty() => format!("add `parameters: {{ {name}: {{ type: string }} }}`"),
        None => format!("write one of {}, or add `{name}` to `parameters:`", quoted_list(known.iter().copied())),
    })
}
