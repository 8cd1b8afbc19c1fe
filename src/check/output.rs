//! What a task hands over: is its schema one, does it fit, and is there what others take from it.
//!
//! A schema is held to no value here, because only a run has one; it is held to what is written about the value elsewhere. Where it leaves
//! something open (`anyOf`, `additionalProperties`), nothing is refused.

use super::json_schema::WrittenSchema;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::{ForEach, OutputItems, Workflow};
use crate::yaml::Node;

/// Bytes of the largest value that is handed over: what every database of Airflow takes, and the limit of its own documentation.
const MOST: u64 = 48 * 1024;

pub(super) fn check(workflow: &Workflow, sink: &mut Sink) {
    for member in workflow.members() {
        if let Some(node) = member.task.output.as_ref().and_then(|output| output.schema.as_ref()) {
            check_schema(member.name, node, sink);
        }
    }
}

fn check_schema(name: &Spanned<TaskName>, node: &Node, sink: &mut Sink) {
    let what = format!("the output of `{}`", name.value);
    let written = WrittenSchema { node, what, code: &code::OUTPUT_SCHEMA, example: "{ type: array, items: { type: string } }" };
    let before = sink.as_slice().len();
    for schema in schemas_in(node) {
        written.check_keywords(schema, sink);
    }
    let is_one = written.validator(&node.to_json(), sink).is_some();
    if is_one && sink.as_slice().len() == before {
        sink.extend(too_big(name, node));
    }
}

/// A schema and those of its properties and items.
fn schemas_in(node: &Node) -> Vec<&Node> {
    let properties = node.get("properties").map(Node::entries).unwrap_or_default().iter().map(|entry| &entry.value);
    let inner = properties.chain(node.get("items")).filter(|inner| !inner.entries().is_empty());
    std::iter::once(node).chain(inner.flat_map(schemas_in)).collect()
}

/// Warns of a value that the schema itself says to be a file, or to have more room than a database gives it.
fn too_big(name: &Spanned<TaskName>, node: &Node) -> Option<Diagnostic> {
    let help = "write it to a volume or a bucket, and hand over its place";
    for schema in schemas_in(node) {
        if let Some(encoding) = schema.entry("contentEncoding") {
            let fault = Diagnostic::warning(&code::BIG_OUTPUT, format!("`{}` hands over a file in a value", name.value));
            return Some(fault.at(encoding.key.span, "bytes in a text").help(help));
        }
        let long = schema.entry("maxLength").map(|entry| (entry, number(&entry.value)));
        let many = schema.entry("maxItems").map(|entry| (entry, number(&entry.value).saturating_mul(schema.get("items").map_or(1, least))));
        let Some((entry, bytes)) = [long, many].into_iter().flatten().find(|(_, bytes)| *bytes > MOST) else { continue };
        let fault = Diagnostic::warning(
            &code::BIG_OUTPUT,
            format!("`{}` may hand over {} KB, and 48 KB are sure to fit", name.value, bytes / 1024),
        );
        return Some(fault.at(entry.value.span, "so much is expected").help(format!("{help}; or write what really is the most")));
    }
    None
}

/// Bytes that a value of a schema has at the least, with what separates it from the next.
fn least(schema: &Node) -> u64 {
    let required: Vec<&str> = schema.get("required").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str).collect();
    let properties = schema.get("properties").map(Node::entries).unwrap_or_default();
    let inside = properties.iter().filter(|entry| required.contains(&entry.key.value.as_str()));
    let inside = inside.map(|entry| least(&entry.value).saturating_add(entry.key.value.len() as u64 + 3)).fold(0, u64::saturating_add);
    let quotes = if is_of(schema, "string") { 2 } else { 0 };
    let text = schema.get("minLength").map_or(0, number).saturating_add(quotes);
    inside.saturating_add(text.max(1)).saturating_add(1)
}

fn number(node: &Node) -> u64 {
    node.to_json().as_f64().map_or(0, |number| number as u64)
}

/// Whether a schema says that its values are of a type, and of no other.
fn is_of(schema: &Node, wanted: &str) -> bool {
    schema.get("type").and_then(Node::as_str) == Some(wanted)
}

/// Whether a schema rules a type out.
fn is_never(schema: &Node, wanted: &str) -> bool {
    let Some(written) = schema.get("type") else { return false };
    let listed = written.items().iter().chain([written]).filter_map(Node::as_str);
    !listed.into_iter().any(|word| word == wanted)
}

/// Where a schema says the type.
fn type_place(schema: &Node) -> Span {
    schema.get("type").map_or(schema.span, |written| written.span)
}

/// The schema of a task's output.
fn schema_of<'a>(task: &str, workflow: &'a Workflow) -> Option<&'a Node> {
    workflow.tasks.as_ref()?.get(task)?.output.as_ref()?.schema.as_ref()
}

/// The schema of `tasks.TASK.output.PATH`; `None` where nothing says what that is.
pub(super) fn schema_at<'a>(task: &str, path: &[String], workflow: &'a Workflow) -> Option<&'a Node> {
    follow(schema_of(task, workflow)?, path, "").ok()?
}

/// What is wrong with `tasks.TASK.output.PATH`.
pub(super) fn reference_fault(task: &str, path: &[String], workflow: &Workflow) -> Option<Diagnostic> {
    let written = format!("tasks.{task}.output");
    follow(schema_of(task, workflow)?, path, &written).err().map(|fault| *fault)
}

/// What is wrong with repeating over an output.
pub(super) fn items_fault(output: &OutputItems, workflow: &Workflow) -> Option<Diagnostic> {
    let OutputItems { task, path, key } = output;
    let written = format!("tasks.{}.output", task.value);
    let list = match follow(schema_of(&task.value, workflow)?, path, &written) {
        Ok(found) => found?,
        Err(fault) => return Some(fault.mainly_at(task.span, "")),
    };
    let whole = path.iter().fold(written, |text, key| format!("{text}.{key}"));
    if is_never(list, "array") {
        let fault = Diagnostic::error(&code::OUTPUT_KEY, format!("`{whole}` is no list to repeat over")).at(task.span, "");
        let help = list_in(list).map_or_else(
            || format!("let `{}` hand over a list: `schema: {{ type: array }}`", task.value),
            |inner| format!("write `${{{{ {whole}.{inner} }}}}`"),
        );
        return Some(fault.at(type_place(list), "what it hands over").help(help));
    }
    let key = key.as_ref()?;
    let fault = follow(list.get("items")?, std::slice::from_ref(&key.value), "an item").err()?;
    Some(fault.mainly_at(key.span, ""))
}

/// The only list among a map's values.
fn list_in(schema: &Node) -> Option<&str> {
    let mut lists = schema.get("properties")?.entries().iter().filter(|entry| is_of(&entry.value, "array"));
    lists.next().filter(|_| lists.next().is_none()).map(|entry| entry.key.value.as_str())
}

/// What is wrong with `each.VARIABLE.PATH` in a fan-out over an output.
pub(super) fn each_fault(variable: &str, path: &[String], each: &ForEach, workflow: &Workflow) -> Option<Diagnostic> {
    let OutputItems { task, path: to_list, key: _ } = each.output()?;
    let list = follow(schema_of(&task.value, workflow)?, to_list, "").ok()??;
    follow(list.get("items")?, path, &format!("each.{variable}")).err().map(|fault| *fault)
}

/// Keywords that leave open what a value is.
const OPEN: [&str; 9] = ["anyOf", "allOf", "oneOf", "not", "if", "$ref", "$dynamicRef", "patternProperties", "dependentSchemas"];

/// The schema that keys lead to from another one; `None` where that leaves it open. `written` is what stands before the keys.
fn follow<'a>(schema: &'a Node, path: &[String], written: &str) -> Result<Option<&'a Node>, Box<Diagnostic>> {
    let (mut found, mut so_far) = (schema, written.to_owned());
    for key in path {
        if OPEN.iter().any(|word| found.get(word).is_some()) {
            return Ok(None);
        }
        if is_never(found, "object") {
            let fault = Diagnostic::error(&code::OUTPUT_KEY, format!("`{so_far}` is no map, and has no `{key}`"));
            let is_list = is_of(found, "array");
            let help =
                if is_list { "repeat over it with `for_each`, or let it hand over a map".to_owned() } else { format!("write `{so_far}`") };
            return Err(Box::new(fault.at(type_place(found), "what it is").help(help)));
        }
        let Some(properties) = found.get("properties") else { return Ok(None) };
        match properties.get(key) {
            Some(inner) => found = inner,
            None if found.get("additionalProperties").is_some_and(|more| more.to_json() != serde_json::Value::Bool(false)) => {
                return Ok(None);
            }
            None => return Err(Box::new(unknown_key(key, &so_far, properties))),
        }
        so_far = format!("{so_far}.{key}");
    }
    Ok(Some(found))
}

fn unknown_key(key: &str, so_far: &str, properties: &Node) -> Diagnostic {
    let known = || properties.entries().iter().map(|entry| entry.key.value.as_str());
    let fault = Diagnostic::error(&code::OUTPUT_KEY, format!("`{so_far}` has no `{key}`")).at(place_of(properties), "what it has");
    match suggest(key, known()) {
        Some(near) => fault.help(format!("write `{so_far}.{near}`")),
        None if known().next().is_none() => fault.help(format!("add `{key}` to `properties`")),
        None => fault.help(format!("write one of {}, or add `{key}` to `properties`", quoted_list(known()))),
    }
}

/// The first key of a map: a map of many lines would fill the screen.
fn place_of(map: &Node) -> Span {
    map.entries().first().map_or(map.span, |entry| entry.key.span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    fn schema(text: &str) -> Node {
        let sources = Sources::new();
        crate::yaml::parse(sources.add("x.yaml", text.to_owned()), text, &mut Sink::new()).expect("it is YAML")
    }

    #[test]
    fn the_least_size_of_a_value_counts_what_it_must_have_and_does_not_overflow() {
        assert_eq!(least(&schema("{ type: integer }")), 2);
        assert_eq!(least(&schema("{ type: string, minLength: 8 }")), 11);
        assert_eq!(least(&schema("{ required: [id], properties: { id: { type: string }, tier: { type: string } } }")), 10);
        let huge = "{ required: [a, b], properties: { a: { minLength: 18446744073709551615 }, b: { minLength: 1.0e300 } } }";
        assert_eq!(least(&schema(huge)), u64::MAX);
    }
}
