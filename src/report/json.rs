//! JSON, as `schemas/diagnostics.v1.json` describes it.

use serde_json::{Value, json};

use super::Input;
use crate::diag::{Allowed, Diagnostic, Label, Place, Severity};
use crate::source::Sources;

pub(super) fn render(input: &Input<'_>) -> String {
    let summary = input.summary;
    let document = json!({
        "schema_version": 1,
        "diagnostics": diagnostics(input.diagnostics, input.sources),
        "summary": {
            "errors": input.count(Severity::Error),
            "warnings": input.count(Severity::Warning),
            "files": summary.files,
            "workflows": summary.workflows,
            "tasks": summary.tasks,
        },
    });
    format!("{document:#}\n")
}

/// The list of diagnostics, for documents that hold more than that.
pub(super) fn diagnostics(diagnostics: &[Diagnostic], sources: &Sources) -> Vec<Value> {
    diagnostics.iter().map(|diagnostic| one(diagnostic, sources)).collect()
}

fn one(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let Diagnostic { code, severity, title, labels, help, allowed } = diagnostic;
    let severity = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Allowed => "allowed",
    };
    let labels: Vec<Value> = labels.iter().map(|each| label(each, sources)).collect();
    let mut document = json!({ "code": code.id, "name": code.name, "severity": severity, "title": title, "help": help, "labels": labels });
    if let Some(allowed) = allowed {
        let Allowed { reason, span } = allowed.as_ref();
        let file = sources.file(span.source);
        document["allowed"] = json!({ "reason": reason, "path": file.path, "line": file.positions(*span).0.line });
    }
    document
}

fn label(label: &Label, sources: &Sources) -> Value {
    match &label.place {
        Place::File(path) => json!({ "path": path, "text": label.text }),
        Place::Span(span) => {
            let file = sources.file(span.source);
            let (start, end) = file.positions(*span);
            json!({
                "path": file.path,
                "line": start.line,
                "column": start.column,
                "end_line": end.line,
                "end_column": end.column,
                "text": label.text,
            })
        }
    }
}
