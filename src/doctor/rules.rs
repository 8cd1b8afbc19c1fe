//! Whether the host's rules make the check count.

use super::case::Case;
use super::host::{RequiredCheck, Rules};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    let Some(rules) = case.rules.as_ref().filter(|_| !case.is_server) else { return };
    for span in &rules.idle {
        let fault = Diagnostic::warning(&code::HOST_RULES, "a ruleset is not enforced").at(*span, "nothing of it holds");
        sink.push(fault.help("set its enforcement to `active`"));
    }
    check_required(case, rules, sink);
    check_branch(case, rules, sink);
    for (who, span) in &rules.bypass {
        let fault = Diagnostic::warning(&code::HOST_RULES, format!("{who} may go around the rules")).at(*span, "");
        sink.push(fault.help("let only the app that publishes go around them"));
    }
}

fn missing(case: &Case<'_>, rules: &Rules, title: &str, help: &str) -> Diagnostic {
    let title = title.replace("BRANCH", case.branch);
    Diagnostic::error(&code::HOST_RULES, title).at_file(&*rules.path, "no rule here says so").help(help)
}

fn check_required(case: &Case<'_>, rules: &Rules, sink: &mut Sink) {
    if rules.outside.is_some() {
        return;
    }
    let judges: Vec<&str> = case.workflows.iter().flat_map(|workflow| workflow.judges().map(|(job, _)| job.name())).collect();
    let found = rules.checks.iter().find(|check| judges.is_empty() || judges.iter().any(|name| is_of(check, name)));
    match found {
        None if rules.checks.is_empty() => {
            sink.push(missing(case, rules, "changes of `BRANCH` land without any check", "require the check that runs `freehold verify`"));
        }
        None => {
            let title = format!("changes of `{}` land without {}", case.branch, quoted_list(judges.iter().copied()));
            let fault = Diagnostic::error(&code::HOST_RULES, title);
            let fault = rules.checks.iter().take(3).fold(fault, |fault, check| fault.at(check.span, "required"));
            sink.push(fault.help("require the job that runs `freehold verify`, by the name that it has there"));
        }
        Some(check) if !check.has_app => {
            let fault = Diagnostic::warning(&code::HOST_RULES, format!("anybody who may write can report that `{}` passed", check.name));
            sink.push(fault.at(check.span, "any app's word counts").help("choose `GitHub Actions` as the check's source"));
        }
        Some(_) => {}
    }
    if !rules.checks.is_empty() && !rules.is_strict && !rules.has_queue {
        let fault = Diagnostic::warning(&code::HOST_RULES, "a check may have passed on an older state of the branch");
        let fault = fault.at_file(&*rules.path, "neither a merge queue nor `strict` checks");
        sink.push(fault.help("require branches to be up to date before merging, or use a merge queue"));
    }
}

/// A reusable workflow's job is called `caller / job`, one of a matrix `job (value)`.
fn is_of(check: &RequiredCheck, job: &str) -> bool {
    check.name == job || check.name.ends_with(&format!("/ {job}")) || check.name.starts_with(&format!("{job} ("))
}

fn check_branch(case: &Case<'_>, rules: &Rules, sink: &mut Sink) {
    if !rules.asks_pull_request && !rules.has_queue {
        sink.push(missing(case, rules, "`BRANCH` takes pushes from everybody who may write", "require a pull request before merging"));
    }
    if !rules.refuses_force {
        sink.push(missing(case, rules, "`BRANCH` may be moved back, with everybody's files", "block force pushes"));
    }
    if !rules.refuses_deletion {
        sink.push(missing(case, rules, "`BRANCH` may be deleted, with everybody's files", "restrict deletions"));
    }
}
