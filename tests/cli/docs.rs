//! `docs/cli.md` is what the commands say of themselves. `UPDATE_DOCS=1 cargo test --test cli docs` writes it anew.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use freehold::cli::Cli;

const HEADING: &str = "<!-- Written by `UPDATE_DOCS=1 cargo test --test cli docs` from the commands' own help; edit that. -->

# The command line

Options of the first section hold for every command.
";

/// One section for a command, and one for each command below it. Options that every command has are told once, at the top.
fn sections(command: &Command, name: &str, out: &mut String) {
    let alone = command.clone().bin_name(name).term_width(100).mut_args(|argument| argument.hide_env_values(true));
    let is_below = command.get_name() != name;
    let mut alone = alone.disable_help_flag(is_below).disable_version_flag(is_below).disable_help_subcommand(true);
    let help = alone.render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    out.push_str(&format!("\n## `{name}`\n\n```text\n{}\n```\n", lines.join("\n").trim_end()));
    for below in command.get_subcommands() {
        sections(below, &format!("{name} {}", below.get_name()), out);
    }
}

#[test]
fn the_page_of_the_command_line_is_what_the_commands_say() {
    let mut page = HEADING.to_owned();
    sections(&Cli::command(), "freehold", &mut page);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs_err::write(&path, &page).expect("written");
    }
    let written = fs_err::read_to_string(&path).expect("the page is there");
    assert!(written == page, "docs/cli.md is not current: run `UPDATE_DOCS=1 cargo test --test cli docs`");
}

#[test]
fn every_command_tells_what_it_does_and_shows_an_example() {
    for command in Cli::command().get_subcommands().filter(|command| !command.has_subcommands()) {
        let name = command.get_name();
        assert!(command.get_about().is_some(), "{name} does not say what it does");
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(examples.contains(&format!("freehold {name}")), "{name} shows no example");
    }
}
