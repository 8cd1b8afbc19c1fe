//! Whether something judges what a pull request brings, and whether its answer counts.

use super::case::Case;
use super::command;
use super::workflow::{Job, Step, Workflow};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::yaml::{Node, Value};

/// What a condition may name that the asker chooses: a job that it passes over counts as passed.
const CHOSEN: [&str; 5] =
    ["github.actor", "github.triggering_actor", "github.head_ref", "github.event.pull_request", "github.event.sender"];

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    // A hook judges there; and a workflow of elsewhere that the host requires is not seen from here.
    if case.is_server || case.rules.as_ref().is_some_and(|rules| rules.outside.is_some()) {
        return;
    }
    let judging: Vec<&Workflow> = case.workflows.iter().filter(|workflow| workflow.judges().next().is_some()).collect();
    for workflow in &judging {
        workflow.judges().for_each(|(job, step)| check_answer(job, step, sink));
    }
    let pipeline = case.pipeline.as_ref().and_then(|pipeline| Some((pipeline, pipeline.judge()?)));
    if let Some((_, (span, line))) = &pipeline
        && command::ignores_failure(line)
    {
        sink.push(ignored().at(*span, "").help("take out what stands behind the command"));
    }
    match judging.first() {
        Some(_) => check_queue(case, &judging, sink),
        None if pipeline.is_none() => {
            let title = format!("nothing that is seen here judges what a pull request to `{}` brings", case.branch);
            let help = "add a workflow on `pull_request_target` and `merge_group` that runs `freehold verify`, and require it: \
                        `freehold explain FH0913` shows one";
            sink.push(
                Diagnostic::warning(&code::NOT_CHECKED, title)
                    .at_file(".github/workflows", "no workflow runs `freehold verify`")
                    .help(help),
            );
        }
        None => {}
    }
}

fn ignored() -> Diagnostic {
    Diagnostic::error(&code::NOT_CHECKED, "`freehold verify` refuses, and the change lands all the same")
}

fn check_answer(job: Job<'_>, step: Step<'_>, sink: &mut Sink) {
    let goes_on = |node: &Node| node.get("continue-on-error").filter(|flag| flag.value != Value::Bool(false)).map(|flag| flag.span);
    if let Some(span) = goes_on(step.node).or_else(|| goes_on(job.node)) {
        sink.push(ignored().at(span, "").help("delete the line"));
    }
    let script = step.script().zip(step.line()).filter(|(_, line)| command::ignores_failure(line));
    if let Some((script, line)) = script {
        sink.push(ignored().at(script.span, format!("`{line}` never fails")).help("take out what stands behind the command"));
    }
    for node in [step.node, job.node] {
        let condition = node.get("if").and_then(|condition| Some((condition.as_str()?, condition.span)));
        if let Some((name, span)) = condition.and_then(|(text, span)| Some((CHOSEN.iter().find(|name| text.contains(**name))?, span))) {
            let fault = Diagnostic::warning(&code::NOT_CHECKED, format!("whether `freehold verify` runs depends on `{name}`"));
            sink.push(fault.at(span, "a job that is passed over counts as passed").help("judge every change: delete the condition"));
        }
    }
}

/// Two changes that are green alone may be wrong together; a merge queue tries them together.
fn check_queue(case: &Case<'_>, judging: &[&Workflow], sink: &mut Sink) {
    let is_strict = case.rules.as_ref().is_some_and(|rules| rules.is_strict && !rules.has_queue);
    if is_strict || judging.iter().any(|workflow| workflow.event("merge_group").is_some()) {
        return;
    }
    let places = judging.iter().filter_map(|workflow| workflow.events().first().map(|(_, span)| *span));
    for span in places.take(1) {
        let fault = Diagnostic::warning(&code::NOT_CHECKED, "a merge queue would wait for `freehold verify`, or land without it");
        sink.push(fault.at(span, "`merge_group` does not start it").help("add `merge_group:` below `on:`"));
    }
}
