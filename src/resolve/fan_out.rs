//! Fan-outs: items to rows with a name each.

use std::collections::HashMap;

use super::Surroundings;
use super::data::{Rows, rows_of};
use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::ir::{FanOut, Row};
use crate::name::TaskName;
use crate::source::Span;
use crate::spec::{ForEach, Items};

/// A fan-out and where each of its rows stands.
pub(super) struct ResolvedFanOut {
    /// The fan-out.
    pub(super) fan_out: FanOut,
    /// Places of its rows; empty when it is mapped.
    pub(super) places: Vec<Span>,
}

/// Resolves a fan-out; `None` when something is wrong, which has been told.
pub(super) fn resolve_fan_out(for_each: &ForEach, surroundings: &Surroundings<'_>, sink: &mut Sink) -> Option<ResolvedFanOut> {
    let variable = for_each.variable.value.clone();
    match &for_each.items {
        Items::Output { task, path } => {
            let task = TaskName::parse(&task.value).ok()?;
            Some(ResolvedFanOut { fan_out: FanOut::Mapped { variable, task, path: path.clone(), key: Vec::new() }, places: Vec::new() })
        }
        Items::Values(items, span) => name_rows(variable, &rows_of(items), None, *span, sink),
        Items::File(file) => {
            let rows = surroundings.data.get(&file.file.value)?;
            let key = file.key.as_ref().map(|key| (key.value.as_str(), key.span));
            name_rows(variable, rows, key, file.file.span, sink)
        }
    }
}

fn name_rows(variable: String, rows: &Rows, key: Option<(&str, Span)>, whole: Span, sink: &mut Sink) -> Option<ResolvedFanOut> {
    if rows.rows.is_empty() {
        sink.push(
            Diagnostic::error(&code::EMPTY_FAN_OUT, "there is nothing to repeat over")
                .at(whole, "")
                .help("add a row, or delete `for_each`"),
        );
        return None;
    }
    let mut names: HashMap<String, Span> = HashMap::new();
    let mut named = Vec::with_capacity(rows.rows.len());
    let mut places = Vec::with_capacity(rows.rows.len());
    for (value, span) in &rows.rows {
        match name_row(value, key, *span, whole) {
            Ok(name) => {
                if let Some(first) = names.insert(name.to_ascii_lowercase(), *span) {
                    let fault = Diagnostic::error(&code::ITEM_NAME, format!("two items are called `{name}`"))
                        .at(*span, "the second")
                        .at(first, "the first");
                    sink.push(fault.help("delete one of them, or choose another `key`"));
                    return None;
                }
                named.push(Row { key: name, value: value.clone() });
                places.push(*span);
            }
            Err(fault) => {
                sink.push(*fault);
                return None;
            }
        }
    }
    Some(ResolvedFanOut { fan_out: FanOut::Static { variable, rows: named }, places })
}

fn name_row(value: &serde_json::Value, key: Option<(&str, Span)>, span: Span, whole: Span) -> Result<String, Box<Diagnostic>> {
    let row = Row { key: String::new(), value: value.clone() };
    let (path, place) = match (value, key) {
        (serde_json::Value::Object(_), Some((key, place))) => (vec![key.to_owned()], place),
        (serde_json::Value::Object(_), None) => (vec!["id".to_owned()], whole),
        _ => (Vec::new(), whole),
    };
    let Some(name) = row.text(&path) else { return Err(Box::new(missing_key(value, &path, place, span))) };
    let is_sound = name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'));
    if is_sound {
        return Ok(name);
    }
    let fault = Diagnostic::error(&code::ITEM_NAME, format!("`{}` cannot name a task", name.escape_debug())).at(span, "");
    let help = if path.is_empty() {
        "write maps with an `id` of letters, digits, `-` and `_`: `{ id: eu-west, name: \"EU/west\" }`"
    } else {
        "choose another `key`, whose values hold letters, digits, `-` and `_` only"
    };
    Err(Box::new(fault.help(help)))
}

fn missing_key(value: &serde_json::Value, path: &[String], place: Span, span: Span) -> Diagnostic {
    let key = path.first().map_or("", String::as_str);
    let known: Vec<&str> = value.as_object().into_iter().flat_map(|object| object.keys().map(String::as_str)).collect();
    let help = match suggest(key, known.iter().copied()).filter(|near| *near != key) {
        Some(near) => format!("write `key: {near}`"),
        None if known.contains(&key) => format!("give `{key}` a text or a number in every item"),
        None => format!("write `key:` and one of {}", crate::diag::quoted_list(known)),
    };
    Diagnostic::error(&code::ITEM_NAME, format!("an item has no `{key}` to name it by"))
        .at(place, "the key")
        .at(span, "the item")
        .help(help)
}
