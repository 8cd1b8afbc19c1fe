//! Where in a workflow's file is what a target told of the resolved workflow.

use crate::backend::{About, Finding};
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::spec::{Schedule, Workflow};

/// The finding at the part of the file that it is about: at the workflow's name where that part comes from elsewhere.
pub(super) fn place(finding: Finding, workflow: &Workflow) -> Diagnostic {
    let Finding { about, diagnostic, why } = finding;
    diagnostic.mainly_at(find(&about, workflow).unwrap_or(workflow.workflow.span), why)
}

fn find(about: &About, workflow: &Workflow) -> Option<Span> {
    match about {
        About::Workflow => None,
        About::Schedule => match workflow.schedule.as_ref()? {
            Schedule::Fields(fields) => Some(fields.cron.as_ref()?.span),
            Schedule::None => None,
        },
        About::Deadline => Some(workflow.deadline.as_ref()?.span),
        About::Tag(text) => Some(workflow.tags.iter().flatten().find(|tag| tag.value == *text)?.span),
        About::Node(path) => Some(workflow.node(path)?.name.span),
        About::MaxParallel(path) => Some(workflow.node(path)?.max_parallel?.span),
    }
}
