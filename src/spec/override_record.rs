//! `overrides/<team>/<name>.yaml`: a rule that does not hold for one change.

use super::decode::{Context, Decode};
use super::leaf::Date;
use super::record::{inline_schema, record};
use crate::name::SourceName;
use crate::source::Spanned;
use crate::yaml::Node;

record! {
    /// Lets one change of one source break one rule, once. Owned by the platform; the change that needs it deletes it.
    pub struct OverrideRecord {
        /// The team's source that may.
        source: Spanned<SourceName>,
        /// The rule: `guard` (deleting what is protected, waited for, or too much), `complete` (taking a whole source away), `mono`
        /// (forgetting what was published) or `limits` (files too large or too many). No other rule can be lifted.
        rule: Spanned<Liftable>,
        /// The files that it is about, from the root of the central repository.
        paths: Vec<Spanned<String>>,
        /// Why.
        reason: Spanned<String>,
        /// Who agreed: accounts of two people for `guard` and `complete`. Where `platform.yaml` has `administrators`, only they and the team's `members` count: `[olga, ada]`.
        approved_by: Vec<Spanned<String>>,
        /// The last day on which it holds, at most 90 days after it lands: `2026-12-01`.
        expires: Spanned<Date>,
    }
}

/// A rule that a record can lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liftable {
    /// Deleting what is protected, waited for, or too much at once.
    Guard,
    /// Taking a whole source away.
    Complete,
    /// Forgetting what was published.
    Mono,
    /// Files that are too large, or too many.
    Limits,
}

impl Decode for Liftable {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        Some(match String::decode(node, context)?.as_str() {
            "guard" => Self::Guard,
            "complete" => Self::Complete,
            "mono" => Self::Mono,
            "limits" => Self::Limits,
            other => {
                context.invalid(span, format!("`{other}` is no rule that can be lifted"), "write `guard`, `complete`, `mono` or `limits`");
                return None;
            }
        })
    }
}

inline_schema! { Liftable "Liftable" {
    "type": "string",
    "enum": ["guard", "complete", "mono", "limits"],
    "x-expects": "`guard`, `complete`, `mono` or `limits`",
} }
