//! One workflow of a change, in full.

use std::collections::HashMap;

use super::Manifest;
use super::amount::load;
use super::difference::difference;
use super::window::around_difference;
use crate::delta::{Facts, FieldChange, Kind, Mark, TaskChange, Unknown, WorkflowChange, grouped};
use crate::report::escape::{block, code, plain};
use crate::report::{Bounds, mermaid, shortened};

/// Rows of a table of settings.
const MOST_ROWS: usize = 40;
/// Characters of a value.
pub(super) const VALUE: usize = 120;
/// Lines of a manifest's difference.
const DIFF: usize = 300;

/// The parts of a workflow's section, which are shown as far as there is room, in this order of worth.
pub(super) struct Details {
    pub(super) summary: String,
    pub(super) facts: String,
    pub(super) graph: String,
    pub(super) manifests: String,
}

impl Details {
    pub(super) fn of(change: &WorkflowChange, manifests: &[&Manifest]) -> Self {
        let from = change.from.as_ref().map(|from| format!("{}/{}", from.team, from.workflow));
        let was = from.map(|from| format!(" from {}", code(&from))).unwrap_or_default();
        let graph = match change.kind {
            Kind::Removed | Kind::Regenerated | Kind::Reworded => String::new(),
            Kind::Added | Kind::Moved | Kind::Changed => format!("\n{}", block("mermaid", &mermaid(&change.graph, Bounds::OF_A_REPORT))),
        };
        Self {
            summary: format!("<b>{}</b> {}{was}", code(&change.address()), change.kind.as_str()),
            facts: facts(change),
            graph: if change.graph.nodes.is_empty() { String::new() } else { graph },
            manifests: manifests.iter().map(|manifest| difference(&manifest.file, DIFF)).collect(),
        }
    }
}

fn facts(change: &WorkflowChange) -> String {
    let mut out = same(change.kind).map(|why| format!("- {why}\n")).unwrap_or_default();
    if change.kind == Kind::Reworded {
        return out;
    }
    for (what, before, after) in compared(change) {
        out.push_str(&match (before, after) {
            (Some(before), Some(after)) if before != after => format!("- {what}: {} → **{}**\n", plain(&before), plain(&after)),
            (Some(before), None) if change.kind != Kind::Removed => format!("- {what}, before: {}\n", plain(&before)),
            (_, Some(now)) | (Some(now), None) => format!("- {what}: {}\n", plain(&now)),
            (None, None) => String::new(),
        });
    }
    out.extend(unknown(change).iter().map(|why| format!("- {why}\n")));
    out.extend(change.resembles.iter().map(|old| {
        let (line, old) = (code(&format!("renamed_from: {old}")), code(old));
        format!("- It has the tasks and the schedule of {old}, which goes. If it is the same under another name, write {line} in it\n")
    }));
    out.push_str(&whole_tasks(&change.tasks));
    out + &table(&change.settings, &change.tasks)
}

/// What a workflow asks for, line by line, before and after; `none` where there is nothing on one side only, and no line where on both.
pub(super) fn compared(change: &WorkflowChange) -> Vec<(&'static str, Option<String>, Option<String>)> {
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    let line = |what, read: &dyn Fn(&Facts) -> String| {
        let (before, after) = (before.map(read), after.map(read));
        let is_said = [&before, &after].into_iter().flatten().any(|text| !text.is_empty());
        let shown = |text: Option<String>| text.filter(|_| is_said).map(|text| if text.is_empty() { "none".to_owned() } else { text });
        (what, shown(before), shown(after))
    };
    let ends = [before, after].into_iter().flatten().any(|facts| facts.is_over) || change.kind == Kind::Added;
    let mut lines = vec![
        line("Runs", &|facts| facts.schedule.clone()),
        line("Ends", &|facts| if ends { end(facts) } else { String::new() }),
        line("Catches up", &catchup),
        line("Next runs", &|facts| facts.next_runs.join(", ")),
        line("Tasks", &|facts| grouped(facts.tasks)),
        line("At once, at the most", &|facts| load(facts.pods_at_once, &facts.requests_at_once)),
        line("Per run", &|facts| load(facts.pods_per_run, &facts.requests_per_run)),
        line("Per item", &per_item),
    ];
    lines.retain(|(what, before, after)| match *what {
        // A run that will never be says nothing about a workflow that goes.
        "Next runs" => change.kind != Kind::Removed,
        // Airflow has made up for those already.
        "Catches up" => change.kind != Kind::Removed && before != after,
        _ => true,
    });
    lines
}

/// `2026-03-01, which is past`.
fn end(facts: &Facts) -> String {
    let past = if facts.is_over { ", which is past: it does not run any more" } else { "" };
    facts.end_date.as_ref().map(|end| format!("{end}{past}")).unwrap_or_default()
}

/// `329 runs since 2026-01-01`.
fn catchup(facts: &Facts) -> String {
    let since = facts.start_date.as_ref().map(|start| format!(" since {start}")).unwrap_or_default();
    let runs = if facts.catchup_runs == 1 { "run" } else { "runs" };
    match facts.catchup_runs {
        0 => String::new(),
        counted @ 1..=100 => format!("{counted} {runs}{since}"),
        estimated => format!("about {} {runs}{since}", grouped(estimated)),
    }
}

fn per_item(facts: &Facts) -> String {
    let one = |item: &crate::delta::PerItem| {
        let each = if item.items == 1 { "each".to_owned() } else { format!("every {}", grouped(item.items.into())) };
        format!("{} for {each} of {}", load(item.pods, &item.requests), item.over)
    };
    facts.per_item.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Why a workflow is here of which no setting differs.
pub(super) fn same(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Regenerated => {
            Some("No setting differs, and its compiled file does: the platform's policy or Freehold has changed since it was published")
        }
        Kind::Reworded => Some("Only comments, spacing or order differ: what runs is the same"),
        Kind::Removed | Kind::Added | Kind::Moved | Kind::Changed => None,
    }
}

/// Why it is not known what a workflow asks for, where it is not.
pub(super) fn unknown(change: &WorkflowChange) -> Vec<&'static str> {
    let before = change.unknown_before.map(|why| match why {
        Unknown::Unresolved => "What it asks for before is not known: it does not compile under the policy that holds now",
        Unknown::HandWritten => "Before, it is a hand-written file: what that asks for is not known",
    });
    let after = change.unknown_after.map(|why| match why {
        Unknown::Unresolved => "What it asks for after is not known: it does not compile under the policy that holds now",
        Unknown::HandWritten => "It is a hand-written file, taken in byte for byte: what that asks for is not known",
    });
    before.into_iter().chain(after).collect()
}

/// Tasks that are new or gone, by name.
fn whole_tasks(tasks: &[TaskChange]) -> String {
    let mut out = String::new();
    for (kind, what) in [(Mark::Added, "New"), (Mark::Removed, "Gone")] {
        let names: Vec<&str> = tasks.iter().filter(|task| task.kind == kind).map(|task| task.task.as_str()).collect();
        if names.is_empty() {
            continue;
        }
        let shown: Vec<String> = names.iter().take(MOST_ROWS).map(|name| code(name)).collect();
        let more = names.len() - shown.len();
        let more = if more == 0 { String::new() } else { format!(" … and {} more", grouped(more as u64)) };
        out.push_str(&format!("- {what}: {}{more}\n", shown.join(", ")));
    }
    out
}

/// Settings that differ. What differs alike in several tasks is told once.
fn table(settings: &[FieldChange], tasks: &[TaskChange]) -> String {
    let rows = rows(settings, tasks);
    if rows.is_empty() {
        return String::new();
    }
    let row = |(field, who): &(&FieldChange, Vec<&str>)| {
        let shown: Vec<String> = who.iter().take(MOST_NAMES).map(|name| code(name)).collect();
        let more = who.len() - shown.len();
        let more = if more == 0 { String::new() } else { format!(" and {} more", grouped(more as u64)) };
        let [before, after] = values(field.before.as_deref(), field.after.as_deref());
        let place = if who.is_empty() { "workflow".to_owned() } else { shown.join(", ") };
        format!("| {place}{more} | {} | {before} | {after} |\n", code(&shortened(&field.field, VALUE)))
    };
    let mut out = "\n| of | setting | before | after |\n|---|---|---|---|\n".to_owned();
    out.extend(rows.iter().take(MOST_ROWS).map(row));
    if let Some(more) = rows.len().checked_sub(MOST_ROWS).filter(|more| *more > 0) {
        out.push_str(&format!("\n… and {} more settings\n", grouped(more as u64)));
    }
    out
}

/// Both values of a setting, in cells of a table.
pub(super) fn values(before: Option<&str>, after: Option<&str>) -> [String; 2] {
    let [old, new] = around_difference(before.unwrap_or_default(), after.unwrap_or_default(), VALUE);
    let cell = |value: Option<&str>, shown: &str| value.map_or_else(|| "*not set*".to_owned(), |_| code(shown));
    [cell(before, &old), cell(after, &new)]
}

/// Tasks that are named beside one difference.
const MOST_NAMES: usize = 6;

/// Each difference with the tasks that have it; of a setting of the workflow itself, none.
pub(super) fn rows<'a>(settings: &'a [FieldChange], tasks: &'a [TaskChange]) -> Vec<(&'a FieldChange, Vec<&'a str>)> {
    let mut rows: Vec<(&FieldChange, Vec<&str>)> = settings.iter().map(|field| (field, Vec::new())).collect();
    let mut places: HashMap<(&str, Option<&str>, Option<&str>), usize> = HashMap::new();
    for task in tasks {
        for field in &task.fields {
            let key = (field.field.as_str(), field.before.as_deref(), field.after.as_deref());
            let at = *places.entry(key).or_insert_with(|| {
                rows.push((field, Vec::new()));
                rows.len() - 1
            });
            rows[at].1.push(&task.task);
        }
    }
    rows
}
