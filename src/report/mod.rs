//! Diagnostics as people and programs read them.
//!
//! In go diagnostics and the files that they point at, out comes text. One format is one file and one row in a table.

pub mod change;
mod code;
mod escape;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod markdown;
mod mermaid;
mod page;
pub(crate) mod paint;
mod sarif;
#[cfg(test)]
mod tests;

use crate::diag::{Diagnostic, Severity};
use crate::source::Sources;

pub use code::{Language, code};
pub use escape::address;
pub use human::{Style, one_line};
pub use mermaid::{Bounds, mermaid};
pub use page::page;
pub use paint::Paint;

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Files read.
    pub files: usize,
    /// Workflows found.
    pub workflows: usize,
    /// Tasks of the workflows that could be resolved.
    pub tasks: usize,
}

/// What a format gets.
struct Input<'a> {
    diagnostics: &'a [Diagnostic],
    sources: &'a Sources,
    summary: &'a Summary,
    style: Style,
    locate: &'a Locate<'a>,
}

/// The way to a file from the root of the repository that the reader looks at, by its path in a message; `None` for a file of another
/// repository, or of none.
pub type Locate<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl Input<'_> {
    fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// What people are shown: all that no comment allows.
    fn told(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity != Severity::Allowed)
    }
}

/// How many diagnostics people are shown; the rest is counted.
const MOST: usize = 100;

/// So many of something: `1 task`, `2 tasks`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A text of bounded length.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// One output format.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    is_for_people: bool,
    /// Whether it writes other things than diagnostics too: plans, pods.
    is_general: bool,
    /// Whether it is shown beside a pull request, so that a change is told in full.
    is_report: bool,
    render: fn(&Input<'_>) -> String,
}

const FORMATS: &[Row] = &[
    Row { name: "human", is_for_people: true, is_general: true, is_report: false, render: human::render },
    Row { name: "json", is_for_people: false, is_general: true, is_report: false, render: json::render },
    Row { name: "sarif", is_for_people: false, is_general: false, is_report: false, render: sarif::render },
    Row { name: "github", is_for_people: false, is_general: false, is_report: false, render: github::render },
    Row { name: "gitlab", is_for_people: false, is_general: false, is_report: false, render: gitlab::render },
    Row { name: "markdown", is_for_people: false, is_general: false, is_report: true, render: markdown::render },
];

/// An output format.
#[derive(Clone, Copy)]
pub struct Format(&'static Row);

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Format").field(&self.0.name).finish()
    }
}

impl Format {
    /// The format of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        FORMATS.iter().find(|row| row.name == name).map(Self)
    }

    /// Names of all formats.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        FORMATS.iter().map(|row| row.name).collect()
    }

    /// Whether people read it, and not programs.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        self.0.is_for_people
    }

    /// Whether it writes other things than diagnostics too, such as a plan.
    #[must_use]
    pub fn is_general(self) -> bool {
        self.0.is_general
    }
}

impl Format {
    /// Whether it is shown beside a pull request, so that a change is told in full and not only what is wrong with it.
    #[must_use]
    pub fn is_report(self) -> bool {
        self.0.is_report
    }
}

/// Writes diagnostics in a format.
#[must_use]
pub fn render(format: Format, diagnostics: &[Diagnostic], sources: &Sources, summary: &Summary, style: Style) -> String {
    render_located(format, diagnostics, sources, summary, style, &|_| None)
}

/// Writes diagnostics in a format. Those that a Git host shows beside the code need to know where a file lies in its repository, whatever
/// the folder is that messages are relative to.
#[must_use]
pub fn render_located(
    format: Format,
    diagnostics: &[Diagnostic],
    sources: &Sources,
    summary: &Summary,
    style: Style,
    locate: &Locate<'_>,
) -> String {
    (format.0.render)(&Input { diagnostics, sources, summary, style, locate })
}

/// The list of diagnostics as JSON, for documents that hold more than that.
#[must_use]
pub fn json_list(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<serde_json::Value> {
    json::diagnostics(diagnostics, sources)
}
