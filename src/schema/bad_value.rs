//! Values that a schema does not take, in words.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::lookup::{Found, Way};
use super::meant;
use crate::diag::{Diagnostic, codes as code, quoted_list, suggest};
use crate::source::Texts;
use crate::yaml::{Node, Value as Yaml};

/// What a schema says is expected, looking outwards only through branches of a union.
pub(super) fn expects(way: &Way) -> Option<&'static str> {
    way.union().find_map(|schema| schema.get("x-expects")).and_then(Value::as_str)
}

pub(super) fn tell(error: &ValidationError<'_>, found: &Found<'_>, way: &Way, texts: &Texts) -> Diagnostic {
    let (shown, expected) = (shown(found.node), expects(way));
    let fault = |title: String| Diagnostic::error(&code::BAD_VALUE, title).at(found.node.span, "");
    let or_expected = |otherwise: &str| expected.map_or_else(|| otherwise.to_owned(), |expected| format!("write {expected}"));
    match error.kind() {
        Kind::Type { kind } => wrong_type(kind, found, way, texts),
        Kind::Enum { options } => {
            let known: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let is_cron =
                found.name == Some("preset") && found.node.as_str().is_some_and(|text| text.split_ascii_whitespace().count() == 5);
            if is_cron {
                return fault(format!("{shown} is not known here"))
                    .help(format!("write `cron: \"{}\"`", found.node.as_str().unwrap_or_default()));
            }
            let ours = |text: &str| SYNONYMS.iter().find(|(other, ours)| *other == text && known.contains(ours)).map(|(_, ours)| *ours);
            // `TriggerRule.ALL_DONE`, as Python has it.
            let last = |text: &str| text.rsplit('.').next().unwrap_or_default().to_lowercase();
            let same = |text: &str| known.iter().copied().find(|known| *known == last(text));
            let near =
                found.node.as_str().and_then(|text| ours(text).or_else(|| same(text)).or_else(|| suggest(text, known.iter().copied())));
            let listed = || format!("write one of {}", quoted_list(known.iter().copied()));
            fault(format!("{shown} is not known here")).help(near.map_or_else(listed, |near| format!("did you mean `{near}`?")))
        }
        Kind::Minimum { limit } => fault(format!("{shown} is too small")).help(format!("write {limit} or more")),
        Kind::Maximum { limit } => fault(format!("{shown} is too large")).help(format!("write {limit} or less")),
        Kind::MinItems { .. } => fault("the list is empty".to_owned()).help("add an item, or delete the key"),
        Kind::MinLength { .. } => fault("the text is empty".to_owned()).help(or_expected("write something")),
        Kind::MaxLength { limit } => fault(format!("{shown} is longer than {limit} characters")).help("shorten it: nothing is ever cut"),
        Kind::MinProperties { .. } => fault(format!("too few keys{}", found.whose())).help(or_expected("add a key, or delete the map")),
        Kind::MaxProperties { .. } => fault(format!("too many keys{}", found.whose())).help(or_expected("delete a key")),
        _ => match expected {
            Some(expected) => {
                let meant = found.node.as_str().and_then(|text| meant::text(text, expected, way));
                let is_empty = found.node.as_str().is_some_and(str::is_empty);
                let title = if is_empty { "the text is empty".to_owned() } else { does_not_fit(&shown, expected) };
                fault(title).help(format!("write {}", meant.as_deref().unwrap_or(expected)))
            }
            None => fault(error.to_string()).help("see `freehold schema` for what fits"),
        },
    }
}

/// Words of other tools, and ours.
const SYNONYMS: [(&str, &str); 4] = [("annually", "yearly"), ("@annually", "yearly"), ("midnight", "daily"), ("@midnight", "daily")];

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

fn wrong_type(kind: &TypeKind, found: &Found<'_>, way: &Way, texts: &Texts) -> Diagnostic {
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
        None if let Some(example) = meant::example(way, &accepted) => format!("write {wanted}, such as `{example}`"),
        None if wanted == "a map" && found.key.is_some() => "write `key: value` pairs, indented below it".to_owned(),
        None if wanted == "a map" => "write `key: value` pairs".to_owned(),
        None => format!("write {wanted}"),
    };
    let retold = || meant::retold(found, &accepted, way, texts).map(|meant| format!("write {meant}"));
    let help = if is_empty { unwritten(found, &accepted, way, texts) } else { retyped(found, &accepted, way, texts).or_else(retold) };
    fault.help(help.unwrap_or_else(otherwise))
}

fn has_pattern(way: &Way) -> bool {
    way.last().get("pattern").is_some()
}

/// Whether any text is taken, so that a value in quotes is one.
fn takes_any_text(accepted: &[String], way: &Way) -> bool {
    accepted.iter().any(|each| each == "string") && !has_pattern(way) && expects(way).is_none_or(|expected| expected.starts_with("a text"))
}

/// A text that YAML reads as nothing: `null`, `~`, or what a `#` has made a comment.
fn unwritten(found: &Found<'_>, accepted: &[String], way: &Way, texts: &Texts) -> Option<String> {
    if !accepted.iter().any(|each| each == "string") {
        return None;
    }
    let written = texts.slice(found.node.span);
    if !written.is_empty() && takes_any_text(accepted, way) {
        return Some(format!("put it in quotes, if the text is meant: `\"{written}\"`"));
    }
    let comment = texts.behind(found.key?).trim_start_matches(':').trim();
    let is_text = comment.starts_with('#') && !comment[1..].starts_with([' ', '#', '!']) && comment.len() > 1;
    is_text.then(|| format!("a `#` starts a comment: put the text in quotes, `\"{}\"`", comment.escape_debug()))
}

/// The same value written as the type that is taken, where that is plain.
fn retyped(found: &Found<'_>, accepted: &[String], way: &Way, texts: &Texts) -> Option<String> {
    let takes = |name: &str| accepted.iter().any(|each| each == name);
    let takes_duration = expects(way).is_some_and(|expected| expected.starts_with("a duration"));
    let written = texts.slice(found.node.span);
    match &found.node.value {
        Yaml::Number(number) if takes_duration && number.is_u64() => Some(format!("write its unit too: `{number}s`")),
        // A map that was not meant to be one: `--where region: eu`.
        Yaml::Map(entries) if takes_any_text(accepted, way) && !takes("object") && (found.key.is_none() || !written.starts_with('{')) => {
            (entries.len() == 1 && !written.contains(['\n', '"'])).then(|| format!("put it in quotes: `\"{written}\"`"))
        }
        Yaml::Number(_) | Yaml::Bool(_) if takes_any_text(accepted, way) => Some(format!("put it in quotes: `\"{written}\"`")),
        Yaml::Number(number) if takes("boolean") && (number.as_u64() == Some(0) || number.as_u64() == Some(1)) => {
            Some(format!("write `{}`", number.as_u64() == Some(1)))
        }
        Yaml::String(text) => retyped_text(text, &takes),
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::List(_) | Yaml::Map(_) => None,
    }
}

fn retyped_text(text: &str, takes: &impl Fn(&str) -> bool) -> Option<String> {
    let word = text.to_ascii_lowercase();
    match word.as_str() {
        "true" | "false" if takes("boolean") => return Some(format!("write it without quotes: `{word}`")),
        "yes" | "on" if takes("boolean") => return Some("write `true`".to_owned()),
        "no" | "off" if takes("boolean") => return Some("write `false`".to_owned()),
        _ => {}
    }
    let number = text.strip_suffix('%').unwrap_or(text);
    if takes("integer") && number.parse::<i64>().is_ok() {
        return Some(if number == text { format!("write it without quotes: `{text}`") } else { format!("write `{number}`") });
    }
    (takes("array") && !takes("object") && !takes("string")).then(|| format!("write a list: `[{}]`", as_items(text)))
}

/// Words of a text as items of a list; all of it as one item when it holds more than plain words.
fn as_items(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || " -_./=,>".contains(character);
    // `load >> clean`, as Airflow has it.
    let is_between = |character: char| ",>".contains(character) || character.is_whitespace();
    let words: Vec<&str> = text.split(is_between).filter(|word| !word.is_empty()).collect();
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
