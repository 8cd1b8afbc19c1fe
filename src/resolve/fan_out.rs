//! Fan-outs: the items of each variable, put together to rows with a name each.

use std::collections::HashMap;
use std::num::NonZeroU16;

use serde_json::{Map, Value as Json};

use super::Surroundings;
use super::data::{Rows, filtered, rows_of};
use crate::diag::{Diagnostic, Sink, codes as code, suggest};
use crate::ir::{FanOut, MOST_TASKS, Row};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::spec::{Combination, ForEach, Items, OutputItems};

/// A fan-out and where each of its rows stands.
pub(super) struct ResolvedFanOut {
    /// The fan-out.
    pub(super) fan_out: FanOut,
    /// Places of its rows; empty when it is mapped.
    pub(super) places: Vec<Span>,
    /// How many items a row has, and where that is written.
    batch: Option<(usize, Span)>,
}

/// What a row lacks of what a text refers to.
pub(super) struct Lacking<'a> {
    /// The item's name.
    pub(super) name: &'a str,
    /// The item.
    pub(super) item: Option<&'a Json>,
    /// Where it stands.
    pub(super) place: Span,
}

impl ResolvedFanOut {
    /// How often it repeats what is in it, as far as that is known beforehand.
    pub(super) fn count(&self) -> usize {
        self.fan_out.count().unwrap_or(1)
    }

    /// The first row that has no text for `each.<path>`.
    pub(super) fn lacking(&self, path: &[String]) -> Option<Lacking<'_>> {
        let (row, place) = self.fan_out.rows()?.iter().zip(&self.places).find(|(row, _)| row.text(path).is_none())?;
        let (variable, keys) = path.split_first()?;
        let item = match row.value.get(variable) {
            Some(Json::Array(batch)) => batch.iter().find(|item| keys.iter().try_fold(*item, |value, key| value.get(key)).is_none()),
            item => item,
        };
        Some(Lacking { name: &row.key, item, place: *place })
    }

    /// The first batch whose text for `each.<path>` no process could be started with, and where the size of batches is written.
    pub(super) fn too_long(&self, path: &[String]) -> Option<(&str, usize, Span)> {
        let (_, place) = self.batch?;
        let lengths = self.fan_out.rows()?.iter().filter_map(|row| Some((row.key.as_str(), row.text(path)?.len())));
        lengths.into_iter().find(|(_, length)| *length > LONGEST_ARGUMENT).map(|(name, length)| (name, length, place))
    }
}

/// Bytes of one argument or environment variable that Linux starts a process with, its name and the end reckoned off: `MAX_ARG_STRLEN`.
const LONGEST_ARGUMENT: usize = 130_000;

/// Resolves a fan-out; `None` when something is wrong, which has been told.
pub(super) fn resolve_fan_out(
    for_each: &ForEach,
    batch: Option<&Spanned<NonZeroU16>>,
    surroundings: &Surroundings<'_>,
    sink: &mut Sink,
) -> Option<ResolvedFanOut> {
    if let (Some(OutputItems { task, path, key }), [(variable, _)]) = (for_each.output(), for_each.variables.as_slice()) {
        let task = TaskName::parse(&task.value).ok()?;
        let key = key.iter().map(|key| key.value.clone()).collect();
        let batch = batch.map(|size| u32::from(size.value.get()));
        let fan_out = FanOut::Mapped { variable: variable.value.clone(), task, path: path.clone(), key, batch };
        return Some(ResolvedFanOut { fan_out, places: Vec::new(), batch: None });
    }
    let lists: Vec<List> = for_each.variables.iter().map(|(name, items)| list(name, items, surroundings, sink)).collect::<Option<_>>()?;
    let combinations = combine(for_each, &lists, sink)?;
    let batch = batch.map(|size| (usize::from(size.value.get()), size.span));
    name_rows(for_each, combinations, batch, sink)
}

/// The items of one variable.
struct List<'a> {
    variable: &'a Spanned<String>,
    items: Vec<Item>,
    key: Option<(&'a str, Span)>,
    /// Where the list, or the name of its file, stands.
    span: Span,
}

/// An item, what it is called, and where it stands.
#[derive(Clone)]
struct Item {
    name: String,
    value: Json,
    span: Span,
}

/// Items that go together: one of each variable, in the order of the variables.
type Together = Vec<Item>;

fn list<'a>(variable: &'a Spanned<String>, items: &'a Items, surroundings: &Surroundings<'_>, sink: &mut Sink) -> Option<List<'a>> {
    let (rows, key, span) = match items {
        // `check` has refused an output beside other variables.
        Items::Output(_) => return None,
        Items::Values(items, span) => (rows_of(items), None, *span),
        Items::File(file) => {
            let rows = filtered(surroundings.data.get(&file.file.value)?, file.filter.as_ref(), sink)?;
            (rows, file.key.as_ref().map(|key| (key.value.as_str(), key.span)), file.file.span)
        }
    };
    let Rows { rows } = rows;
    if rows.is_empty() {
        sink.push(nothing(span));
        return None;
    }
    let named = rows.into_iter().map(|(value, at)| named(value, key, at, span)).collect::<Result<Vec<Item>, _>>();
    match named {
        Ok(items) => Some(List { variable, items, key, span }),
        Err(fault) => {
            sink.push(*fault);
            None
        }
    }
}

fn nothing(span: Span) -> Diagnostic {
    let fault = Diagnostic::error(&code::EMPTY_FAN_OUT, "there is nothing to repeat over").at(span, "");
    fault.help("add a row, or delete `for_each`")
}

/// The items of all variables, put together.
fn combine(for_each: &ForEach, lists: &[List<'_>], sink: &mut Sink) -> Option<Vec<Together>> {
    let is_zip = for_each.zip.as_ref().is_some_and(|zip| zip.value);
    let mut all = if is_zip { zipped(for_each, lists, sink)? } else { product(for_each, lists, sink)? };
    for excluded in &for_each.exclude {
        let before = all.len();
        all.retain(|together| !is_meant(excluded, lists, together));
        if all.len() == before {
            let fault = Diagnostic::error(&code::COMBINATION, "nothing is left out by this").at(excluded.span, "no combination is like it");
            sink.push(fault.help("write items as they are in the lists, or delete the entry of `exclude`"));
            return None;
        }
    }
    for included in &for_each.include {
        all.push(lists.iter().map(|list| included_item(included, list, sink)).collect::<Option<_>>()?);
    }
    if all.is_empty() {
        sink.push(nothing(for_each.span));
        return None;
    }
    Some(all)
}

fn product(for_each: &ForEach, lists: &[List<'_>], sink: &mut Sink) -> Option<Vec<Together>> {
    let count = lists.iter().try_fold(1usize, |count, list| count.checked_mul(list.items.len()));
    // Before they are made: three lists of a thousand are a thousand million.
    let Some(count) = count.filter(|count| *count <= MOST_TASKS) else {
        let sizes: Vec<String> = lists.iter().map(|list| list.items.len().to_string()).collect();
        let title = format!("{} items are too many to repeat over", sizes.join(" × "));
        sink.push(too_many(title, for_each.span));
        return None;
    };
    let mut all: Vec<Together> = Vec::with_capacity(count);
    all.push(Vec::new());
    for list in lists {
        all =
            all.iter().flat_map(|before| list.items.iter().map(|item| [before.as_slice(), std::slice::from_ref(item)].concat())).collect();
    }
    Some(all)
}

/// Tells that a workflow would have more tasks than is good for anybody.
pub(super) fn too_many(title: String, span: Span) -> Diagnostic {
    let fault = Diagnostic::error(&code::TOO_MANY_TASKS, title);
    let fault = fault.at(span, format!("a workflow may have {MOST_TASKS} tasks that are known beforehand"));
    fault.help("repeat over fewer items, or over the output of a task")
}

fn zipped(for_each: &ForEach, lists: &[List<'_>], sink: &mut Sink) -> Option<Vec<Together>> {
    let first = lists.first()?;
    if let Some(other) = lists.iter().find(|list| list.items.len() != first.items.len()) {
        let [one, two] = [first, other].map(|list| (&list.variable.value, list.items.len(), list.span));
        let title = format!("`{}` has {} items and `{}` has {}", one.0, one.1, two.0, two.1);
        let fault = Diagnostic::error(&code::COMBINATION, title).at(two.2, "").at(one.2, "");
        let fault = fault.at_if(for_each.zip.as_ref().map(|zip| zip.span), "they go side by side");
        sink.push(fault.help("make the lists equally long, or delete `zip` for all combinations"));
        return None;
    }
    Some((0..first.items.len()).map(|row| lists.iter().map(|list| list.items[row].clone()).collect()).collect())
}

/// Whether a combination is one of those that an entry of `exclude` means.
fn is_meant(excluded: &Combination, lists: &[List<'_>], together: &Together) -> bool {
    lists.iter().zip(together).all(|(list, item)| {
        let wanted = excluded.get(&list.variable.value).map(crate::yaml::Node::to_json);
        wanted.is_none_or(|wanted| is_like(&item.value, &wanted) || wanted.as_str() == Some(&item.name))
    })
}

/// Whether a value is what was written, or a map that has what was written.
fn is_like(value: &Json, wanted: &Json) -> bool {
    match (value, wanted) {
        (Json::Object(value), Json::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| value.get(key).is_some_and(|value| is_like(value, wanted)))
        }
        // A CSV file holds texts only.
        (Json::String(text), Json::Number(_) | Json::Bool(_)) => crate::ir::scalar_text(wanted).as_ref() == Some(text),
        (value, wanted) => value == wanted,
    }
}

/// An item of an entry of `include`: one of the list by its name, or a new one.
fn included_item(included: &Combination, list: &List<'_>, sink: &mut Sink) -> Option<Item> {
    let node = included.get(&list.variable.value)?;
    let value = node.to_json();
    if let Some(known) = list.items.iter().find(|item| value == item.value || value.as_str() == Some(&item.name)) {
        return Some(Item { span: included.span, ..known.clone() });
    }
    match named(value, list.key, node.span, node.span) {
        Ok(item) => Some(item),
        Err(fault) => {
            sink.push(*fault);
            None
        }
    }
}

fn name_rows(for_each: &ForEach, combinations: Vec<Together>, batch: Option<(usize, Span)>, sink: &mut Sink) -> Option<ResolvedFanOut> {
    let variables: Vec<String> = for_each.variables.iter().map(|(name, _)| name.value.clone()).collect();
    let mut names: HashMap<String, Span> = HashMap::with_capacity(combinations.len());
    let mut rows = Vec::with_capacity(combinations.len());
    let mut places = Vec::with_capacity(combinations.len());
    for together in combinations {
        let span = together.first().map_or(for_each.span, |item| item.span);
        let key = together.iter().map(|item| item.name.as_str()).collect::<Vec<_>>().join("-");
        if let Some(first) = names.insert(key.to_ascii_lowercase(), span) {
            let fault = Diagnostic::error(&code::ITEM_NAME, format!("two items are called `{key}`")).at(span, "the second");
            sink.push(fault.at(first, "the first").help("delete one of them, or choose another `key`"));
            return None;
        }
        let value: Map<String, Json> = variables.iter().cloned().zip(together.into_iter().map(|item| item.value)).collect();
        rows.push(Row { key, value: Json::Object(value) });
        places.push(span);
    }
    if let Some((size, _)) = batch {
        rows = batches(&variables, &rows, size);
        places = places.into_iter().step_by(size).collect();
    }
    Some(ResolvedFanOut { fan_out: FanOut::Static { variables, rows }, places, batch })
}

/// So many rows each time as one. It is called by its number: a name made of its items would change with every item before it.
fn batches(variables: &[String], rows: &[Row], size: usize) -> Vec<Row> {
    let batch = |(index, rows): (usize, &[Row])| {
        let items = |variable: &String| Json::Array(rows.iter().filter_map(|row| row.value.get(variable).cloned()).collect());
        let value: Map<String, Json> = variables.iter().map(|variable| (variable.clone(), items(variable))).collect();
        Row { key: format!("batch-{}", index + 1), value: Json::Object(value) }
    };
    rows.chunks(size).enumerate().map(batch).collect()
}

fn named(value: Json, key: Option<(&str, Span)>, span: Span, whole: Span) -> Result<Item, Box<Diagnostic>> {
    let (path, place) = match (&value, key) {
        (Json::Object(_), Some((key, place))) => (Some(key), place),
        (Json::Object(_), None) => (Some("id"), whole),
        _ => (None, whole),
    };
    let text = path.map_or(Some(&value), |key| value.get(key)).and_then(crate::ir::scalar_text);
    let Some(name) = text else { return Err(Box::new(missing_key(&value, path.unwrap_or_default(), place, span))) };
    let is_sound = name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'));
    if is_sound {
        return Ok(Item { name, value, span });
    }
    let fault = Diagnostic::error(&code::ITEM_NAME, format!("`{}` cannot name a task", name.escape_debug())).at(span, "");
    let help = match path {
        None => "write maps with an `id` of letters, digits, `-` and `_`: `{ id: eu-west, name: \"EU/west\" }`",
        Some(_) => "choose another `key`, whose values hold letters, digits, `-` and `_` only",
    };
    Err(Box::new(fault.help(help)))
}

fn missing_key(value: &Json, key: &str, place: Span, span: Span) -> Diagnostic {
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
