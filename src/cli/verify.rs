//! `freehold verify`: may this change of the central repository land?

use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::{Ending, Failure, today};
use crate::central::{self, Asker};
use crate::io::git::{Landing, Repository};
use crate::name::TeamName;
use crate::pipeline::TeamCompiler;
use crate::report::Summary;
use crate::source::Sources;

/// Judge a change of the central repository, as it would land
///
/// Reads git objects only: no checkout, no network, nothing that the change brings is run. Policy is read from BASE.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold verify --repo dags --base main --head feature --team churn\n  freehold verify --repo dags.git --base main --head refs/pull/7/head --actor ada"
)]
pub(super) struct Arguments {
    /// The central repository; it may be bare.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// The protected branch's commit.
    #[arg(long, value_name = "REV")]
    base: String,
    /// The commit that asks to land.
    #[arg(long, value_name = "REV")]
    head: String,
    /// When `platform.yaml` changes, tell which of all published workflows it concerns. Costs what the repository holds.
    #[arg(long)]
    affected: bool,
    #[command(flatten)]
    asker: AskerOptions,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct AskerOptions {
    /// The account that asks; the grants' `members` say for which teams.
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,
    /// The team that asks; may be given several times.
    #[arg(long, value_name = "TEAM")]
    team: Vec<String>,
    /// The platform asks.
    #[arg(long)]
    platform: bool,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let asker = asker(&arguments.asker)?;
    let repository = Repository::open(&arguments.repo)?;
    let sources = Sources::new();
    let revisions = (Some(arguments.base.as_str()), Some(arguments.head.as_str()));
    let compiler = TeamCompiler::default();
    let mut verdict = central::verify(&repository, revisions, Landing::Merge, (&asker, Some(today())), &compiler, &sources)?;
    if let (Some(base), Some(tree)) = (&verdict.base, &verdict.tree) {
        let base = repository.tree_of(base)?;
        let concerned = central::affected(&repository, (Some(&base), tree), arguments.affected, &compiler, &sources)?;
        verdict.diagnostics.extend(concerned);
    }
    let summary = Summary { files: sources.len(), ..Summary::default() };
    if output.format.is_for_people() && verdict.diagnostics.is_empty() {
        let short =
            |id: Option<&crate::io::git::ObjectId>| id.map_or_else(|| "nothing".to_owned(), |id| id.to_string().chars().take(12).collect());
        output.note(&format!(
            "may land: {} on {}, under the policy of {}",
            short(verdict.head.as_ref()),
            short(verdict.base.as_ref()),
            short(verdict.base.as_ref())
        ));
        return Ok(Ending::Clean);
    }
    let refused = output.diagnostics(&verdict.diagnostics, &sources, &summary)?;
    Ok(if refused { Ending::Refused } else { Ending::Clean })
}

fn asker(options: &AskerOptions) -> Result<Asker, Failure> {
    let AskerOptions { actor, team, platform } = options;
    if *platform {
        return Ok(Asker::Platform);
    }
    if let Some(actor) = actor {
        return Ok(Asker::Actor(actor.clone()));
    }
    let parse = |name: &String| TeamName::parse(name).map_err(|reason| Failure::new(format!("`{name}` is no team name: {reason}")));
    Ok(Asker::Teams(team.iter().map(parse).collect::<Result<_, _>>()?))
}
