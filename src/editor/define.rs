//! Where what is named at a place is defined.

use super::cursor::{Spot, Step, locate};
use super::expression::{name_at, named, written};
use super::names::{Known, Names};
use crate::source::Span;
use crate::yaml::Node;

/// Where something is defined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// In the same file.
    Here(Span),
    /// In a file that the project's messages show by this path, and where in it.
    File(String, Option<Span>),
    /// In a file whose path is written relative to this one.
    Beside(String),
}

/// Where what stands at a byte offset of a text, read to `root`, is defined.
#[must_use]
pub fn define(text: &str, root: &Node, offset: usize, names: &Names) -> Option<Target> {
    let cursor = locate(root, offset)?;
    let Spot::Value(span) = cursor.spot else { return None };
    let is_file = cursor.steps.last().and_then(Step::key) == Some("file");
    if is_file && cursor.steps.iter().any(|step| step.key() == Some("for_each")) && name_at(text, offset).is_none() {
        return written(text, span).map(|path| Target::Beside(path.to_owned()));
    }
    match named(text, root, &cursor.steps, (span, offset), names)? {
        Known { path: Some(path), span, .. } => Some(Target::File(path, span)),
        Known { span, .. } => span.map(Target::Here),
    }
}
