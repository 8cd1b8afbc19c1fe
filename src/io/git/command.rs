//! Running Git: its environment, its failures.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Git failed, or there is none.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The command could not be started.
    #[error("git could not be started: {0}; install git 2.38 or newer")]
    Start(std::io::Error),
    /// Talking to a running git failed.
    #[error("git stopped answering: {0}")]
    Pipe(std::io::Error),
    /// Git said no.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The first words of the command.
        command: String,
        /// What git wrote.
        message: String,
    },
    /// The folder is no repository.
    #[error("{} is no git repository", .0.display())]
    NotARepository(PathBuf),
    /// The address cannot be used.
    #[error("`{address}` is no address of a repository: {reason}")]
    Address {
        /// The address.
        address: String,
        /// Why not.
        reason: &'static str,
    },
    /// A revision that does not exist.
    #[error("there is no commit `{0}` in this repository")]
    NoCommit(String),
    /// A short name that is a tag, that could be an id, or that is a branch here and a remote's one.
    #[error(
        "`{0}` has two meanings: a tag or a remote's branch can be called like a branch, and a branch like an id; write `refs/heads/{0}`, `refs/remotes/{0}`, `refs/tags/{0}` or the commit's whole id"
    )]
    TwoMeanings(String),
    /// A branch that does not exist at a remote.
    #[error("{address} has no branch `{branch}`")]
    NoBranch {
        /// The repository.
        address: String,
        /// The branch.
        branch: String,
    },
    /// The work tree that a push would move has changes of its own.
    #[error("{} has changes that are not committed; commit or stash them, then run this again", .0.display())]
    Dirty(PathBuf),
    /// An object that is missing or that Git could not have written.
    #[error("object {id}: {reason}")]
    Object {
        /// The object.
        id: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A temporary folder could not be made.
    #[error("a temporary folder could not be made: {0}")]
    Temporary(std::io::Error),
}

/// What an outer git (a hook, an alias, a rebase) sets for its own repository and ours must not inherit.
const OUTER: [&str; 14] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_EXTERNAL_DIFF",
    "GIT_ATTR_SOURCE",
];

/// Options of every command: no hook of ours, no background work, no transport that runs a program.
const OPTIONS: [&str; 7] = [
    "core.hooksPath=/dev/null",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.fsmonitor=false",
    "protocol.ext.allow=never",
    "advice.detachedHead=false",
    "core.attributesFile=/dev/null",
];

/// One repository's git command.
#[derive(Debug, Clone)]
pub(super) struct Git {
    git_dir: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
}

impl Git {
    /// Git outside any repository.
    pub(super) fn outside() -> Self {
        Self { git_dir: None, environment: Vec::new() }
    }

    /// Git of the repository whose objects and refs are in `git_dir`.
    pub(super) fn of(git_dir: PathBuf) -> Self {
        Self { git_dir: Some(git_dir), environment: Vec::new() }
    }

    /// With a variable set.
    pub(super) fn with(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// With a setting that is on nobody's command line. Those that the surroundings pass in the same way stay.
    pub(super) fn with_setting(self, key: &str, value: &str) -> Self {
        let count: usize = std::env::var("GIT_CONFIG_COUNT").ok().and_then(|count| count.parse().ok()).unwrap_or_default();
        self.with(&format!("GIT_CONFIG_KEY_{count}"), key)
            .with(&format!("GIT_CONFIG_VALUE_{count}"), value)
            .with("GIT_CONFIG_COUNT", (count + 1).to_string())
    }

    /// The folder of objects and refs.
    pub(super) fn git_dir(&self) -> &Path {
        self.git_dir.as_deref().unwrap_or(Path::new("."))
    }

    /// A command that is ready to be given arguments.
    ///
    /// The user's own configuration stays, because credentials, proxies and SSH's options are there; replace refs are
    /// off, because they make one object look like another.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new("git");
        for name in OUTER {
            command.env_remove(name);
        }
        command.envs([("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0")]);
        command.envs([("GIT_NO_REPLACE_OBJECTS", "1"), ("GIT_LITERAL_PATHSPECS", "1")]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(git_dir) = &self.git_dir {
            command.arg("--git-dir").arg(git_dir);
        }
        for option in OPTIONS {
            command.args(["-c", option]);
        }
        command
    }

    /// Runs a command to its end, whatever its exit code is.
    pub(super) fn run<S: AsRef<OsStr>>(&self, arguments: &[S], input: Option<&[u8]>) -> Result<Output, GitError> {
        let mut command = self.command();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.spawn().map_err(GitError::Start)?;
        let stdin = child.stdin.take();
        std::thread::scope(|scope| {
            // Git may answer before it has read all: writing and reading go on side by side. A pipe that git
            // closes early is git's own failure, which its exit code tells.
            scope.spawn(move || stdin.zip(input).map(|(mut stdin, input)| stdin.write_all(input)));
            child.wait_with_output().map_err(GitError::Pipe)
        })
    }

    /// Runs a command that must succeed, and gives what it wrote, without the newline at the end.
    pub(super) fn text<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<String, GitError> {
        let output = self.run(arguments, None)?;
        if !output.status.success() {
            return Err(failure(arguments, &output));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
    }

    /// Runs a command whose failure means that there is no answer.
    pub(super) fn answer<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Option<String>, GitError> {
        let output = self.run(arguments, None)?;
        let text = || String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned();
        Ok(output.status.success().then(text))
    }
}

/// A failed command as an error.
pub(super) fn failure<S: AsRef<OsStr>>(arguments: &[S], output: &Output) -> GitError {
    let words: Vec<_> = arguments.iter().take(2).map(|word| word.as_ref().to_string_lossy()).collect();
    GitError::Failed { command: words.join(" "), message: message(output) }
}

/// The file that git could not make because another git made it first, of what git said; `None` when it said something else. The one
/// that made it may be running, or have been killed.
#[must_use]
pub fn taken_lock(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Unable to create '")?;
    let (path, rest) = rest.split_once('\'')?;
    (path.ends_with(".lock") && rest.starts_with(": File exists")).then(|| path.replace("/./", "/"))
}

/// What a command wrote to its standard error, on one line.
pub(super) fn message(output: &Output) -> String {
    lines(output).iter().map(|line| line.trim()).collect::<Vec<_>>().join("; ")
}

/// What a command wrote to its standard error.
pub(super) fn lines(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with("hint:"));
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    if lines.is_empty() { vec![format!("it ended with {}", output.status)] } else { lines }
}

#[cfg(test)]
mod tests {
    use super::taken_lock;

    #[test]
    fn a_lock_is_named_only_when_it_was_taken() {
        let said = "remote: error: cannot lock ref 'refs/heads/main': Unable to create '/srv/dags.git/./refs/heads/main.lock': File exists.; remote:";
        assert_eq!(taken_lock(said).as_deref(), Some("/srv/dags.git/refs/heads/main.lock"));
        assert_eq!(taken_lock("Unable to create '/srv/dags.git/./refs/heads/main.lock': Permission denied"), None);
        assert_eq!(taken_lock("pre-receive hook declined"), None);
    }
}
