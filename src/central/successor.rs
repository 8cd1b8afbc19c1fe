//! Where a workflow lives on that was renamed or has changed hands, however often, told from what locks remember.

use std::collections::{BTreeMap, BTreeSet};

use super::layout;
use super::team::TeamState;
use crate::io::git::{GitError, ObjectId, Repository};
use crate::name::{TeamName, WorkflowAddress};

/// Successors that the locks of one team remember, by the name of what is gone; more than one where several sources had it in turn.
type Remembered = BTreeMap<String, Vec<WorkflowAddress>>;

/// Follows workflows in one tree. Reads a team once, however many come by it.
pub(crate) struct Successors<'a> {
    repository: &'a Repository,
    tree: &'a ObjectId,
    teams: BTreeMap<TeamName, Remembered>,
}

impl<'a> Successors<'a> {
    /// Of a tree, with what it holds of one team.
    pub(crate) fn new(repository: &'a Repository, tree: &'a ObjectId, (team, state): (&TeamName, &TeamState)) -> Self {
        Self { repository, tree, teams: BTreeMap::from([(team.clone(), remembered(state))]) }
    }

    /// The workflow that one lives on as, if that is there and is another one.
    pub(crate) fn of(&mut self, gone: &WorkflowAddress) -> Result<Option<WorkflowAddress>, GitError> {
        let mut seen = BTreeSet::from([gone.clone()]);
        let mut next = self.remembered(gone)?;
        while let Some(address) = next.pop() {
            if !seen.insert(address.clone()) {
                continue;
            }
            let compiled = format!("{}/{}.py", layout::compiled(&address.team), address.workflow);
            if self.repository.entry(self.tree, &compiled)?.is_some() {
                return Ok(Some(address));
            }
            next.extend(self.remembered(&address)?);
        }
        Ok(None)
    }

    fn remembered(&mut self, address: &WorkflowAddress) -> Result<Vec<WorkflowAddress>, GitError> {
        if !self.teams.contains_key(&address.team) {
            let state = TeamState::read(self.repository, self.tree, &address.team)?;
            self.teams.insert(address.team.clone(), remembered(&state));
        }
        let team = self.teams.get(&address.team);
        Ok(team.and_then(|team| team.get(address.workflow.as_str())).cloned().unwrap_or_default())
    }
}

fn remembered(state: &TeamState) -> Remembered {
    let mut found = Remembered::new();
    for (name, tombstone) in state.locks().flat_map(|(_, lock)| &lock.tombstones) {
        let successor = tombstone.successor.as_ref().and_then(|successor| WorkflowAddress::parse(successor).ok());
        found.entry(name.clone()).or_default().extend(successor);
    }
    found
}
