//! `freehold doctor`: what in the surroundings of the central repository weakens the promise?

use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::policy::BRANCH;
use super::{Ending, Failure};
use crate::doctor::{Central, Examination, examine};
use crate::io::git::{Repository, Surroundings};
use crate::report::Summary;
use crate::source::Sources;

/// Tell what in the surroundings of the central repository weakens the promise
///
/// Looks at the policy, the workflows and the owners of files on the protected branch, at the repository's settings and hooks, and at the
/// host's rules when they are handed in. It runs nothing, changes nothing and asks nobody.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold doctor --repo dags.git\n  gh api repos/acme/dags/rules/branches/main > rules.json; freehold doctor --repo dags --rules rules.json"
)]
pub(super) struct Arguments {
    /// The central repository; it may be bare.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// The protected branch.
    #[arg(long, default_value = BRANCH)]
    branch: String,
    /// What GitHub answers about the branch: `rules/branches/main`, `rulesets/ID` or `branches/main/protection`; may be given several times.
    #[arg(long, value_name = "FILE")]
    rules: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { repo, branch, rules } = arguments;
    let read = |path: &PathBuf| Ok((path.to_string_lossy().into_owned(), fs_err::read(path)?));
    let answers: Vec<(String, Vec<u8>)> = rules.iter().map(read).collect::<Result<_, Failure>>()?;
    let repository = Repository::open(repo)?;
    let surroundings = Surroundings::of(repo)?;
    let sources = Sources::new();
    let central = Central { repository: &repository, surroundings: &surroundings, branch, answers: &answers };
    let Examination { diagnostics, seen, unseen } = examine(&central, &sources)?;
    let summary = Summary { files: sources.len(), ..Summary::default() };
    let refused = output.diagnostics(&diagnostics, &sources, &summary)?;
    if output.format.is_for_people() {
        let unseen = if unseen.is_empty() { String::new() } else { format!("; not seen: {}", unseen.join("; ")) };
        output.note(&format!("looked at {}{unseen}", seen.join(", ")));
    }
    Ok(if refused { Ending::Refused } else { Ending::Clean })
}
