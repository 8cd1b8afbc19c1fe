//! What a change does, for those who review it.
//!
//! In goes a [`Delta`] with what was found, out comes Markdown for a pull request or text for a terminal. However large the change is, the
//! Markdown stays within the bytes that it is given; what is left out is counted, and totals are those of all.

mod amount;
mod budget;
mod details;
mod difference;
mod markdown;
mod terminal;
#[cfg(test)]
mod tests;
mod window;

use crate::delta::{Delta, Kind, grouped};
use crate::diag::Diagnostic;
use crate::source::Sources;

pub use amount::{load, resource};
pub use markdown::markdown;
pub use terminal::terminal;

/// The most that a comment on GitHub holds is 65,536 characters; this leaves room for what whoever posts it adds.
pub const COMMENT: usize = 60_000;
/// The least that a report fits into.
pub const LEAST: usize = 4_000;
/// Workflows whose manifests are compared.
pub const MANIFESTS: usize = 40;
/// Files that belong to no workflow whose difference is shown.
pub const OTHERS: usize = 10;
/// The largest file that is compared, in bytes.
pub const LARGEST: u64 = 1_000_000;

/// What a report is made from.
pub struct Report<'a> {
    /// What is reported on: `churn/churn-model`, or empty for a change of the whole repository.
    pub subject: String,
    /// The commit that it is compared with.
    pub base: String,
    /// What it does to workflows; `None` when that is not known, because something is refused before it can be told.
    pub delta: Option<&'a Delta>,
    /// Files of the central repository that differ and belong to no workflow, the weightiest first.
    pub others: &'a [OtherFile],
    /// Compiled files of the first workflows, before and after.
    pub manifests: &'a [Manifest],
    /// What is refused, and what is told.
    pub diagnostics: &'a [Diagnostic],
    /// Whether something that is told is about a workflow that does not change.
    pub is_old: &'a dyn Fn(&Diagnostic) -> bool,
    /// The files that those point at.
    pub sources: &'a Sources,
    /// The address of a file, or of a line of it, where there is one.
    pub link: &'a dyn Fn(&str, Option<usize>) -> Option<String>,
}

/// A compiled file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The workflow: `<team>/<workflow>`, of one that moves the new one.
    pub workflow: String,
    /// The file.
    pub file: ComparedFile,
}

/// A file that belongs to no workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherFile {
    /// What it is, in a few words; empty where there is nothing to say.
    pub what: &'static str,
    /// The file. Beyond the first [`OTHERS`], without what it holds.
    pub file: ComparedFile,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedFile {
    /// From the root of the central repository.
    pub path: String,
    /// What it holds before and after, empty where it is not there; `None` when it cannot be compared: it is too large, or no regular file.
    pub contents: Option<[String; 2]>,
}

/// What happens to workflows, in a few words: `2 added, 1 changed`.
fn counts(delta: &Delta) -> String {
    let order = [Kind::Added, Kind::Changed, Kind::Moved, Kind::Removed, Kind::Regenerated, Kind::Reworded];
    let told = order.iter().filter_map(|kind| Some((kind, delta.counts.get(kind)?)));
    let words: Vec<String> = told.map(|(kind, count)| format!("{} {}", grouped(*count as u64), kind.as_str())).collect();
    if words.is_empty() { "no workflow changes".to_owned() } else { words.join(", ") }
}
