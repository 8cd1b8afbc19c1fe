//! `freehold integrate`: lands what waits on `publish/…` branches.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use super::output::Output;
use super::plan::describe;
use super::policy::BRANCH;
use super::{Ending, Failure, identity, today};
use crate::central::{self, Branch, Integration};
use crate::diag::{Diagnostic, Severity};
use crate::io::git::Address;
use crate::pipeline::TeamCompiler;
use crate::report::{self, Summary};
use crate::source::Sources;

/// Land every publish that waits on a `publish/<team>/<source>` branch and is in order, a hundred in one commit
///
/// Teams take turns, so that many branches of one do not keep another one waiting. For the central repository's own CI: teams publish with `--via branch` and need no right to move the branch that is synced from. What
/// is refused waits on, and is told. Behind the `pre-receive` hook of one's own server, `integrators` in `platform.yaml` names the account that runs it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold integrate --central .\n  freehold integrate --central git@git.example.com:acme/dags.git")]
pub(super) struct Arguments {
    /// The central repository: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL", default_value = ".")]
    central: String,
    /// The branch that the orchestrator syncs from.
    #[arg(long, default_value = BRANCH)]
    branch: String,
    /// Minutes after which no more is begun; what nobody has looked at then waits for the next run, and is told.
    #[arg(long, value_name = "MINUTES", default_value_t = 10)]
    minutes: u64,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let branch = Branch { central: Address::parse(&arguments.central)?, name: arguments.branch.clone() };
    let sources = Sources::new();
    let (start, limit) = (Instant::now(), Duration::from_secs(arguments.minutes * 60));
    let (moment, compiler) = ((Some(today()), identity::now()?), TeamCompiler::default());
    let run = Integration { branch: &branch, moment, has_time: &|| start.elapsed() < limit, compiler: &compiler, sources: &sources };
    let done = central::integrate(&run).map_err(refused)?;
    let found: Vec<Diagnostic> = done.refused.iter().flat_map(|(_, found)| found.clone()).collect();
    if output.format.is_general() && !output.format.is_for_people() {
        let refused =
            |(branch, found): &(String, Vec<Diagnostic>)| json!({ "branch": branch, "diagnostics": report::json_list(found, &sources) });
        let document = json!({
            "schema_version": 1,
            "base": done.base.to_string(),
            "commit": done.commit.as_ref().map(ToString::to_string),
            "tries": done.tries,
            "landed": done.landed.iter().map(|plan| serde_json::to_value(plan).unwrap_or_default()).collect::<Vec<_>>(),
            "refused": done.refused.iter().map(refused).collect::<Vec<_>>(),
            "postponed": done.postponed,
        });
        output.product(&format!("{document:#}\n"))?;
    } else {
        if !found.is_empty() || !output.format.is_for_people() {
            output.diagnostics(&found, &sources, &Summary { files: sources.len(), ..Summary::default() })?;
        }
        for plan in &done.landed {
            output.note(describe(plan).trim_end());
        }
        for (branch, found) in &done.refused {
            let errors = found.iter().filter(|found| found.severity == Severity::Error);
            let codes: BTreeSet<&str> = errors.map(|found| found.code.id).collect();
            output.note(&format!("{branch} is refused: {}", codes.into_iter().collect::<Vec<_>>().join(", ")));
        }
        if !done.postponed.is_empty() {
            let count = done.postponed.len();
            output.note(&format!("the time is over; {count} wait for the next run: {}", shown(&done.postponed)));
        }
        output.note(&match (&done.commit, done.refused.len()) {
            (Some(commit), 0) => format!("integrated as {commit}"),
            (Some(commit), waiting) => format!("integrated as {commit}; {waiting} wait on"),
            (None, 0) if done.postponed.is_empty() => "nothing waits".to_owned(),
            (None, 0) => "nothing was integrated".to_owned(),
            (None, waiting) => format!("nothing was integrated; {waiting} wait on"),
        });
    }
    Ok(if done.refused.is_empty() { Ending::Clean } else { Ending::Refused })
}

/// The first few names.
fn shown(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let first = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{first} and {} more", names.len() - SHOWN) } else { first }
}

/// A server that judges pushes has to know who lands what waits.
fn refused(error: central::Error) -> Failure {
    let is_refused = matches!(error, central::Error::Rejected { .. });
    let failure = Failure::from(error);
    if !is_refused {
        return failure;
    }
    failure.help("behind a `pre-receive` hook the account that runs `integrate` stands in `integrators` of `platform.yaml`")
}
