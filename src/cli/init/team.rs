//! `freehold init team`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::ci::{self, CiOptions, Host};
use super::person::Person;
use super::surroundings::{Surroundings, plain};
use super::write::NewFile;
use super::{Failure, Made, fill, quote};
use crate::diag::Sink;
use crate::io::Disk;
use crate::io::git::Address;
use crate::name::{SourceName, TeamName};
use crate::pipeline::{PROJECT_FILE, load_project};
use crate::source::Sources;

/// A project that passes `check`, with a workflow to copy from
///
/// In an existing repository it adds to what is there, and overwrites nothing. On a terminal it asks for what no option says.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold init team\n  freehold init team --team churn --central https://git.example.com/acme/dags.git --gitlab"
)]
pub(super) struct Arguments {
    /// Where; an existing repository is fine.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The team's name; the folder's, without it.
    #[arg(long)]
    team: Option<String>,
    /// This repository's name among those from which the team publishes; the repository's, or the folder's, without it.
    #[arg(long)]
    source: Option<String>,
    /// The central repository to publish to: a path or a Git URL. An embedded one, without it.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
    #[command(flatten)]
    pub(super) ci: CiOptions,
}

const PROJECT: &str = include_str!("../../../templates/init/team/freehold.yaml");
const WORKFLOW: &str = include_str!("../../../templates/init/team/hello.yaml");
const GITHUB: &str = include_str!("../../../templates/init/team/github.yml");
const GITHUB_COMMENT: &str = include_str!("../../../templates/init/team/github-comment.yml");
const GITLAB: &str = include_str!("../../../templates/init/team/gitlab.yml");

/// The files of a project, and of the host around it.
pub(super) fn make(arguments: &Arguments, person: &mut Person) -> Result<Made, Failure> {
    let Arguments { dir, team: _, source: _, central: _, ci } = arguments;
    let root = std::path::absolute(dir)?;
    let around = Surroundings::of(&root)?;
    let mut files = Vec::new();
    let mut next = Vec::new();
    let known = load_project(&Disk::new(&root), "", &Sources::new(), &mut Sink::new());
    let mut central = arguments.central.clone().or_else(|| known.and_then(|project| Some(project.central?.value)));
    if root.join(PROJECT_FILE).symlink_metadata().is_err() {
        let (text, asked) = project(arguments, &around, &root, central, person)?;
        central = asked;
        files.push(NewFile { root: root.clone(), path: PROJECT_FILE.to_owned(), text });
        if !has_workflows(&root) {
            files.push(NewFile { root: root.clone(), path: "workflows/hello.yaml".to_owned(), text: WORKFLOW.to_owned() });
        }
        let go = if dir == Path::new(".") { String::new() } else { format!("`cd {}`, then ", dir.display()) };
        next.push(format!("{go}`freehold check`, then `freehold preview`, then `freehold publish`"));
    } else {
        next.extend(not_applied(arguments));
        // Named so that it is told as left.
        files.push(NewFile { root: root.clone(), path: PROJECT_FILE.to_owned(), text: String::new() });
    }
    files.extend(ci::schemas(&root, &["project", "workflow", "blueprint", "pod"]));
    files.push(ci::pre_commit(&around, "freehold-check", "freehold check --skip-foreign", "        require_serial: true")?);
    let url = central.as_deref().and_then(https);
    let host = ci.host(&around, person, &mut next)?;
    if host.is_some() && url.is_none() && person.is_there() {
        // All answers but one are there: they are not asked for again.
        next.push(
            "for files for CI run this again when the central repository has a URL: `--central https://git.example.com/acme/dags.git`"
                .to_owned(),
        );
    } else if let Some(host) = host {
        files.extend(of_host(&host, ci.branch(&around), &around, url)?);
        next.push(of_environment(&host).to_owned());
    }
    Ok(Made { files, next })
}

/// What is to be set on the host for the job that publishes.
fn of_environment(host: &Host) -> &'static str {
    match host {
        Host::GitHub(_) => "make the environment `freehold` on GitHub, for the main branch only, with the secret FREEHOLD_CENTRAL_TOKEN",
        Host::GitLab => "make the environment `freehold` on GitLab, protected, with the variable FREEHOLD_CENTRAL_TOKEN",
    }
}

/// What is to be done by hand where the project's file is there already, and what options say of it goes nowhere.
fn not_applied(arguments: &Arguments) -> Option<String> {
    let Arguments { dir, team, source, central, ci: _ } = arguments;
    let given = [("team", team), ("source", source), ("central", central)];
    let given: Vec<_> = given.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?))).collect();
    let options: Vec<String> = given.iter().map(|(key, _)| format!("--{key}")).collect();
    let lines: Vec<String> = given.iter().map(|(key, value)| format!("`{key}: {value}`")).collect();
    let file = dir.join(PROJECT_FILE);
    (!given.is_empty()).then(|| {
        format!("write {} in {} yourself: it is there already, and {} not applied", lines.join(", "), file.display(), was(&options))
    })
}

/// `--team was`, `--team and --central were`.
fn was(options: &[String]) -> String {
    format!("{} {}", options.join(" and "), if options.len() == 1 { "was" } else { "were" })
}

/// The project's file, and the central repository that it names.
fn project(
    arguments: &Arguments,
    around: &Surroundings,
    root: &Path,
    central: Option<String>,
    person: &mut Person,
) -> Result<(String, Option<String>), Failure> {
    let folder = name_of(&root.file_name().unwrap_or_default().to_string_lossy());
    let repository = around.name().filter(|_| around.folder == ".").map_or_else(|| folder.clone(), name_of);
    let parse_team = |text: &str| TeamName::parse(text).map_err(|reason| format!("no team name: {reason}"));
    let team = match &arguments.team {
        Some(team) => parse_team(team).map_err(|reason| Failure::new(reason).help("add `--team my-team`"))?,
        None => person.ask("The team's name, with which the ids of all its DAGs begin", &folder, parse_team, "--team my-team")?,
    };
    let parse_source = |text: &str| SourceName::parse(text).map_err(|reason| format!("no source name: {reason}"));
    let source = match &arguments.source {
        Some(source) => parse_source(source).map_err(|reason| Failure::new(reason).help("add `--source my-model`"))?,
        None => {
            let question = "This repository's name among those from which the team publishes";
            person.ask(question, &repository, parse_source, "--source my-model")?
        }
    };
    let central = match central {
        Some(central) => Some(central),
        None => {
            let question = "The central repository, a Git URL or a folder; nothing for one of your own, to try";
            person.ask(question, "", |text| reachable(root, text), "--central URL")?
        }
    };
    let line = match &central {
        Some(central) => format!("central: {}\n", quote(central)?),
        None => String::new(),
    };
    Ok((fill(PROJECT, &[("team", team.as_str()), ("source", source.as_str()), ("central", &line)]), central))
}

/// A central repository as somebody answers: a URL, or a folder that is there.
fn reachable(root: &Path, text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    match Address::parse(text).map_err(|error| error.to_string())? {
        Address::Folder(folder) if !plain(&root.join(&folder)).is_dir() => {
            Err(format!("`{text}` is no URL, and no folder beside the project's file; write it like https://git.example.com/acme/dags.git"))
        }
        Address::Folder(_) | Address::Url(_) => Ok(Some(text.to_owned())),
    }
}

/// What the host runs: checks of changes, and a publish of what has landed.
fn of_host(host: &Host, branch: &str, around: &Surroundings, url: Option<String>) -> Result<Vec<NewFile>, Failure> {
    let url = url.ok_or_else(|| {
        let failure = Failure::new("the job that publishes has to know the address of the central repository");
        failure.help("add `--central https://git.example.com/acme/dags.git`")
    })?;
    let (branch, folder, url) = (quote(branch)?, quote(&around.folder)?, quote(&url)?);
    let values = [("branch", branch.as_str()), ("folder", folder.as_str()), ("central", url.as_str())];
    let file = |path: &str, text: String| NewFile { root: around.top.clone(), path: path.to_owned(), text };
    Ok(match host {
        Host::GitHub(action) => vec![
            file(".github/workflows/freehold.yml", action.fill(GITHUB, &values)),
            file(".github/workflows/freehold-comment.yml", action.fill(GITHUB_COMMENT, &values)),
        ],
        Host::GitLab => vec![file(".gitlab-ci.yml", ci::fill_versioned(GITLAB, &values))],
    })
}

/// An address as a job with a token reaches it; `None` for a folder.
fn https(address: &str) -> Option<String> {
    if address.starts_with("https://") {
        return Some(address.to_owned());
    }
    if let Some(rest) = address.strip_prefix("ssh://") {
        let (host, path) = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest).split_once('/')?;
        return Some(format!("https://{}/{path}", host.split(':').next().unwrap_or(host)));
    }
    let (host, path) = address.split_once(':').filter(|(_, path)| !path.starts_with("//"))?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    (host.len() > 1 && !host.contains(['/', '\\'])).then(|| format!("https://{host}/{path}"))
}

/// Whether the folder where workflows lie has any.
fn has_workflows(root: &Path) -> bool {
    let Ok(entries) = fs_err::read_dir(root.join("workflows")) else { return false };
    let is_yaml = |path: PathBuf| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    entries.filter_map(Result::ok).any(|entry| is_yaml(entry.path()))
}

/// A folder's name as near to a name of ours as it gets.
fn name_of(folder: &str) -> String {
    let folded: String =
        folder.to_lowercase().chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
    folded.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        arguments: Arguments,
    }

    /// What is made in a folder where somebody gives these answers.
    fn answered(options: &[&str], answers: &str) -> (Vec<NewFile>, String) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs_err::create_dir(folder.path().join("dags")).expect("made");
        let project = folder.path().join("models");
        let arguments = [&["freehold", project.to_str().expect("a path")], options].concat();
        let typed = Typed::parse_from(arguments);
        let made = make(&typed.arguments, &mut Person::answering(answers)).unwrap_or_else(|failure| unreachable!("{failure}"));
        (made.files, made.next.join("\n"))
    }

    #[test]
    fn answers_are_taken_as_they_are_meant_and_asked_for_again_where_they_mean_nothing() {
        let (files, next) = answered(&[], "churn\nmodel\ngithub\n../dags\nnone\n");
        assert_eq!(files.first().map(|file| file.text.contains("\ncentral: ../dags\n")), Some(true));
        assert!(!next.contains("--github"), "{next}");
        let (files, next) = answered(&[], "churn\nmodel\nhttps://git.example.com/acme/dags.git\nGitHub\n\n");
        assert!(next.contains("for GitHub's workflows run this again with `--github --action acme/freehold@"), "{next}");
        assert!(!files.iter().any(|file| file.path.starts_with(".github")));
        let (files, _) = answered(&[], "churn\nmodel\nhttps://git.example.com/acme/dags.git\nGitLab\n");
        assert!(files.iter().any(|file| file.path == ".gitlab-ci.yml"));
    }

    #[test]
    fn a_host_without_the_address_of_the_central_repository_is_put_off_and_not_refused() {
        let (files, next) = answered(&["--gitlab"], "churn\nmodel\n../dags\n");
        assert!(next.contains("when the central repository has a URL"), "{next}");
        assert!(!files.iter().any(|file| file.path == ".gitlab-ci.yml"));
    }

    #[test]
    fn an_address_for_people_is_one_for_jobs_too_and_a_folder_is_none() {
        for address in
            ["git@git.example.com:acme/dags.git", "ssh://git@git.example.com:2222/acme/dags.git", "https://git.example.com/acme/dags.git"]
        {
            assert_eq!(https(address).as_deref(), Some("https://git.example.com/acme/dags.git"), "{address}");
        }
        for address in ["../dags", "/srv/dags.git", "c:\\dags", "file:///srv/dags.git", ""] {
            assert_eq!(https(address), None, "{address}");
        }
    }
}
