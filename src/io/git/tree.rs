//! A revision as a tree of files.

use super::object::{Mode, ObjectId};
use super::repository::Repository;
use crate::io::{ReadError, ReadTree};

/// The files of one revision of a repository.
#[derive(Debug, Clone, Copy)]
pub struct GitTree<'a> {
    repository: &'a Repository,
    tree: &'a ObjectId,
}

impl<'a> GitTree<'a> {
    /// The files of a tree, as [`Repository::tree_of`] gives it.
    #[must_use]
    pub fn new(repository: &'a Repository, tree: &'a ObjectId) -> Self {
        Self { repository, tree }
    }
}

impl ReadTree for GitTree<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ReadError> {
        let git = |error: super::GitError| ReadError::Git(error.to_string());
        match self.repository.entry(self.tree, path).map_err(git)? {
            None => Ok(None),
            Some(entry) if entry.mode == Mode::File => self.repository.blob(&entry.id).map(Some).map_err(git),
            Some(entry) => Err(ReadError::NotRegular { path: path.to_owned(), kind: entry.mode.describe() }),
        }
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, ReadError> {
        let below = self.repository.below(self.tree, folder).map_err(|error| ReadError::Git(error.to_string()))?;
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let shown = below.into_keys().filter(|path| !path.split('/').any(|part| part.starts_with('.')));
        Ok(shown.map(|path| format!("{prefix}{path}")).collect())
    }
}
