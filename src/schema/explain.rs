//! Violations of a schema in words, at the place where they are.

use std::collections::HashSet;

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value;

use super::lookup::{Found, find, schemas};
use super::wrong_names;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::Span;
use crate::yaml::{Node, Value as Yaml};

/// Tells each violation once.
pub(super) fn explain<'e>(errors: impl Iterator<Item = ValidationError<'e>>, root: &Node, sink: &mut Sink) {
    let mut told: HashSet<String> = HashSet::new();
    for error in errors {
        let pointer = error.instance_path().as_str().to_owned();
        let location = error.absolute_keyword_location().map(|location| location.as_str().to_owned()).unwrap_or_default();
        let way = schemas(&location);
        let found = find(root, &pointer);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                unexpected.iter().for_each(|key| sink.push(unknown_key(key, &found, &way)));
            }
            ValidationErrorKind::Required { property } if !told.contains(&pointer) => sink.push(missing_key(property, &found, &way)),
            _ if told.insert(pointer) => sink.push(bad_value(&error, &found, &way)),
            _ => {}
        }
    }
}

fn unknown_key(key: &str, found: &Found<'_>, way: &[&'static Value]) -> Diagnostic {
    let span = found.node.entry(key).map_or(found.node.span, |entry| entry.key.span);
    let known: Vec<&str> = way
        .last()
        .and_then(|schema| schema.get("properties"))
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|map| map.keys().map(String::as_str))
        .collect();
    let taken = |name: &str| found.node.get(name).is_some();
    let renamed = wrong_names::ours(key).filter(|name| known.contains(name) && !taken(name));
    let near = renamed.or_else(|| suggest(key, known.iter().copied()));
    let whose = found.name.map_or_else(String::new, |name| format!(" in `{}`", name.escape_debug()));
    let fault = Diagnostic::error(&code::UNKNOWN_FIELD, format!("there is no key `{}`{whose}", key.escape_debug())).at(span, "");
    match near {
        Some(near) if taken(near) => fault.help(format!("`{near}` is there already: delete this one")),
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => fault.help("delete it"),
        None => fault.help(format!("known keys: {}", quoted_list(known))),
    }
}

fn missing_key(property: &Value, found: &Found<'_>, way: &[&'static Value]) -> Diagnostic {
    let name = property.as_str().unwrap_or_default();
    let first = found.node.entries().first().map(|entry| entry.key.span);
    let span = found.key.or(first).unwrap_or(found.node.span);
    let whose = found.name.map_or_else(String::new, |owner| format!(" in `{}`", owner.escape_debug()));
    let fault = Diagnostic::error(&code::MISSING_FIELD, format!("`{name}` is missing{whose}")).at(span, "");
    let schema = way.last().and_then(|schema| schema.pointer(&format!("/properties/{name}")));
    let description = schema.and_then(|schema| schema.get("description")).and_then(Value::as_str);
    let first_sentence = description.and_then(|text| text.split(". ").next()).map(|text| text.trim_end_matches('.'));
    match (expects(way), first_sentence) {
        (Some(expects), None) => fault.help(format!("write {expects}")),
        (_, Some(sentence)) => fault.help(format!("add `{name}:` ({})", lower_first(sentence))),
        (None, None) => fault.help(format!("add `{name}:`")),
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// What a schema says is expected, looking outwards only through branches of a union.
fn expects(way: &[&'static Value]) -> Option<&'static str> {
    way.iter().rev().take(4).find_map(|schema| schema.get("x-expects")).and_then(Value::as_str)
}

fn bad_value(error: &ValidationError<'_>, found: &Found<'_>, way: &[&'static Value]) -> Diagnostic {
    let span: Span = found.node.span;
    let shown = shown(found.node);
    let expected = expects(way);
    let fault = |title: String| Diagnostic::error(&code::BAD_VALUE, title).at(span, "");
    match error.kind() {
        ValidationErrorKind::Type { kind } => wrong_type(kind, found, expected),
        ValidationErrorKind::Enum { options } => {
            let known: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let near = found.node.as_str().and_then(|text| suggest(text, known.iter().copied()));
            let help = near
                .map_or_else(|| format!("write one of {}", quoted_list(known.iter().copied())), |near| format!("did you mean `{near}`?"));
            fault(format!("{shown} is not known here")).help(help)
        }
        ValidationErrorKind::Minimum { limit } => fault(format!("{shown} is too small")).help(format!("write {limit} or more")),
        ValidationErrorKind::Maximum { limit } => fault(format!("{shown} is too large")).help(format!("write {limit} or less")),
        ValidationErrorKind::MinItems { .. } => fault("the list is empty".to_owned()).help("add an item, or delete the key"),
        ValidationErrorKind::MinLength { .. } => fault("the text is empty".to_owned())
            .help(expected.map_or_else(|| "write something".to_owned(), |expected| format!("write {expected}"))),
        ValidationErrorKind::MaxLength { limit } => {
            fault(format!("{shown} is longer than {limit} characters")).help("shorten it: nothing is ever cut")
        }
        _ => match expected {
            Some(expected) => fault(format!("{shown} is not {expected}")).help(format!("write {expected}")),
            None => fault(error.to_string()).help("see `freehold schema` for what fits"),
        },
    }
}

/// A value as a title shows it.
fn shown(node: &Node) -> String {
    match &node.value {
        Yaml::Null => "nothing".to_owned(),
        Yaml::Bool(flag) => format!("`{flag}`"),
        Yaml::Number(number) => format!("`{number}`"),
        Yaml::String(text) if text.chars().count() > 60 => format!("`{}…`", text.chars().take(60).collect::<String>().escape_debug()),
        Yaml::String(text) => format!("`{}`", text.escape_debug()),
        Yaml::List(_) => "a list".to_owned(),
        Yaml::Map(_) => "a map".to_owned(),
    }
}

fn wrong_type(kind: &TypeKind, found: &Found<'_>, expected: Option<&str>) -> Diagnostic {
    let types: Vec<String> = match kind {
        TypeKind::Single(single) => vec![single.to_string()],
        TypeKind::Multiple(many) => many.iter().map(|each| each.to_string()).collect(),
    };
    let words: Vec<&str> = types.iter().map(|name| word(name)).collect();
    let wanted = expected.map_or_else(|| words.join(" or "), str::to_owned);
    let is_empty = matches!(found.node.value, Yaml::Null);
    let span = if is_empty { found.key.unwrap_or(found.node.span) } else { found.node.span };
    let title = match (found.name, is_empty) {
        (Some(name), true) => format!("`{}` has no value", name.escape_debug()),
        (Some(name), false) => format!("`{}` takes {}, and this is {}", name.escape_debug(), wanted_short(&words), kind_of(found.node)),
        (None, _) => format!("{} is expected here, and this is {}", wanted_short(&words), kind_of(found.node)),
    };
    let fault = Diagnostic::error(&code::WRONG_TYPE, title).at(span, "");
    match &found.node.value {
        Yaml::Number(number) if types == ["string"] => fault.help(format!("put it in quotes: `\"{number}\"`")),
        Yaml::Bool(flag) if types == ["string"] => fault.help(format!("put it in quotes: `\"{flag}\"`")),
        Yaml::String(text) if types == ["array"] => fault.help(format!("write a list: `[{}]`", text.escape_debug())),
        Yaml::String(text) if types == ["integer"] && text.parse::<i64>().is_ok() => {
            fault.help(format!("write it without quotes: `{text}`"))
        }
        _ => fault.help(format!("write {wanted}")),
    }
}

fn wanted_short(words: &[&str]) -> String {
    words.join(" or ")
}

fn word(json_type: &str) -> &str {
    match json_type {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "a map",
        "null" => "nothing",
        other => other,
    }
}

fn kind_of(node: &Node) -> &'static str {
    match &node.value {
        Yaml::Null => "nothing",
        Yaml::Bool(_) => "a boolean",
        Yaml::Number(_) => "a number",
        Yaml::String(_) => "a text",
        Yaml::List(_) => "a list",
        Yaml::Map(_) => "a map",
    }
}
