//! The command line: arguments in, an exit code out. One file per command.
//!
//! Only here and in `io` are the clock, the environment and the working directory known. The product (manifests, plans, JSON) goes
//! to standard output, everything for people to standard error.

#![allow(clippy::disallowed_methods, reason = "this is where the outside world is")]

mod adopt;
mod asking;
mod audit;
mod blueprints;
mod bring;
mod central;
mod change;
mod check;
mod compile;
mod completions;
mod doctor;
mod explain;
mod file;
mod focus;
mod hand_written;
mod hook;
mod identity;
mod init;
mod integrate;
mod lsp;
mod man;
mod output;
mod override_record;
mod plan;
mod policy;
mod preview;
mod publish;
mod repository;
mod restore;
mod schema;
mod transfer;
mod unknown;
mod verify;
mod watch;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::{Output, OutputOptions};

/// A DAG factory with property rights: teams' YAML becomes one central repository of Airflow DAGs in which nobody can erase
/// anybody else's work.
#[derive(Debug, Parser)]
#[command(name = "freehold", version, about, propagate_version = true, max_term_width = 110)]
#[command(
    after_help = "Exit codes: 0 clean or done · 1 your files, or the plan, are refused · 2 usage or tool failure · 3 `plan --exit-code` and there are changes."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Arguments),
    Check(check::Arguments),
    Compile(compile::Arguments),
    Preview(preview::Arguments),
    Plan(plan::Arguments),
    Publish(publish::Arguments),
    Integrate(integrate::Arguments),
    Adopt(adopt::Arguments),
    Transfer(transfer::Arguments),
    Restore(restore::Arguments),
    Override(override_record::Arguments),
    Verify(verify::Arguments),
    Audit(audit::Arguments),
    Blueprints(blueprints::Arguments),
    Hook(hook::Arguments),
    Doctor(doctor::Arguments),
    Explain(explain::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Lsp(lsp::Arguments),
    Man(man::Arguments),
}

/// The day, in UTC.
fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// A fault that is not in the user's files: of usage, the disk, git or the network.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Clean, or done.
    Clean,
    /// The user's files, or the plan, are refused.
    Refused,
    /// `plan --exit-code`, and there are changes.
    Changes,
}

impl Ending {
    fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Refused => 1,
            Self::Changes => 3,
        }
    }
}

/// Runs the command of the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    let Cli { command, output } = Cli::try_parse().unwrap_or_else(|error| unknown::advised(error).exit());
    let output = Output::new(&output);
    let ended = match command {
        Command::Init(arguments) => init::run(&arguments, &output),
        Command::Check(arguments) => check::run(&arguments, &output),
        Command::Compile(arguments) => compile::run(&arguments, &output),
        Command::Preview(arguments) => preview::run(&arguments, &output),
        Command::Plan(arguments) => plan::run(&arguments, &output),
        Command::Publish(arguments) => publish::run(&arguments, &output),
        Command::Integrate(arguments) => integrate::run(&arguments, &output),
        Command::Adopt(arguments) => adopt::run(&arguments, &output),
        Command::Transfer(arguments) => transfer::run(&arguments, &output),
        Command::Restore(arguments) => restore::run(&arguments, &output),
        Command::Override(arguments) => override_record::run(&arguments, &output),
        Command::Verify(arguments) => verify::run(&arguments, &output),
        Command::Audit(arguments) => audit::run(&arguments, &output),
        Command::Blueprints(arguments) => blueprints::run(&arguments, &output),
        Command::Hook(arguments) => hook::run(&arguments, &output),
        Command::Doctor(arguments) => doctor::run(&arguments, &output),
        Command::Explain(arguments) => explain::run(&arguments, &output),
        Command::Schema(arguments) => schema::run(&arguments, &output),
        Command::Completions(arguments) => completions::run(&arguments, &output),
        Command::Lsp(arguments) => lsp::run(&arguments, &output),
        Command::Man(arguments) => man::run(&arguments, &output),
    };
    match ended {
        Ok(ending) => ExitCode::from(ending.code()),
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(2)
        }
    }
}
