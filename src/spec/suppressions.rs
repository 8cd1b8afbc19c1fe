//! `suppressions:` in `platform.yaml`: what comments in teams' files may allow.

use super::decode::{Context, Decode};
use super::record::{inline_schema, record};
use crate::diag::{Code, codes as code, quoted_list};
use crate::source::Spanned;
use crate::yaml::Node;

/// Rules of the platform that teams may be let break with a reason: those that only judge, and that nobody else's rights hang on.
const LIFTABLE: [&Code; 2] = [&code::IMAGE_TAG, &code::IMAGE_NOT_ALLOWED];

record! {
    /// What comments such as `# freehold: allow FH0605 because the pool bounds it` may allow. Warnings and no errors, unless you say otherwise.
    pub struct Suppressions {
        /// Rules of yours that a team may break on a line, with a reason: `[FH0503]`.
        allow: Option<Vec<Spanned<LiftableRule>>>,
        /// Warnings that no comment may silence: `[FH0325]`.
        forbid: Option<Vec<Spanned<Rule>>>,
    }
}

/// The code of a diagnostic.
#[derive(Debug, Clone, Copy)]
pub struct Rule(pub &'static Code);

impl Decode for Rule {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let written = String::decode(node, context)?;
        let found = Code::find(&written);
        if found.is_none() {
            let near = Code::suggest(&written);
            let help = near.map_or_else(|| "`freehold explain` lists them".to_owned(), |near| format!("write `{near}`"));
            context.invalid(span, format!("there is no code `{written}`"), help);
        }
        found.map(Self)
    }
}

inline_schema! { Rule "Code" {
    "type": "string",
    "pattern": "^FH[0-9]{4}$",
    "x-expects": "a code such as `FH0503`",
} }

/// The code of a rule that a platform may let teams break.
#[derive(Debug, Clone, Copy)]
pub struct LiftableRule(pub &'static Code);

impl Decode for LiftableRule {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let written = String::decode(node, context)?;
        let found = LIFTABLE.into_iter().find(|code| code.id == written);
        if found.is_none() {
            let listed = quoted_list(LIFTABLE.iter().map(|code| code.id));
            context.invalid(span, format!("`{written}` cannot be left to teams"), format!("write one of {listed}"));
        }
        found.map(Self)
    }
}

inline_schema! { LiftableRule "LiftableRule" {
    "type": "string",
    "pattern": "^FH[0-9]{4}$",
    "x-expects": "the code of a rule, such as `FH0503`",
} }
