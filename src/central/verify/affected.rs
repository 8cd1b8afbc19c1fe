//! Whom a change of policy concerns: what their published sources compile to under the new one.

use std::collections::BTreeSet;

use super::audit::stale;
use super::case::{Case, Changed};
use super::place::LOCK;
use super::unmanaged::Unmanaged;
use super::{Asker, Judged};
use crate::central::compiler::Compiler;
use crate::central::team::read_lock;
use crate::diag::{Diagnostic, Severity, Sink, codes as code};
use crate::io::git::{GitError, Mode, ObjectId, Repository};
use crate::name::TeamName;
use crate::source::Sources;

/// Tells, team by team, what a landed tree's policy makes of what is published: files that it makes otherwise, and faults.
///
/// Looks at the teams whose grants differ from `base`, at those that wait for them, and at those that use a blueprint which differs; at all
/// of them when `platform.yaml` does and `everybody` says so, which costs what the repository holds.
///
/// # Errors
/// When git fails.
pub fn affected(
    repository: &Repository,
    (base, tree): (Option<&ObjectId>, &ObjectId),
    everybody: bool,
    compiler: &dyn Compiler,
    messages: &Sources,
) -> Result<Vec<Diagnostic>, GitError> {
    let judged = Judged { repository, base, policy: Some(tree), tree, asker: &Asker::Anybody, today: None };
    let changed: Vec<Changed> = Changed::all_between(&judged, &Unmanaged::of(&judged, compiler)?)?;
    let named = changed.iter().filter_map(|change| TeamName::parse(change.path.strip_prefix("teams/")?.strip_suffix(".yaml")?).ok());
    let mut teams: BTreeSet<TeamName> = named.collect();
    let mut waiting = BTreeSet::new();
    for team in &teams {
        waiting.extend(waiting_teams(repository, tree, team)?);
    }
    teams.extend(waiting);
    let mut found = Vec::new();
    for change in changed.iter().filter(|change| change.path.starts_with("blueprints/")) {
        teams.extend(using_teams(repository, tree, &change.path)?);
    }
    // Nobody can use a version that is new.
    let is_shared =
        |change: &&Changed| change.path == "platform.yaml" || (change.path.starts_with("blueprints/") && change.before.is_some());
    let shared: Vec<&Changed> = changed.iter().filter(is_shared).collect();
    let has_policy = shared.iter().any(|change| change.path == "platform.yaml");
    if everybody && has_policy {
        teams.extend(published_teams(repository, tree)?);
    } else if everybody && !shared.is_empty() {
        teams.extend(unindexed_teams(repository, tree)?);
    } else if base.is_some() {
        for change in shared {
            let (why, help) = match change.path.as_str() {
                "platform.yaml" => ("it holds for every team", "run `freehold verify --affected`"),
                _ if repository.entry(tree, USES)?.is_some() => continue,
                _ => ("it holds for every workflow that uses it", "run `freehold verify --affected`, or make it a new version"),
            };
            let fault = Diagnostic::warning(&code::STALE, format!("whom the new `{}` concerns was not looked at", change.path));
            found.push(fault.at_file(&*change.path, why).help(help));
        }
    }
    let judged = Judged { base: None, ..judged };
    for team in teams {
        found.extend(concern(&judged, &team, compiler, messages)?);
    }
    Ok(found)
}

/// Teams whose workflows wait for a team's: its grant says under which DAG ids those run.
fn waiting_teams(repository: &Repository, tree: &ObjectId, team: &TeamName) -> Result<Vec<TeamName>, GitError> {
    let paths = repository.below(tree, &format!("references/{team}"))?.into_keys();
    Ok(paths.filter_map(|path| TeamName::parse(path.split('/').nth(1)?).ok()).collect())
}

/// The folder in which it stands who uses a blueprint.
const USES: &str = "uses";
/// The first format of compiled files that has it.
const INDEXED: u32 = 4;

/// Teams whose workflows are made from the blueprint of a path.
fn using_teams(repository: &Repository, tree: &ObjectId, path: &str) -> Result<Vec<TeamName>, GitError> {
    let Some(version) = path.strip_prefix("blueprints/").and_then(|rest| rest.strip_suffix(".yaml")) else { return Ok(Vec::new()) };
    let Some(folder) = repository.entry(tree, &format!("{USES}/{version}"))?.filter(|entry| entry.mode == Mode::Folder) else {
        return Ok(Vec::new());
    };
    let names = repository.entries(&folder.id)?.into_keys();
    Ok(names.filter_map(|name| TeamName::parse(&String::from_utf8_lossy(&name)).ok()).collect())
}

/// Teams with a source that was published before it was written down which blueprints are used. Reads every lock.
fn unindexed_teams(repository: &Repository, tree: &ObjectId) -> Result<Vec<TeamName>, GitError> {
    let mut found = Vec::new();
    for team in published_teams(repository, tree)? {
        let folder = repository.entry(tree, &format!("sources/{team}"))?.filter(|entry| entry.mode == Mode::Folder);
        let Some(folder) = folder else { continue };
        for source in repository.entries(&folder.id)?.into_values().filter(|entry| entry.mode == Mode::Folder) {
            let lock = repository.entry(&source.id, LOCK)?.filter(|entry| entry.mode == Mode::File);
            let lock = lock.map(|entry| read_lock(repository, &entry)).transpose()?;
            if lock.and_then(Result::ok).is_none_or(|lock| lock.format < INDEXED) {
                found.push(team.clone());
            }
        }
    }
    Ok(found)
}

fn published_teams(repository: &Repository, tree: &ObjectId) -> Result<Vec<TeamName>, GitError> {
    let Some(folder) = repository.entry(tree, "sources")?.filter(|entry| entry.mode == Mode::Folder) else { return Ok(Vec::new()) };
    let names = repository.entries(&folder.id)?.into_keys();
    Ok(names.filter_map(|name| TeamName::parse(&String::from_utf8_lossy(&name)).ok()).collect())
}

fn concern(judged: &Judged<'_>, team: &TeamName, compiler: &dyn Compiler, messages: &Sources) -> Result<Vec<Diagnostic>, GitError> {
    let mut sink = Sink::new();
    let case = Case::of_team(judged, team, (compiler, messages), &mut sink)?;
    case.compile(&mut sink)?;
    let faults: Vec<Diagnostic> = sink.into_sorted().into_iter().filter(|found| found.severity == Severity::Error).collect();
    if let Some(first) = faults.first() {
        return Ok(vec![broken(&format!("team `{team}`"), Some(first))]);
    }
    let output = case.teams.get(team).and_then(super::case::Team::output);
    let mut found: Vec<Diagnostic> = output
        .iter()
        .flat_map(|output| &output.faulty)
        .map(|(source, faults)| broken(&format!("`{team}/{source}`"), faults.first()))
        .collect();
    let live = judged.repository.below(judged.tree, &format!("dags/{team}"))?;
    let mut old = Vec::new();
    for artifact in output.iter().flat_map(|output| output.artifacts.iter()) {
        let there = artifact.path.as_str().strip_prefix(&format!("dags/{team}/")).and_then(|name| live.get(name));
        if there.is_some_and(|entry| entry.id != judged.repository.format().blob_id(&artifact.bytes)) {
            old.push(artifact.path.to_string());
        }
    }
    found.extend(stale(team, &old));
    Ok(found)
}

/// Tells that what somebody has published does not compile under the policy that is looked at.
fn broken(whose: &str, first: Option<&Diagnostic>) -> Diagnostic {
    let why = first.map_or_else(String::new, |first| format!(": {}", first.title));
    let mut fault = Diagnostic::warning(&code::STALE, format!("what {whose} has published does not compile any more{why}"));
    fault.labels = first.map(|first| first.labels.clone()).unwrap_or_default();
    fault.help("what is there goes on running; before this lands, tell the team what to change")
}
