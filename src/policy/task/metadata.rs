//! Labels and annotations that every pod must have.

use super::TaskCase;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir;
use crate::name::matches_glob;
use crate::source::{Span, Spanned};
use crate::spec::{Table, Template};

pub(super) fn check(case: &TaskCase<'_>, sink: &mut Sink) {
    let (Some(required), Some(pod)) = (&case.policy.platform.require, case.pod()) else { return };
    for (kind, patterns) in [("labels", &required.labels), ("annotations", &required.annotations)] {
        for (key, pattern) in patterns.iter().flat_map(Table::iter) {
            let found = pod.get("metadata").and_then(|metadata| metadata.get(kind)?.get(&key.value));
            check_one(case, kind, key, pattern, found, sink);
        }
    }
}

fn check_one(
    case: &TaskCase<'_>,
    kind: &str,
    key: &Spanned<String>,
    pattern: &Spanned<String>,
    found: Option<&ir::Value>,
    sink: &mut Sink,
) {
    let one = kind.trim_end_matches('s');
    let Some(ir::Value::Text(text)) = found else {
        let title = format!("the pod of task `{}` has no {one} `{}`", case.name.value, key.value);
        let fault = Diagnostic::error(&code::REQUIRED, title).at(case.name.span, "").at(key.span, "the platform requires it");
        let example = pattern.value.replace('*', "…");
        sink.push(fault.help(format!("add `{kind}: {{ {}: {example} }}` to the task, or to `defaults:` for all tasks", key.value)));
        return;
    };
    // What only the run knows cannot be compared, unless anything fits.
    let values = case.texts(text).unwrap_or_else(|| vec!["${{ … }}".to_owned()]);
    if let Some(odd) = values.iter().find(|value| !matches_glob(&pattern.value, value)) {
        let title = format!("{one} `{}` is `{odd}`, and the platform wants `{}`", key.value, pattern.value);
        let fault = Diagnostic::error(&code::REQUIRED, title).at(place(case, kind, &key.value), "").at(pattern.span, "what it must match");
        sink.push(fault.help(format!("write a value that matches `{}`", pattern.value)));
    }
}

fn place(case: &TaskCase<'_>, kind: &str, key: &str) -> Span {
    let of = |table: &Option<Table<String, Template>>| Some(table.as_ref()?.get(key)?.span);
    let found = case.strongest(|settings| if kind == "labels" { of(&settings.labels) } else { of(&settings.annotations) });
    found.unwrap_or(case.name.span)
}
