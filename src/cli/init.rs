//! `freehold init`: a project, or a central repository, to start from.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::output::Output;
use super::{Ending, Failure};
use crate::name::{SourceName, TeamName};

/// Start a team's project, or a central repository
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A project that passes `check`, with a workflow to copy from
    Team {
        /// Where; an existing repository is fine.
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// The team's name; the folder's, without it.
        #[arg(long)]
        team: Option<String>,
        /// The name that this repository publishes under; the folder's, without it.
        #[arg(long)]
        source: Option<String>,
        /// The central repository to publish to: a path or a Git URL. An embedded one, without it.
        #[arg(long, value_name = "DIR|URL")]
        central: Option<String>,
    },
    /// A central repository's files: the platform's settings and one team's grant
    Central {
        /// Where; an existing repository is fine.
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// The platform's name.
        #[arg(long, default_value = "my-platform")]
        platform: String,
        /// The first team.
        #[arg(long, default_value = "my-team")]
        team: String,
    },
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let (dir, files) = match &arguments.what {
        What::Team { dir, team, source, central } => (dir, team_files(dir, team.as_deref(), source.as_deref(), central.as_deref())?),
        What::Central { dir, platform, team } => (dir, central_files(platform, team)?),
    };
    if let Some(taken) = files.iter().find_map(|(path, _)| in_the_way(dir, path)) {
        let failure = Failure::new(format!("{} is there already, and nothing was written", taken.display()));
        return Err(failure.help("move it away, or name another folder"));
    }
    for (path, text) in &files {
        let full = dir.join(path);
        full.parent().map_or(Ok(()), fs_err::create_dir_all)?;
        fs_err::write(full, text)?;
        output.note(&format!("wrote {}", dir.join(path).display()));
    }
    output.note(match &arguments.what {
        What::Team { .. } => "next: `freehold check`, then `freehold preview`, then `freehold publish`",
        What::Central { .. } => "next: edit the grant in `teams/`, commit, and let the team set `central:` in its `freehold.yaml`",
    });
    Ok(Ending::Clean)
}

/// What stands where a file, or a folder that it needs, has to be. A symbolic link does, also one that leads nowhere.
fn in_the_way(dir: &Path, path: &str) -> Option<PathBuf> {
    let full = dir.join(path);
    let is_file = |folder: &&Path| folder.exists() && !folder.is_dir();
    let folder = full.ancestors().skip(1).find(is_file).map(Path::to_path_buf);
    folder.or_else(|| full.symlink_metadata().is_ok().then_some(full))
}

const PROJECT: &str = include_str!("../../templates/init/freehold.yaml");
const WORKFLOW: &str = include_str!("../../templates/init/hello.yaml");
const PLATFORM: &str = include_str!("../../templates/init/platform.yaml");
const GRANT: &str = include_str!("../../templates/init/grant.yaml");

fn team_files(dir: &Path, team: Option<&str>, source: Option<&str>, central: Option<&str>) -> Result<Vec<(String, String)>, Failure> {
    let folder = std::path::absolute(dir)?.file_name().map(|name| name_of(&name.to_string_lossy())).unwrap_or_default();
    let team = TeamName::parse(team.unwrap_or(&folder))
        .map_err(|reason| Failure::new(format!("no team name: {reason}")).help("add `--team my-team`"))?;
    let source = SourceName::parse(source.unwrap_or(&folder))
        .map_err(|reason| Failure::new(format!("no source name: {reason}")).help("add `--source my-model`"))?;
    let central = match central {
        Some(central) => format!("central: {}\n", quote(central)?),
        None => String::new(),
    };
    let project = PROJECT.replace("@team@", team.as_str()).replace("@source@", source.as_str()).replace("@central@", &central);
    Ok(vec![("freehold.yaml".to_owned(), project), ("workflows/hello.yaml".to_owned(), WORKFLOW.to_owned())])
}

fn central_files(platform: &str, team: &str) -> Result<Vec<(String, String)>, Failure> {
    let team =
        TeamName::parse(team).map_err(|reason| Failure::new(format!("`{team}` is no team name: {reason}")).help("add `--team my-team`"))?;
    let platform = PLATFORM.replace("@platform@", &quote(platform)?);
    Ok(vec![("platform.yaml".to_owned(), platform), (format!("teams/{team}.yaml"), GRANT.replace("@team@", team.as_str()))])
}

/// A folder's name as near to a name of ours as it gets.
fn name_of(folder: &str) -> String {
    let folded: String =
        folder.to_lowercase().chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '-' }).collect();
    folded.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// A text as YAML.
fn quote(text: &str) -> Result<String, Failure> {
    let written = serde_yaml::to_string(&text).map_err(|error| Failure::new(error.to_string()))?;
    Ok(written.trim_end().to_owned())
}
