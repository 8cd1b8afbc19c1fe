//! YAML text → nodes with byte spans, within budgets.
//!
//! In goes the text of one file, out comes a tree in which every key and every value knows where it stands. YAML 1.2, core schema,
//! one document a file; anchors, aliases and plain `<<` merge keys are taken. What the tree cannot hold (duplicate keys, custom tags,
//! aliases that explode) and what two YAML versions read differently is a diagnostic.

mod anchor;
mod build;
mod comment;
mod doubt;
mod fault;
mod merge;
mod node;
mod scalar;
mod tag;
#[cfg(test)]
mod tests;
mod text;

pub use build::parse;
pub use comment::{Comment, comments};
pub use node::{Entry, Node, Value};
pub use text::decode;

/// The longest file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The deepest nesting.
pub const MAX_DEPTH: usize = 64;
/// The most values, those that aliases repeat counted each time. As many may be anchored, those of inner anchors counted each time.
pub const MAX_NODES: usize = 200_000;
/// The most bytes of text that aliases may repeat.
pub const MAX_REPEATED_BYTES: usize = 1024 * 1024;
