//! Whether a folder came with a repository's own files.

use std::path::Path;

use super::GitError;
use super::command::Git;

/// Where a folder comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It lies in no work tree, or no commit of that one brings it: somebody made it here.
    Here,
    /// Some of its files belong to the repository.
    Committed,
    /// It lies in a work tree, and git does not say: it may not trust the owner.
    Unknown,
}

/// Where a folder comes from, for the work trees around `start`. Links are followed first: a repository may hold those too.
///
/// # Errors
/// When git cannot be started.
pub fn origin(start: &Path, folder: &Path) -> Result<Origin, GitError> {
    let (Ok(start), Ok(folder)) = (fs_err::canonicalize(start), fs_err::canonicalize(folder)) else { return Ok(Origin::Here) };
    let Some(top) = start.ancestors().filter(|folder| folder.join(".git").exists()).last() else { return Ok(Origin::Here) };
    // A submodule between may bring it as well. No commit can hold a `.git`, so these are repositories of the user's own.
    for root in folder.ancestors().take_while(|folder| folder.starts_with(top)).filter(|folder| folder.join(".git").exists()) {
        let Ok(inside) = folder.strip_prefix(root) else { continue };
        let arguments = ["-C".as_ref(), root.as_os_str(), "ls-files".as_ref(), "--".as_ref(), inside.as_os_str()];
        match Git::outside().answer(&arguments)? {
            Some(listed) if listed.is_empty() => {}
            Some(_) => return Ok(Origin::Committed),
            None => return Ok(Origin::Unknown),
        }
    }
    Ok(Origin::Here)
}
