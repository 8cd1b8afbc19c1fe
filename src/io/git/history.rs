//! How histories meet: common ancestors and merges.

use super::command::{GitError, failure};
use super::object::ObjectId;
use super::repository::Repository;

/// How a change arrives on a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// As a merge of the head into the base: a pull request.
    Merge,
    /// As the head itself: a push.
    Push,
}

/// What merging gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// The tree of the merge.
    Tree(ObjectId),
    /// Paths that both sides changed in different ways.
    Conflict(Vec<String>),
}

impl Repository {
    /// The commits from which two histories went apart: the newest that are in both.
    ///
    /// # Errors
    /// When either is missing.
    pub fn merge_bases(&self, ours: &ObjectId, theirs: &ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let listed = self.git.answer(&["merge-base", "--all", ours.as_str(), theirs.as_str()])?.unwrap_or_default();
        Ok(listed.lines().filter_map(ObjectId::parse).collect())
    }

    /// Whether `older` is `newer` or one of the commits that it was built on.
    ///
    /// # Errors
    /// When either is missing.
    pub fn is_ancestor(&self, older: &ObjectId, newer: &ObjectId) -> Result<bool, GitError> {
        let arguments = ["merge-base", "--is-ancestor", older.as_str(), newer.as_str()];
        let output = self.git.run(&arguments, None)?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failure(&arguments, &output)),
        }
    }

    /// The tree that merging `head` into `base` makes, without touching any branch or work tree.
    ///
    /// # Errors
    /// When git cannot merge at all, as without a common ancestor.
    pub fn merge(&self, base: &ObjectId, head: &ObjectId) -> Result<Merge, GitError> {
        // Rename detection would carry a change of one team's file over to another's folder.
        let arguments =
            ["-c", "merge.renames=false", "merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", base.as_str(), head.as_str()];
        let output = self.git.run(&arguments, None)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut parts = text.split('\0').filter(|part| !part.is_empty());
        let tree = parts.next().and_then(|part| ObjectId::parse(part.trim_end()));
        match (output.status.code(), tree) {
            (Some(0), Some(tree)) => Ok(Merge::Tree(tree)),
            (Some(1), Some(_)) => Ok(Merge::Conflict(parts.map(str::to_owned).collect())),
            _ => Err(failure(&arguments[2..], &output)),
        }
    }
}
