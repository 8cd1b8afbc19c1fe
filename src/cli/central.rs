//! Which central repository is meant.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::central::{Branch, embedded};
use crate::io::git::{Address, GitError, Origin, origin};
use crate::name::{SourceName, TeamName};
use crate::pipeline::{PROJECT_FILE, PolicyFiles};
use crate::spec::Project;

/// The embedded central repository, below a project or above it.
const EMBEDDED: &str = ".freehold/central.git";

/// A central repository and how it was come by.
pub(super) struct Found {
    pub(super) address: Address,
    /// Whether it is the embedded one: then nobody need say who asks.
    pub(super) is_embedded: bool,
    /// Whether the user named it in this call.
    pub(super) is_named: bool,
}

/// The option's, the project file's, or the embedded one; `None` when there is none yet.
pub(super) fn find(root: &Path, project: &Project, option: Option<&str>) -> Result<Option<Found>, Failure> {
    if let Some(text) = option {
        return Ok(Some(Found { address: Address::parse(text)?, is_embedded: false, is_named: true }));
    }
    if let Some(text) = &project.central {
        return Ok(Some(Found { address: of_file(root, &text.value)?, is_embedded: false, is_named: false }));
    }
    let existing = root.ancestors().map(|folder| folder.join(EMBEDDED)).find(|folder| folder.join("HEAD").is_file());
    if let Some(folder) = &existing {
        refuse_committed(root, folder)?;
    }
    Ok(existing.map(|folder| Found { address: Address::Folder(folder), is_embedded: true, is_named: false }))
}

/// The address that the project file names. Whoever wrote the file may have written what is at a path, too.
fn of_file(root: &Path, text: &str) -> Result<Address, Failure> {
    let in_file = |error: GitError| Failure::new(format!("`central:` in `{PROJECT_FILE}`: {error}"));
    match Address::parse(text).map_err(in_file)? {
        Address::Folder(folder) => {
            let folder = root.join(folder);
            refuse_committed(root, &folder)?;
            Ok(Address::Folder(folder))
        }
        Address::Url(url) => match url.strip_prefix("file://") {
            Some(path) => {
                let failure = Failure::new(format!("`central:` in `{PROJECT_FILE}`: `{url}` is a folder of this machine"));
                Err(failure.help(format!("write its path: `central: {path}`")))
            }
            None => Ok(Address::Url(url)),
        },
    }
}

/// A repository that came with the project's own files has hooks and settings that somebody else wrote.
fn refuse_committed(root: &Path, folder: &Path) -> Result<(), Failure> {
    let shown = folder.strip_prefix(root).unwrap_or(folder).display();
    match origin(root, folder)? {
        Origin::Here => Ok(()),
        Origin::Committed => {
            let failure = Failure::new(format!("the repository `{shown}` is committed in this project, hooks and settings included"));
            Err(failure.help(format!("`git rm -r --cached {shown}`, and name a repository outside of the project")))
        }
        Origin::Unknown => {
            let failure = Failure::new(format!("git does not say whether the repository `{shown}` came with this project"));
            Err(failure.help("name a repository outside of the project: hooks and settings of one that came with it are somebody else's"))
        }
    }
}

/// The repository that number 0 stands for: this machine's, in the embedded central repository only.
pub(super) const LOCAL_ID: u64 = 0;
/// Its name.
pub(super) const LOCAL_NAME: &str = "local";

/// Makes a folder that git leaves alone, also where nobody has told it to.
pub(super) fn hide(folder: &Path) -> Result<(), Failure> {
    fs_err::create_dir_all(folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs_err::write(ignore, "*\n")?;
    }
    Ok(())
}

/// Makes the embedded central repository of a project, with a grant for its team.
pub(super) fn make_embedded(root: &Path, branch: &str, team: &TeamName, source: &SourceName) -> Result<Branch, Failure> {
    let (platform, grant) = PolicyFiles::default_files(team);
    let grant = format!("{grant}repositories:\n  - {{ id: {LOCAL_ID}, name: {LOCAL_NAME}, source: {source}, refs: [\"*\"] }}\n");
    let folder: PathBuf = root.join(EMBEDDED);
    hide(folder.parent().unwrap_or(root))?;
    let files = [("platform.yaml", platform.as_bytes()), (&*format!("teams/{team}.yaml"), grant.as_bytes())];
    Ok(embedded(&folder, branch, &files)?)
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let help = match &error {
            GitError::Failed { .. } => Some("check the address, the network and your access; `git ls-remote <address>` must work"),
            GitError::NotARepository(_) => Some("name a work tree, a bare repository or a Git URL"),
            GitError::NoBranch { .. } => Some("start it with `freehold init central`, commit, and push that as the branch"),
            GitError::Start(_)
            | GitError::Pipe(_)
            | GitError::Address { .. }
            | GitError::NoCommit(_)
            | GitError::TwoMeanings(_)
            | GitError::Dirty(_) => None,
            GitError::Object { .. } | GitError::Temporary(_) => None,
        };
        let failure = Self::new(error.to_string());
        match help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// What a server said of a push, on lines of its own: without the words that Git puts before and after each.
fn said_by_the_server(message: &str) -> String {
    let said: Vec<&str> = message.lines().filter_map(|line| line.strip_prefix("remote:")).map(str::trim_end).collect();
    match said.iter().any(|line| !line.is_empty()) {
        true => said.iter().map(|line| format!("\n  |{line}")).collect(),
        false => format!(" {}", message.lines().map(str::trim).collect::<Vec<_>>().join("; ")),
    }
}

impl From<crate::central::Error> for Failure {
    fn from(error: crate::central::Error) -> Self {
        match error {
            crate::central::Error::Git(error) => error.into(),
            crate::central::Error::Locked { ref file, ref branch, .. } => {
                // Git locks `HEAD` with the branch that it stands for, and a push that is killed leaves both.
                let folder = file.strip_suffix("HEAD.lock").or_else(|| file.strip_suffix(&format!("refs/heads/{branch}.lock")));
                let both = folder.map(|folder| format!("{folder}HEAD.lock {folder}refs/heads/{branch}.lock"));
                let locks = both.unwrap_or_else(|| file.clone());
                let help = format!("when no push to it is running, delete the lock on its machine, then publish again: rm -f {locks}");
                Self::new(error.to_string()).help(help)
            }
            crate::central::Error::Token(_) => {
                Self::new(error.to_string()).help("give the job `permissions: { id-token: write }`, or run it again when GitHub is back")
            }
            crate::central::Error::Rejected { central, branch, message } => {
                Self::new(format!("{central} refused the push to `{branch}`:{}", said_by_the_server(&message)))
            }
            refused @ crate::central::Error::Contended { .. } => Self::new(refused.to_string()),
        }
    }
}
