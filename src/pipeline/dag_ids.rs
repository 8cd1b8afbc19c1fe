//! Under which DAG id a workflow runs, as a file, when that is not `<team>__<workflow>`: `dag-ids/<id>/<team>/<workflow>.yaml`, the id in
//! lower case.
//!
//! Who has an id is then told by one folder of the central repository, and two who claim one meet in it.

use serde::Serialize;

use super::references::generated;
use crate::artifact::{Artifact, Owner};
use crate::ir;
use crate::name::{DagId, RepoPath};

/// The folder of granted DAG ids in the central repository.
const DAG_IDS: &str = "dag-ids";

#[derive(Serialize)]
struct Claim<'a> {
    dag_id: &'a str,
    workflow: String,
}

/// The file of a workflow whose DAG id the platform grants.
pub(super) fn claim(workflow: &ir::Workflow) -> Option<Artifact> {
    let ir::Workflow { team, source, name, dag_id, .. } = workflow;
    if *dag_id == DagId::join(team, name) {
        return None;
    }
    let claim = Claim { dag_id: dag_id.as_str(), workflow: format!("{team}/{name}") };
    Some(Artifact {
        path: RepoPath::parse(&format!("{DAG_IDS}/{}/{team}/{name}.yaml", dag_id.folded())).ok()?,
        bytes: generated(workflow, &claim)?,
        owner: Owner { team: team.clone(), source: source.clone() },
        workflow: name.clone(),
    })
}
