//! Who asks to publish what.

use std::fmt;

use super::compiler::SourceFiles;
use super::lock::RepositoryId;
use crate::io::git::Address;
use crate::name::{SourceName, TeamName};

/// The branch that the orchestrator syncs from.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The central repository.
    pub central: Address,
    /// The branch's name, such as `main`.
    pub name: String,
}

/// Gets an identity token of the run for an audience, or tells why there is none.
pub type TokenFor<'a> = dyn Fn(&str) -> Result<Token, String> + 'a;

/// A source to publish.
pub struct Request<'a> {
    /// The team.
    pub team: TeamName,
    /// The team's source.
    pub source: SourceName,
    /// The files that the compiler used, by their path within the source.
    pub files: SourceFiles,
    /// Where they come from.
    pub origin: Origin,
    /// Tells from the team repository's history whether a commit is one that the files were built on.
    pub is_ancestor: &'a dyn Fn(&str) -> Ancestry,
    /// Tells whether any commit after that one changed one of the files, though they may be as they were again.
    pub has_changed_since: &'a dyn Fn(&str) -> bool,
    /// Gets an identity token of the run for an audience, where the Git host lets a run choose one.
    pub token_for: Option<&'a TokenFor<'a>>,
    /// What the asker has said explicitly.
    pub consent: Consent,
    /// The day, in UTC; `None` lets no record lift a rule.
    pub today: Option<jiff::civil::Date>,
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("team", &self.team)
            .field("source", &self.source)
            .field("origin", &self.origin)
            .finish_non_exhaustive()
    }
}

/// Where files to publish come from, as the CI system tells it.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The repository.
    pub repository: Option<RepositoryId>,
    /// The full ref, such as `refs/heads/main`.
    pub reference: Option<String>,
    /// What started the run, such as `push`; none when a person did.
    pub event: Option<String>,
    /// The commit.
    pub commit: Option<String>,
    /// A token that says the same with a signature; what it says holds.
    pub token: Option<Token>,
}

/// An identity token that has not been verified yet.
#[derive(Clone)]
pub struct Token {
    /// The token itself: whoever holds it is who it names.
    pub text: String,
    /// The time in seconds since 1970.
    pub now: u64,
    /// The commit that the files were read from, where that is known; it must be the token's.
    pub checked_out: Option<String>,
    /// Whether the server is handed it with the push, for its hook to judge by.
    pub is_sent: bool,
    /// The digest of the publish that it waits with; it must have been made for that one.
    pub waits_with: Option<String>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("now", &self.now).field("checked_out", &self.checked_out).finish_non_exhaustive()
    }
}

/// Whether a commit is one that another was built on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ancestry {
    /// It is, or it is the same.
    Yes,
    /// It is not.
    No,
    /// The history at hand does not reach that far.
    Unknown,
}

/// The way on which a publish lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Via {
    /// On the branch itself.
    #[default]
    Direct,
    /// On `publish/<team>/<source>`, from where [`integrate`](super::integrate()) takes it.
    Branch,
}

/// What the asker has said explicitly, for this one publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Consent {
    /// An older commit, or one of another line of history, may replace what is there.
    pub rollback: bool,
    /// Files that somebody edited in the central repository may be overwritten.
    pub repair: bool,
}
