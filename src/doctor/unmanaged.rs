//! Hand-written files that are left to be changed by hand: whether anybody has to agree to that.

use super::case::Case;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::PathPattern;
use crate::source::Span;

/// Looks at the patterns, with their places, of an entry that names no editors.
pub(super) fn check<'p>(case: &Case<'_>, patterns: impl Iterator<Item = (&'p PathPattern, Span)>, sink: &mut Sink) {
    for (pattern, place) in patterns.filter(|(pattern, _)| !case.owners.covers(&example(pattern))) {
        let fault = Diagnostic::warning(&code::UNMANAGED_OPEN, format!("nobody has to agree to a change of `{pattern}`"));
        let fault = fault.at(place, "it has no `editors`, and no line of CODEOWNERS is for it");
        let line = pattern.to_string();
        let line = line.strip_suffix("**").unwrap_or(&line);
        sink.push(fault.help(format!("add `/{line} @acme/old-dags` to CODEOWNERS, or `editors: [<account>]` here")));
    }
}

/// A file that a pattern is for.
fn example(pattern: &PathPattern) -> String {
    pattern.to_string().replace("**", "any.py").replace('*', "any")
}
