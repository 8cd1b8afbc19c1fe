//! A check that the change it judges may edit.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    let is_held = case.rules.as_ref().is_some_and(|rules| rules.outside.is_some() || (rules.asks_owners && case.owners.covers_checks()));
    if case.is_server || is_held {
        return;
    }
    for workflow in &case.workflows {
        let Some(span) = workflow.event("pull_request").filter(|_| workflow.judges().next().is_some()) else { continue };
        let title = format!("a pull request may edit `{}`, which judges it", workflow.path);
        let fault =
            Diagnostic::warning(&code::CHECK_EDITS_ITSELF, title).at(span, "the host runs the pull request's own version of the file");
        let help = "write `pull_request_target`, which runs the protected branch's version, or require the workflow from outside: an \
                    organisation's ruleset with `Require workflows to pass before merging`, shown with `--rules`";
        sink.push(fault.help(help));
    }
    if let Some((pipeline, (span, _))) = case.pipeline.as_ref().and_then(|pipeline| Some((pipeline, pipeline.judge()?))) {
        let title = format!("a merge request may edit `{}`, which judges it", pipeline.path);
        let fault =
            Diagnostic::warning(&code::CHECK_EDITS_ITSELF, title).at(span, "the host runs the merge request's own version of the file");
        let help = "keep it in a project of the platform's: Settings → CI/CD → CI/CD configuration file, such as `verify.yml@platform/ci`";
        sink.push(fault.help(help));
    }
}
