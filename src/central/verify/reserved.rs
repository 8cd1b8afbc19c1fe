//! RESERVED: among the teams' folders there is nothing but what the layout names.

use super::case::{Case, Changed};
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::GitError;
use crate::name::{BlueprintName, parse_version};

/// What Python, pytest and Airflow load without being asked.
const LOADED: [&str; 8] = [
    "__init__.py",
    "__main__.py",
    "airflow_local_settings.py",
    "airflow_cluster_policies.py",
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "webserver_config.py",
];
/// What Python or Airflow would run, wherever below the synced folder it lies.
const RUNNABLE: [&str; 6] = [".py", ".pyc", ".pyo", ".pth", ".so", ".zip"];

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for change in case.changes.iter().filter(|change| change.after.is_some()) {
        if let Some(reason) = reason(change) {
            let fault =
                Diagnostic::error(&code::RESERVED_FILE, format!("`{}` may not be here", change.path)).at_file(&*change.path, reason);
            sink.push(fault.help(help(change)));
        }
    }
    Ok(())
}

/// What to do about a file that may be a hand-written DAG's.
pub(super) const BY_HAND: &str =
    "if it is hand-written, have a team adopt it, `freehold adopt`, or leave it to be changed by hand: `unmanaged` in `platform.yaml`";

fn help(change: &Changed) -> String {
    if change.place == Place::Nobody && change.path.starts_with("dags/") {
        return BY_HAND.to_owned();
    }
    format!("take it out of the change: `git rm --cached {}`", change.path)
}

fn reason(change: &Changed) -> Option<&'static str> {
    let name = change.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    match &change.place {
        Place::Policy if change.path.starts_with("blueprints") && !is_blueprint(&change.path) => {
            Some("`blueprints/` holds a folder for each blueprint, and in it its versions: `blueprints/<name>/1.yaml`")
        }
        Place::Policy if is_blueprint(&change.path) => None,
        Place::Policy if !is_policy(&change.path) => Some("`teams/` holds one `<team>.yaml` for each team, and `overrides/` one folder"),
        Place::Override { .. } if !change.path.ends_with(".yaml") => Some("`overrides/<team>/` holds records, `<name>.yaml`"),
        Place::Policy | Place::Override { .. } | Place::Platform | Place::Original { .. } | Place::Unmanaged => None,
        Place::Nobody => Some("this is in nobody's folder: files lie in `sources/<team>/<source>/` and `dags/<team>/`"),
        Place::Source { file, .. } if file.split('/').any(|part| part.starts_with('.')) => {
            Some("hidden files change what others see or run")
        }
        Place::Source { .. } if RUNNABLE.iter().any(|ending| name.ends_with(ending)) => Some("Airflow would load it"),
        Place::Source { .. } => None,
        // Its path has been read to the last letter.
        Place::Compiled { .. } if !change.path.starts_with("dags/") => None,
        Place::Compiled { .. } if LOADED.contains(&name.as_str()) => Some("Python or Airflow loads a file of this name by itself"),
        Place::Compiled { .. } if !name.ends_with(".py") || name.starts_with('.') => Some("only compiled files lie here"),
        Place::Compiled { .. } => None,
    }
}

/// Whether a path is one that a workflow can name.
fn is_blueprint(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let ["blueprints", name, file] = parts.as_slice() else { return false };
    let version = file.strip_suffix(".yaml").and_then(parse_version);
    BlueprintName::parse(name).is_ok() && version.is_some()
}

fn is_policy(path: &str) -> bool {
    let team = path.strip_prefix("teams/").and_then(|rest| rest.strip_suffix(".yaml"));
    path == "platform.yaml" || team.is_some_and(|team| crate::name::TeamName::parse(team).is_ok())
}
