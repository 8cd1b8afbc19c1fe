//! Hand-written files that are left to be changed by hand: whether anybody has to agree to that.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::PathPattern;
use crate::source::Span;

/// Places that one finding points at; the title says how many there are.
const SHOWN: usize = 5;

/// Looks at the patterns, with their places, of an entry that names no editors.
pub(super) fn check<'p>(case: &Case<'_>, patterns: impl Iterator<Item = (&'p PathPattern, Span)>, sink: &mut Sink) {
    // A file that is named in full because it is everybody's is the platform's alone.
    let is_open = |pattern: &PathPattern| !pattern.keeps(&pattern.to_string()) && !case.owners.covers(&example(pattern));
    let open: Vec<(&PathPattern, Span)> = patterns.filter(|(pattern, _)| is_open(pattern)).collect();
    let Some((first, _)) = open.first() else { return };
    let more = if open.len() == 1 { String::new() } else { format!(" and {} more", open.len() - 1) };
    let mut fault = Diagnostic::warning(&code::UNMANAGED_OPEN, format!("nobody has to agree to a change of `{first}`{more}"));
    for (_, place) in open.iter().take(SHOWN) {
        fault = fault.at(*place, "it has no `editors`, and no line of CODEOWNERS is for it");
    }
    let lines: Vec<String> = open.iter().take(SHOWN).map(|(pattern, _)| format!("`/{} @acme/old-dags`", line(pattern))).collect();
    sink.push(fault.help(format!("add {} to CODEOWNERS, or `editors: [<account>]` here", lines.join(", "))));
}

/// A file that a pattern is for.
fn example(pattern: &PathPattern) -> String {
    pattern.to_string().replace("**", "any.py").replace('*', "any")
}

/// A pattern as CODEOWNERS has it: a folder stands for all that is below it, and a space has a backslash before it.
fn line(pattern: &PathPattern) -> String {
    let text = pattern.to_string();
    text.strip_suffix("**").unwrap_or(&text).replace(' ', "\\ ")
}
