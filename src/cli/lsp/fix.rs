//! Fixes for what is wrong, where the help says what to type in place of it.
//!
//! A proposal is made only when the project, compiled with it, no longer has the fault, and no other in its place.

use std::path::Path;

use super::project::{Document, Documents, Project};
use crate::diag::{Diagnostic, Severity};
use crate::source::{Sources, Span};

/// A replacement that mends a fault.
pub(super) struct Fix {
    /// The part of the file that it replaces.
    pub(super) span: Span,
    /// What replaces it.
    pub(super) text: String,
}

/// What the help of a diagnostic says to type in place of what it points at; `None` where that is no plain replacement.
fn replacement(found: &Diagnostic) -> Option<Fix> {
    let span = found.labels.first()?.place.span()?;
    let help = found.help.as_deref()?;
    let starts = ["did you mean `", "write `"];
    let rest = starts.iter().find_map(|start| help.strip_prefix(start))?;
    let (text, end) = rest.split_once('`')?;
    matches!(end, "" | "?").then(|| Fix { span, text: text.to_owned() })
}

/// The fix of a diagnostic of an open file, when there is one that mends it.
pub(super) fn fix(found: &Diagnostic, path: &Path, project: &Project, open: &Documents) -> Option<Fix> {
    let fix = replacement(found)?;
    let document = open.get(path)?;
    let mut text = document.text.clone();
    text.get(fix.span.start as usize..fix.span.end as usize)?;
    text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.text);
    let before = project.done.as_ref()?;
    let edited = open.iter().map(|(path, document)| (path.clone(), Document { url: document.url.clone(), text: document.text.clone() }));
    let edited: Documents = edited.chain([(path.to_path_buf(), Document { url: document.url.clone(), text })]).collect();
    let after = project.compile(&edited).ok()?;
    let is_same = |other: &&Diagnostic| other.code.id == found.code.id && other.title == found.title;
    let same = |all: &[Diagnostic]| all.iter().filter(is_same).count();
    let errors = |all: &[Diagnostic]| all.iter().filter(|other| other.severity == Severity::Error).count();
    let is_mended = same(&after.diagnostics) < same(&before.diagnostics) && errors(&after.diagnostics) <= errors(&before.diagnostics);
    is_mended.then_some(fix)
}

/// Whether a diagnostic is about a part of a file: its path, and the bytes of the part.
pub(super) fn is_about(found: &Diagnostic, sources: &Sources, path: &Path, part: &std::ops::Range<usize>) -> bool {
    let Some(span) = found.labels.first().and_then(|label| label.place.span()) else { return false };
    let touches = span.start as usize <= part.end && part.start <= span.end as usize;
    touches && Path::new(&sources.file(span.source).path) == path
}
