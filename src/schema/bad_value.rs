//! Values that a schema does not take, in words.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::lookup::Found;
use crate::diag::{Diagnostic, codes as code, quoted_list, suggest};
use crate::source::Texts;
use crate::yaml::{Node, Value as Yaml};

/// What a schema says is expected, looking outwards only through branches of a union.
pub(super) fn expects(way: &[&'static Value]) -> Option<&'static str> {
    way.iter().rev().take(4).find_map(|schema| schema.get("x-expects")).and_then(Value::as_str)
}

pub(super) fn tell(error: &ValidationError<'_>, found: &Found<'_>, way: &[&'static Value], texts: &Texts) -> Diagnostic {
    let (shown, expected) = (shown(found.node), expects(way));
    let fault = |title: String| Diagnostic::error(&code::BAD_VALUE, title).at(found.node.span, "");
    let or_expected = |otherwise: &str| expected.map_or_else(|| otherwise.to_owned(), |expected| format!("write {expected}"));
    match error.kind() {
        Kind::Type { kind } => wrong_type(kind, found, way, texts),
        Kind::Enum { options } => {
            let known: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let near = found.node.as_str().and_then(|text| suggest(text, known.iter().copied()));
            let listed = || format!("write one of {}", quoted_list(known.iter().copied()));
            fault(format!("{shown} is not known here")).help(near.map_or_else(listed, |near| format!("did you mean `{near}`?")))
        }
        Kind::Minimum { limit } => fault(format!("{shown} is too small")).help(format!("write {limit} or more")),
        Kind::Maximum { limit } => fault(format!("{shown} is too large")).help(format!("write {limit} or less")),
        Kind::MinItems { .. } => fault("the list is empty".to_owned()).help("add an item, or delete the key"),
        Kind::MinLength { .. } => fault("the text is empty".to_owned()).help(or_expected("write something")),
        Kind::MaxLength { limit } => fault(format!("{shown} is longer than {limit} characters")).help("shorten it: nothing is ever cut"),
        Kind::MinProperties { .. } => fault("keys are missing here".to_owned()).help(or_expected("add a key, or delete the map")),
        Kind::MaxProperties { .. } => fault("too many keys for one map".to_owned()).help(or_expected("delete a key")),
        _ => match expected {
            Some(expected) => {
                let meant = found.node.as_str().and_then(|text| meant(text, expected));
                fault(does_not_fit(&shown, expected)).help(format!("write {}", meant.as_deref().unwrap_or(expected)))
            }
            None => fault(error.to_string()).help("see `freehold schema` for what fits"),
        },
    }
}

/// A date or a duration that only needs another form.
fn meant(text: &str, expected: &str) -> Option<String> {
    if expected.starts_with("a day") {
        return day(text).map(|day| format!("`{day}`"));
    }
    let clock = expected.starts_with("a duration").then(|| text.split(':').map(|part| part.parse::<u32>().ok()))?;
    match *clock.collect::<Option<Vec<u32>>>()?.as_slice() {
        [hours, 0] | [hours, 0, 0] => Some(format!("`{hours}h`")),
        [hours, minutes] | [hours, minutes, 0] => Some(format!("`{}m`", hours.checked_mul(60)?.checked_add(minutes)?)),
        [hours, minutes, seconds] => {
            Some(format!("`{}s`", hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?.checked_add(seconds)?))
        }
        _ => None,
    }
}

/// A day whose year comes first, with the zeros that it needs. Nobody knows which of `01/02/2026` is the month.
fn day(text: &str) -> Option<String> {
    let parts: Option<Vec<u32>> = text.split(['-', '/', '.']).map(|part| part.parse().ok()).collect();
    match *parts?.as_slice() {
        [year @ 1970..=9999, month @ 1..=12, day @ 1..=31] => Some(format!("{year}-{month:02}-{day:02}")),
        _ => None,
    }
}

fn does_not_fit(shown: &str, expected: &str) -> String {
    noun(expected).map_or_else(|| format!("{shown} does not fit here"), |noun| format!("{shown} is not {noun}"))
}

/// What is expected without its examples, which are the help's; `None` when it is a choice.
fn noun(expected: &str) -> Option<&str> {
    let end = [", such as ", " such as ", ": ", "; "].iter().filter_map(|mark| expected.find(mark)).min().unwrap_or(expected.len());
    Some(&expected[..end]).filter(|noun| !noun.contains('`'))
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

/// JSON's types in the order in which they are told, and what we call them.
const TYPES: [(&str, &str); 7] = [
    ("string", "a text"),
    ("integer", "a whole number"),
    ("number", "a number"),
    ("boolean", "`true` or `false`"),
    ("array", "a list"),
    ("object", "a map"),
    ("null", "nothing"),
];

fn wrong_type(kind: &TypeKind, found: &Found<'_>, way: &[&'static Value], texts: &Texts) -> Diagnostic {
    let accepted: Vec<String> = match kind {
        TypeKind::Single(single) => vec![single.to_string()],
        TypeKind::Multiple(many) => many.iter().map(|each| each.to_string()).collect(),
    };
    let words: Vec<&str> = TYPES.iter().filter(|(name, _)| accepted.iter().any(|each| each == name)).map(|(_, word)| *word).collect();
    let wanted = expects(way).filter(|_| has_pattern(way)).and_then(noun).map_or_else(|| alternatives(&words), str::to_owned);
    let is_empty = matches!(found.node.value, Yaml::Null);
    let span = if is_empty { found.key.unwrap_or(found.node.span) } else { found.node.span };
    let title = match (found.subject(), is_empty) {
        (Some(subject), true) => format!("{subject} has no value"),
        (Some(subject), false) => format!("{subject} takes {wanted}, and this is {}", kind_of(found.node, &accepted)),
        (None, _) => format!("{wanted} is expected here, and this is {}", kind_of(found.node, &accepted)),
    };
    let fault = Diagnostic::error(&code::WRONG_TYPE, title).at(span, "");
    let otherwise = || match expects(way) {
        Some(expected) => format!("write {expected}"),
        None if wanted == "a map" && found.key.is_some() => "write `key: value` pairs, indented below it".to_owned(),
        None if wanted == "a map" => "write `key: value` pairs".to_owned(),
        None => format!("write {wanted}"),
    };
    let help = if is_empty { unwritten(found, &accepted, texts) } else { retyped(found.node, &accepted, way, texts) };
    fault.help(help.unwrap_or_else(otherwise))
}

fn has_pattern(way: &[&'static Value]) -> bool {
    way.last().is_some_and(|schema| schema.get("pattern").is_some())
}

/// A text that YAML reads as nothing: `null`, `~`, or what a `#` has made a comment.
fn unwritten(found: &Found<'_>, accepted: &[String], texts: &Texts) -> Option<String> {
    if !accepted.iter().any(|each| each == "string") {
        return None;
    }
    let written = texts.slice(found.node.span);
    if !written.is_empty() {
        return Some(format!("put it in quotes, if the text is meant: `\"{written}\"`"));
    }
    let comment = texts.behind(found.key?).trim_start_matches(':').trim();
    let is_text = comment.starts_with('#') && !comment[1..].starts_with([' ', '#', '!']) && comment.len() > 1;
    is_text.then(|| format!("a `#` starts a comment: put the text in quotes, `\"{}\"`", comment.escape_debug()))
}

/// The same value written as the type that is taken, where that is plain.
fn retyped(node: &Node, accepted: &[String], way: &[&'static Value], texts: &Texts) -> Option<String> {
    let takes = |name: &str| accepted.len() == 1 && accepted.iter().any(|each| each == name);
    let takes_any_text = takes("string") && !has_pattern(way);
    let takes_duration = expects(way).is_some_and(|expected| expected.starts_with("a duration"));
    match &node.value {
        Yaml::Number(number) if takes_duration && number.is_u64() => Some(format!("write its unit too: `{number}s`")),
        Yaml::Map(entries) if accepted.iter().any(|each| each == "string") && !accepted.iter().any(|each| each == "object") => {
            let written = texts.slice(node.span);
            (entries.len() == 1 && !written.contains(['\n', '"'])).then(|| format!("put it in quotes: `\"{written}\"`"))
        }
        Yaml::Number(_) | Yaml::Bool(_) if takes_any_text => Some(format!("put it in quotes: `\"{}\"`", texts.slice(node.span))),
        Yaml::String(text) if takes("array") => Some(format!("write a list: `[{}]`", as_items(text))),
        Yaml::String(text) if takes("integer") && text.parse::<i64>().is_ok() => Some(format!("write it without quotes: `{text}`")),
        Yaml::String(text) if takes("boolean") && matches!(text.as_str(), "true" | "false") => {
            Some(format!("write it without quotes: `{text}`"))
        }
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) | Yaml::List(_) | Yaml::Map(_) => None,
    }
}

/// Words of a text as items of a list; all of it as one item when it holds more than plain words.
fn as_items(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || " -_./=".contains(character);
    let words: Vec<&str> = text.split_whitespace().collect();
    if text.chars().all(is_plain) && !words.is_empty() { words.join(", ") } else { format!("\"{}\"", text.escape_debug()) }
}

fn alternatives(words: &[&str]) -> String {
    match words {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

fn kind_of(node: &Node, accepted: &[String]) -> &'static str {
    match &node.value {
        Yaml::Null => "nothing",
        Yaml::Bool(_) => "a boolean",
        Yaml::Number(number) if number.is_f64() && accepted.iter().any(|each| each == "integer") => "a fraction",
        Yaml::Number(_) => "a number",
        Yaml::String(_) => "a text",
        Yaml::List(_) => "a list",
        Yaml::Map(_) => "a map",
    }
}
