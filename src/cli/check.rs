//! `freehold check`: is anything wrong?

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::workspace::{Workspace, compile};
use super::{Ending, Failure};

/// Check workflows: every fault of every file, with its place and what to type
///
/// Reads the project that each PATH belongs to (the current folder's, without one), and the platform's policy when the central
/// repository is at hand. Never runs anything that the files say.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold check\n  freehold check workflows/daily-retrain.yaml\n  freehold check --format json ../pricing"
)]
pub(super) struct Arguments {
    /// Projects, folders of one, or files of one.
    paths: Vec<PathBuf>,
    /// The central repository whose policy holds: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let mut workspaces: BTreeMap<Workspace, BTreeSet<PathBuf>> = BTreeMap::new();
    for path in paths {
        workspaces.entry(Workspace::find(path)?).or_default().insert(path.clone());
    }
    let mut refused = false;
    for workspace in workspaces.keys() {
        let done = compile(workspace, arguments.central.as_deref())?;
        if output.verbose && done.teams.iter().any(|team| team.policy.is_assumed) {
            output.note("no central repository is at hand: profiles, pools and images are not checked against a policy");
        }
        refused |= output.diagnostics(&done.diagnostics, &done.sources, &done.summary)?;
    }
    Ok(if refused { Ending::Refused } else { Ending::Clean })
}
