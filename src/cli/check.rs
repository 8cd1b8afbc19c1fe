//! `freehold check`: is anything wrong?

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::workspace::{Workspace, compile};
use super::{Ending, Failure};
use crate::pipeline::Keep;

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
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The central repository whose policy holds: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let workspaces: BTreeSet<Workspace> = paths.iter().map(|path| Workspace::find(path)).collect::<Result<_, _>>()?;
    let done = compile(&workspaces, arguments.central.as_deref(), None, Keep::Artifacts)?;
    if output.verbose && done.teams.iter().any(|team| team.policy.is_assumed) {
        output.note("no central repository is at hand: profiles, pools and images are not checked against a policy");
    }
    let refused = output.diagnostics(&done.diagnostics, &done.sources, &done.summary)?;
    Ok(if refused { Ending::Refused } else { Ending::Clean })
}
