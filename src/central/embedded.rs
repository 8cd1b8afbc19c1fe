//! A central repository of one's own, so that everything can be tried alone.

use std::path::Path;

use super::publish::Error;
use super::request::Branch;
use crate::io::git::{Address, Edit, NewCommit, Pushed, Scratch, init_bare};

/// Opens the central repository at `folder`; makes it with `files` when there is none.
///
/// # Errors
/// When git is missing or the folder cannot be written.
pub fn embedded(folder: &Path, branch: &str, files: &[(&str, &[u8])]) -> Result<Branch, Error> {
    let branch = Branch { central: Address::Folder(folder.to_owned()), name: branch.to_owned() };
    if !folder.join("HEAD").is_file() {
        init_bare(folder, &branch.name)?;
    }
    let scratch = Scratch::of(&branch.central)?;
    if scratch.tip(&branch.name)?.is_some() {
        return Ok(branch);
    }
    let edits: Vec<Edit> = files.iter().map(|(path, bytes)| Edit::Write { path: (*path).to_owned(), bytes: bytes.to_vec() }).collect();
    let commit = scratch.write(&NewCommit { parent: None, edits: &edits, message: "Start a central repository\n" })?;
    match scratch.push(None, &commit, &branch.name, None)? {
        Pushed::Landed => Ok(branch),
        // Another run made it at the same moment.
        Pushed::Refused(_) if scratch.tip(&branch.name)?.is_some() => Ok(branch),
        Pushed::Refused(message) => Err(Error::Rejected { central: branch.central.to_string(), branch: branch.name.clone(), message }),
    }
}
