//! Comments by which a team allows what would be told: `# freehold: allow FH0605 because the pool bounds it`.
//!
//! They are read with the file; a [`Sink`](super::Sink) that is handed them marks what they allow when it takes it in, so that every stage
//! behind goes on as if it had not been found, and whoever reports still has it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Code, Diagnostic, Label, Place, Severity, codes as code};
use crate::source::{SourceId, Span};

/// One code of a comment that allows.
#[derive(Debug, Clone)]
pub struct Allowance {
    /// What is allowed.
    pub code: &'static Code,
    /// Where the comment names it.
    pub span: Span,
    /// Why, as the comment says.
    pub reason: String,
    /// Bytes of the lines that the comment is about.
    pub covers: Range<u32>,
}

/// What a comment may allow. Without a word of the platform that is every warning, and no error.
#[derive(Debug, Clone, Default)]
pub struct Leave {
    /// Codes of errors that a comment may lift.
    pub liftable: Vec<&'static str>,
    /// Codes of warnings that no comment may silence, with the line that says so.
    pub forbidden: BTreeMap<&'static str, Span>,
}

/// That something is allowed: why, and which comment says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Why, as the comment says.
    pub reason: String,
    /// Where the comment names the code.
    pub span: Span,
}

/// The allowances of several files, and what they may allow.
#[derive(Debug, Default)]
pub struct Allowances {
    leave: Leave,
    by_file: BTreeMap<SourceId, Vec<Allowance>>,
}

impl Allowances {
    /// Those of some files.
    #[must_use]
    pub fn new(leave: Leave, given: impl IntoIterator<Item = Allowance>) -> Self {
        let mut by_file: BTreeMap<SourceId, Vec<Allowance>> = BTreeMap::new();
        for allowance in given {
            by_file.entry(allowance.span.source).or_default().push(allowance);
        }
        Self { leave, by_file }
    }

    /// Marks a fault that a comment allows. One that a comment names and must not allow stays, and says why it does.
    pub(super) fn apply(&self, mut fault: Diagnostic) -> Diagnostic {
        let Some(allowance) = self.find(&fault) else { return fault };
        let Allowance { code, span, reason, covers: _ } = allowance;
        let is_told = |label: &Label| label.place == Place::Span(*span);
        if fault.labels.iter().any(is_told) {
            return fault;
        }
        let is_error = fault.severity == Severity::Error;
        if let Some(policy) = self.leave.forbidden.get(code.id) {
            return fault.at(*span, "this does not allow it").at(*policy, "the platform forbids to allow it");
        }
        if is_error && !self.leave.liftable.contains(&code.id) {
            return fault.at(*span, "a comment does not allow an error");
        }
        fault.severity = Severity::Allowed;
        fault.allowed = Some(Box::new(Allowed { reason: reason.clone(), span: *span }));
        fault
    }

    fn find(&self, fault: &Diagnostic) -> Option<&Allowance> {
        let Some(Label { place: Place::Span(main), text: _ }) = fault.labels.first() else { return None };
        let meets = |covers: &Range<u32>| main.start < covers.end && covers.start <= main.end;
        let mut own = self.by_file.get(&main.source)?.iter();
        own.find(|allowance| allowance.code == fault.code && meets(&allowance.covers))
    }

    /// Those that met none of `faults`, each told. A file with an error is left out: what is behind the error was not looked for.
    #[must_use]
    pub fn unused(&self, faults: &[Diagnostic]) -> Vec<Diagnostic> {
        let spans = |fault: &Diagnostic| fault.labels.iter().filter_map(|label| label.place.span()).collect::<Vec<_>>();
        let has_error =
            |file: SourceId| faults.iter().any(|fault| fault.severity == Severity::Error && spans(fault).iter().any(|s| s.source == file));
        let is_used = |allowance: &Allowance| {
            let is_named = |fault: &Diagnostic| fault.allowed.as_ref().is_some_and(|allowed| allowed.span == allowance.span);
            faults.iter().any(|fault| is_named(fault) || spans(fault).contains(&allowance.span))
        };
        let files = self.by_file.iter().filter(|(file, _)| !has_error(**file));
        let unused = files.flat_map(|(_, own)| own).filter(|allowance| !is_used(allowance));
        unused
            .map(|Allowance { code, span, reason: _, covers: _ }| {
                let fault = Diagnostic::warning(&code::UNUSED_ALLOWANCE, format!("there is no `{}` to allow here", code.id));
                fault.at(*span, "").help("delete the comment, or move it to the line above what it is about")
            })
            .collect()
    }
}
