//! `freehold check`: is anything wrong?

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::focus::{Focus, Focused};
use super::output::Output;
use super::watch::watch;
use super::workspace::{Compilation, Workspace, compile};
use super::{Ending, Failure};
use crate::io::Seen;
use crate::pipeline::Keep;
use crate::report::counted;

/// Check workflows: every fault of every file, with its place and what to type
///
/// Reads the project that each PATH belongs to (the current folder's, without one), and the platform's policy when the central
/// repository is at hand. Of files of a project it tells what is wrong with them and with the workflows that use one of them, and how
/// much else is wrong. Never runs anything that the files say.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold check\n  freehold check workflows/daily-retrain.yaml\n  freehold check --watch\n  freehold check --format json ../pricing"
)]
pub(super) struct Arguments {
    /// Projects, folders of one, or files of one.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The central repository whose policy holds: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
    /// Pass over files that belong to no project, as a hook has to that is handed all files that changed.
    #[arg(long)]
    skip_foreign: bool,
    /// Check again at each change of the files, or of a central repository on this machine, until Ctrl-C.
    #[arg(long)]
    watch: bool,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let (workspaces, focus) = asked(arguments)?;
    if arguments.watch {
        return watch(output, |seen| check(arguments, (&workspaces, &focus), Some(seen), output));
    }
    check(arguments, (&workspaces, &focus), None, output)
}

fn check(
    arguments: &Arguments,
    (workspaces, focus): (&BTreeSet<Workspace>, &Focus),
    seen: Option<&Arc<Seen>>,
    output: &Output,
) -> Result<Ending, Failure> {
    let mut done = compile(workspaces, (arguments.central.as_deref(), None), Keep::Artifacts, seen)?;
    let mut focused = focus.part(&mut done);
    if seen.is_some() {
        // On a terminal the last lines are what is in sight.
        focused.diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
    }
    let elsewhere = elsewhere(&focused);
    if let Some(elsewhere) = elsewhere.as_ref().filter(|_| focused.diagnostics.is_empty() && output.format.is_for_people()) {
        output.note(&format!("nothing is wrong with the named files; {elsewhere}"));
        tell_unseen(&done, output);
        return Ok(Ending::Clean);
    }
    let refused = output.diagnostics(&focused.diagnostics, &done.sources, &done.summary)?;
    if let Some(elsewhere) = elsewhere {
        output.note(&elsewhere);
    }
    tell_unseen(&done, output);
    Ok(if refused { Ending::Refused } else { Ending::Clean })
}

/// What the paths belong to, and what of it they are about.
fn asked(arguments: &Arguments) -> Result<(BTreeSet<Workspace>, Focus), Failure> {
    let (mut workspaces, mut focus) = (BTreeSet::new(), Focus::default());
    if arguments.paths.is_empty() {
        workspaces.insert(Workspace::find(Path::new("."))?);
        return Ok((workspaces, Focus::on_everything()));
    }
    let paths = &arguments.paths;
    for path in paths {
        let found = if arguments.skip_foreign { Workspace::search(path)? } else { Some(Workspace::find(path)?) };
        let Some(workspace) = found else { continue };
        focus.add(path, &workspace)?;
        workspaces.insert(workspace);
    }
    Ok((workspaces, focus))
}

/// Tells people that no policy was looked at: "all good" would sound like more. A document has all that a program asked for.
fn tell_unseen(done: &Compilation, output: &Output) {
    if output.format.is_for_people() || output.verbose {
        done.unseen_notes().iter().for_each(|note| output.note(note));
    }
}

/// What to say of faults that nobody asked about.
fn elsewhere(focused: &Focused) -> Option<String> {
    let some = |count: usize, what: &str| (count > 0).then(|| counted(count, what));
    let counts: Vec<String> = [some(focused.errors, "error"), some(focused.warnings, "warning")].into_iter().flatten().collect();
    let counts = (!counts.is_empty()).then(|| counts.join(" and "))?;
    Some(format!("{counts} elsewhere in the project: `freehold check` without a file shows them"))
}
