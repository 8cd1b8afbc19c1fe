//! `freehold completions`: what a shell needs to complete commands and options.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::output::Output;
use super::{Cli, Ending, Failure};

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  freehold completions bash > ~/.local/share/bash-completion/completions/freehold")]
pub(super) struct Arguments {
    /// The shell.
    shell: Shell,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let mut text = Vec::new();
    generate(arguments.shell, &mut Cli::command(), "freehold", &mut text);
    output.product(&String::from_utf8_lossy(&text))?;
    Ok(Ending::Clean)
}
