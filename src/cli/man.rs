//! `freehold man`: the manual pages.

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::output::Output;
use super::{Cli, Ending, Failure};
use crate::diag::{quoted_list, suggest};

/// Print a manual page, or write all of them
///
/// Without a command, it is the page of `freehold` itself, which names the others.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold man publish | man -l -\n  freehold man hook pre-receive | man -l -\n  freehold man -o ~/.local/share/man/man1"
)]
pub(super) struct Arguments {
    /// The command, such as `publish` or `hook pre-receive`.
    #[arg(conflicts_with = "out")]
    command: Vec<String>,
    /// Write the pages of all commands into this folder, which is made when it is missing.
    #[arg(short, long, value_name = "DIR")]
    out: Option<Utf8PathBuf>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { command: asked, out } = arguments;
    let freehold = documented();
    if let Some(folder) = out {
        fs_err::create_dir_all(folder)?;
        let count = write(&freehold, folder)?;
        output.note(&format!("{count} manual pages in {folder}"));
        return Ok(Ending::Clean);
    }
    let mut command = &freehold;
    for name in asked {
        command = below(command, name)?;
    }
    match for_a_terminal(asked, output.is_product_on_terminal()) {
        Some(hint) => output.note(&hint),
        None => output.product(&String::from_utf8_lossy(&page(command)?))?,
    }
    Ok(Ending::Clean)
}

/// What to type where a terminal would show the page as `man` reads it, and nobody else does.
fn for_a_terminal(asked: &[String], is_terminal: bool) -> Option<String> {
    let command = ["freehold", "man"].into_iter().chain(asked.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    is_terminal.then(|| format!("a manual page is set by `man`: `{command} | man -l -`"))
}

/// All commands with the names that they are called by. A page of `help` would only repeat the others.
fn documented() -> Command {
    let mut freehold = Cli::command().disable_help_subcommand(true);
    freehold.build();
    freehold
}

fn below<'a>(command: &'a Command, name: &str) -> Result<&'a Command, Failure> {
    let known = || command.get_subcommands().map(Command::get_name);
    command.find_subcommand(name).ok_or_else(|| {
        let failure = Failure::new(format!("`{}` has no command `{name}`", command.get_bin_name().unwrap_or("freehold")));
        match suggest(name, known()) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None if known().next().is_none() => failure,
            None => failure.help(format!("known: {}", quoted_list(known()))),
        }
    })
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    Man::new(without_environment(command)).source(concat!("freehold ", env!("CARGO_PKG_VERSION"))).render(&mut text)?;
    Ok(text)
}

/// What a variable holds here and now is no part of a manual; that there is one, is.
fn without_environment(command: &Command) -> Command {
    command.clone().mut_args(|argument| argument.hide_env_values(true))
}

/// Writes a command's page and those of the commands below it; how many there are.
fn write(command: &Command, folder: &Utf8Path) -> Result<usize, Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    fs_err::write(folder.join(format!("{name}.1")), page(command)?)?;
    command.get_subcommands().try_fold(1, |count, below| Ok(count + write(below, folder)?))
}

#[cfg(test)]
mod tests {
    use super::for_a_terminal;

    #[test]
    fn a_terminal_is_told_what_sets_the_page_and_a_pipe_gets_it() {
        let asked = ["hook", "pre-receive"].map(str::to_owned);
        let told = "a manual page is set by `man`: `freehold man hook pre-receive | man -l -`";
        assert_eq!(for_a_terminal(&asked, true).as_deref(), Some(told));
        assert_eq!(for_a_terminal(&asked, false), None);
    }
}
