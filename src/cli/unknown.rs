//! What to type in place of a command that there is not.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::diag::suggest;

/// Words of other tools, and what does that here.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["lint", "validate", "parse"], "`freehold check` tells what is wrong"),
    (&["render", "build", "generate"], "`freehold preview` shows what is generated, and `freehold compile` writes it"),
    (&["diff"], "`freehold plan` tells what a publish would change, and `freehold preview --what diff` what that does"),
    (&["graph"], "`freehold preview --what graph` draws it"),
    (&["list", "ls", "show"], "`freehold preview` shows all workflows, and `freehold preview <workflow>` one"),
    (&["deploy", "apply", "push"], "`freehold publish` does that"),
    (
        &["run", "test", "trigger"],
        "Airflow runs workflows: `airflow dags test <team>__<workflow>`, where it has what `freehold compile` writes",
    ),
    (&["new", "create"], "`freehold init team` starts a project"),
    (&["undelete"], "`freehold restore` brings back what was deleted"),
];

/// Puts a tip in an error of usage that leads where the user wants to go, in place of the command that is spelt a little like it.
pub(super) fn advised(mut error: Error) -> Error {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand).cloned() else { return error };
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let near = match error.remove(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::Strings(near)) => near,
        _ => Vec::new(),
    };
    if let Some((_, tip)) = ELSEWHERE.iter().find(|(words, _)| words.contains(&word.as_str())) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![(*tip).into()]));
    } else if let Some(near) = suggest(&word, near.iter().map(String::as_str)) {
        error.insert(ContextKind::SuggestedSubcommand, ContextValue::String(near.to_owned()));
    }
    error
}
