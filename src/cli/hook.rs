//! `freehold hook`: the verifier where one runs one's own git server.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output::Output;
use super::policy::BRANCH;
use super::{Ending, Failure, today};
use crate::central::{Asker, Receiving, Update};
use crate::io::git::Repository;
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
/// the environment, where the server's login has put it; without one nothing lands on the branch.
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
    let actor = std::env::var(actor_env).ok().filter(|actor| !actor.is_empty()).ok_or_else(|| {
        Failure::new(format!("`{actor_env}` does not say who pushes, and nobody may push to `{branch}` without a name"))
            .help("have the server's login set it, or name another variable: `--actor-env VAR`")
    })?;
    let repository = Repository::open_in_hook(repo, |name| std::env::var(name).ok())?;
    let (sources, compiler, asker) = (Sources::new(), TeamCompiler::default(), Asker::Actor(actor));
    let receiving =
        Receiving { repository: &repository, branch, asker: &asker, today: Some(today()), compiler: &compiler, messages: &sources };
    let mut found = Vec::new();
    for update in updates()? {
        found.extend(receiving.judge(&update)?.diagnostics);
    }
    let refused = !found.is_empty() && output.diagnostics(&found, &sources, &Summary { files: sources.len(), ..Summary::default() })?;
    Ok(if refused { Ending::Refused } else { Ending::Clean })
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
