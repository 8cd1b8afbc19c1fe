//! IDS: no two workflows have one DAG id.
//!
//! A workflow has the id that its path makes, or one that is granted to it and that a file below `dag-ids/<id>/` shows. Looks at the files
//! that are new, and at one folder and one file for each.

use std::collections::BTreeMap;

use super::case::{Case, Changed};
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{DagId, TeamName, WorkflowName};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let new = case.changes.iter().filter(|change| matches!(change.place, Place::Compiled { .. }));
    for change in new.filter(|change| change.before.is_none() && change.after.is_some()) {
        let Some((id, own)) = claimed(change) else { continue };
        for other in holders(case, &id)?.into_iter().filter(|other| *other != own && *other != change.path) {
            let fault = Diagnostic::error(&code::DAG_ID, format!("two workflows would have the DAG id `{id}`"));
            let fault = fault.at_file(&*change.path, "has it by this change").at_file(other, "has it already");
            sink.push(fault.help("give one of them another id in its team's grant, or have it handed over: `freehold transfer`"));
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
