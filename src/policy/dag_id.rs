//! The DAG ids that grants give.

use std::collections::BTreeMap;

use crate::name::{DagId, TeamName, WorkflowAddress, WorkflowName};
use crate::spec::{Adoption, Grant, Table};

/// The DAG ids of workflows: those that grants give, and `<team>__<workflow>` for all others.
#[derive(Debug, Clone, Default)]
pub struct DagIds {
    given: BTreeMap<WorkflowAddress, DagId>,
    /// Hand-written files that are workflows; one may hold several DAGs.
    adoptions: BTreeMap<WorkflowAddress, Adoption>,
}

impl DagIds {
    /// Takes in what a grant gives to its team.
    pub fn add(&mut self, grant: &Grant) {
        let address = |workflow: &WorkflowName| WorkflowAddress { team: grant.team.value.clone(), workflow: workflow.clone() };
        for (workflow, adoption) in grant.adopt.iter().flat_map(Table::iter) {
            // Written anew in YAML, the workflow is still that DAG.
            if let [only] = adoption.dag_ids.as_slice() {
                self.given.insert(address(&workflow.value), only.value.clone());
            }
            self.adoptions.insert(address(&workflow.value), adoption.clone());
        }
        let given = grant.dag_ids.iter().flat_map(|ids| ids.iter());
        self.given.extend(given.map(|(workflow, id)| (address(&workflow.value), id.value.clone())));
    }

    /// The id of a workflow.
    #[must_use]
    pub fn of(&self, team: &TeamName, workflow: &WorkflowName) -> DagId {
        let address = WorkflowAddress { team: team.clone(), workflow: workflow.clone() };
        self.given.get(&address).cloned().unwrap_or_else(|| DagId::join(team, workflow))
    }

    /// The hand-written file that a grant takes in as a workflow.
    #[must_use]
    pub fn adoption(&self, team: &TeamName, workflow: &WorkflowName) -> Option<&Adoption> {
        self.adoptions.get(&WorkflowAddress { team: team.clone(), workflow: workflow.clone() })
    }
}
