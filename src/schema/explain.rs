//! Violations of a schema in words, at the place where they are: one mistake, one diagnostic.

use std::collections::HashSet;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::lookup::{Found, Way, find};
use super::{bad_value, document, unindented, wrong_names};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::Texts;
use crate::yaml::{Node, Value as Yaml};

/// A violation, the node that it is about, and the schemas on the way to it.
struct Violation<'e, 'n> {
    error: ValidationError<'e>,
    pointer: String,
    found: Found<'n>,
    way: Way,
}

/// Tells each mistake once.
pub(super) fn explain<'e>(errors: impl Iterator<Item = ValidationError<'e>>, root: &Node, texts: &Texts, sink: &mut Sink) {
    let violations: Vec<Violation<'e, '_>> = errors
        .map(|error| {
            let pointer = error.instance_path().as_str().to_owned();
            let location = error.absolute_keyword_location().map(|location| location.as_str().to_owned()).unwrap_or_default();
            Violation { found: find(root, &pointer), way: Way::to(&location), pointer, error }
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
        let nears: Vec<(&str, Option<&str>)> = unexpected.iter().map(|key| (key.as_str(), near(key, found, way))).collect();
        renamed.extend(nears.iter().filter_map(|(_, near)| near.map(|near| (pointer.as_str(), near))));
        sink.extend(unknown_keys(&nears, found, way));
    }
    let unknown: HashSet<&str> = told.clone();
    for Violation { error, pointer, found, way } in &violations {
        let Kind::Required { property } = error.kind() else { continue };
        // Whoever writes a key that is not known has most probably meant the one that is missing.
        let is_meant = unknown.contains(pointer.as_str()) && !pointer.is_empty();
        told.insert(pointer);
        let name = property.as_str().unwrap_or_default();
        if !is_meant && !renamed.contains(&(pointer, name)) {
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

fn known_keys(way: &Way) -> Vec<&'static str> {
    let properties = way.last().get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(|map| map.keys().map(String::as_str)).collect()
}

/// The key that was most probably meant.
fn near(key: &str, found: &Found<'_>, way: &Way) -> Option<&'static str> {
    let known = known_keys(way);
    let is_operators = found.node.get("operator").is_some();
    // A container's arguments are a list, and those of a blueprint or an operator are named.
    let is_named = is_operators || found.node.get(key).is_some_and(|value| matches!(value.value, Yaml::Map(_)));
    let ours = wrong_names::ours(key, &known).map(|name| if is_named && name == "args" { "with" } else { name });
    // A group has `with` for a blueprint only.
    let ours = ours.filter(|name| *name != "with" || is_operators || known.contains(&"class"));
    let renamed = ours.filter(|name| found.node.get(name).is_none());
    let slip = || known.iter().copied().find(|name| name.len() > 2 && strsim::osa_distance(key, name) == 1);
    renamed.or_else(|| suggest(key, known.iter().copied())).or_else(slip).or(ours)
}

/// Keys that a map does not have. Those that the same is to be said of are one mistake.
fn unknown_keys(keys: &[(&str, Option<&'static str>)], found: &Found<'_>, way: &Way) -> Vec<Diagnostic> {
    let mut by_help: Vec<(String, Vec<&str>)> = Vec::new();
    for (key, near) in keys {
        let help = help_for(key, *near, found, way);
        match by_help.iter_mut().find(|(other, _)| *other == help) {
            Some((_, keys)) => keys.push(key),
            None => by_help.push((help, vec![*key])),
        }
    }
    let tell = |(help, keys): (String, Vec<&str>)| {
        let written: Vec<String> = keys.iter().map(|key| key.escape_debug().to_string()).collect();
        let listed = quoted_list(written.iter().map(String::as_str));
        let title = format!("there {} {listed}{}", if keys.len() == 1 { "is no key" } else { "are no keys" }, found.whose());
        let span = |key: &&str| found.node.entry(key).map_or(found.node.span, |entry| entry.key.span);
        let fault = Diagnostic::error(&code::UNKNOWN_FIELD, title);
        keys.iter().take(MOST_LABELS).map(span).fold(fault, |fault, span| fault.at(span, "")).help(help)
    };
    by_help.into_iter().map(tell).collect()
}

/// Places of one mistake that are shown.
const MOST_LABELS: usize = 5;

fn help_for(key: &str, near: Option<&str>, found: &Found<'_>, way: &Way) -> String {
    let known = known_keys(way);
    let is_renamed = wrong_names::ours(key, &known).is_some();
    if let Some(help) = wrong_names::elsewhere(key, found.name, &known).filter(|_| !is_renamed) {
        return help.to_owned();
    }
    if ["defaults", "tasks"].iter().all(|of_ours| known.contains(of_ours)) && is_of_tasks(key) {
        return "write it in a task, or below `defaults:` for all of them".to_owned();
    }
    if let Some(help) = unspaced(key, found, &known) {
        return help;
    }
    match near {
        Some(near) if found.node.get(near).is_some() => format!("`{near}` is there already: delete this one"),
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "delete it".to_owned(),
        None if is_task(key, found, &known) => "write the tasks of a group below `tasks:`".to_owned(),
        None => format!("known keys: {}", quoted_list(known)),
    }
}

/// Whether a key is one that `defaults:` has.
fn is_of_tasks(key: &str) -> bool {
    let settings = document(super::Kind::Workflow.file()).pointer("/$defs/Settings/properties");
    settings.is_some_and(|settings| settings.get(key).is_some())
}

/// Whether a key that a group does not have is a task of it.
fn is_task(key: &str, found: &Found<'_>, known: &[&str]) -> bool {
    let is_group = known.contains(&"tasks") && known.contains(&"for_each");
    is_group && found.node.get("tasks").is_none() && found.node.get(key).is_some_and(|value| matches!(value.value, Yaml::Map(_)))
}

/// `{ retries:2 }`: in brackets the `:` needs a space behind it.
fn unspaced(key: &str, found: &Found<'_>, known: &[&str]) -> Option<String> {
    let (name, value) = key.split_once(':')?;
    let is_alone = matches!(found.node.get(key)?.value, Yaml::Null);
    (is_alone && known.contains(&name)).then(|| format!("write `{name}: {}`, with a space behind the `:`", value.escape_debug()))
}

fn missing_key(name: &str, found: &Found<'_>, way: &Way) -> Diagnostic {
    let first = found.node.entries().first().map(|entry| entry.key.span);
    let span = found.key.or(first).unwrap_or(found.node.span);
    let fault = Diagnostic::error(&code::MISSING_FIELD, format!("`{name}` is missing{}", found.whose())).at(span, "");
    // What is required unless something else is there is described a level further out.
    let is_otherwise = |outer: &&'static Value| outer.get("else").is_some_and(|inner| std::ptr::eq(inner, way.last()));
    let outer = way.union().nth(1).filter(is_otherwise);
    let schema = std::iter::once(way.last()).chain(outer).find_map(|schema| schema.pointer(&format!("/properties/{name}")));
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
