//! Identifiers: one type for each kind of name, and the joins between them.

use std::fmt;

use super::{InvalidName, RepoPath};

/// Windows opens a device for these names, whatever their extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Modules that Python, pytest or Airflow load by themselves, wherever they find them.
const LOADED: [&str; 6] =
    ["conftest", "sitecustomize", "usercustomize", "airflow_local_settings", "airflow_cluster_policies", "webserver_config"];

const KEBAB: &str = "it may hold lower-case letters, digits and single `-` between them, and starts with a letter";
const SNAKE: &str = "it may hold lower-case letters, digits and single `-` or `_` between them, and starts with a letter";

/// Whether `text` is `[a-z][a-z0-9]*(<joiner>[a-z0-9]+)*`, matched over the whole string.
fn is_name(text: &str, joiners: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let joined_well = bytes.windows(2).all(|pair| !(joiners.contains(&pair[0]) && joiners.contains(&pair[1])));
    bytes.first().is_some_and(u8::is_ascii_lowercase)
        && bytes.last().is_some_and(|last| !joiners.contains(last))
        && bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || joiners.contains(byte))
        && joined_well
}

pub(super) fn is_device(stem: &str) -> bool {
    let lower = stem.to_ascii_lowercase();
    let numbered = |prefix: &str| lower.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit());
    DEVICES.contains(&lower.as_str()) || numbered("com") || numbered("lpt")
}

fn parse(text: &str, joiners: &[u8], limit: usize, grammar: &'static str) -> Result<Box<str>, InvalidName> {
    if text.is_empty() {
        return Err(InvalidName::Empty);
    }
    if !is_name(text, joiners) {
        return Err(InvalidName::Grammar(grammar));
    }
    if text.len() > limit {
        return Err(InvalidName::TooLong { length: text.len(), limit });
    }
    if is_device(text) || LOADED.contains(&text) {
        return Err(InvalidName::Reserved(text.to_owned()));
    }
    Ok(text.into())
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident { joiners: $joiners:expr, limit: $limit:expr, grammar: $grammar:expr, pattern: $pattern:expr })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The most characters that such a name may have.
            pub const LIMIT: usize = $limit;
            /// The grammar as a regular expression, for JSON Schemas.
            pub const PATTERN: &'static str = $pattern;
            /// The grammar in words.
            pub const GRAMMAR: &'static str = $grammar;

            /// Reads a name.
            ///
            /// # Errors
            /// [`InvalidName`] says which rule of the grammar the text breaks.
            pub fn parse(text: &str) -> Result<Self, InvalidName> {
                parse(text, $joiners, $limit, $grammar).map(Self)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// A team: `[a-z][a-z0-9]*(-[a-z0-9]+)*`, at most 40 characters.
    TeamName { joiners: b"-", limit: 40, grammar: KEBAB, pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$" }
    /// One of a team's published sources, as a rule one repository: the grammar of [`TeamName`].
    SourceName { joiners: b"-", limit: 63, grammar: KEBAB, pattern: "^[a-z][a-z0-9]*(-[a-z0-9]+)*$" }
    /// A workflow within its team: `_` is allowed between parts too, at most 63 characters, so that it fits a
    /// Kubernetes label value.
    WorkflowName { joiners: b"-_", limit: 63, grammar: SNAKE, pattern: "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$" }
    /// A task or a group within its workflow. At most 54 characters: the pod is named after the task, and Airflow
    /// appends `-` and eight characters to a name that may have 63.
    TaskName { joiners: b"-_", limit: 54, grammar: SNAKE, pattern: "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$" }
    /// A blueprint: `_` is allowed between parts too.
    BlueprintName { joiners: b"-_", limit: 63, grammar: SNAKE, pattern: "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$" }
    /// A profile that the platform defines.
    ProfileName { joiners: b"-_", limit: 63, grammar: SNAKE, pattern: "^[a-z][a-z0-9]*([-_][a-z0-9]+)*$" }
}

/// An Airflow DAG id: `<team>__<workflow>`, or one that the platform grants to a workflow in its place.
///
/// A team has no `_` and a workflow no `__`, so in a joined one the first `__` is the joint. There are no dots in it, which
/// would break StatsD metric names; a granted one may have them, because an id that is there already cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DagId(String);

impl DagId {
    /// The most characters that an id may have: `airflow.models.base.ID_LEN`.
    pub const LIMIT: usize = 250;
    /// The grammar of a granted id as a regular expression, for JSON Schemas.
    pub const PATTERN: &'static str = "^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$";

    /// Reads an id that the platform grants. Airflow takes letters, digits, `_`, `.` and `-`; it is a folder's name too, so it starts
    /// and ends as one does and means nothing else to Git or an operating system.
    ///
    /// # Errors
    /// [`InvalidName`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        const GRAMMAR: &str = "it may hold ASCII letters, digits, `_`, `-` and `.`, and starts and ends with a letter, a digit or `_`";
        if text.contains('/') {
            return Err(InvalidName::Grammar(GRAMMAR));
        }
        match RepoPath::parse(text) {
            Err(InvalidName::Grammar(_)) => Err(InvalidName::Grammar(GRAMMAR)),
            Err(InvalidName::TooLong { length, limit: _ }) => Err(InvalidName::TooLong { length, limit: Self::LIMIT }),
            Err(error) => Err(error),
            Ok(_) => Ok(Self(text.to_owned())),
        }
    }

    /// The id with every letter in lower case: equal for two ids that a database, or a file system, may take for one.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// Joins a team and a workflow.
    #[must_use]
    pub fn join(team: &TeamName, workflow: &WorkflowName) -> Self {
        Self(format!("{team}__{workflow}"))
    }

    /// The team and the workflow that were joined; `None` for an id that no join makes.
    #[must_use]
    pub fn split(text: &str) -> Option<(TeamName, WorkflowName)> {
        let (team, workflow) = text.split_once("__")?;
        Some((TeamName::parse(team).ok()?, WorkflowName::parse(workflow).ok()?))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DagId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a Kubernetes object of a workflow: `<team>--<workflow>`, `_` folded to `-`.
///
/// Injective over a team's workflows as long as no two of them differ only by `_` and `-`, which the check
/// stage refuses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesName(String);

impl KubernetesName {
    /// Joins a team and a workflow.
    #[must_use]
    pub fn join(team: &TeamName, workflow: &WorkflowName) -> Self {
        Self(format!("{team}--{}", Self::fold(workflow.as_str())))
    }

    /// The team and the folded workflow that were joined; `None` for a name that no join makes.
    #[must_use]
    pub fn split(text: &str) -> Option<(TeamName, WorkflowName)> {
        let (team, workflow) = text.split_once("--")?;
        (!workflow.contains('_')).then_some(())?;
        Some((TeamName::parse(team).ok()?, WorkflowName::parse(workflow).ok()?))
    }

    /// A name's spelling in Kubernetes, where `_` is not allowed.
    #[must_use]
    pub fn fold(name: &str) -> String {
        name.replace('_', "-")
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KubernetesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_newline_at_the_end_of_a_name_is_refused() {
        assert!(TeamName::parse("churn\n").is_err());
        assert!(WorkflowName::parse("daily\n").is_err());
    }

    #[test]
    fn look_alike_letters_are_refused() {
        assert!(TeamName::parse("сhurn").is_err(), "the first letter is Cyrillic");
    }

    #[test]
    fn device_names_are_refused() {
        for name in ["con", "nul", "aux", "com1", "lpt9"] {
            assert_eq!(TeamName::parse(name), Err(InvalidName::Reserved(name.to_owned())));
        }
        assert!(TeamName::parse("console").is_ok());
    }

    #[test]
    fn joiners_stand_single_and_inside() {
        for name in ["-a", "a-", "a--b", "_a", "a_", "1a", "A"] {
            assert!(TeamName::parse(name).is_err(), "{name}");
        }
        for name in ["a__b", "a-_b", "a_-b"] {
            assert!(WorkflowName::parse(name).is_err(), "{name}");
        }
        assert!(WorkflowName::parse("daily_retrain-2").is_ok());
    }

    #[test]
    fn a_granted_id_is_one_that_airflow_and_every_file_system_take() {
        for text in ["legacy_etl", "Legacy.ETL-2", "_private", "a", &"x".repeat(DagId::LIMIT)] {
            assert_eq!(DagId::parse(text).map(|id| id.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "a/b", "..", ".hidden", "-x", "x.", "a b", "etl\n", "\u{435}tl", "con", "NUL.x", ".git", "__init__.py"] {
            assert!(DagId::parse(text).is_err(), "{text:?}");
        }
        let long = "x".repeat(DagId::LIMIT + 1);
        assert_eq!(DagId::parse(&long), Err(InvalidName::TooLong { length: 251, limit: 250 }));
    }

    #[test]
    fn an_over_long_name_is_an_error_and_not_cut() {
        let long = "a".repeat(41);
        assert_eq!(TeamName::parse(&long), Err(InvalidName::TooLong { length: 41, limit: 40 }));
    }

    proptest! {
        #[test]
        fn splitting_a_dag_id_gives_what_was_joined(
            team in "[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,3}",
            workflow in "[a-z][a-z0-9]{0,5}([-_][a-z0-9]{1,4}){0,3}",
        ) {
            let (Ok(team), Ok(workflow)) = (TeamName::parse(&team), WorkflowName::parse(&workflow)) else { return Ok(()) };
            prop_assert_eq!(DagId::split(DagId::join(&team, &workflow).as_str()), Some((team, workflow)));
        }

        #[test]
        fn splitting_a_kubernetes_name_gives_the_team_and_the_folded_workflow(
            team in "[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,3}",
            workflow in "[a-z][a-z0-9]{0,5}([-_][a-z0-9]{1,4}){0,3}",
        ) {
            let (Ok(team), Ok(workflow)) = (TeamName::parse(&team), WorkflowName::parse(&workflow)) else { return Ok(()) };
            let folded = WorkflowName::parse(&KubernetesName::fold(workflow.as_str())).expect("folding keeps the grammar");
            prop_assert_eq!(KubernetesName::split(KubernetesName::join(&team, &workflow).as_str()), Some((team, folded)));
        }
    }
}
