//! What in the surroundings of a central repository weakens the promise.
//!
//! In go a repository as it lies here, the files of its protected branch, and what the Git host answered about its rules; out
//! come diagnostics, what was looked at and what could not be seen. It runs nothing and changes nothing. An error is what
//! makes the promise void; a warning is what it would take only one more slip to make void.
//!
//! One check is one file and one row in a table.

mod case;
mod check_rights;
mod checked;
mod clone;
mod command;
mod credentials;
mod edits_itself;
mod example;
mod gitlab;
mod hook;
mod host;
mod owners;
mod pinned;
mod policy;
mod receiving;
mod rules;
mod strangers;
mod tag;
mod unmanaged;
mod workflow;

use self::case::Case;
use crate::diag::{Diagnostic, Sink};
use crate::io::git::{GitError, Repository, Surroundings};
use crate::source::Sources;

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Central<'a> {
    /// Its objects.
    pub repository: &'a Repository,
    /// Its settings and hooks.
    pub surroundings: &'a Surroundings,
    /// The protected branch, such as `main`.
    pub branch: &'a str,
    /// What the Git host answered about the branch's rules: the files' paths and their JSON.
    pub answers: &'a [(String, Vec<u8>)],
}

/// What was found.
#[derive(Debug)]
pub struct Examination {
    /// What weakens the promise.
    pub diagnostics: Vec<Diagnostic>,
    /// What was looked at, in words.
    pub seen: Vec<String>,
    /// What could not be seen, in words, each with the way to show it.
    pub unseen: Vec<String>,
}

/// A check of the surroundings.
type Check = fn(&Case<'_>, &mut Sink);

const CHECKS: [Check; 12] = [
    hook::check,
    receiving::check,
    tag::check,
    credentials::check,
    clone::check,
    checked::check,
    edits_itself::check,
    strangers::check,
    check_rights::check,
    pinned::check,
    owners::check,
    rules::check,
];

/// Looks at a central repository and at what is around it.
///
/// # Errors
/// When there is no such branch, or git fails.
pub fn examine(central: &Central<'_>, sources: &Sources) -> Result<Examination, GitError> {
    let mut sink = Sink::new();
    let case = Case::load(central, sources, &mut sink)?;
    let grants = policy::check(&case, sources, &mut sink)?;
    for check in CHECKS {
        check(&case, &mut sink);
    }
    Ok(Examination { diagnostics: sink.into_sorted(), seen: case.seen(grants), unseen: case.unseen() })
}
