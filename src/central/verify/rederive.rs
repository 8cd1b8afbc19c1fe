//! REDERIVE: compiled bytes are what the published sources compile to.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::place::Place;
use crate::artifact::Artifact;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, Mode};

const REGENERATE: &str = "run `freehold publish`, or `freehold compile` in the central repository; compiled files are not for editing";

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (name, team) in &case.teams {
        let Some(output) = team.output() else { continue };
        let changed = case.changes.iter().filter(|change| matches!(&change.place, Place::Compiled { team } if team == name));
        let mut paths: BTreeSet<&str> = changed.map(|change| change.path.as_str()).collect();
        let is_touched = |source| team.sources.get(source).is_some_and(|state| state.is_touched);
        paths.extend(output.artifacts.iter().filter(|artifact| is_touched(&artifact.owner.source)).map(|artifact| artifact.path.as_str()));
        // A touched source may also fail to delete what it no longer makes.
        let touched = team.sources.values().filter(|state| state.is_touched);
        paths.extend(touched.filter_map(|state| state.locks().0).flat_map(|lock| lock.compiled.keys().map(String::as_str)));
        let made: BTreeMap<&str, &Artifact> = output.artifacts.iter().map(|artifact| (artifact.path.as_str(), artifact)).collect();
        let there = case.repository.entries_at(case.tree, paths.iter().copied())?;
        for path in paths {
            let fault = match (made.get(path), there.get(path)) {
                (None, None) => continue,
                (Some(made), Some(entry)) if entry.mode == Mode::File && case.repository.blob(&entry.id)? == made.bytes => continue,
                (Some(made), Some(_)) => {
                    let label = format!("`sources/{name}/{}` makes other bytes", made.owner.source);
                    Diagnostic::error(&code::REDERIVE, format!("`{path}` is not what it was compiled to")).at_file(path, label)
                }
                (Some(made), None) => {
                    let label = format!("workflow `{}` of `sources/{name}/{}` makes it", made.workflow, made.owner.source);
                    Diagnostic::error(&code::REDERIVE, format!("`{path}` is missing")).at_file(path, label)
                }
                (None, Some(_)) => {
                    let label = format!("nothing in `sources/{name}/` makes it");
                    Diagnostic::error(&code::REDERIVE, format!("`{path}` was not compiled from anything")).at_file(path, label)
                }
            };
            sink.push(fault.help(REGENERATE));
        }
    }
    Ok(())
}
