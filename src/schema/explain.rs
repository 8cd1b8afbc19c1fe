//! Violations of a schema in words, at the place where they are: one mistake, one diagnostic.

use std::collections::HashSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::lookup::{Found, find, schemas};
use super::{bad_value, unindented, wrong_names};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::Texts;
use crate::yaml::{Node, Value as Yaml};

/// A violation, the node that it is about, and the schemas on the way to it.
struct Violation<'e, 'n> {
    error: ValidationError<'e>,
    pointer: String,
    found: Found<'n>,
    way: Vec<&'static Value>,
}

/// Tells each mistake once.
pub(super) fn explain<'e>(errors: impl Iterator<Item = ValidationError<'e>>, root: &Node, texts: &Texts, sink: &mut Sink) {
    let violations: Vec<Violation<'e, '_>> = errors
        .map(|error| {
            let pointer = error.instance_path().as_str().to_owned();
            let location = error.absolute_keyword_location().map(|location| location.as_str().to_owned()).unwrap_or_default();
            Violation { found: find(root, &pointer), way: schemas(&location), pointer, error }
        })
        .collect();
    let mut renamed: HashSet<(&str, &str)> = HashSet::new();
    let mut told: HashSet<&str> = HashSet::new();
    for Violation { error, pointer, found, way } in &violations {
        let Kind::AdditionalProperties { unexpected } = error.kind() else { continue };
        told.insert(pointer);
        let mut unexpected = unexpected.clone();
        for group in unindented::find(found.node, &unexpected) {
            let owner = |violation: &&Violation<'_, '_>| violation.found.key == Some(group.owner.key.span);
            let Some(owner) = violations.iter().find(owner) else { continue };
            told.insert(&owner.pointer);
            sink.extend(group.tell());
            unexpected.retain(|key| !group.keys.iter().any(|entry| entry.key.value == *key));
        }
        for key in &unexpected {
            let near = near(key, found, way);
            renamed.extend(near.map(|near| (pointer.as_str(), near)));
            sink.push(unknown_key(key, near, found, way));
        }
    }
    for Violation { error, pointer, found, way } in &violations {
        let Kind::Required { property } = error.kind() else { continue };
        told.insert(pointer);
        let name = property.as_str().unwrap_or_default();
        if !renamed.contains(&(pointer, name)) {
            sink.push(missing_key(name, found, way));
        }
    }
    for Violation { error, pointer, found, way } in &violations {
        let is_about_keys = matches!(error.kind(), Kind::AdditionalProperties { .. } | Kind::Required { .. });
        if !is_about_keys && told.insert(pointer) {
            sink.push(bad_value::tell(error, found, way, texts));
        }
    }
}

fn known_keys(way: &[&'static Value]) -> Vec<&'static str> {
    let properties = way.last().and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    properties.into_iter().flat_map(|map| map.keys().map(String::as_str)).collect()
}

/// The key that was most probably meant.
fn near(key: &str, found: &Found<'_>, way: &[&'static Value]) -> Option<&'static str> {
    let known = known_keys(way);
    let renamed = wrong_names::ours(key, &known).filter(|name| found.node.get(name).is_none());
    let slip = || known.iter().copied().find(|name| name.len() > 2 && strsim::osa_distance(key, name) == 1);
    renamed.or_else(|| suggest(key, known.iter().copied())).or_else(slip)
}

fn unknown_key(key: &str, near: Option<&str>, found: &Found<'_>, way: &[&'static Value]) -> Diagnostic {
    let span = found.node.entry(key).map_or(found.node.span, |entry| entry.key.span);
    let known = known_keys(way);
    let fault = Diagnostic::error(&code::UNKNOWN_FIELD, format!("there is no key `{}`{}", key.escape_debug(), found.whose())).at(span, "");
    let is_renamed = wrong_names::ours(key, &known).is_some();
    if let Some(help) = wrong_names::elsewhere(key, found.name).filter(|_| !is_renamed) {
        return fault.help(help);
    }
    if let Some(help) = unspaced(key, found, &known) {
        return fault.help(help);
    }
    match near {
        Some(near) if found.node.get(near).is_some() => fault.help(format!("`{near}` is there already: delete this one")),
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => fault.help("delete it"),
        None => fault.help(format!("known keys: {}", quoted_list(known))),
    }
}

/// `{ retries:2 }`: in brackets the `:` needs a space behind it.
fn unspaced(key: &str, found: &Found<'_>, known: &[&str]) -> Option<String> {
    let (name, value) = key.split_once(':')?;
    let is_alone = matches!(found.node.get(key)?.value, Yaml::Null);
    (is_alone && known.contains(&name)).then(|| format!("write `{name}: {}`, with a space behind the `:`", value.escape_debug()))
}

fn missing_key(name: &str, found: &Found<'_>, way: &[&'static Value]) -> Diagnostic {
    let first = found.node.entries().first().map(|entry| entry.key.span);
    let span = found.key.or(first).unwrap_or(found.node.span);
    let fault = Diagnostic::error(&code::MISSING_FIELD, format!("`{name}` is missing{}", found.whose())).at(span, "");
    // What is required unless something else is there is described a level further out.
    let is_otherwise = |outer: &&&Value| outer.get("else").is_some_and(|inner| way.last().is_some_and(|last| std::ptr::eq(inner, *last)));
    let outer = way.iter().rev().nth(1).filter(is_otherwise);
    let schema = way.last().into_iter().chain(outer).find_map(|schema| schema.pointer(&format!("/properties/{name}")));
    let description = schema.and_then(|schema| schema.get("description")).and_then(Value::as_str);
    match (description.and_then(|text| text.split(". ").next()), bad_value::expects(way)) {
        (Some(sentence), _) => fault.help(format!("add `{name}:` ({})", as_part(sentence.trim_end_matches('.')))),
        (None, Some(expects)) => fault.help(format!("write {expects}")),
        (None, None) => fault.help(format!("add `{name}:`")),
    }
}

/// A sentence as a part of another: `Airflow's version` keeps its capital, `Its name` does not.
fn as_part(sentence: &str) -> String {
    let is_name = ["Airflow", "Kubernetes", "Git", "JSON", "CSV"].iter().any(|name| sentence.starts_with(name));
    let mut characters = sentence.chars();
    match characters.next() {
        Some(first) if !is_name => first.to_lowercase().chain(characters).collect(),
        Some(_) | None => sentence.to_owned(),
    }
}
