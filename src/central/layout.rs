//! Where files are in the central repository, as publishing writes them. The verifier reads paths with a function of its
//! own, and a test holds both against each other.

use crate::name::{DagId, SourceName, TeamName};

/// The platform's policy.
pub(crate) const PLATFORM: &str = "platform.yaml";
/// The name of a source's lock.
pub(crate) const LOCK: &str = "freehold.lock";
/// The project file, without which a source is not whole.
pub(crate) const PROJECT: &str = "freehold.yaml";

/// The folder of the platform's blueprints.
pub(crate) const BLUEPRINTS: &str = "blueprints";
/// The folder in which it stands who uses them: `<blueprint>/<version>/<team>/<workflow>.yaml` below it.
pub(crate) const USES: &str = "uses";

/// A team's grant.
pub(crate) fn grant(team: &TeamName) -> String {
    format!("teams/{team}.yaml")
}

/// The folder of records that lift a rule for a team.
pub(crate) fn overrides(team: &TeamName) -> String {
    format!("overrides/{team}")
}

/// Whether a path is no workflow but says one thing of it, for others to find: whom it waits for, which DAG id it has, or which blueprint
/// it is made from.
pub(crate) fn is_index(path: &str) -> bool {
    ["references/", "dag-ids/", "uses/"].iter().any(|folder| path.starts_with(folder))
}

/// What a file that belongs to no workflow is, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// `platform.yaml`.
    Platform,
    /// A grant: `teams/<team>.yaml`.
    Grant,
    /// A record that lifts a rule: `overrides/<team>/<name>.yaml`.
    Override,
    /// A blueprint of the platform's.
    Blueprint,
    /// Anything else.
    Other,
}

impl Role {
    pub(crate) fn of(path: &str) -> Self {
        match path.split_once('/').map_or(path, |(folder, _)| folder) {
            PLATFORM => Self::Platform,
            "teams" => Self::Grant,
            "overrides" => Self::Override,
            BLUEPRINTS => Self::Blueprint,
            _ => Self::Other,
        }
    }
}

/// The DAG id, in lower case, that a path shows to be some workflow's.
pub(crate) fn claimed_id(path: &str) -> Option<&str> {
    path.strip_prefix("dag-ids/")?.split('/').next()
}

/// The folder of those who have a DAG id by grant: `<team>/<workflow>.yaml` below it.
pub(crate) fn dag_id(id: &DagId) -> String {
    format!("dag-ids/{}", id.folded())
}

/// The folder of those who wait for a workflow: `<team>/<workflow>.yaml` below it.
pub(crate) fn references(team: &TeamName, workflow: &str) -> String {
    format!("references/{team}/{workflow}")
}

/// The branch on which a source's publish waits to be integrated.
pub(crate) fn waiting(team: &TeamName, source: &SourceName) -> String {
    format!("{WAITING}{team}/{source}")
}

/// Where such branches are.
pub(crate) const WAITING: &str = "publish/";

/// The folder of a team's published sources.
pub(crate) fn sources(team: &TeamName) -> String {
    format!("sources/{team}")
}

/// The folder of one published source.
pub(crate) fn source(team: &TeamName, source: &SourceName) -> String {
    format!("sources/{team}/{source}")
}

/// The folder of a team's compiled files.
pub(crate) fn compiled(team: &TeamName) -> String {
    format!("dags/{team}")
}

/// What a team's reference says: the team and the workflow that are waited for; `None` for any other path.
pub(crate) fn awaited<'a>(path: &'a str, team: &TeamName) -> Option<(&'a str, &'a str)> {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["references", awaited_team, awaited, waiting, _] if *waiting == team.as_str() => Some((awaited_team, awaited)),
        _ => None,
    }
}

/// Whether a team may compile to a path.
pub(crate) fn is_compiled(path: &str, team: &TeamName) -> bool {
    path.starts_with(&format!("{}/", compiled(team))) || is_own_index(path, team)
}

/// Whether a path lies in another's folder, an id's or a blueprint's, and is a team's own: it says something of a workflow of that team.
pub(crate) fn is_own_index(path: &str, team: &TeamName) -> bool {
    let is_said = match path.split('/').collect::<Vec<_>>().as_slice() {
        ["dag-ids", _, said, _] | ["uses", _, _, said, _] => *said == team.as_str(),
        _ => false,
    };
    is_said || awaited(path, team).is_some()
}
