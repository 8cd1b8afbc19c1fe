//! Conditions of tasks: can they be compared, and can they come true.

use super::output;
use super::references::reads_as_reference;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::spec::{Condition, Part, Reference, RunIf, Template, Workflow};
use crate::yaml::Node;

pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    for condition in workflow.run_ifs().flat_map(|RunIf { conditions, span: _ }| conditions) {
        check_value(&condition.value, sink);
        if condition.test.is_of_numbers() {
            condition.wanted.iter().for_each(|bound| check_bound(bound, sink));
        }
        check_possible(condition, workflow, sink);
    }
}

/// A value without a reference is a slip: the braces are missing.
fn check_value(value: &Template, sink: &mut Sink) {
    let Some(text) = value.as_literal() else { return };
    let fault =
        Diagnostic::error(&code::CONDITION, format!("`{text}` is the same in every run")).at(value.span, "the value of a condition");
    let meant = if reads_as_reference(text) { text } else { "params.mode" };
    sink.push(fault.help(format!("write what a run knows: `\"${{{{ {meant} }}}}\"`")));
}

fn check_bound(bound: &Template, sink: &mut Sink) {
    let Some(text) = bound.as_literal().filter(|text| text.trim().parse::<f64>().is_err()) else { return };
    let fault = Diagnostic::error(&code::CONDITION, format!("`{text}` is no number")).at(bound.span, "compared with a number");
    sink.push(fault.help("write a number, or `equals:` to compare texts"));
}

/// Tells what is compared with a value that never is that.
fn check_possible(Condition { value, test, wanted, span: _ }: &Condition, workflow: &Workflow, sink: &mut Sink) {
    let Some((shown, schema)) = schema_of(value, workflow) else { return };
    if test.is_of_numbers() {
        if let Some(written) =
            schema.get("type").filter(|written| matches!(written.as_str(), Some("string" | "boolean" | "array" | "object")))
        {
            let fault = Diagnostic::error(&code::CONDITION, format!("`{shown}` is no number")).at(value.span, "compared with a number");
            sink.push(fault.at(written.span, "what it is").help("write `equals:` or `one_of:` to compare texts"));
        }
        return;
    }
    let Some(known) = known_values(schema) else { return };
    for one in wanted {
        let Some(text) = one.as_literal().filter(|text| !known.iter().any(|known| known == text)) else { continue };
        let fault = Diagnostic::error(&code::CONDITION, format!("`{shown}` is never `{text}`")).at(one.span, "");
        let place = schema.get("enum").or_else(|| schema.get("type")).map(|node| node.span);
        let values = || known.iter().map(String::as_str);
        let help =
            suggest(text, values()).map_or_else(|| format!("write one of {}", quoted_list(values())), |near| format!("write `{near}`"));
        sink.push(fault.at_if(place, "what it may be").help(help));
    }
}

/// What a value is called, and the schema that it has.
fn schema_of<'a>(value: &Template, workflow: &'a Workflow) -> Option<(String, &'a Node)> {
    let [Part::Reference(reference)] = value.parts.as_slice() else { return None };
    match &reference.value {
        Reference::Param(name) => Some((format!("params.{name}"), &workflow.params.as_ref()?.get(name)?.schema)),
        Reference::Output { task, path } => {
            let path_shown: String = path.iter().map(|key| format!(".{key}")).collect();
            Some((format!("tasks.{task}.output{path_shown}"), output::schema_at(task, path, workflow)?))
        }
        Reference::Environment | Reference::Team | Reference::Source | Reference::Workflow | Reference::Task => None,
        Reference::Variable(_) | Reference::Each { .. } | Reference::Run(_) => None,
    }
}

/// The texts of all values that a schema lets through, where it lists them.
fn known_values(schema: &Node) -> Option<Vec<String>> {
    if let Some(listed) = schema.get("enum") {
        return listed.items().iter().map(text_of).collect();
    }
    let is_boolean = schema.get("type").and_then(Node::as_str) == Some("boolean");
    is_boolean.then(|| vec!["true".to_owned(), "false".to_owned()])
}

/// A value's text, as a run has it; `None` of what is no leaf.
fn text_of(node: &Node) -> Option<String> {
    match node.to_json() {
        serde_json::Value::String(text) => Some(text),
        leaf @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => Some(leaf.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}
