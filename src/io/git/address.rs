//! Where a repository is: a folder or a URL.

use std::fmt;
use std::path::PathBuf;

use super::GitError;

/// Where a repository is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A folder of this machine: a work tree or a bare repository.
    Folder(PathBuf),
    /// `https://…`, `ssh://…`, `file://…` or `git@host:path`.
    Url(String),
}

impl Address {
    /// Reads an address as people write it: a folder, a URL, or SSH's `host:path`.
    ///
    /// # Errors
    /// [`GitError::Address`] for what Git would take for an option, or for a program to run.
    pub fn parse(text: &str) -> Result<Self, GitError> {
        let refused = |reason| Err(GitError::Address { address: text.to_owned(), reason });
        if text.is_empty() {
            return refused("it is empty");
        }
        if text.starts_with('-') {
            return refused("it starts with `-`, which Git takes for an option");
        }
        if text.chars().any(char::is_control) {
            return refused("it holds a control character");
        }
        if let Some((scheme, _)) = text.split_once("://") {
            return match scheme {
                "https" | "http" | "ssh" | "git" | "file" | "git+ssh" => Ok(Self::Url(text.to_owned())),
                _ => refused("Git has no such way to reach a repository; use https, ssh or file"),
            };
        }
        if text.contains("::") {
            return refused("`::` names a program that Git would run");
        }
        Ok(if is_ssh(text) { Self::Url(text.to_owned()) } else { Self::Folder(PathBuf::from(text)) })
    }
}

/// Git reads `host:path` as SSH when no `/` stands before the colon.
fn is_ssh(text: &str) -> bool {
    text.split_once(':').is_some_and(|(host, _)| host.len() > 1 && !host.contains('/'))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::Url(url) => f.write_str(url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_urls_and_ssh_are_told_apart() {
        assert!(matches!(Address::parse("../dags.git"), Ok(Address::Folder(_))));
        assert!(matches!(Address::parse("/srv/a:b"), Ok(Address::Folder(_))));
        assert!(matches!(Address::parse("git@example.com:acme/dags.git"), Ok(Address::Url(_))));
        assert!(matches!(Address::parse("https://example.com/dags.git"), Ok(Address::Url(_))));
    }

    #[test]
    fn an_address_that_git_would_run_is_refused() {
        for text in ["--upload-pack=touch /tmp/x", "ext::sh -c id", "a\nb", "", "fd://3"] {
            assert!(Address::parse(text).is_err(), "{text:?}");
        }
    }
}
