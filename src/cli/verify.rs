//! `freehold verify`: may this change of the central repository land?

use std::path::PathBuf;

use clap::Args;

use super::change::{ReportOptions, between};
use super::identity::read_token;
use super::output::Output;
use super::{Ending, Failure, today};
use crate::central::{self, Asker, Publisher, Token, Verdict};
use crate::diag::{Diagnostic, Severity};
use crate::io::ReadTree as _;
use crate::io::git::{GitTree, Landing, Repository};
use crate::name::TeamName;
use crate::pipeline::TeamCompiler;
use crate::report::change::{Report, markdown};
use crate::report::{Summary, address};
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
    /// When `platform.yaml` changes, tell which of all published workflows it concerns; when a blueprint does, look also at what was published by versions
    /// that did not write down who uses it. Costs what the repository holds.
    #[arg(long)]
    affected: bool,
    #[command(flatten)]
    asker: AskerOptions,
    #[command(flatten)]
    report: ReportOptions,
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
    /// The repository asks that the signed identity token in this file names, under BASE's policy.
    #[arg(long, value_name = "FILE")]
    identity_token: Option<PathBuf>,
    /// The platform asks.
    #[arg(long)]
    platform: bool,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let repository = Repository::open(&arguments.repo)?;
    let sources = Sources::new();
    let asker = match asker(&arguments.asker, &repository, &arguments.base, &sources)? {
        Ok(asker) => asker,
        Err(faults) => {
            output.diagnostics(&faults, &sources, &Summary { files: sources.len(), ..Summary::default() })?;
            return Ok(Ending::Refused);
        }
    };
    let revisions = (Some(arguments.base.as_str()), Some(arguments.head.as_str()));
    let compiler = TeamCompiler::default();
    let mut verdict = central::verify(&repository, revisions, Landing::Merge, (&asker, Some(today())), &compiler, &sources)?;
    if let (Some(base), Some(tree)) = (&verdict.base, &verdict.tree) {
        let base = repository.tree_of(base)?;
        let concerned = central::affected(&repository, (Some(&base), tree), arguments.affected, &compiler, &sources)?;
        verdict.diagnostics.extend(concerned);
    }
    if verdict.base.is_some() && verdict.base == verdict.head {
        output.note("note: base and head are one commit, so there is nothing to judge");
    }
    if output.format.is_report() {
        return report(&verdict, &repository, &sources, &arguments.report, output);
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

/// Writes the report for a pull request.
fn report(
    verdict: &Verdict,
    repository: &Repository,
    sources: &Sources,
    options: &ReportOptions,
    output: &Output,
) -> Result<Ending, Failure> {
    let change = match (&verdict.base, &verdict.tree) {
        (Some(base), Some(tree)) => {
            let base = repository.tree_of(base)?;
            between(repository, (&base, tree), &|_| Ok(()), options.now()?)?
        }
        (None, _) | (_, None) => None,
    };
    let head = verdict.head.as_ref().map(ToString::to_string);
    let base = options.link(head.as_deref(), "");
    let report = Report {
        subject: String::new(),
        base: verdict.base.as_ref().map(ToString::to_string).unwrap_or_default(),
        delta: change.as_ref().map(|change| &change.delta),
        others: change.as_ref().map_or(&[], |change| &change.others),
        manifests: change.as_ref().map_or(&[], |change| &change.manifests),
        diagnostics: &verdict.diagnostics,
        is_old: &|_| false,
        sources,
        link: &|path, line| base.as_ref().map(|base| address(base, path, line)),
    };
    output.product(&markdown(&report, options.max_bytes))?;
    let is_refused = verdict.diagnostics.iter().any(|found| found.severity == Severity::Error);
    Ok(if is_refused { Ending::Refused } else { Ending::Clean })
}

/// Who asks; diagnostics when a token says it that cannot be trusted.
fn asker(
    options: &AskerOptions,
    repository: &Repository,
    base: &str,
    sources: &Sources,
) -> Result<Result<Asker, Vec<Diagnostic>>, Failure> {
    let AskerOptions { actor, team, identity_token, platform } = options;
    if *platform {
        return Ok(Ok(Asker::Platform));
    }
    if let Some(actor) = actor {
        return Ok(Ok(Asker::Actor(actor.clone())));
    }
    if let Some(file) = identity_token {
        return publisher(&read_token(file)?, repository, base, sources);
    }
    let parse = |name: &String| TeamName::parse(name).map_err(|reason| Failure::new(format!("`{name}` is no team name: {reason}")));
    Ok(Ok(Asker::Teams(team.iter().map(parse).collect::<Result<_, _>>()?)))
}

fn publisher(token: &Token, repository: &Repository, base: &str, sources: &Sources) -> Result<Result<Asker, Vec<Diagnostic>>, Failure> {
    let tree = repository.tree_of(&repository.commit(base)?)?;
    let platform = GitTree::new(repository, &tree).read("platform.yaml").map_err(|error| Failure::new(error.to_string()))?;
    // Without a policy nothing is trusted, and nothing is what an empty file says.
    let publisher = Publisher::of(token, &platform.unwrap_or_default(), &TeamCompiler::default(), sources);
    Ok(publisher.map(Asker::Publisher))
}
