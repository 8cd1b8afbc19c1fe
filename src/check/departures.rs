//! Workflows that go: what a project says about them must not contradict what it holds.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::spec::{Project, Workflow};

/// Whether a project says of any workflow that it goes.
#[must_use]
pub fn has_departures(project: &Project) -> bool {
    let named = |names: &Option<Vec<_>>| names.as_ref().is_some_and(|names| !names.is_empty());
    named(&project.retire) || project.give.as_ref().is_some_and(|gifts| !gifts.is_empty())
}

/// Checks a project against the workflows that it holds; faults are told.
pub fn check_departures<'a>(project: &Project, workflows: impl Iterator<Item = &'a Workflow>, sink: &mut Sink) {
    let held: BTreeMap<&str, &Workflow> = workflows.map(|workflow| (workflow.workflow.value.as_str(), workflow)).collect();
    for retired in project.retire.iter().flatten() {
        if let Some(workflow) = held.get(retired.value.as_str()) {
            let fault = Diagnostic::error(&code::RETIRED_AND_THERE, format!("workflow `{}` is retired, and still there", retired.value));
            let fault = fault.at(retired.span, "taken out of service here").at(workflow.workflow.span, "and described here");
            sink.push(fault.help("delete its file, or take it out of `retire`"));
        }
    }
    let mut renamed: BTreeMap<&str, Span> = BTreeMap::new();
    for workflow in held.values() {
        let Some(old) = &workflow.renamed_from else { continue };
        if let Some(other) = held.get(old.value.as_str()) {
            let title = format!("`{}` says that it was called `{}`, and that one is still there", workflow.workflow.value, old.value);
            let fault = Diagnostic::error(&code::RENAMED_AND_THERE, title).at(old.span, "").at(other.workflow.span, "described here");
            sink.push(fault.help("take `renamed_from` out, or delete the old one's file"));
        } else if let Some(first) = renamed.insert(old.value.as_str(), old.span) {
            let fault = Diagnostic::error(&code::RENAMED_AND_THERE, format!("two workflows say that they were called `{}`", old.value));
            sink.push(fault.at(old.span, "the second").at(first, "the first").help("take one of the two lines out"));
        }
    }
}
