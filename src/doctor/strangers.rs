//! Files and texts of a stranger in a run that has the repository's own rights.

use super::case::Case;
use super::workflow::{Job, Workflow};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::Span;
use crate::yaml::Node;

/// Events that anybody may cause and that run with the repository's token and secrets.
const TRUSTED: [&str; 3] = ["pull_request_target", "workflow_run", "issue_comment"];

/// What names a stranger's commit.
const HEADS: [&str; 5] = [
    "github.event.pull_request.head",
    "github.head_ref",
    "github.event.workflow_run.head",
    "refs/pull/",
    "github.event.pull_request.merge",
];

/// Texts that whoever asks may choose.
const CHOSEN: [&str; 10] = [
    "github.head_ref",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.display_title",
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.comment.body",
];

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    for workflow in &case.workflows {
        let Some((event, span)) = workflow.events().into_iter().find(|(event, _)| TRUSTED.contains(event)) else { continue };
        for job in workflow.jobs() {
            check_checkout(job, (event, span), sink);
            check_scripts(workflow, job, (event, span), sink);
        }
    }
}

fn check_checkout(job: Job<'_>, (event, span): (&str, Span), sink: &mut Sink) {
    let checkouts = job.steps().filter(|step| step.action().is_some_and(|action| action.starts_with("actions/checkout@")));
    for reference in checkouts.filter_map(|step| step.with("ref")) {
        if reference.as_str().is_some_and(|text| HEADS.iter().any(|head| text.contains(head))) {
            let fault = Diagnostic::error(&code::STRANGERS_INPUT, format!("job `{}` checks out what a stranger wrote", job.id.value));
            let fault = fault
                .at(reference.span, "one script of it that runs has the repository's token")
                .at(span, format!("`{event}` runs with it"));
            let help = "check out the protected branch, and only fetch the change, which `freehold verify` judges without a checkout: \
                        `git fetch origin \"+refs/pull/$NUMBER/head:refs/pull/$NUMBER/head\"`";
            sink.push(fault.help(help));
        }
    }
}

fn check_scripts(workflow: &Workflow, job: Job<'_>, (event, span): (&str, Span), sink: &mut Sink) {
    for step in job.steps() {
        let script = step.script().or_else(|| step.with("script"));
        if let Some((name, place)) = script.and_then(chosen) {
            let title = format!("`{name}` becomes part of a script in `{}`", workflow.path);
            let fault =
                Diagnostic::error(&code::STRANGERS_INPUT, title).at(place, "whoever asks chooses this text, and it may be a command");
            let fault = fault.at(span, format!("`{event}` runs with the repository's token"));
            sink.push(fault.help(format!("hand it over as data: `env: {{ VALUE: \"${{{{ {name} }}}}\" }}`, and write `\"$VALUE\"`")));
        }
    }
}

/// A name that the host puts into the script's text.
fn chosen(script: &Node) -> Option<(&'static str, Span)> {
    let text = script.as_str()?;
    let expressions = text.split("${{").skip(1).filter_map(|rest| rest.split("}}").next());
    let mut names = expressions.filter_map(|expression| CHOSEN.iter().find(|name| expression.contains(**name)));
    names.next().map(|name| (*name, script.span))
}
