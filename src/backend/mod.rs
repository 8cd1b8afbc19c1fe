//! Resolved workflows → files of a target. One folder per target, one row of [`TARGETS`] each.
//!
//! In goes an [`ir::Workflow`], out come [`Artifact`]s and, for previews and policy, the pods that
//! the target would create. A backend never sees YAML, the spec or the policy, does no I/O, and makes the same bytes of
//! the same workflow on every machine.

mod airflow;

use crate::{
    artifact::Artifact,
    diag::Diagnostic,
    ir,
    name::{DagId, RepoPath, TaskName},
};

/// Compiles workflows for one target in one version.
pub trait Backend: Sync + Send {
    /// The files of one workflow. What the target cannot take is added to `found`, and then there is no file.
    fn compile(&self, workflow: &ir::Workflow, found: &mut Vec<Finding>) -> Vec<Artifact>;

    /// Where the workflow's own file goes, also when it does not compile.
    fn path(&self, workflow: &ir::Workflow) -> Option<RepoPath>;

    /// The pods that the target would create in one run, in the order of the workflow's tasks.
    ///
    /// A static fan-out gives one pod a row, a mapped one a single pod. References are shown as they are written in
    /// YAML: `${{ run.date }}`. What the target adds only at run time (labels of the run, random name suffixes) is not
    /// in them.
    fn final_pods(&self, workflow: &ir::Workflow) -> Vec<FinalPod>;
}

/// What a target has to say about a workflow. A resolved workflow knows no lines: who has its file finds the place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What it is about.
    pub about: About,
    /// What is wrong and what to type, without a place.
    pub diagnostic: Diagnostic,
    /// Why there; may be empty when the title has said it.
    pub why: String,
}

/// A part of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// All of it.
    Workflow,
    /// When it runs.
    Schedule,
    /// By when a run must be done.
    Deadline,
    /// One of its tags.
    Tag(String),
    /// A task or group: the names of the groups around it, the outermost first, and its own.
    Node(Vec<TaskName>),
    /// How many items of a task or group run at once.
    MaxParallel(Vec<TaskName>),
}

/// A pod as the target would create it.
#[derive(Debug, Clone, PartialEq)]
pub struct FinalPod {
    /// The workflow's id in the target.
    pub dag_id: DagId,
    /// The task's id in the target, with its groups: `retrain.acme.clean`; of an instance for one item of a list that is known beforehand
    /// with its number: `retrain.clean[0]`.
    pub task_id: String,
    /// The pod: `apiVersion`, `kind`, `metadata`, `spec`.
    pub pod: serde_json::Value,
}

/// A target that workflows are compiled for.
pub struct Target {
    /// Its key in platform.yaml, below `target:`.
    pub name: &'static str,
    /// The versions that it may be given, oldest first.
    pub versions: &'static [&'static str],
    backend: fn(&str) -> Option<Box<dyn Backend>>,
}

/// Every target.
pub static TARGETS: &[Target] = &[Target { name: "airflow", versions: airflow::VERSIONS, backend: airflow::backend }];

impl Target {
    /// The target of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Its backend for a version; `None` for a version that is not among [`versions`](Self::versions).
    #[must_use]
    pub fn backend(&self, version: &str) -> Option<Box<dyn Backend>> {
        (self.backend)(version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_version_of_every_target_has_a_backend() {
        for target in TARGETS {
            assert!(target.versions.iter().all(|version| target.backend(version).is_some()), "{}", target.name);
            assert!(target.backend("0.1").is_none());
            assert!(Target::named(target.name).is_some());
        }
    }
}
