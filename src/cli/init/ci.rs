//! What a Git host is to run, what an editor and pre-commit need.

use clap::Args;

use super::person::Person;
use super::surroundings::Surroundings;
use super::write::NewFile;
use super::{Failure, fill, quote};
use crate::schema::published;

/// Options about the Git host.
#[derive(Debug, Args)]
pub(super) struct CiOptions {
    /// Write GitHub's workflows.
    #[arg(long, conflicts_with = "gitlab")]
    github: bool,
    /// Write GitLab's pipeline.
    #[arg(long)]
    gitlab: bool,
    /// Freehold's action for GitHub, by its commit: a tag can be moved. A release knows its own.
    #[arg(long, value_name = "OWNER/NAME@COMMIT")]
    action: Option<String>,
    /// The main branch, which workflows run on. Git's own, without it.
    #[arg(long)]
    branch: Option<String>,
    /// Ask nothing, also on a terminal.
    #[arg(long)]
    pub(super) no_input: bool,
}

/// The host whose files are written.
pub(super) enum Host {
    /// GitHub, with the action that its workflows use.
    GitHub(Action),
    /// GitLab.
    GitLab,
}

/// An action of one commit.
pub(super) struct Action {
    repository: String,
    commit: String,
}

/// What the program's own release is, `acme/freehold@<commit>`: the release workflow says it while it builds.
const OWN: Option<&str> = option_env!("FREEHOLD_ACTION");
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl CiOptions {
    /// The host, asked for when no option says it; `None` when there is to be none. `next` is told what is put off.
    pub(super) fn host(&self, around: &Surroundings, person: &mut Person, next: &mut Vec<String>) -> Result<Option<Host>, Failure> {
        let Self { github, gitlab, action: _, branch: _, no_input: _ } = self;
        let guess = || around.remote.as_deref().and_then(|url| ["github", "gitlab"].into_iter().find(|name| url.contains(name)));
        let name = match (github, gitlab) {
            (true, _) => "github",
            (_, true) => "gitlab",
            (false, false) => {
                let parse = |text: &str| {
                    let known = ["github", "gitlab", "none"].into_iter().find(|name| name.eq_ignore_ascii_case(text));
                    known.ok_or_else(|| format!("`{text}` is none of github, gitlab, none"))
                };
                // Nobody's default: what runs on a host is written when somebody asked for it.
                let default = if person.is_there() { guess().unwrap_or("none") } else { "none" };
                person.ask("Files for CI: github, gitlab or none", default, parse, "--github")?
            }
        };
        Ok(match name {
            "github" => {
                let action = self.action(person)?;
                if action.is_none() {
                    next.push(format!("for GitHub's workflows run this again with `--github {EXAMPLE}`; {WHERE}"));
                }
                action.map(Host::GitHub)
            }
            "gitlab" => Some(Host::GitLab),
            _ => None,
        })
    }

    /// The action; `None` when somebody who is asked has none yet.
    fn action(&self, person: &mut Person) -> Result<Option<Action>, Failure> {
        match self.action.as_deref().or(OWN) {
            Some(text) => {
                Action::parse(text).map(Some).map_err(|reason| Failure::new(reason).help(format!("name it like `{EXAMPLE}`; {WHERE}")))
            }
            None if person.is_there() => {
                let parse = |text: &str| if text.is_empty() { Ok(None) } else { Action::parse(text).map(Some) };
                person.ask(
                    "Freehold's action by its commit, acme/freehold@<40 digits>; nothing to go on without files for CI",
                    "",
                    parse,
                    "",
                )
            }
            None => Err(Failure::new("it is not said which action the jobs use").help("add `--action OWNER/freehold@COMMIT`")),
        }
    }

    /// The main branch.
    pub(super) fn branch<'a>(&'a self, around: &'a Surroundings) -> &'a str {
        self.branch.as_deref().unwrap_or(&around.branch)
    }
}

const EXAMPLE: &str = "--action acme/freehold@<40 digits>";
const WHERE: &str = "`git ls-remote <its repository> v<version>` tells the commit";

impl Action {
    fn parse(text: &str) -> Result<Self, String> {
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
        let (repository, commit) = text.split_once('@').ok_or_else(|| format!("`{text}` is no action by its commit"))?;
        if repository.split('/').count() != 2 || !repository.split('/').all(is_name) {
            return Err(format!("`{repository}` is no repository of an action"));
        }
        if commit.len() != 40 || !commit.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit)) {
            return Err(format!("`{commit}` is no commit, and what a tag or a branch means can change overnight"));
        }
        Ok(Self { repository: repository.to_owned(), commit: commit.to_owned() })
    }

    /// Puts the action, and what posts its reports, in a template.
    pub(super) fn fill(&self, template: &str, values: &[(&str, &str)]) -> String {
        let Self { repository, commit } = self;
        let action = format!("{repository}@{commit} # v{VERSION}");
        let comment = format!("{repository}/action/comment@{commit} # v{VERSION}");
        fill(template, &[values, &[("action", action.as_str()), ("comment", comment.as_str())]].concat())
    }
}

/// A template with the version of this program and a branch.
pub(super) fn fill_versioned(template: &str, values: &[(&str, &str)]) -> String {
    fill(template, &[values, &[("version", VERSION)]].concat())
}

/// The hook of pre-commit: its id, what it runs, and how.
pub(super) fn pre_commit(around: &Surroundings, hook: &str, entry: &str, how: &str) -> Result<NewFile, Failure> {
    const TEMPLATE: &str = include_str!("../../../templates/init/pre-commit.yaml");
    let entry = quote(entry)?;
    let text = fill_versioned(TEMPLATE, &[("hook", hook), ("entry", &entry), ("how", how)]);
    Ok(NewFile { root: around.top.clone(), path: ".pre-commit-config.yaml".to_owned(), text })
}

/// The folder of the schemas that the `$schema` lines name.
const SCHEMAS: &str = ".schemas";

/// The JSON Schemas of these files and what they refer to, so that editors need no network.
pub(super) fn schemas(root: &std::path::Path, names: &[&str]) -> Vec<NewFile> {
    let is_wanted = |file: &str| names.iter().any(|name| file.strip_suffix(".v1.json") == Some(name));
    let files = published().iter().filter(|(file, _)| is_wanted(file));
    files.map(|(file, text)| NewFile { root: root.to_path_buf(), path: format!("{SCHEMAS}/{file}"), text: (*text).to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_named_by_a_commit_and_nothing_else_gets_into_a_workflow() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert!(Action::parse(&format!("acme/freehold@{commit}")).is_ok());
        for text in ["acme/freehold", "acme/freehold@v1", "acme@", "acme/freehold@main"] {
            assert!(Action::parse(text).is_err(), "{text}");
        }
        for repository in ["acme/a/b", "acme/", "a b/c", "acme/x\n", "${{ x }}/y"] {
            assert!(Action::parse(&format!("{repository}@{commit}")).is_err(), "{repository}");
        }
        assert!(Action::parse(&format!("acme/freehold@{commit}\n")).is_err());
    }
}
