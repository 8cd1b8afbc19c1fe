//! Python files below `dags/` that no publish has made: what a central repository had before, and has still.

use std::collections::BTreeSet;

use super::Failure;
use crate::central::{Lock, Shown, look};
use crate::io::{ReadError, ReadTree};

/// A hand-written file, and what its text shows.
pub(super) struct HandWritten {
    pub(super) path: String,
    pub(super) shown: Shown,
}

/// All of them, by path. What is no regular file is nobody's to adopt, and left out.
pub(super) fn find(tree: &dyn ReadTree) -> Result<Vec<HandWritten>, Failure> {
    let failed = |error: ReadError| Failure::new(error.to_string());
    let mut published = BTreeSet::new();
    for path in tree.list("sources").map_err(failed)?.iter().filter(|path| path.ends_with("/freehold.lock")) {
        let lock = tree.read(path).map_err(failed)?.and_then(|bytes| Lock::parse(&bytes).ok());
        published.extend(lock.into_iter().flat_map(|lock| lock.compiled.into_keys()));
    }
    let paths = tree.list("dags").map_err(failed)?;
    let by_hand = paths.into_iter().filter(|path| path.ends_with(".py") && !published.contains(path));
    let read = |path: String| {
        let bytes = tree.read(&path).ok().flatten()?;
        Some(HandWritten { shown: look(&String::from_utf8_lossy(&bytes)), path })
    };
    Ok(by_hand.filter_map(read).collect())
}
