//! SARIF 2.1.0, as code scanning reads it.
//!
//! Follows the OASIS standard, sections 3.14 (run) to 3.30 (region); columns count characters, and an end is the first column after.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Input;
use super::fingerprint::fingerprint;
use crate::diag::{Allowed, Code, Diagnostic, Label, Place, Severity};

pub(super) fn render(input: &Input<'_>) -> String {
    let mut seen = BTreeMap::new();
    let mut results = Vec::with_capacity(input.diagnostics.len());
    let rules: BTreeMap<&str, &Code> = input.diagnostics.iter().map(|diagnostic| (diagnostic.code.id, diagnostic.code)).collect();
    for diagnostic in input.diagnostics {
        let mut result = result(diagnostic, &rules, input);
        result["partialFingerprints"] = json!({ "freehold/v1": fingerprint(diagnostic, input, &mut seen) });
        results.push(result);
    }
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "originalUriBaseIds": { ROOT: { "description": { "text": "The root of the repository." } } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

/// What the files of the repository are relative to (section 3.14.14). Where that lies is for whoever reads to know.
const ROOT: &str = "%SRCROOT%";

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.heading() },
        "fullDescription": { "text": code.summary() },
        "help": { "text": code.page, "markdown": code.page },
    })
}

fn result(diagnostic: &Diagnostic, rules: &BTreeMap<&str, &Code>, input: &Input<'_>) -> Value {
    let Diagnostic { code, severity, title, labels, help, allowed } = diagnostic;
    let message: Vec<&str> = [Some(title.as_str()), help.as_deref()].into_iter().flatten().collect();
    let mut labels = labels.iter().map(|label| location(label, input));
    let mut result = json!({
        "ruleId": code.id,
        "ruleIndex": rules.keys().position(|id| *id == code.id),
        "level": match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Allowed => "note",
        },
        "message": { "text": message.join("\n") },
        "locations": labels.by_ref().take(1).collect::<Vec<_>>(),
        "relatedLocations": labels.collect::<Vec<_>>(),
    });
    if let Some(allowed) = allowed {
        result["suppressions"] = json!([suppression(allowed, input)]);
    }
    result
}

/// A comment in the file that allows the result (section 3.35).
fn suppression(Allowed { reason, span }: &Allowed, input: &Input<'_>) -> Value {
    let label = Label { place: Place::Span(*span), text: String::new() };
    json!({ "kind": "inSource", "justification": reason, "location": location(&label, input) })
}

fn location(label: &Label, input: &Input<'_>) -> Value {
    let physical = match &label.place {
        Place::File(path) => json!({ "artifactLocation": artifact(path, input) }),
        Place::Span(span) => {
            let file = input.sources.file(span.source);
            let (start, end) = file.positions(*span);
            json!({
                "artifactLocation": artifact(&file.path, input),
                "region": { "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column },
            })
        }
    };
    let mut location = json!({ "physicalLocation": physical });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

/// A file: from the root of the reader's repository, when it is one of it (section 3.4).
fn artifact(path: &str, input: &Input<'_>) -> Value {
    match (input.locate)(path) {
        Some(path) => json!({ "uri": uri(&path), "uriBaseId": ROOT }),
        None => json!({ "uri": uri(path) }),
    }
}

/// A path as a relative URI (RFC 3986).
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("workflows/a b%ů.yaml"), "workflows/a%20b%25%C5%AF.yaml");
    }
}
