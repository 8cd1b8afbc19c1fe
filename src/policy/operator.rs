//! Operators of Airflow's own: which of them a task may name, and with which arguments.

use jsonschema::error::ValidationErrorKind as Kind;

use super::Policy;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::ClassPath;
use crate::source::Spanned;
use crate::spec::{Arguments, NoSchema, Operator, OperatorFields, Platform, Table, misfit};

/// What the platform says of an operator; tells when it does not allow it.
pub fn check_operator<'a>(class: &Spanned<ClassPath>, policy: &Policy<'a>, sink: &mut Sink) -> Option<&'a Operator> {
    let operators = policy.platform.operators.as_ref();
    let found = operators.and_then(|operators| operators.get(class.value.as_str()));
    if found.is_some() || policy.is_assumed {
        return found;
    }
    let known: Vec<&str> = operators.into_iter().flat_map(Table::keys).collect();
    let fault = Diagnostic::error(&code::UNKNOWN_OPERATOR, format!("the platform does not allow the operator `{}`", class.value));
    let fault = fault
        .at(class.span, "")
        .at_if(operators.and_then(|operators| operators.entries.first()).map(|(key, _)| key.span), "what is allowed");
    // Paths begin alike, and Airflow 3 has moved most classes: the class is what tells them apart.
    let class_of = |path: &&str| path.rsplit('.').next().map(str::to_owned).unwrap_or_default();
    let classes: Vec<String> = known.iter().map(class_of).collect();
    let near = suggest(class.value.class(), classes.iter().map(String::as_str));
    let path = known.iter().find(|path| near == Some(class_of(path).as_str()));
    sink.push(fault.help(match path {
        Some(path) => format!("write `{path}`"),
        None if class.value.class() == "KubernetesPodOperator" => {
            "delete it: a task is one already; write its `image:` and `args:`".to_owned()
        }
        None if known.is_empty() => "run a container, or ask the platform to add it to `operators`".to_owned(),
        None => format!("write one of {}, or ask the platform to add it to `operators`", quoted_list(known)),
    }));
    None
}

/// Tells what the platform's schema has against arguments.
pub fn check_arguments(class: &Spanned<ClassPath>, operator: &Operator, arguments: Option<&Arguments>, sink: &mut Sink) {
    let Some(schema) = operator.fields.as_ref().and_then(|fields| fields.schema.as_ref()) else { return };
    let (json, schema_json) = (arguments.map_or_else(|| serde_json::json!({}), Arguments::to_json), schema.node.to_json());
    // `check_platform` has refused what is no schema.
    let Ok(validator) = jsonschema::draft202012::new(&schema_json) else { return };
    for error in validator.iter_errors(&json) {
        let place = arguments.map_or(class.span, |arguments| arguments.place(error.instance_path().as_str()));
        let fault = |title: String| Diagnostic::error(&code::ARGUMENTS, title);
        let known = || schema_json.get("properties").and_then(serde_json::Value::as_object).into_iter().flat_map(|map| map.keys());
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                for key in unexpected {
                    let span = arguments.and_then(|arguments| arguments.entries.iter().find(|(name, _)| name.value == *key));
                    let known: Vec<&str> = known().map(String::as_str).collect();
                    let help = suggest(key, known.iter().copied())
                        .map_or_else(|| format!("write one of {}", quoted_list(known.iter().copied())), |near| format!("write `{near}`"));
                    let fault = fault(format!("`{}` takes no argument `{key}`", class.value.class()));
                    sink.push(
                        fault.at(span.map_or(place, |(name, _)| name.span), "").at(schema.node.span, "the platform's schema").help(help),
                    );
                }
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let fault = fault(format!("`{}` needs the argument `{name}`", class.value.class()));
                sink.push(fault.at(place, "").at(schema.node.span, "the platform's schema").help(format!("add `with: {{ {name}: … }}`")));
            }
            _ => {
                let fault = fault(format!("`{}` does not take this", class.value.class()));
                sink.push(
                    fault
                        .at(place, misfit(&error))
                        .at(schema.node.span, "the platform's schema")
                        .help("write what the platform's schema takes"),
                );
            }
        }
    }
}

/// Tells schemas that are none.
pub(super) fn check_operators(platform: &Platform, sink: &mut Sink) {
    for (class, Operator { fields }) in platform.operators.iter().flat_map(Table::iter) {
        let Some(OperatorFields { description: _, templated: _, renamed: _, schema, span: _ }) = fields else { continue };
        let Some(schema) = schema else { continue };
        if let Err(error) = jsonschema::draft202012::new(&schema.node.to_json()) {
            let NoSchema { place, why, help } = NoSchema::of(&schema.node, &error);
            let title = format!("the schema of `{}` is no JSON Schema", class.value.class());
            let fault = Diagnostic::error(&code::ARGUMENT_SCHEMA, title).at(place, why);
            sink.push(
                fault.help(
                    help.unwrap_or_else(|| "write `{ required: [filepath], properties: { filepath: { type: string } } }`".to_owned()),
                ),
            );
        }
    }
}
