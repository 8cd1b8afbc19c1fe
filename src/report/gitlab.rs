//! GitLab's Code Quality report: findings beside the changed lines of a merge request.
//!
//! Follows "Code Quality report format", <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>. A finding without a
//! line is put at the first: GitLab refuses the whole report otherwise.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Input;
use super::fingerprint::fingerprint;
use crate::diag::{Diagnostic, Place, Severity};

pub(super) fn render(input: &Input<'_>) -> String {
    let mut seen = BTreeMap::new();
    let findings: Vec<Value> = input.told().map(|diagnostic| finding(diagnostic, input, &mut seen)).collect();
    format!("{:#}\n", Value::from(findings))
}

fn finding(diagnostic: &Diagnostic, input: &Input<'_>, seen: &mut BTreeMap<String, usize>) -> Value {
    let Diagnostic { code, severity, title, labels, help, allowed: _ } = diagnostic;
    let (path, line) = labels.first().map_or_else(
        || (".".to_owned(), 1),
        |label| match &label.place {
            Place::File(path) => (path.clone(), 1),
            Place::Span(span) => {
                let file = input.sources.file(span.source);
                (file.path.clone(), file.position(span.start as usize).line)
            }
        },
    );
    // GitLab looks for the file from the repository's root.
    let path = (input.locate)(&path).unwrap_or(path);
    let description: Vec<&str> = [Some(title.as_str()), help.as_deref()].into_iter().flatten().collect();
    json!({
        "description": description.join("; "),
        "check_name": format!("{} {}", code.id, code.name),
        "fingerprint": fingerprint(diagnostic, input, seen),
        "severity": match severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Allowed => "info",
        },
        "location": { "path": path, "lines": { "begin": line } },
    })
}
