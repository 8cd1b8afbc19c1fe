//! Paths of a repository by a pattern: a file, files of a folder, or all that is below one.

use std::fmt;

use super::{TeamName, matches_glob};

/// Folders in which Freehold writes, or reads what is allowed.
const OWN: [&str; 7] = ["sources", "references", "dag-ids", "uses", "teams", "overrides", "blueprints"];
/// What in the DAGs folder itself would change what everybody's DAGs are, or how they are loaded.
const LOADED: [&str; 7] = [
    "__main__.py",
    "airflow_local_settings.py",
    "airflow_cluster_policies.py",
    "sitecustomize.py",
    "usercustomize.py",
    "conftest.py",
    "webserver_config.py",
];
/// The folder that the orchestrator syncs.
const DAGS: &str = "dags";
/// A last part that stands for all that is below.
const BELOW: &str = "**";

/// Paths that are kept by hand: `dags/legacy/**` is all that is below a folder, `dags/*.py` are files of one, `dags/etl.py` is a file.
///
/// `*` stands for any text within the last part, and no other part has one: so it can be told whose folder a pattern is in. A pattern
/// never has a path that is Freehold's own, a hidden one at the top, or one that says who has to agree to changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern {
    /// The folder's parts.
    folder: Vec<Box<str>>,
    last: Box<str>,
}

impl PathPattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Why it is none, in words that complete "`x` cannot be kept by hand: …".
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let parts: Vec<&str> = text.split('/').collect();
        let odd = |part: &&str| part.is_empty() || *part == "." || *part == ".." || part.ends_with(['.', ' ']);
        if parts.iter().any(odd) || text.chars().any(|letter| letter.is_control() || letter == '\\') {
            return Err("a part of it is empty, `.` or `..`, or ends with a dot or a space");
        }
        let Some(([first, inner @ ..], last)) = parts.split_last().map(|(last, folder)| (folder, *last)) else {
            return Err("it is in no folder");
        };
        if first.starts_with('.') || OWN.contains(&first.to_ascii_lowercase().as_str()) {
            return Err("it is in a folder that Freehold or the Git host reads");
        }
        if first.contains('*') || inner.iter().any(|part| part.contains('*')) || (last != BELOW && last.contains(BELOW)) {
            return Err("`*` may be in the last part only, and `**` is a part by itself");
        }
        if first.eq_ignore_ascii_case(DAGS) && (*first != DAGS || (inner.is_empty() && last == BELOW)) {
            return Err("the teams' folders are in it");
        }
        let folder = std::iter::once(*first).chain(inner.iter().copied()).map(Box::from).collect();
        Ok(Self { folder, last: last.into() })
    }

    /// The folder below `dags/` that all its paths are in, in lower case; `None` when it is of files in `dags/` itself, or elsewhere.
    #[must_use]
    pub fn dags_folder(&self) -> Option<String> {
        match self.folder.as_slice() {
            [first, folder, ..] if **first == *DAGS => Some(folder.to_ascii_lowercase()),
            _ => None,
        }
    }

    /// Whether this is, in full, the path of a file in the DAGs folder itself that Airflow or Python reads for everybody: it is one that
    /// the platform knows of, and keeps.
    #[must_use]
    pub fn keeps(&self, path: &str) -> bool {
        is_everybodys(path) && self.to_string() == path
    }

    /// Whether a path is one of these.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let Some(rest) = self.folder.iter().try_fold(path, |rest, part| rest.strip_prefix(&**part)?.strip_prefix('/')) else {
            return false;
        };
        let is_meant = if &*self.last == BELOW { !rest.is_empty() } else { !rest.contains('/') && matches_glob(&self.last, rest) };
        is_meant && !is_somebodys(path)
    }
}

/// Whether a file is in the DAGs folder itself, and Airflow or Python reads one of its name for everybody.
fn is_everybodys(path: &str) -> bool {
    let file = path.strip_prefix(DAGS).and_then(|rest| rest.strip_prefix('/')).filter(|rest| !rest.contains('/'));
    file.map(str::to_ascii_lowercase).is_some_and(|file| file.starts_with('.') || LOADED.contains(&file.as_str()))
}

/// Whether a path is more than a file among files, whatever a pattern says.
fn is_somebodys(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_top = path.strip_prefix(DAGS).and_then(|rest| rest.strip_prefix('/')).is_some_and(|rest| !rest.contains('/'));
    // A file of a team's name would be in the way of that team's folder.
    let is_in_the_way = is_top && TeamName::parse(&file).is_ok();
    is_in_the_way || is_everybodys(path) || file == "codeowners"
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.folder.iter().try_for_each(|part| write!(f, "{part}/"))?;
        f.write_str(&self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        PathPattern::parse(text).expect("a pattern")
    }

    #[test]
    fn a_pattern_is_a_file_files_of_a_folder_or_all_below_one() {
        for (text, path, expected) in [
            ("dags/etl.py", "dags/etl.py", true),
            ("dags/etl.py", "dags/etl.pyc", false),
            ("dags/*.py", "dags/etl.py", true),
            ("dags/*.py", "dags/old/etl.py", false),
            ("dags/*", "dags/README.md", true),
            ("dags/old/**", "dags/old/sql/a b.sql", true),
            ("dags/old/**", "dags/old/.airflowignore", true),
            ("dags/old/**", "dags/older/x.py", false),
            ("dags/old/**", "dags/old", false),
            ("dags/old/**", "dags/Old/x.py", false),
            ("include/**", "include/sql/x.sql", true),
        ] {
            assert_eq!(pattern(text).matches(path), expected, "{text} {path}");
            assert_eq!(pattern(text).to_string(), text);
        }
    }

    #[test]
    fn no_pattern_has_what_changes_everybodys_dags_or_who_has_to_agree() {
        for path in ["dags/.airflowignore", "dags/airflow_local_settings.py", "dags/Conftest.py", "dags/churn", "dags/__main__.py"] {
            assert!(!pattern("dags/*").matches(path), "{path}");
        }
        assert!(
            pattern("dags/.airflowignore").keeps("dags/.airflowignore") && !pattern("dags/.airflowignore").matches("dags/.airflowignore")
        );
        assert!(!pattern("dags/*").keeps("dags/.airflowignore") && !pattern("dags/churn").keeps("dags/churn"));
        assert!(!pattern("docs/**").matches("docs/CODEOWNERS") && !pattern("docs/*").matches("docs/codeowners"));
        assert!(pattern("dags/*").matches("dags/__init__.py") && pattern("dags/old/**").matches("dags/old/conftest.py"));
    }

    #[test]
    fn what_may_be_a_teams_or_the_platforms_is_no_pattern() {
        for text in [
            "",
            "dags",
            "etl.py",
            "*",
            "**",
            "dags/**",
            "DAGS/old/**",
            "*/x.py",
            "dags/*/x.py",
            "dags/o*/**",
            "dags/x**",
            "dags/***",
            "sources/churn/**",
            "Sources/churn/**",
            "teams/*",
            "dag-ids/**",
            "references/**",
            "uses/**",
            "overrides/**",
            "blueprints/**",
            ".github/**",
            ".github/workflows/x.yml",
            "dags/../teams/x.yaml",
            "./dags/x.py",
            "/dags/x.py",
            "dags//x.py",
            "dags/x./y",
            "dags/a\\b",
            "dags/old/",
        ] {
            assert!(PathPattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_tells_whose_folder_it_could_be_in() {
        assert_eq!(pattern("dags/Churn/**").dags_folder().as_deref(), Some("churn"));
        assert_eq!(pattern("dags/churn/x.py").dags_folder().as_deref(), Some("churn"));
        assert_eq!(pattern("dags/*.py").dags_folder(), None);
        assert_eq!(pattern("include/churn/**").dags_folder(), None);
    }
}
