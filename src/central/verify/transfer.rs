//! TRANSFER: a workflow changes hands when the branch has its owner's consent, and nothing else of the owner's changes.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Changed, Source, Team};
use super::frame::{owns, speaks_for};
use super::place::{LOCK, Place};
use crate::central::compiler::Departures;
use crate::central::lock::{Lock, LockedWorkflow};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{SourceAddress, SourceName, TeamName, WorkflowAddress, WorkflowName};

/// What goes from one source to who asks: its workflows' files within the source, and what they were compiled to.
#[derive(Default)]
pub(super) struct Going {
    files: BTreeSet<String>,
    compiled: BTreeSet<String>,
}

impl Going {
    /// Looked up for every path that differs, so it is made once.
    fn from<'s>(case: &Case<'_>, files: &'s Source) -> &'s Self {
        files.going.get_or_init(|| Self::of(case, files))
    }

    fn of(case: &Case<'_>, files: &Source) -> Self {
        let (Some(before), Some(after)) = files.locks() else { return Self::default() };
        let goes_to_asker = |name: &str| {
            successor_in(after, name).is_some_and(|successor| speaks_for(case, &successor.team)) && gives_at_all(said(case, files), name)
        };
        let gone = before.workflows.iter().filter(|(name, _)| !after.workflows.contains_key(*name) && goes_to_asker(name));
        let mut going = Self::default();
        for (_, LockedWorkflow { compiled, data, file, protect: _, usage: _ }) in gone {
            going.files.extend(data.iter().chain([file]).cloned());
            going.compiled.extend(compiled.iter().cloned());
        }
        going
    }
}

/// Whether a change in another team's files is one that a transfer makes: what belongs to workflows that go to who asks is deleted, and
/// the lock is written anew. The rule below holds the lock to it.
pub(super) fn is_part(case: &Case<'_>, change: &Changed) -> bool {
    let Some(state) = change.place.team().and_then(|team| case.teams.get(team)) else { return false };
    match &change.place {
        Place::Source { source, file, .. } => {
            let Some(files) = state.sources.get(source) else { return false };
            let Going { files: going, compiled: _ } = Going::from(case, files);
            !going.is_empty() && ((file == LOCK && change.after.is_some()) || (change.after.is_none() && going.contains(file)))
        }
        Place::Compiled { .. } => {
            change.after.is_none() && state.sources.values().any(|files| Going::from(case, files).compiled.contains(&change.path))
        }
        Place::Policy | Place::Override { .. } | Place::Platform | Place::Original { .. } | Place::Unmanaged | Place::Nobody => false,
    }
}

fn gives_at_all(said: &Departures, name: &str) -> bool {
    said.gifts.iter().any(|gift| gift.names(name))
}

/// What the branch's version of a source says about workflows that go.
fn said<'s>(case: &Case<'_>, files: &'s Source) -> &'s Departures {
    files.said_before.get_or_init(|| {
        let project = files.files_before.get("freehold.yaml").and_then(|entry| case.repository.blob(&entry.id).ok());
        project.map(|project| case.compiler.departures(&project)).unwrap_or_default()
    })
}

/// Workflows that say that they were taken from somewhere, by where that is.
pub(super) type Takers = BTreeMap<WorkflowAddress, Vec<(SourceAddress, WorkflowAddress)>>;

fn takers(case: &Case<'_>) -> Takers {
    let mut takers = Takers::new();
    for (team, state) in &case.teams {
        for found in state.output().into_iter().flat_map(|output| &output.workflows) {
            let Some(from) = &found.life.taken_from else { continue };
            let to = SourceAddress { team: team.clone(), source: found.source.clone() };
            let workflow = WorkflowAddress { team: team.clone(), workflow: found.workflow.clone() };
            takers.entry(from.clone()).or_default().push((to, workflow));
        }
    }
    takers
}

/// The workflow of another source that takes a source's workflow over, with the branch's consent of its owner. Known once the touched teams
/// are compiled.
pub(super) fn taker(case: &Case<'_>, team: &TeamName, source: &SourceName, name: &str) -> Option<WorkflowAddress> {
    let from = WorkflowAddress { team: team.clone(), workflow: WorkflowName::parse(name).ok()? };
    let claims = case.takers.get_or_init(|| takers(case)).get(&from)?;
    let said = said(case, case.teams.get(team)?.sources.get(source)?);
    let mut others = claims.iter().filter(|(to, _)| to.team != *team || to.source != *source);
    others.find(|(to, _)| said.gives(name, to)).map(|(_, workflow)| workflow.clone())
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
    for (team, state, source, files) in case.touched_sources() {
        check_back(case, (team, state), (source, files), sink)?;
    }
    Ok(())
}

/// What a team gave does not come back to it while the one that took it over still has it, under whatever name: both would run.
fn check_back(
    case: &Case<'_>,
    (team, state): (&TeamName, &Team),
    (source, files): (&SourceName, &Source),
    sink: &mut Sink,
) -> Result<(), GitError> {
    let (before, Some(after)) = files.locks() else { return Ok(()) };
    let is_new = |name: &String| before.is_none_or(|before| !before.workflows.contains_key(name));
    for (name, again) in after.workflows.iter().filter(|(name, _)| is_new(name)) {
        // Whichever source of the team gave it: all of them call it the same.
        let locks = state.sources.values().filter_map(|source| source.locks().0);
        let given: Vec<WorkflowAddress> = locks.filter_map(|lock| successor_in(lock, name)).collect();
        let Ok(itself) = WorkflowName::parse(name) else { continue };
        let itself = WorkflowAddress { team: team.clone(), workflow: itself };
        let Some(successor) = lives_on(case, &itself, given)? else { continue };
        // A rename: the source itself has both, and says so in its own files.
        if successor.team == *team && after.workflows.contains_key(successor.workflow.as_str()) {
            continue;
        }
        let fault = Diagnostic::error(&code::TRANSFERRED, format!("`{team}/{name}` was taken over by `{successor}`, and would run twice"));
        let fault = fault.at_file(format!("sources/{team}/{source}/{}", again.file), "the team that gave it has it again");
        let fault = fault.at_file(format!("dags/{}/{}.py", successor.team, successor.workflow), "this is what took it over");
        sink.push(fault.help(format!("delete `{}` in the source, or give the workflow in it another name", again.file)));
    }
    Ok(())
}

/// Where the first of these workflows that is there is in the end, which may have been renamed or have changed hands more than once;
/// `None` when that is nowhere but in `itself`.
fn lives_on(case: &Case<'_>, itself: &WorkflowAddress, given: Vec<WorkflowAddress>) -> Result<Option<WorkflowAddress>, GitError> {
    let (mut next, mut seen) = (given, BTreeSet::from([itself.clone()]));
    while let Some(address) = next.pop() {
        if !seen.insert(address.clone()) {
            continue;
        }
        if case.repository.entry(case.tree, &format!("dags/{}/{}.py", address.team, address.workflow))?.is_some() {
            return Ok(Some(address));
        }
        let locks = case.locks_of(&address.team)?;
        next.extend(locks.iter().filter_map(|lock| successor_in(lock, address.workflow.as_str())));
    }
    Ok(None)
}

/// What a lock remembers that a workflow lives on as.
fn successor_in(lock: &Lock, name: &str) -> Option<WorkflowAddress> {
    WorkflowAddress::parse(lock.tombstones.get(name)?.successor.as_ref()?).ok()
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
