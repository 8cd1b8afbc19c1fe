//! One `git cat-file` process that hands out objects.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use super::command::{Git, GitError};
use super::object::ObjectId;

/// An object as Git stores it.
pub(super) struct Object {
    /// `blob`, `tree`, `commit` or `tag`.
    pub(super) kind: String,
    /// Its content.
    pub(super) bytes: Vec<u8>,
}

/// Bytes of an object that are read at all: as many as all files of a source may have together.
const LARGEST: u64 = 256 * 1024 * 1024;

/// A running `git cat-file --batch-command`.
#[derive(Debug)]
pub(super) struct Batch {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Batch {
    pub(super) fn start(git: &Git) -> Result<Self, GitError> {
        let mut command = git.command();
        command.args(["cat-file", "--batch-command"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(GitError::Start)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::Pipe(std::io::Error::other("no pipe to git cat-file")));
        };
        Ok(Self { child, stdin, stdout: BufReader::new(stdout) })
    }

    /// One object; `None` when it is missing.
    pub(super) fn read(&mut self, id: &ObjectId) -> Result<Option<Object>, GitError> {
        let Some((kind, size)) = self.ask("contents", id)? else { return Ok(None) };
        let too_large = || odd(id, &format!("it has {size} bytes, and {LARGEST} are read at most"));
        let length = usize::try_from(size).ok().filter(|_| size <= LARGEST).ok_or_else(too_large)?;
        let mut bytes = vec![0; length + 1];
        self.stdout.read_exact(&mut bytes).map_err(GitError::Pipe)?;
        bytes.pop();
        Ok(Some(Object { kind, bytes }))
    }

    /// The size of an object's content in bytes, without reading it; `None` when it is missing.
    pub(super) fn size(&mut self, id: &ObjectId) -> Result<Option<u64>, GitError> {
        Ok(self.ask("info", id)?.map(|(_, size)| size))
    }

    fn ask(&mut self, command: &str, id: &ObjectId) -> Result<Option<(String, u64)>, GitError> {
        self.stdin.write_all(format!("{command} {id}\n").as_bytes()).and_then(|()| self.stdin.flush()).map_err(GitError::Pipe)?;
        let mut header = String::new();
        self.stdout.read_line(&mut header).map_err(GitError::Pipe)?;
        let words: Vec<&str> = header.split_whitespace().collect();
        match words.as_slice() {
            [_, "missing"] => Ok(None),
            [_, kind, size] => Ok(Some(((*kind).to_owned(), size.parse().map_err(|_| odd(id, "its size is no number"))?))),
            _ => Err(odd(id, "it cannot be read")),
        }
    }
}

fn odd(id: &ObjectId, reason: &str) -> GitError {
    GitError::Object { id: id.to_string(), reason: reason.to_owned() }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // It has nothing to save; an end that it came to by itself is no failure of ours.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
