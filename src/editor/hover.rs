//! What a key, or a name, is.

use super::catalog::Catalog;
use super::cursor::{Spot, locate};
use super::expression::named;
use super::names::Names;
use crate::schema::Kind;
use crate::source::Span;
use crate::yaml::Node;

/// What to show, and for which part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The part.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

/// What stands at a byte offset of a text that was read to `root`.
#[must_use]
pub fn hover(kind: Kind, text: &str, root: &Node, offset: usize, names: &Names) -> Option<Hover> {
    let cursor = locate(root, offset)?;
    match cursor.spot {
        Spot::Key(span) => {
            let catalog = Catalog::at(kind, &cursor.steps);
            let name = cursor.steps.last()?.key()?;
            Some(Hover { span, text: format!("**{name}**\n\n{}", catalog.about()?) })
        }
        Spot::Value(span) => {
            let known = named(text, root, &cursor.steps, (span, offset), names)?;
            (!known.about.is_empty()).then(|| Hover { span, text: format!("**{}**\n\n{}", known.name, known.about) })
        }
    }
}
