//! What is inside `${{ … }}`.

use super::cursor::{Step, follow};
use super::names::{Known, Names};
use crate::source::Span;
use crate::yaml::Node;

/// The expression around an offset: what stands between its opening and the offset.
pub(super) fn before(text: &str, offset: usize) -> Option<&str> {
    let line = &text[text[..offset].rfind('\n').map_or(0, |at| at + 1)..offset];
    let inner = &line[line.rfind("${{")? + 3..];
    (!inner.contains("}}")).then(|| inner.trim_start())
}

/// The whole dotted name around an offset inside an expression.
pub(super) fn name_at(text: &str, offset: usize) -> Option<&str> {
    before(text, offset)?;
    let is_name = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    let start = text[..offset].trim_end_matches(is_name).len();
    let end = offset + text[offset..].len() - text[offset..].trim_start_matches(is_name).len();
    Some(&text[start..end]).filter(|name| !name.is_empty())
}

/// What stands by itself.
const WORDS: [(&str, &str); 5] = [
    ("environment", "The environment that the platform's branch is."),
    ("team", "The team."),
    ("source", "The source: the repository as the team publishes it."),
    ("workflow", "The workflow's name."),
    ("task", "The task's name."),
];

/// What has names below it.
const SPACES: [(&str, &str); 5] = [
    ("run.", "What is known of a run once it is there."),
    ("vars.", "A variable of the workflow, the project or the platform."),
    ("params.", "A parameter of the run."),
    ("tasks.", "What another task handed over."),
    ("each.", "The item that a fan-out repeats for."),
];

const RUN: [(&str, &str); 5] = [
    ("date", "The day of the run's logical date, such as `2026-01-31`."),
    ("id", "The run's id."),
    ("logical_date", "The run's logical date, as ISO 8601."),
    ("data_interval_start", "The start of the time whose data the run works on."),
    ("data_interval_end", "The end of the time whose data the run works on."),
];

/// What may follow in an expression, each with the whole name that it would be.
pub(super) fn known(root: &Node, steps: &[Step], names: &Names, before: &str) -> Vec<Known> {
    let written = |list: &[(&str, &str)], space: &str| -> Vec<Known> {
        let known = |(name, about): &(&str, &str)| Known { name: format!("{space}{name}"), about: (*about).to_owned(), ..Known::default() };
        list.iter().map(known).collect()
    };
    match before.split_once('.').map(|(space, _)| space) {
        None => [written(&WORDS, ""), written(&SPACES, "")].concat(),
        Some("run") => written(&RUN, "run."),
        Some("vars") => {
            let own = below(root, &[Step::Key("vars".to_owned())], "vars.");
            let others = names.vars.iter().map(|known| Known { name: format!("vars.{}", known.name), ..known.clone() });
            own.into_iter().chain(others).collect()
        }
        Some("params") => below(root, &[Step::Key("params".to_owned())], "params."),
        Some("tasks") => outputs(root, steps),
        Some("each") => each(root, steps, names),
        Some(_) => Vec::new(),
    }
}

/// What a dotted name means, which may go on behind it: `tasks.pull.output.rows`.
fn meant(root: &Node, steps: &[Step], names: &Names, name: &str) -> Option<Known> {
    let is_meant = |known: &Known| name.strip_prefix(known.name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    known(root, steps, names, name).into_iter().find(is_meant)
}

/// What the value at a span means: what the expression around an offset names, or all of the value.
pub(super) fn named(text: &str, root: &Node, steps: &[Step], (span, offset): (Span, usize), names: &Names) -> Option<Known> {
    if let Some(name) = name_at(text, offset) {
        return meant(root, steps, names, name);
    }
    let written = written(text, span)?;
    names.at(root, steps).into_iter().find(|known| known.name == written)
}

/// A value without its quotes.
pub(super) fn written(text: &str, span: Span) -> Option<&str> {
    Some(text.get(span.start as usize..span.end as usize)?.trim_matches(['"', '\'']))
}

/// The keys of a map, behind the name of their space.
fn below(root: &Node, steps: &[Step], space: &str) -> Vec<Known> {
    let entries = follow(root, steps).map(Node::entries).unwrap_or_default();
    let known = |entry: &crate::yaml::Entry| Known {
        name: format!("{space}{}", entry.key.value),
        about: entry.value.as_str().map(|text| format!("`{text}`")).unwrap_or_default(),
        path: None,
        span: Some(entry.key.span),
    };
    entries.iter().map(known).collect()
}

/// The tasks around a place that hand something over.
fn outputs(root: &Node, steps: &[Step]) -> Vec<Known> {
    let tables = steps.iter().enumerate().filter(|(_, step)| matches!(step.key(), Some("tasks" | "groups")));
    let parents = tables.filter_map(|(at, _)| follow(root, &steps[..at])).chain(std::iter::once(root));
    let mut found: Vec<Known> = Vec::new();
    for entry in parents.flat_map(|parent| parent.get("tasks").map(Node::entries).unwrap_or_default()) {
        let name = format!("tasks.{}.output", entry.key.value);
        if entry.value.get("output").is_some() && found.iter().all(|known| known.name != name) {
            let span: Option<Span> = Some(entry.key.span);
            found.push(Known { name, about: "What the task handed over.".to_owned(), path: None, span });
        }
    }
    found
}

/// What is no variable in `for_each`.
const OPTIONS: [&str; 5] = ["zip", "include", "exclude", "filter", "batch"];

/// The variables of the fan-outs around a place, each with its columns behind it.
fn each(root: &Node, steps: &[Step], names: &Names) -> Vec<Known> {
    let inner = "for_each".to_owned();
    let around = (0..=steps.len()).rev().map(|length| [&steps[..length], &[Step::Key(inner.clone())]].concat());
    let with_columns = |variable: Known| {
        let name = variable.name.trim_start_matches("each.").to_owned();
        (!OPTIONS.contains(&name.as_str())).then_some((name, variable))
    };
    let mut found = Vec::new();
    for steps in around {
        for (name, variable) in below(root, &steps, "each.").into_iter().filter_map(with_columns) {
            let node = follow(root, &steps).and_then(|fan_out| fan_out.get(&name));
            let columns = node.map(|node| names.columns_of(node)).unwrap_or_default();
            let column = |column: String| Known { name: format!("each.{name}.{column}"), about: "a column".to_owned(), ..variable.clone() };
            let columns: Vec<Known> = columns.into_iter().map(column).collect();
            found.push(variable);
            found.extend(columns);
        }
    }
    found
}
