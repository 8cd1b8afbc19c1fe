//! RERENDER: the platform may compile every team anew, and that is all that it may do to them.

use super::case::{Case, Source};
use super::frame::speaks_for;
use super::place::LOCK;
use crate::central::lock::{Lock, LockedWorkflow};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, _, source, files) in case.touched_sources().filter(|(team, ..)| case.is_platform && !speaks_for(case, team)) {
        if let Some(what) = beyond(files) {
            let path = format!("sources/{team}/{source}/{LOCK}");
            let title = format!("compiling `{team}/{source}` anew would change {what}");
            let fault =
                Diagnostic::error(&code::RERENDER, title).at_file(path, "compiling anew changes what is compiled, and nothing else");
            sink.push(fault.help("run `freehold compile` on a work tree of the branch, and change nothing by hand"));
        }
    }
    Ok(())
}

/// What differs beside what compiling anew makes; the sources themselves are FRAME's.
fn beyond(files: &Source) -> Option<&'static str> {
    let (Some(before), Some(after)) = files.locks() else { return Some("its lock beyond recognition") };
    // All of a lock, so that a new field is not forgotten.
    let Lock { compiled: _, files: _, format: _, published, source: _, team: _, tombstones, version: _, workflows } = after;
    if *published != before.published {
        return Some("what it was published from");
    }
    if *tombstones != before.tombstones {
        return Some("what it remembers");
    }
    let kept = |(name, workflow): (&String, &LockedWorkflow)| {
        let LockedWorkflow { compiled: _, data, file, protect, usage: _ } = workflow;
        (name.clone(), data.clone(), file.clone(), *protect)
    };
    (!workflows.iter().map(kept).eq(before.workflows.iter().map(kept))).then_some("which workflows it has")
}
