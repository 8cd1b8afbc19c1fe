//! IDS: no two workflows have one DAG id.
//!
//! A workflow has the id that its path makes, or one that is granted to it and that a file below `dag-ids/<id>/` shows. Looks at the files
//! that are new, and at one folder and one file for each.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::case::{Case, Changed};
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{DagId, TeamName, WorkflowName};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let new = case.changes.iter().filter(|change| matches!(change.place, Place::Compiled { .. }));
    // Many files of one change may claim one id: who has it is looked up once, and each is told of one other.
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for change in new.filter(|change| change.before.is_none() && change.after.is_some()) {
        let Some((id, own)) = claimed(change) else { continue };
        let holders = match known.entry(id.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(holders(case, &id)?),
        };
        if let Some(other) = holders.iter().find(|other| **other != own && **other != change.path) {
            let fault = Diagnostic::error(&code::DAG_ID, format!("two workflows would have the DAG id `{id}`"));
            let fault = fault.at_file(&*change.path, "has it by this change").at_file(other.as_str(), "has it already");
            sink.push(fault.help("give one of them another id in its team's grant, or have it handed over: `freehold transfer`"));
        }
        if case.unmanaged.has(&id) && !adopts(case, &own, &id) {
            let fault = Diagnostic::error(&code::DAG_ID, format!("a hand-written file has the DAG id `{id}`"));
            let fault = fault.at_file(&*change.path, "has it too by this change").at_file("platform.yaml", "`unmanaged` says so");
            sink.push(fault.help("adopt the file; or delete it, and then its id from `unmanaged` in a change of its own"));
        }
    }
    Ok(())
}

/// Tells when a grant gives a workflow that is there an id that another one has.
pub(super) fn check_granted(
    case: &Case<'_>,
    team: &TeamName,
    ids: &BTreeMap<WorkflowName, DagId>,
    sink: &mut Sink,
) -> Result<(), GitError> {
    for (workflow, id) in ids {
        let own = format!("dags/{team}/{workflow}.py");
        if case.repository.entry(case.tree, &own)?.is_none() {
            continue;
        }
        let claim = format!("dag-ids/{}/{team}/{workflow}.yaml", id.folded());
        for other in holders(case, &id.folded())?.into_iter().filter(|other| *other != own && *other != claim) {
            let title = format!("`{team}/{workflow}` would get the DAG id `{id}`, which another workflow has");
            let fault = Diagnostic::error(&code::DAG_ID, title)
                .at_file(format!("teams/{team}.yaml"), "granted here")
                .at_file(other, "has it already");
            sink.push(fault.help("take the line out of `dag_ids`, or give another id"));
        }
    }
    Ok(())
}

/// Tells when the policy comes to say of an id that a hand-written file has it, and a workflow has it.
pub(super) fn check_unmanaged(case: &Case<'_>, ids: &[DagId], sink: &mut Sink) -> Result<(), GitError> {
    for id in ids {
        for holder in holders(case, &id.folded())? {
            let title = format!("`unmanaged` would have the DAG id `{id}`, which a workflow has");
            let fault = Diagnostic::error(&code::DAG_ID, title).at_file("platform.yaml", "said here").at_file(holder, "has it already");
            sink.push(fault.help("delete the id from `unmanaged`; where a file still has it, change it there or have the team give it up"));
        }
    }
    Ok(())
}

/// Whether a workflow, by its compiled file, is a hand-written file that has the id.
fn adopts(case: &Case<'_>, own: &str, id: &str) -> bool {
    let Some((team, workflow)) = own.strip_prefix("dags/").and_then(|rest| rest.strip_suffix(".py")?.split_once('/')) else { return false };
    let (Ok(team), Ok(workflow)) = (TeamName::parse(team), WorkflowName::parse(workflow)) else { return false };
    let authority = case.teams.get(&team).and_then(|team| team.authority.as_ref());
    let adoption = authority.and_then(|authority| authority.adoptions.get(&workflow));
    adoption.is_some_and(|adoption| adoption.dag_ids.iter().any(|known| known.folded() == id))
}

/// The id in lower case that a new file gives to its workflow, and the workflow's file.
fn claimed(change: &Changed) -> Option<(String, String)> {
    match change.path.split('/').collect::<Vec<_>>()[..] {
        ["dag-ids", id, team, file] => Some((id.to_owned(), format!("dags/{team}/{}.py", file.strip_suffix(".yaml")?))),
        ["dags", team, file] => Some((format!("{team}__{}", file.strip_suffix(".py")?), change.path.clone())),
        _ => None,
    }
}

/// Files of the landed tree by which a workflow has an id.
fn holders(case: &Case<'_>, id: &str) -> Result<Vec<String>, GitError> {
    let folder = format!("dag-ids/{id}");
    let mut found: Vec<String> = case.repository.below(case.tree, &folder)?.into_keys().map(|name| format!("{folder}/{name}")).collect();
    if let Some((team, workflow)) = id.split_once("__") {
        let path = format!("dags/{team}/{workflow}.py");
        found.extend(case.repository.entry(case.tree, &path)?.map(|_| path));
    }
    Ok(found)
}
