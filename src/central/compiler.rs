//! What `central` asks of the compiler, and what it hands over.

use std::collections::{BTreeMap, BTreeSet};

use super::lock::LockedUsage;
use crate::artifact::Artifacts;
use crate::diag::Diagnostic;
use crate::identity::Policy;
use crate::io::ReadTree;
use crate::name::{DagId, PathPattern, RepoPath, SourceAddress, SourceName, TeamName, WorkflowAddress, WorkflowName, matches_glob};
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

    /// Accounts that may change what is the platform's; none when the file cannot be understood.
    fn administrators(&self, platform: &[u8]) -> Vec<String>;

    /// Accounts that may land what waits on others' branches; none when the file cannot be understood.
    fn integrators(&self, platform: &[u8]) -> Vec<String>;

    /// Hand-written files that go on being changed by hand; none when the file cannot be understood.
    fn unmanaged(&self, platform: &[u8]) -> Vec<Unmanaged>;

    /// What is wrong with grants that are each sound: two that bind one source, or meet in one namespace, or in what the platform leaves
    /// to be changed by hand.
    fn lint_grants(&self, platform: Option<&[u8]>, grants: Vec<(TeamName, Vec<u8>)>, sources: &Sources) -> Vec<Diagnostic>;

    /// What a project file says about workflows that go; nothing when it cannot be understood.
    fn departures(&self, project: &[u8]) -> Departures;

    /// The workflows among a source's files that say that they take over another source's, with those.
    fn takings(&self, files: &SourceFiles) -> Vec<(WorkflowName, WorkflowAddress)>;

    /// Reads a record of `overrides/<team>/`; `None` when it cannot be understood, and then it lets nothing.
    fn override_record(&self, bytes: &[u8]) -> Option<Override>;

    /// What the platform says of identity tokens.
    ///
    /// # Errors
    /// Diagnostics when `platform.yaml` cannot be understood: then no token is trusted.
    fn identity(&self, platform: &[u8], sources: &Sources) -> Result<Policy, Vec<Diagnostic>>;

    /// Compiles all of a team's sources together.
    fn compile_team(&self, input: &TeamInput<'_>, sources: &Sources) -> TeamOutput;

    /// What is wrong with a blueprint of the platform, by its path in the central repository.
    fn check_blueprint(&self, path: &str, bytes: &[u8], sources: &Sources) -> Vec<Diagnostic>;

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
    /// The share of a source's workflows that one change may delete without saying so, in percent.
    pub deletion_share: u32,
    /// DAG ids that its workflows have in place of the joined ones.
    pub dag_ids: BTreeMap<WorkflowName, DagId>,
    /// Hand-written files of the central repository that its workflows are.
    pub adoptions: BTreeMap<WorkflowName, Adoption>,
    /// DAG ids of hand-written files, in lower case: a workflow has one only by adopting its file.
    pub unmanaged_ids: BTreeSet<String>,
    /// What the central repository calls itself: `<platform>/<environment>`.
    pub central: String,
    /// Whose tokens are trusted, and what takes one.
    pub identity: Policy,
}

impl Authority {
    /// The DAG ids of one of the team's workflows.
    #[must_use]
    pub fn dag_ids_of(&self, team: &TeamName, workflow: &WorkflowName) -> Vec<DagId> {
        match (self.adoptions.get(workflow), self.dag_ids.get(workflow)) {
            (Some(adoption), _) => adoption.dag_ids.clone(),
            (None, Some(id)) => vec![id.clone()],
            (None, None) => vec![DagId::join(team, workflow)],
        }
    }
}

/// A hand-written file that a team may take in as a workflow, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// Where it is before; none for one that has moved already.
    pub file: Option<RepoPath>,
    /// The SHA-256 of its bytes, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The ids of its DAGs, as the platform says.
    pub dag_ids: Vec<DagId>,
}

/// Hand-written files that are no team's, and go on being changed by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmanaged {
    /// Where they are.
    pub paths: Vec<PathPattern>,
    /// Accounts that may change them; `None` for whoever the Git host lets.
    pub editors: Option<BTreeSet<String>>,
    /// The ids of their DAGs, as the platform says.
    pub dag_ids: Vec<DagId>,
}

/// A record by which the platform lets one change break one rule, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The team's source that may.
    pub source: SourceName,
    /// The rule.
    pub rule: OverrideRule,
    /// For which paths, from the root.
    pub paths: BTreeSet<String>,
    /// Who agreed.
    pub approvers: BTreeSet<String>,
    /// The last day on which it holds.
    pub expires: jiff::civil::Date,
}

/// Rules that a record can lift. What is not here cannot be lifted by anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverrideRule {
    /// Deleting what is protected or waited for, or too much at once.
    Guard,
    /// Taking a whole source away.
    Complete,
    /// Forgetting what was published, or by whom.
    Mono,
    /// Files that are too large, or too many.
    Limits,
}

/// A repository that may publish to a source.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The number that the Git host gave it.
    pub id: u64,
    /// Its full name, for people.
    pub name: String,
    /// The number of the account or group that it must belong to, when the grant says one.
    pub owner_id: Option<u64>,
    /// The issuer that gave the number; none for the platform's first.
    pub issuer: Option<String>,
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
#[derive(Clone)]
pub struct TeamInput<'a> {
    /// The team.
    pub team: TeamName,
    /// `platform.yaml`.
    pub platform: Vec<u8>,
    /// The team's grant.
    pub grant: Vec<u8>,
    /// All its sources.
    pub sources: BTreeMap<SourceName, SourceFiles>,
    /// What the locks say of those of its sources that the change leaves as they are. Their faults are kept apart, and their workflows
    /// count all the same. A source that is not here has to compile.
    pub standing: BTreeMap<SourceName, Standing>,
    /// The source whose files lie in the asker's own folder: messages show their paths without `sources/…` before them.
    pub local: Option<SourceName>,
    /// The tree that the policy is from: what workflows use of the platform's is read from it, and the
    /// grants of teams that they wait for, and nothing else.
    pub shared: &'a dyn ReadTree,
}

/// What the lock says of a source that a change leaves as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its workflows.
    pub workflows: BTreeMap<WorkflowName, StandingWorkflow>,
}

/// A workflow of a source that a change leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingWorkflow {
    /// The path of its file within the source.
    pub file: String,
    /// Workflows of its own team that it has something from.
    pub awaits: BTreeSet<WorkflowName>,
    /// What it takes of the team's quotas, where that was written down.
    pub usage: Option<LockedUsage>,
}

/// What compiling a team gave.
#[derive(Debug, Default)]
pub struct TeamOutput {
    /// Compiled files of its sources, without those that are faulty.
    pub artifacts: Artifacts,
    /// Its workflows.
    pub workflows: Vec<WorkflowFile>,
    /// What each source says about workflows that go.
    pub departures: BTreeMap<SourceName, Departures>,
    /// What is wrong; an error means that the rest is incomplete.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wrong with sources that stand, and is theirs alone.
    pub faulty: BTreeMap<SourceName, Vec<Diagnostic>>,
}

/// Which file a workflow was written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowFile {
    /// The workflow.
    pub workflow: WorkflowName,
    /// Its ids in Airflow: one, unless it is a hand-written file with several DAGs.
    pub dag_ids: Vec<DagId>,
    /// Whether it is a hand-written file, byte for byte.
    pub adopted: bool,
    /// The team's source.
    pub source: SourceName,
    /// The path within the source.
    pub file: String,
    /// Data files that it names, by their path within the source.
    pub data: BTreeSet<String>,
    /// What it says about its own life.
    pub life: Life,
    /// What it takes of the team's quotas, where the grant has any.
    pub usage: Option<LockedUsage>,
}

/// What a workflow says about its own life.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Life {
    /// Whether it may not go.
    pub is_protected: bool,
    /// The name that it had.
    pub renamed_from: Option<WorkflowName>,
    /// The workflow of another source that it takes over.
    pub taken_from: Option<WorkflowAddress>,
    /// Whether runs since its start are made up for when it is new.
    pub catches_up: bool,
}

/// What a source says about workflows that go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Departures {
    /// Those that are taken out of service.
    pub retired: BTreeSet<WorkflowName>,
    /// Those that others may take over.
    pub gifts: Vec<Gift>,
}

/// Workflows that another source may take over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// Which; `None` for all of the source's.
    pub workflows: Option<BTreeSet<WorkflowName>>,
    /// Who may.
    pub to: SourceAddress,
}

impl Departures {
    /// Whether a workflow may be taken over by a source.
    #[must_use]
    pub fn gives(&self, workflow: &str, to: &SourceAddress) -> bool {
        self.gifts.iter().any(|gift| gift.to == *to && gift.names(workflow))
    }
}

impl Gift {
    /// Whether a workflow is one of these.
    #[must_use]
    pub fn names(&self, workflow: &str) -> bool {
        let is_in = |names: &BTreeSet<WorkflowName>| WorkflowName::parse(workflow).is_ok_and(|name| names.contains(&name));
        self.workflows.as_ref().is_none_or(is_in)
    }
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
