//! What revisions and refs name.

use std::collections::BTreeMap;

use super::command::{Git, GitError};
use super::object::ObjectId;
use super::repository::Repository;

impl Repository {
    /// The commit that a revision names: an id, `HEAD`, a full `refs/…`, a branch, or a remote's branch, each with `~` and `^` behind it.
    ///
    /// A short name is never a tag: Git would prefer the tag, and whoever may push a tag could stand in for the protected branch. A whole id
    /// is never a name: whoever may push a branch could call it like the id that a policy is read from.
    ///
    /// # Errors
    /// [`GitError::NoCommit`] when there is none, [`GitError::TwoMeanings`] when a tag has the branch's name, a branch that of an id, or a
    /// branch of one's own that of a remote's.
    pub fn commit(&self, revision: &str) -> Result<ObjectId, GitError> {
        let missing = || GitError::NoCommit(revision.to_owned());
        let (name, rest) = revision.split_at(revision.find(['~', '^', '@']).unwrap_or(revision.len()));
        let is_id = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_whole_id = is_id && name.len() == 2 * self.format().id_length();
        let full: Vec<String> = if name == "HEAD" || name.starts_with("refs/") || is_whole_id {
            vec![name.to_owned()]
        } else {
            if self.look_up(&format!("refs/tags/{name}"))?.is_some() {
                return Err(GitError::TwoMeanings(name.to_owned()));
            }
            let id = is_id.then(|| name.to_owned());
            let (branch, remote) = self.names_of(name)?;
            // A branch of one's own can be called like what a remote's is called here.
            if (branch && remote) || (is_id && (branch || remote)) {
                return Err(GitError::TwoMeanings(name.to_owned()));
            }
            [format!("refs/heads/{name}"), format!("refs/remotes/{name}")].into_iter().chain(id).collect()
        };
        for name in full {
            if let Some(found) = self.look_up(&format!("{name}{rest}^{{commit}}"))? {
                return ObjectId::parse(&found).ok_or_else(missing);
            }
        }
        Err(missing())
    }

    /// Whether a branch has a name, and whether a remote's branch has it.
    fn names_of(&self, name: &str) -> Result<(bool, bool), GitError> {
        Ok((self.look_up(&format!("refs/heads/{name}"))?.is_some(), self.look_up(&format!("refs/remotes/{name}"))?.is_some()))
    }

    /// Where names are looked up.
    fn names(&self) -> &Git {
        self.names.as_ref().unwrap_or(&self.git)
    }

    fn look_up(&self, revision: &str) -> Result<Option<String>, GitError> {
        self.names().answer(&["rev-parse", "--verify", "--quiet", "--end-of-options", revision])
    }

    /// Whether a ref, by its full name, is there.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn has_reference(&self, reference: &str) -> Result<bool, GitError> {
        Ok(self.look_up(reference)?.is_some())
    }

    /// Refs that are other names of a ref, with the ref that they stand for in the end. What is pushed to such a name moves that one.
    ///
    /// # Errors
    /// When git fails.
    pub fn aliases(&self) -> Result<BTreeMap<String, String>, GitError> {
        let format = "--format=%(if)%(symref)%(then)%(refname) %(symref)%(end)";
        let listed = self.names().text(&["for-each-ref", format])?;
        Ok(listed.lines().filter_map(|line| line.split_once(' ')).map(|(name, target)| (name.to_owned(), target.to_owned())).collect())
    }

    /// The ref that a name stands for, when it is another name of one that need not be there yet; `None` for a ref of its own.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn stands_for(&self, reference: &str) -> Result<Option<String>, GitError> {
        self.names().answer(&["symbolic-ref", "--quiet", reference])
    }
}
