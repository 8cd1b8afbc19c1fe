//! Files and a commit, written in one stream.

use super::command::{GitError, failure};
use super::object::ObjectId;
use super::scratch::Scratch;

/// One path of a new commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The file has this content.
    Write {
        /// From the root.
        path: String,
        /// The whole content.
        bytes: Vec<u8>,
    },
    /// The file is gone.
    Delete {
        /// From the root.
        path: String,
    },
}

/// A commit to be written.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// The commit that it is built on; `None` for the first of a repository.
    pub parent: Option<&'a ObjectId>,
    /// What differs from the parent.
    pub edits: &'a [Edit],
    /// Subject and body.
    pub message: &'a str,
}

impl Scratch {
    /// Writes a commit that no branch of anybody points at yet.
    ///
    /// # Errors
    /// When git cannot write, as on a full disk; nothing is half done then, because nothing points there.
    pub fn write(&self, commit: &NewCommit<'_>) -> Result<ObjectId, GitError> {
        let reference = self.next_reference();
        let stream = stream(commit, &reference, &self.identity()?);
        let arguments = ["fast-import", "--quiet", "--done", "--date-format=now"];
        let output = self.repository().git.run(&arguments, Some(&stream))?;
        if !output.status.success() {
            return Err(failure(&arguments, &output));
        }
        let id = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        ObjectId::parse(&id).ok_or_else(|| failure(&arguments, &output))
    }

    /// `Name <address>` of who publishes: git's own setting, or Freehold.
    fn identity(&self) -> Result<String, GitError> {
        let set = self.repository().git.answer(&["config", "--get-regexp", r"^user\.(name|email)$"])?.unwrap_or_default();
        let setting = |key: &str| set.lines().rev().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(' ')?.to_owned()));
        Ok(match (setting("user.name"), setting("user.email")) {
            (Some(name), Some(email)) if is_plain(&name) && is_plain(&email) => format!("{name} <{email}>"),
            _ => "Freehold <freehold@localhost>".to_owned(),
        })
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|letter| matches!(letter, '<' | '>') || letter.is_control())
}

fn stream(commit: &NewCommit<'_>, reference: &str, identity: &str) -> Vec<u8> {
    let NewCommit { parent, edits, message } = commit;
    let mut stream = format!("commit {reference}\nmark :1\nauthor {identity} now\ncommitter {identity} now\n").into_bytes();
    push_data(&mut stream, message.as_bytes());
    if let Some(parent) = parent {
        stream.extend_from_slice(format!("from {parent}\n").as_bytes());
    }
    // Deletions first: a folder may take the place of a file, or a file that of a folder.
    for edit in *edits {
        if let Edit::Delete { path } = edit {
            stream.extend_from_slice(format!("D {}\n", quoted(path)).as_bytes());
        }
    }
    for edit in *edits {
        if let Edit::Write { path, bytes } = edit {
            stream.extend_from_slice(format!("M 100644 inline {}\n", quoted(path)).as_bytes());
            push_data(&mut stream, bytes);
        }
    }
    // The commit's id comes back on standard output.
    stream.extend_from_slice(b"get-mark :1\ndone\n");
    stream
}

/// A path as the stream's grammar takes any: a newline in it would otherwise be the end of the command, and the rest the next one.
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

fn push_data(stream: &mut Vec<u8>, bytes: &[u8]) {
    stream.extend_from_slice(format!("data {}\n", bytes.len()).as_bytes());
    stream.extend_from_slice(bytes);
    stream.push(b'\n');
}
