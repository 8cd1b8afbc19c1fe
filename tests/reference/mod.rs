//! The published JSON Schemas → a page for people: a table for every map that a file may hold.

use std::collections::BTreeMap;

use freehold::spec::SCHEMAS;
use serde_json::{Map, Value};

const HEADING: &str = "<!-- Written by `UPDATE_DOCS=1 cargo test --test docs` from the JSON Schemas; edit the types in `src/spec`. -->

# Reference

Every key of every file. Editors show the same sentences with the schemas of `freehold schema`. A **bold** key is required.
";

/// Files in the order in which a reader meets them.
const ORDER: [&str; 2] = ["workflow.v1.json", "project.v1.json"];

/// The whole page.
pub(crate) fn page() -> String {
    let mut rows: Vec<_> = SCHEMAS.iter().collect();
    rows.sort_by_key(|row| (ORDER.iter().position(|file| *file == row.file).unwrap_or(ORDER.len()), row.file));
    let schemas: Vec<Value> = rows.iter().map(|row| (row.generate)()).collect();
    let mut page = HEADING.to_owned();
    let mut told = BTreeMap::new();
    for schema in &schemas {
        page.push_str(&format!("\n## {}\n", text(schema, "title")));
        let settings = schema.pointer("/$defs/Settings/properties").and_then(Value::as_object);
        page.push_str(&map(schema, None));
        for (name, definition) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            let section = map(definition, settings.filter(|_| name != "Settings"));
            // Settings stand in several files, and are told once.
            if section.is_empty() || told.insert(name.clone(), section.clone()).is_some_and(|before| before == section) {
                continue;
            }
            page.push_str(&format!("\n### {name}\n{section}"));
        }
    }
    page
}

/// The table of a map's keys; empty for what has none. Those of the settings, when it has all of them, are told where settings are.
fn map(schema: &Value, settings: Option<&Map<String, Value>>) -> String {
    let Some(properties) = schema.get("properties").and_then(Value::as_object).filter(|properties| !properties.is_empty()) else {
        return String::new();
    };
    let shared = settings.filter(|settings| settings.keys().all(|key| properties.contains_key(key)));
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let mut out = match text(schema, "description") {
        "" => String::new(),
        said => format!("\n{}\n", cell(said)),
    };
    out.push_str("\n| key | value | meaning |\n|---|---|---|\n");
    for (key, property) in properties.iter().filter(|(key, _)| !shared.is_some_and(|shared| shared.contains_key(*key))) {
        let key = if required.contains(&key.as_str()) { format!("**`{key}`**") } else { format!("`{key}`") };
        out.push_str(&format!("| {key} | {} | {} |\n", cell(&value(property)), cell(text(property, "description"))));
    }
    if shared.is_some() {
        out.push_str("\nAnd every key of [Settings](#settings).\n");
    }
    out
}

/// What may stand behind a key, in a few words.
fn value(schema: &Value) -> String {
    // In a blueprint an argument may stand for it, which is said once.
    if let (Some(_), Some(otherwise)) = (schema.get("if"), schema.get("else")) {
        return value(otherwise);
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return match target.strip_prefix("#/$defs/") {
            Some(name) => format!("[{name}](#{})", name.to_lowercase()),
            None if target.starts_with("pod.") => "a PodSpec of Kubernetes".to_owned(),
            None => format!("`{target}`"),
        };
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return words
            .iter()
            .map(|word| format!("`{}`", word.as_str().map_or_else(|| word.to_string(), str::to_owned)))
            .collect::<Vec<_>>()
            .join(" ");
    }
    match (text(schema, "x-expects"), schema.get("type")) {
        ("", Some(Value::String(kind))) => of_type(kind, schema),
        ("", Some(Value::Array(kinds))) => {
            kinds.iter().filter_map(Value::as_str).map(|kind| of_type(kind, schema)).collect::<Vec<_>>().join(" or ")
        }
        ("", _) => "anything".to_owned(),
        (expects, _) => expects.to_owned(),
    }
}

fn of_type(kind: &str, schema: &Value) -> String {
    let inner = |key: &str| schema.get(key).filter(|inner| inner.is_object()).map(value);
    match kind {
        "array" => format!("list of {}", inner("items").unwrap_or_else(|| "anything".to_owned())),
        "object" => match inner("additionalProperties") {
            Some(inner) => format!("map to {inner}"),
            None if has_keys(schema.as_object()) => "map".to_owned(),
            None => "any map".to_owned(),
        },
        "integer" => "whole number".to_owned(),
        "string" => "text".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "null" => "nothing".to_owned(),
        other => other.to_owned(),
    }
}

fn has_keys(schema: Option<&Map<String, Value>>) -> bool {
    schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object).is_some_and(|properties| !properties.is_empty())
}

fn text<'a>(schema: &'a Value, key: &str) -> &'a str {
    schema.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A table's cell is one line, and `|` ends it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
