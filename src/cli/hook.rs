//! `freehold hook`: the verifier where one runs one's own git server.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::Output;
use super::policy::BRANCH;
use super::{Ending, Failure, identity, today};
use crate::central::{Asker, Publisher, Receiving, TOKEN_OPTION, Token, Update};
use crate::diag::Diagnostic;
use crate::io::ReadTree as _;
use crate::io::git::{GitTree, Repository};
use crate::pipeline::TeamCompiler;
use crate::report::Summary;
use crate::source::Sources;

/// Stand as a hook in the central repository on a git server
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    hook: Hook,
}

#[derive(Debug, Subcommand)]
enum Hook {
    PreReceive(PreReceive),
}

/// Judge a push before any of it lands
///
/// Reads `<old> <new> <ref>` lines, as git hands them to a `pre-receive` hook in a bare repository. The account that pushes comes from
/// the environment, where the server's login has put it; without one nothing lands on the branch. An identity token that was pushed with
/// `freehold publish --send-token` says more, and counts instead (`receive.advertisePushOptions` must be on).
#[derive(Debug, Args)]
#[command(
    after_help = "As hooks/pre-receive of the bare repository:\n  #!/bin/sh\n  exec freehold hook pre-receive --actor-env GL_USERNAME"
)]
struct PreReceive {
    /// The branch that the orchestrator syncs from.
    #[arg(long, default_value = BRANCH)]
    branch: String,
    /// Variable that holds the account: `GL_USERNAME` on GitLab, `GITEA_PUSHER_NAME` on Gitea, `GL_USER` with Gitolite.
    #[arg(long, value_name = "VAR", default_value = "FREEHOLD_ACTOR")]
    actor_env: String,
    /// The bare repository; git runs hooks in it.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    match &arguments.hook {
        Hook::PreReceive(arguments) => pre_receive(arguments, output),
    }
}

fn pre_receive(arguments: &PreReceive, output: &Output) -> Result<Ending, Failure> {
    let PreReceive { branch, actor_env, repo } = arguments;
    let repository = Repository::open_in_hook(repo, |name| std::env::var(name).ok())?;
    let (sources, compiler) = (Sources::new(), TeamCompiler::default());
    let asker = match pushed_token() {
        Some(text) => match publisher(&identity::token(text)?, &repository, branch, &sources)? {
            Ok(publisher) => Asker::Publisher(publisher),
            Err(faults) => {
                output.diagnostics(&faults, &sources, &Summary { files: sources.len(), ..Summary::default() })?;
                return Ok(Ending::Refused);
            }
        },
        None => Asker::Actor(actor(actor_env, branch)?),
    };
    let moment = (Some(today()), identity::now()?);
    let receiving =
        Receiving { repository: &repository, folder: repo, branch, asker: &asker, moment, compiler: &compiler, messages: &sources };
    let found = receiving.judge(&updates()?)?;
    let refused = !found.is_empty() && output.diagnostics(&found, &sources, &Summary { files: sources.len(), ..Summary::default() })?;
    Ok(if refused { Ending::Refused } else { Ending::Clean })
}

fn actor(variable: &str, branch: &str) -> Result<String, Failure> {
    std::env::var(variable).ok().filter(|actor| !actor.is_empty()).ok_or_else(|| {
        Failure::new(format!("`{variable}` does not say who pushes, and nobody may push to `{branch}` without a name"))
            .help("have the server's login set it, or name another variable: `--actor-env VAR`")
    })
}

/// The identity token among the push's options, where `freehold publish --send-token` puts it.
fn pushed_token() -> Option<String> {
    let count: usize = std::env::var("GIT_PUSH_OPTION_COUNT").ok()?.parse().ok()?;
    let option = |at| std::env::var(format!("GIT_PUSH_OPTION_{at}")).ok();
    (0..count).filter_map(option).find_map(|option| option.strip_prefix(TOKEN_OPTION).map(str::to_owned))
}

/// Whom a token names, under the policy of the branch as it is.
fn publisher(
    token: &Token,
    repository: &Repository,
    branch: &str,
    sources: &Sources,
) -> Result<Result<Publisher, Vec<Diagnostic>>, Failure> {
    let tree = repository.tree_of(&repository.commit(&format!("refs/heads/{branch}"))?)?;
    let platform = GitTree::new(repository, &tree).read("platform.yaml").map_err(|error| Failure::new(error.to_string()))?;
    Ok(Publisher::of(token, &platform.unwrap_or_default(), &TeamCompiler::default(), sources))
}

fn updates() -> Result<Vec<Update>, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text)?;
    let odd = |line: &str| {
        Failure::new(format!("`{line}` is not `<old> <new> <ref>`"))
            .help("git hands these lines to a hook; run this as `hooks/pre-receive`")
    };
    text.lines().map(|line| Update::parse(line).ok_or_else(|| odd(line))).collect()
}
