//! Under which DAG id a workflow runs, as a file, when that is not `<team>__<workflow>`: `dag-ids/<id>/<team>/<workflow>.yaml`, the id in
//! lower case.
//!
//! Who has an id is then told by one folder of the central repository, and two who claim one meet in it.

use serde::Serialize;

use super::references::generated;
use crate::artifact::{Artifact, Owner};
use crate::name::{DagId, WorkflowName};

/// The folder of granted DAG ids in the central repository.
pub const DAG_IDS: &str = "dag-ids";

#[derive(Serialize)]
struct Claim<'a> {
    dag_id: &'a str,
    workflow: String,
}

/// The files of a workflow, with the file that it was written in, for those of its ids that its path does not make.
pub(super) fn claims(owner: &Owner, (name, file): (&WorkflowName, &str), ids: &[DagId]) -> Vec<Artifact> {
    let joined = DagId::join(&owner.team, name);
    let granted = ids.iter().filter(|id| **id != joined);
    granted.filter_map(|id| claim(owner, (name, file), id)).collect()
}

fn claim(owner: &Owner, (name, file): (&WorkflowName, &str), id: &DagId) -> Option<Artifact> {
    let team = &owner.team;
    let claim = Claim { dag_id: id.as_str(), workflow: format!("{team}/{name}") };
    generated(&format!("{DAG_IDS}/{}/{team}/{name}.yaml", id.folded()), owner, (name, file), &claim)
}
