//! CODEOWNERS: whether the platform's people have to agree to a change of the platform's files.

use ignore::gitignore::GitignoreBuilder;

use super::case::{Case, Files};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::io::git::GitError;

/// Where hosts look for the file; the first one counts.
const PLACES: [&str; 4] = [".github/CODEOWNERS", ".gitlab/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/// A file of each kind that is the platform's, and what a line for all of them says.
const PLATFORM: [(&str, &str); 5] = [
    ("platform.yaml", "/platform.yaml"),
    ("teams/any.yaml", "/teams/"),
    ("overrides/any/any.yaml", "/overrides/"),
    // They are put into the workflows of whoever uses them.
    ("blueprints/any/1.yaml", "/blueprints/"),
    (CHECKS, "/.github/"),
];
const CHECKS: &str = ".github/workflows/any.yml";

/// The file that says who has to agree.
pub(super) struct Owners {
    path: Option<&'static str>,
    /// Patterns in their order, and whether each names anybody.
    lines: Vec<(String, bool)>,
}

impl Owners {
    pub(super) fn read(files: &Files<'_>) -> Result<Self, GitError> {
        for path in PLACES {
            if let Some(text) = files.text(path)? {
                return Ok(Self { path: Some(path), lines: text.lines().filter_map(line).collect() });
            }
        }
        Ok(Self { path: None, lines: Vec::new() })
    }

    /// Whether somebody has to agree to a change of this file: the last pattern that matches decides.
    pub(super) fn covers(&self, path: &str) -> bool {
        self.lines.iter().rev().find(|(pattern, _)| matches(pattern, path)).is_some_and(|(_, has_owner)| *has_owner)
    }

    /// Whether somebody has to agree to a change of what judges changes.
    pub(super) fn covers_checks(&self) -> bool {
        self.covers(CHECKS)
    }
}

/// A pattern and whether an owner follows; GitLab's headings of sections are none.
fn line(text: &str) -> Option<(String, bool)> {
    let text = text.split(" #").next().unwrap_or(text).trim();
    // A space of the pattern has a backslash before it.
    let mut spaces = text.match_indices(char::is_whitespace).map(|(at, _)| at);
    let end = spaces.find(|at| !text[..*at].ends_with('\\')).unwrap_or(text.len());
    let (pattern, owners) = text.split_at(end);
    let is_pattern = !pattern.is_empty() && !pattern.starts_with(['#', '[', '^']);
    is_pattern.then(|| (pattern.to_owned(), owners.split_whitespace().any(|word| word.contains('@'))))
}

/// Patterns are those of `.gitignore`.
fn matches(pattern: &str, path: &str) -> bool {
    let mut builder = GitignoreBuilder::new("");
    if builder.add_line(None, pattern).is_err() {
        return false;
    }
    builder.build().is_ok_and(|rules| rules.matched_path_or_any_parents(path, false).is_ignore())
}

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) {
    if case.is_server {
        return;
    }
    let own = case.owners.path.filter(|path| !path.starts_with(".github/")).map(|path| (path, path));
    let kinds =
        PLATFORM.into_iter().filter(|(path, _)| !path.starts_with(".github/") || case.pipeline.is_none() || !case.workflows.is_empty());
    let open: Vec<&str> = kinds.chain(own).filter(|(path, _)| !case.owners.covers(path)).map(|(_, line)| line).collect();
    if open.is_empty() {
        return;
    }
    let shown = quoted_list(open.iter().map(|line| line.trim_start_matches('/')));
    let fault = Diagnostic::warning(&code::NO_OWNERS, format!("nobody has to agree to a change of {shown}"));
    let fault = match case.owners.path {
        Some(path) => fault.at_file(path, "no line here gives them an owner"),
        None => fault.at_file(PLACES[0], "not found"),
    };
    let lines: Vec<String> = open.iter().map(|line| format!("`{line} @acme/platform`")).collect();
    sink.push(fault.help(format!("add {}, and require their review", lines.join(", "))));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(text: &str) -> Owners {
        Owners { path: Some(PLACES[0]), lines: text.lines().filter_map(line).collect() }
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        assert!(owners("* @acme/platform").covers("teams/churn.yaml"));
        assert!(!owners("* @acme/platform\n/teams/").covers("teams/churn.yaml"), "a line without an owner takes it away");
        assert!(owners("/teams/ @a\n/platform.yaml @a # ours").covers("teams/churn.yaml"));
        assert!(!owners("/teams/ @a").covers("platform.yaml"));
        assert!(owners("[Platform]\n.github/** ada@acme.example").covers(".github/workflows/x.yml"));
    }
}
