//! The Git repository that the user stands in: where a file of a message lies in it.

use std::path::{Path, PathBuf};

use super::workspace::Workspace;

/// The repository around the folder that messages are relative to.
pub(super) struct Repository {
    root: PathBuf,
    /// What paths in messages are relative to.
    base: PathBuf,
}

impl Repository {
    /// The one around the working directory; `None` outside of any.
    pub(super) fn here() -> Option<Self> {
        let here = fs_err::canonicalize(std::env::current_dir().ok()?).ok()?;
        // Inside a project its paths are told from its root, and from the working directory elsewhere.
        let base = match Workspace::search(Path::new(".")).ok().flatten() {
            Some(Workspace::Project(root) | Workspace::Central(root)) => root,
            None => here,
        };
        // A work tree of `git worktree`, and a submodule, have a file of that name.
        let root = base.ancestors().find(|folder| folder.join(".git").exists())?.to_path_buf();
        Some(Self { root, base })
    }

    /// The way to a file from the repository's root, by its path in a message; `None` when there is no such file in it.
    pub(super) fn locate(&self, path: &str) -> Option<String> {
        let full = self.base.join(path);
        let inside = full.strip_prefix(&self.root).ok().filter(|_| full.is_file())?;
        Some(inside.to_string_lossy().replace('\\', "/"))
    }
}
