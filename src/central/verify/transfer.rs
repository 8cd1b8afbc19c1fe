//! TRANSFER: a workflow changes hands when the branch has its owner's consent, and nothing else of the owner's changes.

use super::case::{Case, Changed, Source};
use super::frame::{owns, speaks_for};
use super::place::{LOCK, Place};
use crate::central::compiler::Departures;
use crate::central::lock::{Lock, LockedWorkflow};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{SourceAddress, SourceName, TeamName, WorkflowAddress};

/// Whether a change in another team's files is one that a transfer makes: what belongs to workflows that go to who asks is deleted, and
/// the lock is written anew. The rule below holds the lock to it.
pub(super) fn is_part(case: &Case<'_>, change: &Changed) -> bool {
    let Some(team) = change.place.team() else { return false };
    let Some(state) = case.teams.get(team) else { return false };
    let going = |files: &Source| -> Vec<LockedWorkflow> {
        let (Some(before), Some(after)) = files.locks() else { return Vec::new() };
        let gone = before.workflows.iter().filter(|(name, _)| !after.workflows.contains_key(*name));
        let goes_to_asker = |name: &str| {
            let successor = after.tombstones.get(name).and_then(|tombstone| WorkflowAddress::parse(tombstone.successor.as_ref()?).ok());
            successor.is_some_and(|successor| speaks_for(case, &successor.team)) && gives_at_all(&files_said(case, files), name)
        };
        gone.filter(|(name, _)| goes_to_asker(name)).map(|(_, workflow)| workflow.clone()).collect()
    };
    match &change.place {
        Place::Source { source, file, .. } => {
            let Some(files) = state.sources.get(source) else { return false };
            let going = going(files);
            let is_theirs = going.iter().any(|workflow| workflow.file == *file || workflow.data.contains(file));
            !going.is_empty() && ((file == LOCK && change.after.is_some()) || (is_theirs && change.after.is_none()))
        }
        Place::Compiled { .. } => {
            let mut all = state.sources.values().flat_map(going);
            change.after.is_none() && all.any(|workflow| workflow.compiled.contains(&change.path))
        }
        Place::Policy | Place::Override { .. } | Place::Platform | Place::Original { .. } | Place::Unmanaged | Place::Nobody => false,
    }
}

fn gives_at_all(said: &Departures, name: &str) -> bool {
    said.gifts.iter().any(|gift| said.gives(name, &gift.to))
}

/// What the branch's version of a source says about workflows that go.
fn files_said(case: &Case<'_>, files: &Source) -> Departures {
    let project = files.files_before.get("freehold.yaml").and_then(|entry| case.repository.blob(&entry.id).ok());
    project.map(|project| case.compiler.departures(&project)).unwrap_or_default()
}

/// The workflow of another source that takes a source's workflow over, with the branch's consent of its owner.
pub(super) fn taker(case: &Case<'_>, team: &TeamName, source: &SourceName, name: &str) -> Option<WorkflowAddress> {
    let said = files_said(case, case.teams.get(team)?.sources.get(source)?);
    for (taking, state) in &case.teams {
        let claims = state.output().into_iter().flat_map(|output| &output.workflows);
        let claims = claims.filter(|found| {
            let from = found.life.taken_from.as_ref();
            from.is_some_and(|from| from.team == *team && from.workflow.as_str() == name) && (taking != team || found.source != *source)
        });
        for claim in claims {
            if said.gives(name, &SourceAddress { team: taking.clone(), source: claim.source.clone() }) {
                return Some(WorkflowAddress { team: taking.clone(), workflow: claim.workflow.clone() });
            }
        }
    }
    None
}

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, _, source, files) in case.touched_sources().filter(|(team, _, source, _)| !owns(case, team, source) && !case.is_platform) {
        if let Some(reason) = reason(case, team, source, files) {
            let path = format!("sources/{team}/{source}/{LOCK}");
            let fault = Diagnostic::error(&code::TRANSFERRED, format!("`{team}/{source}` would change beyond what it gives"));
            sink.push(
                fault.at_file(path, reason).help("run `freehold publish` in the source that takes over; it changes no more than that"),
            );
        }
    }
    for (team, _, source, files) in case.touched_sources() {
        check_back(case, (team, source), files, sink)?;
    }
    Ok(())
}

/// What a source gave does not come back to it while the one that took it over still has it: both would run.
fn check_back(case: &Case<'_>, (team, source): (&TeamName, &SourceName), files: &Source, sink: &mut Sink) -> Result<(), GitError> {
    let (Some(before), Some(after)) = files.locks() else { return Ok(()) };
    for (name, tombstone) in &before.tombstones {
        let (Some(again), Some(lives_on)) = (after.workflows.get(name), &tombstone.successor) else { continue };
        let Ok(successor) = WorkflowAddress::parse(lives_on) else { continue };
        // A rename: the source itself has both, and says so in its own files.
        let is_own = successor.team == *team && after.workflows.contains_key(successor.workflow.as_str());
        let compiled = format!("dags/{}/{}.py", successor.team, successor.workflow);
        if is_own || case.repository.entry(case.tree, &compiled)?.is_none() {
            continue;
        }
        let fault = Diagnostic::error(&code::TRANSFERRED, format!("`{team}/{name}` was taken over by `{successor}`, and would run twice"));
        let fault = fault.at_file(format!("sources/{team}/{source}/{}", again.file), "the source that gave it has it again");
        let fault = fault.at_file(compiled, "this is what took it over");
        sink.push(fault.help(format!("delete `{}` in the source, or give the workflow in it another name", again.file)));
    }
    Ok(())
}

fn reason(case: &Case<'_>, team: &TeamName, source: &SourceName, files: &Source) -> Option<String> {
    let (Some(before), Some(after)) = files.locks() else { return Some("its lock cannot be compared".to_owned()) };
    if before.published != after.published {
        return Some("it would tell another publish".to_owned());
    }
    let gone = |lock: &Lock| before.workflows.keys().filter(|name| !lock.workflows.contains_key(*name)).cloned().collect::<Vec<_>>();
    for name in gone(after) {
        match taker(case, team, source, &name) {
            Some(to) if speaks_for(case, &to.team) => {}
            Some(_) | None => return Some(format!("`{name}` is not given to who asks")),
        }
    }
    after.workflows.keys().find(|name| !before.workflows.contains_key(*name)).map(|name| format!("`{name}` would be new in it"))
}
