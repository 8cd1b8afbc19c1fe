//! What the job that judges may do besides: it needs to read, and nothing else.

use super::case::Case;
use super::workflow::{Job, Workflow, texts};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::yaml::{Node, Value};

const LEAST: &str = "write `permissions: { contents: read }`";

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    for workflow in &case.workflows {
        for (job, _) in workflow.judges() {
            check_permissions(workflow, job, sink);
            check_secrets(workflow, job, sink);
        }
    }
}

fn check_permissions(workflow: &Workflow, job: Job<'_>, sink: &mut Sink) {
    let id = &job.id.value;
    let Some(permissions) = job.node.get("permissions").or_else(|| workflow.node.get("permissions")) else {
        let fault = Diagnostic::warning(&code::CHECK_RIGHTS, format!("job `{id}`, which judges changes, does not say what it may do"));
        sink.push(fault.at(job.id.span, "it gets the repository's default, which may be to write").help(LEAST));
        return;
    };
    let writes = |node: &Node| node.as_str().is_some_and(|text| text.starts_with("write"));
    let scopes = permissions.entries().iter().filter(|entry| writes(&entry.value)).map(|entry| entry.value.span);
    for span in writes(permissions).then_some(permissions.span).into_iter().chain(scopes) {
        let fault = Diagnostic::warning(&code::CHECK_RIGHTS, format!("job `{id}`, which judges changes, may write"));
        sink.push(fault.at(span, "").help(format!("{LEAST}, and do what needs more in another job")));
    }
}

fn check_secrets(workflow: &Workflow, job: Job<'_>, sink: &mut Sink) {
    let mut found = Vec::new();
    texts(job.node, &mut found);
    let shared = ["env", "defaults"].iter().filter_map(|key| workflow.node.get(key));
    shared.for_each(|node| texts(node, &mut found));
    for (text, span) in found {
        if let Some(name) = secret(text) {
            let fault = Diagnostic::warning(
                &code::CHECK_RIGHTS,
                format!("job `{}`, which judges changes, is handed the secret `{name}`", job.id.value),
            );
            sink.push(fault.at(span, "").help("take it out: judging reads git objects only"));
        }
    }
    if job.node.get("secrets").is_some_and(|secrets| secrets.value == Value::String("inherit".to_owned())) {
        let fault =
            Diagnostic::warning(&code::CHECK_RIGHTS, format!("job `{}`, which judges changes, is handed every secret", job.id.value));
        sink.push(fault.at(job.id.span, "`secrets: inherit`").help("take it out: judging reads git objects only"));
    }
}

/// The first secret that a text names, but for the run's own token, whose rights `permissions` says.
fn secret(text: &str) -> Option<String> {
    let names = text.split("secrets.").skip(1).map(|rest| {
        let end = rest.find(|character: char| !(character.is_ascii_alphanumeric() || character == '_')).unwrap_or(rest.len());
        rest[..end].to_owned()
    });
    names.filter(|_| text.contains("${{")).find(|name| !name.is_empty() && name != "GITHUB_TOKEN")
}
