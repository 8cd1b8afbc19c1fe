//! Whose a path is: the path alone says it.

use std::fmt;

use crate::name::{BlueprintName, DagId, SourceName, TeamName, WorkflowName, parse_version};

/// Whose a path is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The platform's, and it says what is allowed, or what teams' workflows become: `platform.yaml`, `teams/…`, `blueprints/…`.
    Policy,
    /// The platform's, and it lifts a rule for a team: `overrides/<team>/<name>.yaml`.
    Override { team: TeamName },
    /// The platform's: everything that the layout does not name.
    Platform,
    /// A team's: a file of a published source.
    Source { team: TeamName, source: SourceName, file: String },
    /// A team's: a compiled file.
    Compiled { team: TeamName },
    /// Nobody's, and granted to a team: a hand-written file that goes with the change. No path alone says it.
    Original { team: TeamName },
    /// Nobody's: a hand-written file that the platform leaves to be changed by hand. No path alone says it.
    Unmanaged,
    /// Nobody's: it lies among the teams' folders without being in one.
    Nobody,
}

/// The lock of a source is the file of this name directly in its folder.
pub(super) const LOCK: &str = "freehold.lock";

impl Place {
    pub(super) fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            ["platform.yaml" | "teams" | "blueprints"] | ["teams" | "blueprints", ..] => Self::Policy,
            ["overrides", team, _] => TeamName::parse(team).map_or(Self::Policy, |team| Self::Override { team }),
            ["overrides", ..] => Self::Policy,
            ["sources", team, source, file @ ..] if !file.is_empty() => match (TeamName::parse(team), SourceName::parse(source)) {
                (Ok(team), Ok(source)) => Self::Source { team, source, file: file.join("/") },
                _ => Self::Nobody,
            },
            ["dags", team, _] => TeamName::parse(team).map_or(Self::Nobody, |team| Self::Compiled { team }),
            // In the folder of the workflow that is waited for lie the files of the teams that wait.
            ["references", awaited, workflow, team, file] => {
                let names = (TeamName::parse(awaited), WorkflowName::parse(workflow), TeamName::parse(team));
                let is_yaml = file.strip_suffix(".yaml").is_some_and(|name| WorkflowName::parse(name).is_ok());
                match names {
                    (Ok(_), Ok(_), Ok(team)) if is_yaml => Self::Compiled { team },
                    _ => Self::Nobody,
                }
            }
            // In the folder of a DAG id lies the file of the team that has it. An id has one spelling here.
            ["dag-ids", id, team, file] => {
                let is_id = DagId::parse(id).is_ok_and(|parsed| parsed.folded() == *id);
                let is_yaml = file.strip_suffix(".yaml").is_some_and(|name| WorkflowName::parse(name).is_ok());
                match TeamName::parse(team) {
                    Ok(team) if is_id && is_yaml => Self::Compiled { team },
                    _ => Self::Nobody,
                }
            }
            // In the folder of a version of a blueprint lie the files of the teams that use it.
            ["uses", blueprint, version, team, file] => {
                let is_version = BlueprintName::parse(blueprint).is_ok() && parse_version(version).is_some();
                let is_yaml = file.strip_suffix(".yaml").is_some_and(|name| WorkflowName::parse(name).is_ok());
                match TeamName::parse(team) {
                    Ok(team) if is_version && is_yaml => Self::Compiled { team },
                    _ => Self::Nobody,
                }
            }
            ["sources" | "dags" | "references" | "dag-ids" | "uses", ..] => Self::Nobody,
            _ => Self::Platform,
        }
    }

    /// Whether it says what is allowed.
    pub(super) fn is_policy(&self) -> bool {
        matches!(self, Self::Policy | Self::Override { .. })
    }

    /// The team that it belongs to.
    pub(super) fn team(&self) -> Option<&TeamName> {
        match self {
            Self::Source { team, .. } | Self::Compiled { team } | Self::Original { team } => Some(team),
            Self::Policy | Self::Override { .. } | Self::Platform | Self::Unmanaged | Self::Nobody => None,
        }
    }

    /// Whether it is what freehold generates.
    pub(super) fn is_generated(&self) -> bool {
        match self {
            Self::Compiled { .. } => true,
            Self::Source { file, .. } => file == LOCK,
            Self::Policy | Self::Override { .. } | Self::Platform | Self::Original { .. } | Self::Unmanaged | Self::Nobody => false,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy | Self::Override { .. } | Self::Platform => f.write_str("the platform"),
            Self::Source { team, .. } | Self::Compiled { team } => write!(f, "team `{team}`"),
            Self::Unmanaged => f.write_str("no team, and is changed by hand"),
            Self::Original { .. } | Self::Nobody => f.write_str("nobody"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::layout;
    use super::*;

    #[test]
    fn every_path_has_one_owner() {
        let team = |path: &str| Place::of(path).team().map(ToString::to_string);
        assert_eq!(team("sources/churn/churn-model/workflows/daily.yaml").as_deref(), Some("churn"));
        assert_eq!(team("dags/churn/daily.py").as_deref(), Some("churn"));
        assert_eq!(team("references/churn/daily/ads/report.yaml").as_deref(), Some("ads"));
        assert_eq!(team("dag-ids/legacy.etl/ads/report.yaml").as_deref(), Some("ads"));
        assert_eq!(team("uses/train-model/2/ads/report.yaml").as_deref(), Some("ads"));
        for path in ["platform.yaml", "teams/churn.yaml", "teams/x/y", "teams", "blueprints/train-model/2.yaml", "blueprints/x"] {
            assert_eq!(Place::of(path), Place::Policy, "{path}");
        }
        for path in ["README.md", ".github/workflows/check.yaml", "Dags/churn/x.py", "sources.txt"] {
            assert_eq!(Place::of(path), Place::Platform, "{path}");
        }
        for path in [
            "dags",
            "sources",
            "dags/x.py",
            "dags/.airflowignore",
            "dags/Churn/x.py",
            "dags/churn/deep/x.py",
            "references/churn/daily/ads",
            "references/churn/daily/ads/report.py",
            "references/churn/daily/ads/deep/report.yaml",
            "references/churn/Daily/ads/report.yaml",
            "dag-ids/legacy/ads",
            "dag-ids/Legacy/ads/report.yaml",
            "dag-ids/legacy/ads/report.py",
            "dag-ids/legacy/ads/deep/report.yaml",
            "dag-ids/.git/ads/report.yaml",
            "uses/train-model/2/ads",
            "uses/train-model/02/ads/report.yaml",
            "uses/Train/2/ads/report.yaml",
            "uses/train-model/2/ads/report.py",
            "sources/churn",
            "sources/churn/x",
            "sources/churn/Model/x",
        ] {
            assert_eq!(Place::of(path), Place::Nobody, "{path}");
        }
    }

    #[test]
    fn what_publishing_writes_is_the_publishers_own() {
        let (team, source) = (TeamName::parse("churn").expect("valid"), SourceName::parse("churn-model").expect("valid"));
        assert_eq!(Place::of(&format!("{}/x.yaml", layout::overrides(&team))), Place::Override { team: team.clone() });
        let compiled = format!("{}/daily.py", layout::compiled(&team));
        let lock = format!("{}/{}", layout::source(&team, &source), layout::LOCK);
        assert_eq!(Place::of(&compiled), Place::Compiled { team: team.clone() });
        assert_eq!(Place::of(&lock), Place::Source { team: team.clone(), source, file: LOCK.to_owned() });
        assert!(Place::of(&lock).is_generated());
        assert_eq!(Place::of(&layout::grant(&team)), Place::Policy);
        assert_eq!(Place::of(layout::PLATFORM), Place::Policy);
    }
}
