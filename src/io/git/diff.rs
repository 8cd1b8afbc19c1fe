//! What differs between two trees.

use std::collections::BTreeSet;

use super::command::GitError;
use super::object::{Entry, Mode, ObjectId};
use super::repository::Repository;

/// One path that differs between two trees. There are no renames: what moved is gone here and new there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeChange {
    /// The path from the root, as the bytes that Git stores.
    pub path: Vec<u8>,
    /// What was there; never a folder.
    pub before: Option<Entry>,
    /// What is there now; never a folder.
    pub after: Option<Entry>,
}

impl TreeChange {
    /// The path for people; what is not UTF-8 is replaced.
    #[must_use]
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// How deep folders may be nested: the layout has four.
pub(super) const DEEPEST: usize = 24;

fn path_shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

impl Repository {
    /// Every path that differs, in the order of trees; `None` when these are more than `most`, because a few small objects can name
    /// any number of paths. Costs what the change costs: equal folders are not entered.
    ///
    /// # Errors
    /// When a tree is missing or malformed.
    pub fn diff(&self, before: Option<&ObjectId>, after: &ObjectId, most: usize) -> Result<Option<Vec<TreeChange>>, GitError> {
        let mut changes = Vec::new();
        self.diff_folders(before, Some(after), &[], most, &mut changes)?;
        Ok(Some(changes).filter(|changes| changes.len() <= most))
    }

    fn diff_folders(
        &self,
        before: Option<&ObjectId>,
        after: Option<&ObjectId>,
        prefix: &[u8],
        most: usize,
        changes: &mut Vec<TreeChange>,
    ) -> Result<(), GitError> {
        let read = |tree: Option<&ObjectId>| tree.map(|tree| self.entries(tree)).transpose().map(Option::unwrap_or_default);
        let (old, new) = (read(before)?, read(after)?);
        let names: BTreeSet<&Vec<u8>> = old.keys().chain(new.keys()).collect();
        for name in names {
            let (left, right) = (old.get(name), new.get(name));
            if changes.len() > most {
                return Ok(());
            }
            if left == right {
                continue;
            }
            let path = [prefix, name].concat();
            let (left_folder, left_file) = split(left);
            let (right_folder, right_file) = split(right);
            if left_file != right_file {
                changes.push(TreeChange { path: path.clone(), before: left_file.cloned(), after: right_file.cloned() });
            }
            if left_folder != right_folder {
                // A folder without files is nothing that Git would write, and would otherwise pass as no change at all.
                if let Some(folder) = right_folder
                    && self.entries(folder)?.is_empty()
                {
                    changes.push(TreeChange { path: path.clone(), before: None, after: right.cloned() });
                }
                if prefix.iter().filter(|byte| **byte == b'/').count() >= DEEPEST {
                    return Err(GitError::Object {
                        id: path_shown(&path),
                        reason: format!("it is nested more than {DEEPEST} folders deep"),
                    });
                }
                self.diff_folders(left_folder, right_folder, &[&path, b"/".as_slice()].concat(), most, changes)?;
            }
        }
        Ok(())
    }
}

fn split(entry: Option<&Entry>) -> (Option<&ObjectId>, Option<&Entry>) {
    match entry {
        Some(entry) if entry.mode == Mode::Folder => (Some(&entry.id), None),
        other => (None, other),
    }
}
