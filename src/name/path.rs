//! Paths inside a repository, allow-listed component by component.

use std::fmt;

use super::{InvalidName, identifier::is_device};

/// Names that Git, Python, Airflow or pytest read without being asked.
const RESERVED: [&str; 4] = [".git", "__pycache__", "__init__.py", "__main__.py"];
const COMPONENT: &str = "each part may hold ASCII letters, digits, `-`, `_` and `.`, and starts and ends with a letter, a digit or `_`";
/// As long as a DAG id may be; file systems take 255 bytes.
const COMPONENT_LIMIT: usize = 250;
const PATH_LIMIT: usize = 512;

/// A relative path of a regular file or folder inside a repository: `/` between parts, at most 512 bytes.
///
/// There is no `.` or `..`, no hidden file, no backslash, no control character, no trailing dot or space, no
/// Windows device name; so the path means the same file on every operating system that may check it out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Box<str>);

impl RepoPath {
    /// Reads a path.
    ///
    /// # Errors
    /// [`InvalidName`] says which rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if text.len() > PATH_LIMIT {
            return Err(InvalidName::TooLong { length: text.len(), limit: PATH_LIMIT });
        }
        text.split('/').try_for_each(check_component)?;
        Ok(Self(text.into()))
    }

    /// The path as text, parts joined by `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This path with every ASCII letter in lower case: equal for two paths that a case-insensitive file system
    /// takes for one.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// This path below `folder`.
    ///
    /// # Errors
    /// [`InvalidName`] when the joined path is too long, or `folder` is no path.
    pub fn below(&self, folder: &str) -> Result<Self, InvalidName> {
        Self::parse(&format!("{folder}/{self}"))
    }
}

fn check_component(part: &str) -> Result<(), InvalidName> {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let bytes = part.as_bytes();
    if RESERVED.contains(&part.to_ascii_lowercase().as_str()) {
        return Err(InvalidName::Reserved(part.to_owned()));
    }
    if !edge(bytes.first()) || !edge(bytes.last()) || !bytes.iter().all(inside) {
        return Err(InvalidName::Grammar(COMPONENT));
    }
    if part.len() > COMPONENT_LIMIT {
        return Err(InvalidName::TooLong { length: part.len(), limit: COMPONENT_LIMIT });
    }
    let stem = part.split('.').next().unwrap_or(part);
    if is_device(stem) {
        return Err(InvalidName::Reserved(part.to_owned()));
    }
    Ok(())
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_repository_or_hide_in_it_are_refused() {
        for text in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a/./b",
            "a//b",
            "a/",
            ".git/config",
            "a/.GIT/x",
            ".airflowignore",
            "a\\b",
            "a\0b",
            "a\nb",
            "a./b",
            "a /b",
            "con",
            "dags/NUL.py",
            "dags/com1.yaml",
            "dags/x/__init__.py",
            "caf\u{e9}.yaml",
            "a:b",
            "~/x",
            "-rf",
        ] {
            assert!(RepoPath::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn ordinary_paths_are_taken() {
        for text in ["freehold.yaml", "workflows/daily-retrain.yaml", "data/v1.2/Customers_2026.csv", "dags/churn/a.py"] {
            assert_eq!(RepoPath::parse(text).map(|path| path.to_string()), Ok(text.to_owned()));
        }
    }
}
