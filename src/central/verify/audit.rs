//! AUDIT: whether a whole tree is as freehold would have left it, whoever made it and however.
//!
//! Policy is the tree's own. Costs what the repository holds; one team is in memory at a time.

use std::collections::BTreeMap;

use super::case::{Case, Changed};
use super::locked::listed_wrongly;
use super::place::{LOCK, Place};
use super::unmanaged::Unmanaged;
use super::{Asker, Check, Judged, adopt, claim, complete, limit, mode, name, policy, reserved};
use crate::central::compiler::Compiler;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, Mode, Repository};
use crate::name::TeamName;
use crate::source::Sources;

/// Rules about paths and policy that a tree can be held to without knowing what was before.
const OUTER: [Check; 6] = [policy::check, adopt::check, mode::check, reserved::check, name::check, limit::check];

/// Rules about what the files hold.
const INNER: [Check; 4] = [check_locks, complete::check, check_compiled, claim::check];

/// Judges all that a revision holds.
///
/// # Errors
/// When the revision does not exist, or git fails.
pub fn audit(
    repository: &Repository,
    revision: &str,
    today: Option<jiff::civil::Date>,
    compiler: &dyn Compiler,
    messages: &Sources,
) -> Result<Vec<Diagnostic>, GitError> {
    let tree = repository.tree_of(&repository.commit(revision)?)?;
    let judged = Judged { repository, base: None, policy: Some(&tree), tree: &tree, asker: &Asker::Anybody, today };
    let mut by_team: BTreeMap<Option<TeamName>, Vec<Changed>> = BTreeMap::new();
    let unmanaged = Unmanaged::of(&judged, compiler)?;
    for change in Changed::all_between(&judged, &unmanaged)? {
        by_team.entry(change.place.team().cloned()).or_default().push(change);
    }
    let mut found = Vec::new();
    let platform = by_team.remove(&None).unwrap_or_default();
    found.extend(expired(&judged, &platform, compiler)?);
    let by_hand =
        platform.iter().filter(|change| matches!(change.place, Place::Unmanaged | Place::Platform)).map(|change| change.path.as_str());
    found.extend(unmanaged.without_files(&by_hand.collect::<Vec<_>>()));
    for changes in std::iter::once(platform).chain(by_team.into_values()) {
        let mut sink = Sink::new();
        let case = Case::of(&judged, changes, (compiler, messages), &mut sink)?;
        for rule in &OUTER {
            rule(&case, &mut sink)?;
        }
        if !sink.has_errors() {
            case.compile(&mut sink)?;
        }
        if !sink.has_errors() {
            for rule in &INNER {
                rule(&case, &mut sink)?;
            }
        }
        found.extend(sink.into_sorted());
    }
    Ok(found)
}

/// Records that let nothing any more.
fn expired(judged: &Judged<'_>, changes: &[Changed], compiler: &dyn Compiler) -> Result<Vec<Diagnostic>, GitError> {
    let mut found = Vec::new();
    for change in changes.iter().filter(|change| matches!(change.place, Place::Override { .. })) {
        let Some(entry) = change.after.as_ref().filter(|entry| entry.mode == Mode::File) else { continue };
        let says = compiler.override_record(&judged.repository.blob(&entry.id)?);
        let Some(says) = says.filter(|says| judged.today.is_some_and(|today| today > says.expires)) else { continue };
        let fault = Diagnostic::warning(&code::OVERRIDE, format!("`{}` lets nothing any more", change.path));
        let fault = fault.at_file(&*change.path, format!("it held until {}", says.expires));
        found.push(fault.help(format!("`git rm {}`, and land that in a change of its own", change.path)));
    }
    Ok(found)
}

/// LOCK: what a lock lists is there, with that content.
fn check_locks(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, _, source, files) in case.touched_sources() {
        let path = format!("sources/{team}/{source}/{LOCK}");
        let reason = match &files.lock {
            None => Some("it is missing".to_owned()),
            Some(Err(error)) => Some(error.to_string()),
            Some(Ok(lock)) if lock.team != team.as_str() || lock.source != source.as_str() => {
                Some(format!("it speaks of `{}/{}`", lock.team, lock.source))
            }
            Some(Ok(lock)) => listed_wrongly(lock, files),
        };
        if let Some(reason) = reason {
            let fault = Diagnostic::error(&code::LOCK, format!("`{path}` does not say what is there")).at_file(&*path, reason);
            sink.push(fault.help(format!("find who changed it, `git log -- {path}`, and publish the source again")));
        }
    }
    Ok(())
}

/// REDERIVE: what is compiled is what a lock says that it was compiled to; what policy or a newer compiler would make otherwise is only old.
fn check_compiled(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (name, team) in &case.teams {
        let Some(output) = team.output() else { continue };
        let own = case.changes.iter().filter(|change| matches!(&change.place, Place::Compiled { team } if team == name));
        let live = own.filter_map(|change| Some((&change.path, change.after.as_ref()?)));
        let mut recorded: BTreeMap<&str, &str> = BTreeMap::new();
        for lock in team.sources.values().filter_map(|source| source.locks().1) {
            recorded.extend(lock.compiled.iter().map(|(path, id)| (path.as_str(), id.as_str())));
        }
        let mut old: Vec<String> = Vec::new();
        for (path, entry) in live {
            let made = output.artifacts.iter().find(|artifact| artifact.path.as_str() == path);
            let is_made = made.is_some_and(|made| case.repository.format().blob_id(&made.bytes) == entry.id);
            match recorded.remove(path.as_str()) {
                Some(id) if id == entry.id.as_str() && is_made => {}
                Some(id) if id == entry.id.as_str() => old.push(path.clone()),
                Some(_) => sink.push(edited(path, "it is not what its source's lock says that it was compiled to")),
                None => sink.push(edited(path, "no lock of the team knows it")),
            }
        }
        sink.extend(recorded.keys().map(|path| edited(path, "a lock lists it, and it is gone")));
        sink.extend(stale(name, &old));
    }
    Ok(())
}

fn edited(path: &str, why: &str) -> Diagnostic {
    let fault = Diagnostic::error(&code::REDERIVE, format!("`{path}` was changed without freehold")).at_file(path, why);
    fault.help(format!("find who did, `git log -- {path}`, and publish its source with `--repair`"))
}

/// Tells of files that today's policy and compiler make otherwise.
pub(super) fn stale(team: &TeamName, paths: &[String]) -> Option<Diagnostic> {
    /// Files that are named; the title says how many there are.
    const SHOWN: usize = 5;
    let title = match paths {
        [] => return None,
        [path] => format!("`{path}` is older than the policy, or than this freehold"),
        paths => format!("{} files of team `{team}` are older than the policy, or than this freehold", paths.len()),
    };
    let mut fault = Diagnostic::warning(&code::STALE, title);
    for path in paths.iter().take(SHOWN) {
        fault = fault.at_file(&**path, "it would be compiled otherwise now");
    }
    Some(fault.help("run `freehold compile` in a work tree of the central repository, and land what it changes"))
}
