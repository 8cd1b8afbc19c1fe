//! `freehold init`: a project, or a central repository, to start from, with what a Git host and an editor need.
//!
//! What it cannot know it takes from options, from git, or from whoever sits at the terminal. It never overwrites: a file that is there
//! is left, and that is told.

mod by_hand;
mod central;
mod ci;
mod person;
mod surroundings;
mod team;
mod write;

use clap::{Args, Subcommand};

use super::output::Output;
use super::{Ending, Failure};
use person::Person;

/// Start a team's project, or a central repository
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Team(team::Arguments),
    Central(central::Arguments),
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let ci = match &arguments.what {
        What::Team(team) => &team.ci,
        What::Central(central) => &central.ci,
    };
    let mut person = if ci.no_input { Person::nobody() } else { Person::at_the_terminal() };
    let made = match &arguments.what {
        What::Team(arguments) => team::make(arguments, &mut person)?,
        What::Central(arguments) => central::make(arguments, &mut person)?,
    };
    write::write(&made.files, output)?;
    made.next.iter().for_each(|line| output.note(&format!("next: {line}")));
    Ok(Ending::Clean)
}

/// What is to be written, and what is to be done then.
struct Made {
    files: Vec<write::NewFile>,
    next: Vec<String>,
}

/// Puts values in a template's `@places@`.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values.iter().fold(template.to_owned(), |text, (place, value)| text.replace(&format!("@{place}@"), value))
}

/// Texts as what a list of YAML holds on one line.
fn listed(texts: &[String]) -> Result<String, Failure> {
    Ok(texts.iter().map(|text| quote(text)).collect::<Result<Vec<_>, _>>()?.join(", "))
}

/// A text as YAML.
fn quote(text: &str) -> Result<String, Failure> {
    let written = serde_yaml::to_string(&text).map_err(|error| Failure::new(error.to_string()))?;
    let written = written.trim_end().to_owned();
    // A text of several lines would be a block, which fits in no line of ours.
    if written.contains('\n') { Err(Failure::new(format!("`{}` has more than one line", text.escape_debug()))) } else { Ok(written) }
}
