//! MONO: a source moves forward, and only from the repository that it is granted to.

use std::collections::BTreeSet;

use super::case::{Case, Source};
use super::place::LOCK;
use super::transfer;
use crate::central::compiler::{Authority, Binding, OverrideRule};
use crate::central::lock::{Lock, Published};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{SourceName, TeamName};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state, source, files) in case.touched_sources() {
        let (Some(authority), Some(lock)) = (&state.authority, files.locks().1) else { continue };
        let is_edited = is_edited(case, team, source, files);
        if let Some((title, help)) = reason(authority, source, (files, is_edited), lock) {
            // A number that runs ahead is the last one sooner, and no record lets a source come to its end.
            let excused = || case.is_excused(OverrideRule::Mono, team, source, &[&format!("sources/{team}/{source}")]);
            if !runs_ahead(files) && excused() {
                continue;
            }
            let fault = Diagnostic::error(&code::MONO, format!("`{team}/{source}` {title}"));
            sink.push(fault.at_file(format!("sources/{team}/{source}/{LOCK}"), "").help(help));
        }
    }
    Ok(())
}

/// Whether the lock counts more than one publish more than the branch's.
fn runs_ahead(files: &Source) -> bool {
    let serial = |lock: Option<&Lock>| lock.and_then(|lock| lock.published.as_ref()).map_or(0, |published| published.serial);
    let (before, after) = files.locks();
    serial(after) > serial(before).saturating_add(1)
}

/// Whether the source's files differ, those aside that go with a workflow that another source takes over.
fn is_edited(case: &Case<'_>, team: &TeamName, source: &SourceName, files: &Source) -> bool {
    let (before, after) = files.locks();
    let workflows = before.into_iter().flat_map(|lock| &lock.workflows);
    let gone = workflows.filter(|(name, _)| after.is_none_or(|after| !after.workflows.contains_key(*name)));
    let taken = gone.filter(|(name, _)| transfer::taker(case, team, source, name).is_some());
    let taken: BTreeSet<&String> = taken.flat_map(|(_, workflow)| workflow.data.iter().chain([&workflow.file])).collect();
    let is_new = files.files.iter().any(|(path, entry)| files.files_before.get(path) != Some(entry));
    is_new || files.files_before.keys().any(|path| !files.files.contains_key(path) && !taken.contains(path))
}

fn reason(authority: &Authority, source: &SourceName, (files, is_edited): (&Source, bool), lock: &Lock) -> Option<(String, String)> {
    let before = files.locks().0;
    let last = before.and_then(|lock| lock.published.as_ref());
    let bound = || authority.repositories.iter().filter(|binding| binding.source == *source);
    match (&lock.published, last) {
        (Some(now), last) if last != Some(now) => forward(now, last, bound()),
        (Some(now), _) if is_edited => {
            let name = &now.repository.name;
            Some((format!("is published from `{name}` and was edited here"), format!("change it in `{name}` and publish from there")))
        }
        (None, Some(last)) => {
            let name = &last.repository.name;
            Some((format!("would forget that it was published from `{name}`"), "restore the lock's `published`".to_owned()))
        }
        (None, None) if is_edited => bound().next().map(|binding| {
            let name = &binding.name;
            (format!("is granted to `{name}` and was edited here"), format!("change it in `{name}` and publish from there"))
        }),
        (Some(_) | None, _) => None,
    }
}

fn forward<'a>(now: &Published, last: Option<&Published>, mut bound: impl Iterator<Item = &'a Binding>) -> Option<(String, String)> {
    let (id, name) = (now.repository.id, &now.repository.name);
    let Some(binding) = bound.find(|binding| binding.id == id) else {
        return Some((
            format!("says that repository `{name}` ({id}) published it, which has no grant"),
            "publish from the granted one".to_owned(),
        ));
    };
    if !binding.allows(&now.r#ref) {
        return Some((
            format!("says that it was published from `{}`, which has no grant", now.r#ref),
            "publish from the granted ref".to_owned(),
        ));
    }
    let serial = last.map_or(0, |last| last.serial);
    let next = serial.saturating_add(1);
    (now.serial != next).then(|| {
        (
            format!("would go from publish {serial} to {}, and the next one is {next}", now.serial),
            "publish again; going back is a publish too".to_owned(),
        )
    })
}
