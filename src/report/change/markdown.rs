//! The report as Markdown, for a comment or a job's summary.
//!
//! What matters most comes first and gets its room first: the verdict, the table of workflows, what was found, whom it concerns; then each
//! workflow's facts, then graphs, and last the manifests.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::amount::resource;
use super::budget::Budget;
use super::details::{Details, VALUE, values};
use super::difference::difference;
use super::{Manifest, OTHERS, OtherFile, Report, counts};
use crate::delta::{Alike, Delta, Facts, Kept, Kind, Totals, Unknown, WorkflowChange, grouped};
use crate::diag::{Diagnostic, Severity};
use crate::report::escape::{code, plain};
use crate::report::markdown::{HEAD, row};
use crate::report::{counted, shortened};

/// Workflows in the table, and those that are told in full.
const ROWS: usize = 50;
/// Diagnostics that are told.
const FINDINGS: usize = 50;
/// Workflows elsewhere that are named.
const WAITING: usize = 20;
/// Lines of another file's difference.
const DIFF: usize = 100;
/// Differences that many have alike, and workflows that are named beside each.
const ALIKE: usize = 10;
const NAMED: usize = 3;
/// Resources that have a column of the table.
const COLUMNS: usize = 4;
/// Characters of a schedule in the table.
const SCHEDULE: usize = 100;
/// Workflows whose sections are not folded: a reviewer reads so many.
const OPEN: usize = 3;
/// What is kept for the last lines, in bytes.
const LAST: usize = 200;

/// A report of at most so many bytes.
#[must_use]
pub fn markdown(report: &Report<'_>, max_bytes: usize) -> String {
    let mut text = Budget::new(max_bytes.saturating_sub(LAST) / 3);
    text.take(&head(report));
    if let Some(delta) = report.delta.filter(|delta| !delta.workflows.is_empty()) {
        overview(delta, &mut text);
        alike(&delta.alike, &mut text);
    }
    text.extend(max_bytes.saturating_sub(LAST) * 2 / 3);
    findings(report, &mut text);
    if let Some(delta) = report.delta {
        concerned(delta, &mut text);
    }
    others(report.others, &mut text);
    text.extend(max_bytes);
    if let Some(delta) = report.delta {
        details(delta, report.manifests, &mut text);
    }
    text.into_text()
}

fn head(report: &Report<'_>) -> String {
    let errors = of(report, Severity::Error).count();
    let mark = match errors {
        0 if of(report, Severity::Warning).any(|found| !(report.is_old)(found)) => "⚠️",
        0 => "✅",
        _ => "❌",
    };
    let counts = report.delta.map(counts);
    let refused = (errors > 0).then(|| format!("refused: {}", counted(errors, "error")));
    let told: Vec<String> = refused.into_iter().chain(counts).collect();
    let title = if told.is_empty() { "too much changes to be told".to_owned() } else { told.join(" · ") };
    let subject = if report.subject.is_empty() { String::new() } else { format!("{} ", code(&report.subject)) };
    format!("### {mark} Freehold: {title}\n\n{subject}against {}\n", code(report.base.get(..12).unwrap_or(&report.base)))
}

fn of<'a>(report: &Report<'a>, severity: Severity) -> impl Iterator<Item = &'a Diagnostic> + use<'a> {
    report.diagnostics.iter().filter(move |found| found.severity == severity)
}

/// The table of workflows, with the totals of all.
fn overview(delta: &Delta, text: &mut Budget) {
    let resources = resources(delta);
    let heads: String = resources.iter().map(|name| format!(" {} at once |", plain(name))).collect();
    let lines = "--:|".repeat(resources.len());
    text.take(&format!("\n| workflow | | runs | tasks | pods at once |{heads}\n|---|---|---|--:|--:|{lines}\n"));
    let last = if delta.workflows.len() > 1 { totals(delta, &resources) } else { String::new() };
    let room = text.left().saturating_sub(last.len() + LAST);
    let mut rows = Budget::new(room);
    let told = rows.take_lines(delta.workflows.iter().map(|change| overview_row(change, &resources)), ROWS);
    text.take(&rows.into_text());
    text.take(&last);
    if told < delta.workflows.len() {
        let mut left: BTreeMap<Kind, u64> = BTreeMap::new();
        delta.workflows.iter().skip(told).for_each(|change| *left.entry(change.kind).or_default() += 1);
        let kinds: Vec<String> = left.iter().map(|(kind, count)| format!("{} {}", grouped(*count), kind.as_str())).collect();
        text.take(&format!("\n… and {} more: {}\n", grouped((delta.workflows.len() - told) as u64), kinds.join(", ")));
    }
}

/// What many workflows have alike, told once.
fn alike(found: &[Alike], text: &mut Budget) {
    if found.is_empty() {
        return;
    }
    let row = |Alike { field, before, after, workflows }: &Alike| {
        let [old, new] = values(before.as_deref(), after.as_deref());
        let names = workflows.iter().take(NAMED).map(|name| code(name)).collect::<Vec<_>>().join(", ");
        let more = workflows.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {} more", grouped(more as u64)) };
        format!("| **{}**: {names}{more} | {} | {old} | {new} |\n", grouped(workflows.len() as u64), code(&shortened(field, VALUE)))
    };
    let head = "\n#### Alike in several workflows\n\n| in | setting | before | after |\n|---|---|---|---|\n";
    let mut rows = Budget::new(text.left().saturating_sub(head.len() + LAST));
    let told = rows.take_fitting(found.iter().map(row), ALIKE);
    if told == 0 {
        return;
    }
    text.take(head);
    text.take(&rows.into_text());
    if told < found.len() {
        text.take(&format!("\n… and {} more\n", grouped((found.len() - told) as u64)));
    }
}

/// The resources that have a column: cpu, memory, and the first of what else anything requests, such as GPUs.
fn resources(delta: &Delta) -> Vec<&str> {
    let asked = [&delta.before, &delta.after].into_iter().flat_map(|totals| &totals.requests_at_once);
    let others: BTreeSet<&str> =
        asked.filter(|(name, amount)| !OWN_COLUMN.contains(&name.as_str()) && **amount > 0.0).map(|(name, _)| name.as_str()).collect();
    OWN_COLUMN.into_iter().chain(others).take(COLUMNS).collect()
}

/// Resources that have a column whatever is requested.
const OWN_COLUMN: [&str; 2] = ["cpu", "memory"];

fn overview_row(change: &WorkflowChange, resources: &[&str]) -> String {
    let sign = match change.kind {
        Kind::Removed => "🔴 removed",
        Kind::Added => "🟢 added",
        Kind::Moved => "🔵 moved",
        Kind::Changed => "🟡 changed",
        Kind::Regenerated => "⚪ regenerated",
        Kind::Reworded => "⚪ reworded",
    };
    let sign = change.from.as_ref().map_or_else(
        || sign.to_owned(),
        |from| {
            let source = if (&from.team, &from.source) == (&change.team, &change.source) {
                String::new()
            } else {
                format!(" of {}", code(&from.source))
            };
            format!("{sign} from {}{source}", code(&format!("{}/{}", from.team, from.workflow)))
        },
    );
    let (before, after) = (change.before.as_ref(), change.after.as_ref());
    // What is there and is not known is not gone.
    let side = |facts: Option<&Facts>, unknown: Option<Unknown>, read: &dyn Fn(&Facts) -> String| {
        facts.map(read).or_else(|| unknown.map(|_| "?".to_owned()))
    };
    let of = |read: &dyn Fn(&Facts) -> String| step(side(before, change.unknown_before, read), side(after, change.unknown_after, read));
    let mut cells = vec![
        of(&|facts| plain(&shortened(&facts.schedule, SCHEDULE))),
        of(&|facts| grouped(facts.tasks)),
        of(&|facts| grouped(facts.pods_at_once)),
    ];
    cells.extend(resources.iter().map(|name| of(&|facts| asked(name, &facts.requests_at_once))));
    format!("| {} | {sign} | {} |\n", code(&change.address()), cells.join(" | "))
}

/// The sum of all; where it is not known of some what they ask for, it is at least so much.
fn totals(delta: &Delta, resources: &[&str]) -> String {
    let least = |is_unknown: fn(&WorkflowChange) -> bool| if delta.workflows.iter().any(is_unknown) { "≥ " } else { "" };
    let (before, after) = (least(|change| change.unknown_before.is_some()), least(|change| change.unknown_after.is_some()));
    let of = |read: &dyn Fn(&Totals) -> String| {
        step(Some(format!("{before}{}", read(&delta.before))), Some(format!("{after}{}", read(&delta.after))))
    };
    let mut cells = vec![of(&|totals| grouped(totals.tasks)), of(&|totals| grouped(totals.pods_at_once))];
    cells.extend(resources.iter().map(|name| of(&|totals| asked(name, &totals.requests_at_once))));
    format!("| **all of these** | | | {} |\n", cells.join(" | "))
}

fn asked(name: &str, requests: &BTreeMap<String, f64>) -> String {
    requests.get(name).map_or_else(|| "0".to_owned(), |amount| resource(name, *amount))
}

/// `a → **b**`, or what does not change.
fn step(before: Option<String>, after: Option<String>) -> String {
    match (before, after) {
        (Some(before), Some(after)) if before != after => format!("{before} → **{after}**"),
        (_, Some(now)) => now,
        (Some(gone), None) => format!("<del>{gone}</del>"),
        (None, None) => String::new(),
    }
}

/// What was found: what this change is to blame for in the open, the rest folded.
fn findings(report: &Report<'_>, text: &mut Budget) {
    let errors: Vec<&Diagnostic> = of(report, Severity::Error).collect();
    let (old, new): (Vec<&Diagnostic>, Vec<&Diagnostic>) = of(report, Severity::Warning).partition(|found| (report.is_old)(found));
    let allowed: Vec<&Diagnostic> = of(report, Severity::Allowed).filter(|found| !(report.is_old)(found)).collect();
    let counts = [(errors.len(), "error"), (new.len(), "warning")];
    let counts: Vec<String> = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(count, what)).collect();
    if !counts.is_empty() {
        text.take(&format!("\n#### {}\n\n{}", counts.join(" and "), found(report, &[errors, new].concat(), text.left())));
    }
    for (rest, what) in [(allowed, "allowed by a comment"), (old, "about workflows that do not change")] {
        if !rest.is_empty() {
            let (open, close) = (format!("\n<details><summary>{}, {what}</summary>\n\n", counted(rest.len(), "finding")), "\n</details>\n");
            let table = found(report, &rest, text.left().saturating_sub(open.len() + close.len()));
            text.take(&format!("{open}{table}{close}"));
        }
    }
}

/// A table of what was found, in at most so many bytes.
fn found(report: &Report<'_>, told: &[&Diagnostic], room: usize) -> String {
    let mut text = Budget::new(room.saturating_sub(LAST));
    text.take(HEAD);
    let shown = text.take_fitting(told.iter().map(|found| row(found, report.sources, report.link)), FINDINGS);
    text.extend(room);
    if shown < told.len() {
        text.take(&format!("\n… and {} more\n", grouped((told.len() - shown) as u64)));
    }
    text.into_text()
}

/// Workflows elsewhere that wait for what changes.
fn concerned(delta: &Delta, text: &mut Budget) {
    let says = |change: &WorkflowChange| match change.kind {
        Kind::Removed => Some("is removed".to_owned()),
        Kind::Moved => Some("moves".to_owned()),
        Kind::Changed => {
            let schedules = (change.before.as_ref().map(|facts| &facts.schedule), change.after.as_ref().map(|facts| &facts.schedule));
            let finds = match change.runs_kept {
                Some(Kept::None) => ": a `wait_for` that found its runs finds none any more",
                Some(Kept::Some) => ": a `wait_for` that found its runs does not find all of them any more",
                Some(Kept::All) | None => "",
            };
            Some(if schedules.0 == schedules.1 { "changes".to_owned() } else { format!("runs at other times{finds}") })
        }
        Kind::Added | Kind::Regenerated | Kind::Reworded => None,
    };
    let waits = delta.workflows.iter().filter_map(|change| Some((change, says(change)?)));
    let lines: Vec<String> = waits
        .flat_map(|(change, says)| {
            let awaited = change.from.as_ref().map_or_else(|| change.address(), |from| format!("{}/{}", from.team, from.workflow));
            change.waiting.iter().map(move |waiting| format!("- {} waits for {}, which {says}\n", code(waiting), code(&awaited)))
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    let total = lines.len();
    text.take("\n#### Whom it concerns\n\n");
    let told = text.take_lines(lines.into_iter(), WAITING);
    if told < total {
        text.take(&format!("- … and {} more\n", grouped((total - told) as u64)));
    }
}

/// Files that belong to no workflow, and then how they differ.
fn others(files: &[OtherFile], text: &mut Budget) {
    if files.is_empty() {
        return;
    }
    text.take(&format!(
        "\n#### {} that {} to no workflow\n\n",
        counted(files.len(), "other file"),
        if files.len() == 1 { "belongs" } else { "belong" }
    ));
    let line = |OtherFile { what, file }: &OtherFile| {
        let what = if what.is_empty() { String::new() } else { format!(": {what}") };
        format!("- {}{what}\n", code(&shortened(&file.path, 200)))
    };
    let told = text.take_lines(files.iter().map(line), OTHERS);
    if told < files.len() {
        text.take(&format!("- … and {} more\n", grouped((files.len() - told) as u64)));
    }
    for (at, other) in files.iter().take(told).enumerate() {
        let part = difference(&other.file, DIFF);
        let no_room = format!("\nHow {} differs is left out: there is no room here\n", code(&shortened(&other.file.path, 100)));
        // Room is kept for saying so of those behind.
        let reserved = (told - at - 1) * 2 * no_room.len();
        if part.len() + reserved > text.left() || !text.take(&part) {
            text.take(&no_room);
        }
    }
}

/// Where there is no room for how compiled files differ.
const LEFT_OUT: &str = "\nHow its compiled file differs is left out: there is no room here\n";

/// Each workflow in full, as far as there is room.
fn details(delta: &Delta, manifests: &[Manifest], text: &mut Budget) {
    let mut by_workflow: HashMap<&str, Vec<&Manifest>> = HashMap::new();
    manifests.iter().for_each(|manifest| by_workflow.entry(&manifest.workflow).or_default().push(manifest));
    let own = |change: &WorkflowChange| by_workflow.get(change.address().as_str()).cloned().unwrap_or_default();
    let parts: Vec<Details> = delta.workflows.iter().take(ROWS).map(|change| Details::of(change, &own(change))).collect();
    let open = if delta.workflows.len() <= OPEN { " open" } else { "" };
    let frame = |details: &Details| (format!("\n<details{open}><summary>{}</summary>\n\n", details.summary), "\n</details>\n");
    let mut left = text.left().saturating_sub(LAST);
    let mut take = |length: usize| {
        let fits = length <= left;
        left -= if fits { length } else { 0 };
        fits
    };
    let framed = |details: &Details| frame(details).0.len() + frame(details).1.len() + details.facts.len() + LEFT_OUT.len();
    let told = parts.iter().take_while(|details| take(framed(details))).count();
    let graphs: Vec<bool> = parts.iter().take(told).map(|details| take(details.graph.len())).collect();
    let diffs: Vec<bool> = parts.iter().take(told).map(|details| take(details.manifests.len())).collect();
    for (at, details) in parts.iter().take(told).enumerate() {
        let (open, close) = frame(details);
        let graph = if graphs[at] { details.graph.as_str() } else { "" };
        let diff = if diffs[at] { details.manifests.as_str() } else { LEFT_OUT };
        text.take(&format!("{open}{}{graph}{diff}{close}", details.facts));
    }
    if told < delta.workflows.len() {
        let more = grouped((delta.workflows.len() - told) as u64);
        text.take(&format!("\n{more} more workflows are not shown in full: `freehold preview --what diff` shows all\n"));
    }
}
