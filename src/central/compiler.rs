//! What `central` asks of the compiler, and what it hands over.

use std::collections::BTreeMap;

use crate::artifact::Artifacts;
use crate::diag::Diagnostic;
use crate::name::{SourceName, TeamName, WorkflowName, matches_glob};
use crate::source::Sources;

/// Files of one source, by their path within it, without the lock.
pub type SourceFiles = BTreeMap<String, Vec<u8>>;

/// Reads policy and compiles; both are pure functions of what they are handed.
pub trait Compiler: Sync {
    /// What the platform allows a team.
    ///
    /// # Errors
    /// Diagnostics when `platform.yaml` or the grant cannot be understood: then nothing is allowed.
    fn authority(&self, platform: &[u8], grant: &[u8], team: &TeamName, sources: &Sources) -> Result<Authority, Vec<Diagnostic>>;

    /// Compiles all of a team's sources together.
    fn compile_team(&self, input: &TeamInput, sources: &Sources) -> TeamOutput;

    /// Grows with every change that makes other bytes from the same files.
    fn format_version(&self) -> u32;
}

/// What the platform allows a team.
#[derive(Debug, Clone, Default)]
pub struct Authority {
    /// Repositories that may publish.
    pub repositories: Vec<Binding>,
    /// Accounts that may change the team's files by pull request.
    pub members: Vec<String>,
    /// Workflows that one change may delete without saying so.
    pub deletions: u32,
}

/// A repository that may publish to a source.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The number that the Git host gave it.
    pub id: u64,
    /// Its full name, for people.
    pub name: String,
    /// The source.
    pub source: SourceName,
    /// Refs that may publish; `*` stands for any text.
    pub refs: Vec<String>,
}

impl Binding {
    /// Whether a ref may publish.
    #[must_use]
    pub fn allows(&self, reference: &str) -> bool {
        self.refs.iter().any(|pattern| matches_glob(pattern, reference))
    }
}

/// A team as the compiler is handed it.
#[derive(Debug, Clone)]
pub struct TeamInput {
    /// The team.
    pub team: TeamName,
    /// `platform.yaml`.
    pub platform: Vec<u8>,
    /// The team's grant.
    pub grant: Vec<u8>,
    /// All its sources.
    pub sources: BTreeMap<SourceName, SourceFiles>,
    /// The source whose files lie in the asker's own folder: messages show their paths without `sources/…` before them.
    pub local: Option<SourceName>,
}

/// What compiling a team gave.
#[derive(Debug, Default)]
pub struct TeamOutput {
    /// Compiled files of all its sources.
    pub artifacts: Artifacts,
    /// Its workflows.
    pub workflows: Vec<WorkflowFile>,
    /// What is wrong; an error means that the rest is incomplete.
    pub diagnostics: Vec<Diagnostic>,
}

/// Which file a workflow was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowFile {
    /// The workflow.
    pub workflow: WorkflowName,
    /// The team's source.
    pub source: SourceName,
    /// The path within the source.
    pub file: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_nothing_else_is_special() {
        for (pattern, text, expected) in [
            ("refs/heads/main", "refs/heads/main", true),
            ("refs/heads/main", "refs/heads/main2", false),
            ("refs/heads/*", "refs/heads/a/b", true),
            ("refs/tags/v*.*", "refs/tags/v1.2", true),
            ("refs/tags/v*.*", "refs/tags/v1", false),
            ("refs/heads/m.in", "refs/heads/main", false),
            ("*", "", true),
        ] {
            assert_eq!(matches_glob(pattern, text), expected, "{pattern} {text}");
        }
    }
}
