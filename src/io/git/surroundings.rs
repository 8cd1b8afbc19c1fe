//! What surrounds a repository: its settings, its hooks, how much of it is there, and which git serves it.

use std::path::{Path, PathBuf};

use super::command::{Git, GitError};
use super::repository::git_dir;

/// Bytes of a hook that are read: a longer one is no script that a person keeps.
const LONGEST_HOOK: u64 = 64 * 1024;

/// What surrounds a repository. Reading it runs nothing that belongs to the repository.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Whether it has no work tree: then it is where people push to.
    pub is_bare: bool,
    /// Whether old commits are missing.
    pub is_shallow: bool,
    /// Every setting that holds for it, the machine's and the user's too, in the order in which git reads them.
    pub settings: Vec<Setting>,
    /// The folder in which git looks for hooks.
    pub hooks_folder: PathBuf,
    /// What may run before a push is taken: `pre-receive` itself, and the files of hosts that keep several.
    pub pre_receive: Vec<Hook>,
    /// The version of the git that answers here, major and minor; `None` when it says none.
    pub git_version: Option<(u32, u32)>,
}

/// One setting, as `git config --list` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Section and name in lower case, a subsection as it was written: `remote.origin.url`.
    pub key: String,
    /// What is set; `None` for a name alone, which means true.
    pub value: Option<String>,
    /// Whether it is the repository's own, and not the machine's or the user's.
    pub is_own: bool,
}

/// A file that git, or the host's own hook, would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Where it is, relative to the folder of the repository's refs when it is below that.
    pub path: String,
    /// Whether it may be run.
    pub is_executable: bool,
    /// What it says; `None` for what is no text, or too long to be a script.
    pub text: Option<String>,
}

impl Surroundings {
    /// Reads them.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], or git's own failure.
    pub fn of(folder: &Path) -> Result<Self, GitError> {
        let git_dir = git_dir(folder)?;
        let git = Git::of(git_dir.clone());
        let settings = settings(&git.text(&["config", "--list", "--show-scope", "-z"])?);
        let shared = PathBuf::from(git.text(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?);
        let elsewhere = settings.iter().rev().find(|setting| setting.key == "core.hookspath").and_then(|setting| setting.value.clone());
        let hooks_folder = elsewhere.map_or_else(|| shared.join("hooks"), |path| git_dir.join(at_home(&path)));
        Ok(Self {
            is_bare: git.text(&["rev-parse", "--is-bare-repository"])? == "true",
            is_shallow: git.text(&["rev-parse", "--is-shallow-repository"])? == "true",
            pre_receive: pre_receive(&shared, &hooks_folder),
            settings,
            hooks_folder,
            git_version: version(&Git::outside().text(&["--version"])?),
        })
    }

    /// The value that holds for a key; `None` when nothing is set. A name alone is `true`.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&str> {
        let found = self.settings.iter().rev().find(|setting| setting.key == key)?;
        Some(found.value.as_deref().unwrap_or("true"))
    }

    /// Whether a key is set to what git takes for true: `true`, `yes`, `on` or a number but 0.
    #[must_use]
    pub fn is_set(&self, key: &str) -> bool {
        let value = self.setting(key).unwrap_or_default().to_ascii_lowercase();
        matches!(value.as_str(), "true" | "yes" | "on") || value.parse::<i64>().is_ok_and(|number| number != 0)
    }

    /// The repository's own settings.
    pub fn own(&self) -> impl Iterator<Item = &Setting> {
        self.settings.iter().filter(|setting| setting.is_own)
    }
}

/// `scope NUL key LF value NUL`, again and again. What we set ourselves is in the scope `command`.
fn settings(listed: &str) -> Vec<Setting> {
    let mut parts = listed.split('\0');
    let mut settings = Vec::new();
    while let (Some(scope), Some(setting)) = (parts.next(), parts.next()) {
        let (key, value) = setting.split_once('\n').map_or((setting, None), |(key, value)| (key, Some(value.to_owned())));
        if scope != "command" {
            settings.push(Setting { key: key.to_owned(), value, is_own: matches!(scope, "local" | "worktree") });
        }
    }
    settings
}

/// Git reads `~/` in a path of its settings as the user's folder.
fn at_home(path: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// Git runs `pre-receive`; Gitea's runs what is in `pre-receive.d`, and GitLab's server what is in `custom_hooks`.
fn pre_receive(shared: &Path, folder: &Path) -> Vec<Hook> {
    let mut paths = vec![folder.join("pre-receive"), shared.join("custom_hooks/pre-receive")];
    for several in [folder.join("pre-receive.d"), shared.join("custom_hooks/pre-receive.d")] {
        let mut found: Vec<PathBuf> = fs_err::read_dir(several).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        found.sort();
        paths.extend(found);
    }
    paths.iter().filter_map(|path| hook(shared, path)).collect()
}

fn hook(shared: &Path, path: &Path) -> Option<Hook> {
    let metadata = fs_err::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let bytes = (metadata.len() <= LONGEST_HOOK).then(|| fs_err::read(path).ok()).flatten();
    Some(Hook {
        path: path.strip_prefix(shared).unwrap_or(path).to_string_lossy().into_owned(),
        is_executable: is_executable(&metadata),
        text: bytes.and_then(|bytes| String::from_utf8(bytes).ok()),
    })
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

/// Git for Windows runs any hook that starts with `#!`.
#[cfg(not(unix))]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}

/// `git version 2.39.5 (Apple Git-154)`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split_whitespace().nth(2)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_keep_their_scope_and_a_name_alone_is_true() {
        let listed = "global\0user.name\nAda\0local\0receive.denydeletes\0local\0core.bare\nfalse\0command\0gc.auto\n0\0";
        let settings = settings(listed);
        assert_eq!(settings.iter().map(|setting| setting.is_own).collect::<Vec<_>>(), [false, true, true]);
        let surroundings = Surroundings {
            is_bare: true,
            is_shallow: false,
            settings,
            hooks_folder: PathBuf::new(),
            pre_receive: Vec::new(),
            git_version: None,
        };
        assert!(surroundings.is_set("receive.denydeletes"));
        assert!(!surroundings.is_set("core.bare"));
        assert_eq!(surroundings.setting("gc.auto"), None, "what we set ourselves is not the repository's");
    }

    #[test]
    fn versions_of_all_makers_are_read() {
        assert_eq!(version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(version("git version 2.47.1.windows.2"), Some((2, 47)));
        assert_eq!(version("git"), None);
    }
}
