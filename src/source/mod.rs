//! Source files, byte spans in them, and the only place that knows lines and columns.
//!
//! In go paths and texts, out come [`SourceId`]s; every later stage points at text with a [`Span`]. Nothing here
//! reads a disk.

mod line;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

pub use line::Position;

/// Names one file of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A range of bytes in one file; `end` is the first byte after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// First byte after the range.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `source`, in bytes.
    #[must_use]
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: narrow(start), end: narrow(end) }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

/// One file's path and text.
#[derive(Debug)]
pub struct SourceFile {
    /// The path that messages show, with `/` between parts.
    pub path: String,
    /// The whole text.
    pub text: String,
    line_starts: std::sync::OnceLock<Vec<usize>>,
}

/// All files of a run, in the order in which they were added.
///
/// Files are added by the stage that discovers them, one after another, so that ids do not depend on threads.
#[derive(Debug, Default)]
pub struct Sources {
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl Sources {
    /// No files yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a file.
    pub fn add(&self, path: impl Into<String>, text: impl Into<String>) -> SourceId {
        let file = SourceFile { path: path.into(), text: text.into(), line_starts: std::sync::OnceLock::new() };
        let mut files = self.files.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        files.push(Arc::new(file));
        SourceId(u32::try_from(files.len() - 1).unwrap_or(u32::MAX))
    }

    /// The file of an id that [`add`](Self::add) gave.
    #[must_use]
    pub fn file(&self, id: SourceId) -> Arc<SourceFile> {
        let files = self.files.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(&files[id.0 as usize])
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.read().unwrap_or_else(std::sync::PoisonError::into_inner).len()
    }

    /// Whether there is no file yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Texts of some files: those that the values of one file may have come from.
#[derive(Debug, Default)]
pub struct Texts {
    files: BTreeMap<SourceId, Arc<SourceFile>>,
}

impl Texts {
    /// The texts of these files.
    #[must_use]
    pub fn of(sources: &Sources, ids: impl IntoIterator<Item = SourceId>) -> Self {
        Self { files: ids.into_iter().map(|id| (id, sources.file(id))).collect() }
    }

    /// The text that a span covers; empty when it covers none.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.files.get(&span.source).and_then(|file| file.text.get(span.start as usize..span.end as usize)).unwrap_or_default()
    }

    /// What stands behind a span in its last line.
    #[must_use]
    pub fn behind(&self, span: Span) -> &str {
        let rest = self.files.get(&span.source).and_then(|file| file.text.get(span.end as usize..)).unwrap_or_default();
        rest.lines().next().unwrap_or_default()
    }
}
