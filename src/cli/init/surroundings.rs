//! Where something is made: the Git repository around it, as far as there is one.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::Failure;

/// A folder, and what git knows of it.
pub(super) struct Surroundings {
    /// The repository's top, or the folder itself: where hosts and hooks look.
    pub(super) top: PathBuf,
    /// The way from there to the folder, `.` when it is the same.
    pub(super) folder: String,
    /// Whether there is a repository.
    pub(super) is_repository: bool,
    /// The address that it came from.
    pub(super) remote: Option<String>,
    /// The main branch: the remote's, or the one that is checked out.
    pub(super) branch: String,
}

impl Surroundings {
    /// Those of a folder that need not exist.
    pub(super) fn of(dir: &Path) -> Result<Self, Failure> {
        let dir = plain(&std::path::absolute(dir)?);
        let there = dir.ancestors().find(|folder| folder.is_dir()).unwrap_or(&dir);
        // Git's own word for its top may go by other links than ours.
        let up = git(there, &["rev-parse", "--show-cdup"]);
        let is_repository = up.is_some();
        let top = up.map_or_else(|| dir.clone(), |up| plain(&there.join(up)));
        let folder = dir.strip_prefix(&top).map(|way| way.to_string_lossy().replace('\\', "/")).unwrap_or_default();
        let head = git(there, &["symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"]);
        let branch = head.and_then(|head| Some(head.strip_prefix("origin/")?.to_owned()));
        let branch = branch.or_else(|| git(there, &["symbolic-ref", "--quiet", "--short", "HEAD"]).filter(|name| !name.is_empty()));
        Ok(Self {
            folder: if folder.is_empty() { ".".to_owned() } else { folder },
            remote: git(there, &["config", "--get", "remote.origin.url"]).filter(|url| !url.is_empty()),
            branch: branch.unwrap_or_else(|| "main".to_owned()),
            top,
            is_repository,
        })
    }

    /// The repository's name on its host, `churn-model` of `git@host:acme/churn-model.git`.
    pub(super) fn name(&self) -> Option<&str> {
        let url = self.remote.as_deref()?.trim_end_matches('/');
        url.strip_suffix(".git").unwrap_or(url).rsplit(['/', ':']).next()
    }
}

/// A path without `.` and `..`.
pub(super) fn plain(path: &Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
        plain
    })
}

/// One line that git says, which may be empty; `None` when it fails.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").current_dir(folder).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
