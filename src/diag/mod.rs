//! Diagnostics: what is wrong, where, and what to type.
//!
//! A fault in the user's files is a [`Diagnostic`], never an `Err`: a stage collects all that it finds in a
//! [`Sink`] and the run stops before the next stage. How diagnostics look is the business of `report`.

mod allow;
pub(crate) mod codes;
mod suggest;

pub use allow::{Allowance, Allowances, Allowed, Leave};
pub use codes::{Code, codes};
pub use suggest::{more_files, quoted_list, suggest};

use std::sync::Arc;

use crate::source::{Sources, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A comment in the file allows it: programs are told, people are not.
    Allowed,
    /// Told, and nothing is refused.
    Warning,
    /// The files, or the plan, are refused.
    Error,
}

/// Where a label points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A range of a file that was read.
    Span(Span),
    /// A whole file of a repository, by its path there.
    File(String),
}

impl Place {
    /// The range, when it is one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Span(span) => Some(*span),
            Self::File(_) => None,
        }
    }

    /// The path of the file, as messages show it.
    #[must_use]
    pub fn path(&self, sources: &Sources) -> String {
        match self {
            Self::Span(span) => sources.file(span.source).path.clone(),
            Self::File(path) => path.clone(),
        }
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self::Span(span)
    }
}

/// A place and what it has to do with the fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// Why here; may be empty when the title has said it.
    pub text: String,
}

/// One fault: what is wrong (title), why here (labels, the first is the main one), what to type (help).
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Its row in the table of codes.
    pub code: &'static Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, the user's values in backticks.
    pub title: String,
    /// Where; the first is the main place.
    pub labels: Vec<Label>,
    /// What to type.
    pub help: Option<String>,
    /// Why it is allowed, when a comment allows it.
    pub allowed: Option<Box<Allowed>>,
}

impl Diagnostic {
    /// A fault that refuses the files or the plan.
    #[must_use]
    pub fn error(code: &'static Code, title: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, title: title.into(), labels: Vec::new(), help: None, allowed: None }
    }

    /// A fault that is told only.
    #[must_use]
    pub fn warning(code: &'static Code, title: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, title) }
    }

    /// With a place; the first one given is the main one.
    #[must_use]
    pub fn at(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.into(), text: text.into() });
        self
    }

    /// With a main place, before those that were given already.
    #[must_use]
    pub fn mainly_at(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.labels.insert(0, Label { place: place.into(), text: text.into() });
        self
    }

    /// With a place, when there is one.
    #[must_use]
    pub fn at_if(self, place: Option<impl Into<Place>>, text: &str) -> Self {
        match place {
            Some(place) => self.at(place, text),
            None => self,
        }
    }

    /// With a whole file of a repository as a place.
    #[must_use]
    pub fn at_file(self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.at(Place::File(path.into()), text)
    }

    /// With what to type.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With what to type, when there is something to say.
    #[must_use]
    pub fn help_if(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }
}

/// Collects the diagnostics of a stage.
#[derive(Debug, Default)]
pub struct Sink {
    diagnostics: Vec<Diagnostic>,
    allowances: Option<Arc<Allowances>>,
}

impl Sink {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing found yet, and what these allow will be marked so.
    #[must_use]
    pub fn allowing(allowances: Arc<Allowances>) -> Self {
        Self { diagnostics: Vec::new(), allowances: Some(allowances) }
    }

    /// An empty one for a stage of its own, under the same allowances.
    #[must_use]
    pub fn inner(&self) -> Self {
        Self { diagnostics: Vec::new(), allowances: self.allowances.clone() }
    }

    /// Takes in one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        #[cfg(test)]
        if broken::is(diagnostic.code) {
            return;
        }
        self.diagnostics.push(match &self.allowances {
            Some(allowances) => allowances.apply(diagnostic),
            None => diagnostic,
        });
    }

    /// Takes in many.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// Whether any of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// What was collected so far, in the order of collecting.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// All of them, ordered by place and then by code, each once.
    #[must_use]
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        let key = |diagnostic: &Diagnostic| {
            (diagnostic.labels.first().map(|label| label.place.clone()), diagnostic.code.id, diagnostic.title.clone())
        };
        self.diagnostics.sort_by_cached_key(key);
        self.diagnostics.dedup_by(|a, b| a.code.id == b.code.id && a.title == b.title && a.labels == b.labels);
        self.diagnostics
    }
}

/// A rule that a test breaks: what it finds is dropped, as if it had not looked.
#[cfg(test)]
pub(crate) mod broken {
    use std::cell::Cell;

    use super::Code;

    thread_local! {
        static BROKEN: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// Runs something on this thread while a rule is broken.
    pub(crate) fn during<T>(id: &'static str, run: impl FnOnce() -> T) -> T {
        BROKEN.set(Some(id));
        let result = run();
        BROKEN.set(None);
        result
    }

    pub(super) fn is(code: &Code) -> bool {
        BROKEN.get() == Some(code.id)
    }
}
