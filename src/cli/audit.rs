//! `freehold audit`: is all that a revision holds as freehold would have left it?

use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::{Ending, Failure, today};
use crate::central::{self, Asker};
use crate::io::git::{Landing, Repository};
use crate::pipeline::TeamCompiler;
use crate::report::Summary;
use crate::source::Sources;

/// Judge all that a revision of the central repository holds, whoever made it and however
///
/// Reads git objects only, and everything: compiled files against their sources, locks against both, names, modes, policy. What
/// today's policy would compile otherwise is a warning.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold audit --repo dags.git\n  freehold audit --repo dags --rev main --since v2026-11-01   # also what has gone since"
)]
pub(super) struct Arguments {
    /// The central repository; it may be bare.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// What to judge.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
    /// Judge also the way from this older revision: what no rule lets go must still be there.
    #[arg(long, value_name = "REV")]
    since: Option<String>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { repo, rev, since } = arguments;
    let (repository, sources, compiler) = (Repository::open(repo)?, Sources::new(), TeamCompiler::default());
    let mut found = central::audit(&repository, rev, Some(today()), &compiler, &sources)?;
    if let Some(since) = since {
        let asker = (&Asker::Anybody, Some(today()));
        let verdict = central::verify(&repository, (Some(since), Some(rev)), Landing::Push, asker, &compiler, &sources)?;
        let is_new = |fault: &crate::diag::Diagnostic| !found.iter().any(|known| known.title == fault.title);
        let gone: Vec<_> = verdict.diagnostics.into_iter().filter(is_new).collect();
        found.extend(gone);
    }
    let summary = Summary { files: sources.len(), ..Summary::default() };
    if output.format.is_for_people() && found.is_empty() {
        output.note(&format!("sound: {rev} is {}", repository.commit(rev)?));
        return Ok(Ending::Clean);
    }
    let refused = output.diagnostics(&found, &sources, &summary)?;
    Ok(if refused { Ending::Refused } else { Ending::Clean })
}
