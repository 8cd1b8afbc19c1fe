//! The report in a terminal.

use super::counts;
use super::details::{compared, rows, same, unknown};
use super::window::around_difference;
use crate::delta::{Alike, Delta, FieldChange, Kind, Mark, WorkflowChange, grouped};
use crate::report::human::one_line;
use crate::report::paint::{BLUE, BOLD, DIM, GREEN, Paint, RED, YELLOW};
use crate::report::shortened;

/// Columns of what a line is about.
const NAME: usize = 22;
/// Characters of a value.
const VALUE: usize = 100;
/// Tasks that are named beside one difference.
const NAMES: usize = 4;
/// Differences that are told to be alike in several workflows.
const ALIKE: usize = 10;
/// What stands where a setting has no value.
const NOT_SET: &str = "(not set)";

/// What a change does to each workflow, with or without colour.
#[must_use]
pub fn terminal(delta: &Delta, colour: bool) -> String {
    let paint = Paint::new(colour);
    let mut out: String = delta.workflows.iter().map(|change| paint.workflow(change)).collect();
    out.extend(delta.alike.iter().take(ALIKE).map(|alike| paint.alike(alike)));
    out.push_str(&format!("{}\n", counts(delta)));
    out
}

impl Paint {
    fn workflow(&self, change: &WorkflowChange) -> String {
        let (sign, code) = match change.kind {
            Kind::Removed => ("-", RED),
            Kind::Added => ("+", GREEN),
            Kind::Moved => (">", BLUE),
            Kind::Changed => ("~", YELLOW),
            Kind::Regenerated | Kind::Reworded => ("=", DIM),
        };
        let from =
            change.from.as_ref().map(|from| format!(", was {}/{} of source {}", from.team, from.workflow, from.source)).unwrap_or_default();
        let head = self.with(code, &one_line(&format!("{sign} {}", change.address())));
        let mut out = format!("{} {}\n", self.with(BOLD, &head), self.with(code, &format!("{}{from}", change.kind.as_str())));
        out.extend(same(change.kind).map(|why| format!("    {why}\n")));
        for (what, before, after) in compared(change) {
            out.push_str(&self.line("  ", &what.to_lowercase(), before.as_deref(), after.as_deref()));
        }
        out.extend(unknown(change).iter().map(|why| format!("    {why}\n")));
        out.extend(
            change
                .resembles
                .iter()
                .map(|old| one_line(&format!("    if it is {old} under another name, write `renamed_from: {old}` in it")) + "\n"),
        );
        for task in &change.tasks {
            let (sign, code) = match task.kind {
                Mark::Added => ("+", GREEN),
                Mark::Removed => ("-", RED),
                Mark::Same | Mark::Changed => continue,
            };
            out.push_str(&format!("  {}\n", self.with(code, &one_line(&format!("{sign} {}", task.task)))));
        }
        for (field, who) in rows(&change.settings, &change.tasks) {
            out.push_str(&self.field(field, &who));
        }
        if !change.waiting.is_empty() {
            out.push_str(&format!("  {} {}\n", self.with(DIM, &pad("waited for by")), one_line(&change.waiting.join(", "))));
        }
        out + "\n"
    }

    fn alike(&self, Alike { field, before, after, workflows }: &Alike) -> String {
        let count = self.with(DIM, &format!("(alike in {} workflows)", grouped(workflows.len() as u64)));
        let line = self.line("~ ", field, before.as_deref().or(Some(NOT_SET)), after.as_deref().or(Some(NOT_SET)));
        format!("{}  {count}\n", line.trim_end_matches('\n'))
    }

    fn field(&self, field: &FieldChange, who: &[&str]) -> String {
        let more = who.len().saturating_sub(NAMES);
        let more = if more == 0 { String::new() } else { format!(" and {} more", grouped(more as u64)) };
        let names: Vec<&str> = who.iter().take(NAMES).copied().collect();
        let place = if names.is_empty() {
            String::new()
        } else {
            format!("  {}", self.with(DIM, &one_line(&format!("({}{more})", names.join(", ")))))
        };
        let line = self.line("~ ", &field.field, field.before.as_deref().or(Some(NOT_SET)), field.after.as_deref().or(Some(NOT_SET)));
        format!("{}{place}\n", line.trim_end_matches('\n'))
    }

    fn line(&self, sign: &str, what: &str, before: Option<&str>, after: Option<&str>) -> String {
        let value = match (before.map(one_line), after.map(one_line)) {
            (Some(before), Some(after)) if before != after => {
                let [before, after] = around_difference(&before, &after, VALUE);
                format!("{} → {}", self.with(RED, &before), self.with(GREEN, &after))
            }
            (_, Some(now)) | (Some(now), None) => shortened(&now, VALUE),
            (None, None) => return String::new(),
        };
        format!(
            "  {}{} {value}\n",
            self.with(YELLOW, sign.trim_end()) + &" ".repeat(sign.len() - sign.trim_end().len()),
            self.with(DIM, &pad(&one_line(what)))
        )
    }
}

fn pad(text: &str) -> String {
    format!("{text:NAME$}")
}
