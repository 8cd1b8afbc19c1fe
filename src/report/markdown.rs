//! Markdown for job summaries and comments on pull requests.

use super::change::COMMENT;
use super::escape::{code, plain, prose};
use super::{Input, MOST, counted, shortened};
use crate::diag::{Diagnostic, Place, Severity};
use crate::source::Sources;

/// The head of the table of diagnostics.
pub(super) const HEAD: &str = "| | where | what is wrong | what to type |\n|---|---|---|---|\n";

pub(super) fn render(input: &Input<'_>) -> String {
    let (errors, warnings) = (input.count(Severity::Error), input.count(Severity::Warning));
    let summary = input.summary;
    let seen = format!("{}, {}", counted(summary.workflows, "workflow"), counted(summary.tasks, "task"));
    let told = input.told().count();
    if told == 0 {
        return format!("**All good**: {seen}\n");
    }
    let mut out = format!("**{}, {}** ({seen})\n\n", counted(errors, "error"), counted(warnings, "warning"));
    out.push_str(HEAD);
    let rows = input.told().take(MOST).map(|diagnostic| row(diagnostic, input.sources, &|_, _| None));
    let mut shown = 0;
    for row in rows {
        if out.len() + row.len() > COMMENT {
            break;
        }
        out.push_str(&row);
        shown += 1;
    }
    if let Some(rest) = told.checked_sub(shown).filter(|rest| *rest > 0) {
        out.push_str(&format!("\n… and {rest} more\n"));
    }
    out
}

/// A row of the table of diagnostics. Places of files that `link` knows become links.
pub(super) fn row(diagnostic: &Diagnostic, sources: &Sources, link: &dyn Fn(&str, Option<usize>) -> Option<String>) -> String {
    let Diagnostic { code: which, severity, title, labels, help, allowed } = diagnostic;
    let mark = match severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Allowed => "ℹ️",
    };
    let places: Vec<String> = labels
        .iter()
        .take(MOST_PLACES)
        .map(|label| {
            let (shown, address) = match &label.place {
                Place::File(path) => (code(&shortened(path, LONGEST_PATH)), link(path, None)),
                Place::Span(span) => {
                    let file = sources.file(span.source);
                    let at = file.position(span.start as usize);
                    (code(&format!("{}:{}:{}", shortened(&file.path, LONGEST_PATH), at.line, at.column)), link(&file.path, Some(at.line)))
                }
            };
            address.map_or(shown.clone(), |address| format!("[{shown}]({address})"))
        })
        .collect();
    let last = match allowed {
        Some(allowed) => format!("allowed: {}", plain(&allowed.reason)),
        None => prose(help.as_deref().unwrap_or_default()),
    };
    format!("| {mark} {} | {} | {} | {last} |\n", which.id, places.join("<br>"), prose(title))
}

/// Characters of a path.
const LONGEST_PATH: usize = 150;
/// Places of one diagnostic that are shown.
const MOST_PLACES: usize = 8;
