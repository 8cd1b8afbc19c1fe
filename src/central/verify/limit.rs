//! LIMITS: how large and how many a team's files may be, and how large those that are changed by hand.

use super::case::Case;
use super::place::Place;
use crate::central::compiler::OverrideRule;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Entry, GitError, Mode};

/// Bytes of one file.
pub(super) const LARGEST: u64 = 16 * 1024 * 1024;
/// Files of one source.
const MOST: usize = 10_000;
/// Bytes of a source's files together: all of them are read to compile it. A few objects can stand under any number of names.
const ALTOGETHER: u64 = 256 * 1024 * 1024;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let owned = case.changes.iter().filter(|change| change.place.team().is_some() || change.place == Place::Unmanaged);
    let files: Vec<(&str, &Entry)> =
        owned.filter_map(|change| Some((change.path.as_str(), change.after.as_ref().filter(|entry| is_content(entry.mode))?))).collect();
    let sizes = case.repository.sizes(files.iter().map(|(_, entry)| &entry.id))?;
    for ((path, _), size) in files.iter().zip(sizes) {
        if size > LARGEST && !is_excused(case, path) {
            let fault = Diagnostic::error(&code::FILE_LIMIT, format!("`{path}` has {size} bytes, and {LARGEST} are allowed"));
            sink.push(fault.at_file(*path, "").help("keep large data outside the repository and read it at run time"));
        }
    }
    for (team, _, source, state) in case.touched_sources().filter(|(_, _, _, state)| state.files.len() > MOST) {
        if case.is_excused(OverrideRule::Limits, team, source, &[&format!("sources/{team}/{source}")]) {
            continue;
        }
        let title = format!("`{team}/{source}` has {} files, and {MOST} are allowed", state.files.len());
        let fault = Diagnostic::error(&code::FILE_LIMIT, title).at_file(format!("sources/{team}/{source}"), "");
        sink.push(fault.help("divide it into several sources"));
    }
    for (team, state) in &case.teams {
        for (source, files) in &state.sources {
            let regular = files.files.values().filter(|entry| entry.mode == Mode::File);
            let total = case.repository.sizes(regular.map(|entry| &entry.id))?.into_iter().fold(0, u64::saturating_add);
            if total > ALTOGETHER {
                let title = format!("the files of `{team}/{source}` have {total} bytes, and {ALTOGETHER} are allowed");
                let fault = Diagnostic::error(&code::FILE_LIMIT, title).at_file(format!("sources/{team}/{source}"), "");
                sink.push(fault.help("keep large data outside the repository and read it at run time"));
            }
        }
    }
    Ok(())
}

fn is_content(mode: Mode) -> bool {
    matches!(mode, Mode::File | Mode::Executable)
}

fn is_excused(case: &Case<'_>, path: &str) -> bool {
    match Place::of(path) {
        Place::Source { team, source, .. } => case.is_excused(OverrideRule::Limits, &team, &source, &[path]),
        Place::Compiled { .. }
        | Place::Policy
        | Place::Override { .. }
        | Place::Platform
        | Place::Original { .. }
        | Place::Unmanaged
        | Place::Nobody => false,
    }
}
