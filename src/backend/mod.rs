//! Resolved workflows → files of a target. One folder per target, one row of [`TARGETS`] each.
//!
//! In goes an [`ir::Workflow`], out come [`Artifact`]s and, for previews and policy, the pods that
//! the target would create. A backend never sees YAML, the spec or the policy, does no I/O, and makes the same bytes of
//! the same workflow on every machine.

mod airflow;

use crate::{
    artifact::Artifact,
    diag::Sink,
    ir,
    name::{DagId, RepoPath},
};

/// Compiles workflows for one target in one version.
pub trait Backend: Sync + Send {
    /// The files of one workflow. What the target cannot take is reported to `sink`, and then there is no file.
    fn compile(&self, workflow: &ir::Workflow, sink: &mut Sink) -> Vec<Artifact>;

    /// Where the workflow's own file goes, also when it does not compile.
    fn path(&self, workflow: &ir::Workflow) -> Option<RepoPath>;

    /// The pods that the target would create in one run, in the order of the workflow's tasks.
    ///
    /// A static fan-out gives one pod a row, a mapped one a single pod. References are shown as they are written in
    /// YAML: `${{ run.date }}`. What the target adds only at run time (labels of the run, random name suffixes) is not
    /// in them.
    fn final_pods(&self, workflow: &ir::Workflow) -> Vec<FinalPod>;
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
