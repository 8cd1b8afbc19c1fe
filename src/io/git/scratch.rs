//! A throw-away repository beside a remote one: where commits are built before anybody sees them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::address::Address;
use super::command::{Git, GitError, failure, lines};
use super::object::ObjectId;
use super::repository::{Repository, git_dir, objects_of};

/// What a fetch leaves out, best first: all files and what lies deeper than the teams' folders, or all files.
const FILTERS: [&str; 2] = ["tree:2", "blob:none"];
const REMOTE: &str = "central";
/// Branches that one push deletes: each takes two arguments, and a command line has an end.
const AT_ONCE: usize = 200;
const TIP: &str = "refs/freehold/tip";

/// A throw-away repository that can read the remote's objects, build commits and push them.
#[derive(Debug)]
pub struct Scratch {
    repository: Repository,
    remote: Remote,
    written: AtomicUsize,
    _folder: tempfile::TempDir,
}

#[derive(Debug)]
enum Remote {
    /// A folder of this machine, whose objects are read where they are.
    Folder { git_dir: PathBuf, work_tree: Option<PathBuf> },
    /// A URL: commits and trees are fetched, files when they are asked for.
    Url(String),
}

/// How a push went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// The branch is at the commit now.
    Landed,
    /// The branch is not at the commit; what git said.
    Refused(String),
}

impl Scratch {
    /// A throw-away repository for a remote one.
    ///
    /// # Errors
    /// When the address is no repository, or no temporary folder can be made.
    pub fn of(address: &Address) -> Result<Self, GitError> {
        let folder = tempfile::tempdir().map_err(GitError::Temporary)?;
        let (remote, format) = match address {
            Address::Folder(path) => {
                let git_dir = git_dir(path)?;
                let format = Git::of(git_dir.clone()).text(&["rev-parse", "--show-object-format"])?;
                (Remote::Folder { work_tree: work_tree(path)?, git_dir }, format)
            }
            Address::Url(url) => (Remote::Url(url.clone()), remote_format(url)?),
        };
        let git = Git::of(folder.path().to_owned());
        git.text(&["init", "--quiet", "--bare", "--template=", &format!("--object-format={format}")])?;
        remote.connect(&git)?;
        let repository = Repository::with(git, None)?;
        Ok(Self { repository, remote, written: AtomicUsize::new(0), _folder: folder })
    }

    /// The repository, for reading: the remote's objects and those written here.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The commit that the remote's branch is at now; `None` when there is no such branch.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn tip(&self, branch: &str) -> Result<Option<ObjectId>, GitError> {
        let reference = format!("refs/heads/{branch}");
        let listed = self.repository.git.text(&["ls-remote", "--refs", "--", &self.remote.url(), &reference])?;
        Ok(listed
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .find(|(_, name)| *name == reference)
            .and_then(|(id, _)| ObjectId::parse(id)))
    }

    /// Fetches the remote's branch, only the objects that are needed, and gives the commit that it is at; `None` when
    /// there is no such branch.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn fetch(&self, branch: &str) -> Result<Option<ObjectId>, GitError> {
        let tip = self.tip(branch)?;
        if tip.is_none() || matches!(self.remote, Remote::Folder { .. }) {
            return Ok(tip);
        }
        let reference = format!("+refs/heads/{branch}:{TIP}");
        let mut last = None;
        for filter in FILTERS {
            let filter = format!("--filter={filter}");
            let arguments = ["fetch", "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head", &filter, REMOTE, &reference];
            let output = self.repository.git.run(&arguments, None)?;
            if output.status.success() {
                return self.repository.commit(TIP).map(Some);
            }
            // A server may know fewer filters than git does; the last one's failure is the remote's own.
            last = Some(failure(&arguments, &output));
        }
        last.map_or(Ok(None), Err)
    }

    /// The remote's branches below a folder of names, such as `publish/`, and the commits that they are at.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn branches(&self, below: &str) -> Result<BTreeMap<String, ObjectId>, GitError> {
        let pattern = format!("refs/heads/{below}*");
        let listed = self.repository.git.text(&["ls-remote", "--refs", "--", &self.remote.url(), &pattern])?;
        let read = |line: &str| {
            let (id, name) = line.split_once('\t')?;
            // Git's pattern matches the end of a name, so it may have given others too.
            let name = name.strip_prefix("refs/heads/").filter(|name| name.starts_with(below))?;
            Some((name.to_owned(), ObjectId::parse(id)?))
        };
        Ok(listed.lines().filter_map(read).collect())
    }

    /// Fetches commits that [`branches`](Self::branches) gave, with what they hold.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn fetch_branches<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> Result<(), GitError> {
        let wanted: String = names.into_iter().map(|name| format!("+refs/heads/{name}:refs/freehold/waiting/{name}\n")).collect();
        if wanted.is_empty() || matches!(self.remote, Remote::Folder { .. }) {
            return Ok(());
        }
        // There may be more of them than a command line holds.
        let arguments = ["fetch", "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head", "--filter=blob:none", "--stdin", REMOTE];
        let output = self.repository.git.run(&arguments, Some(wanted.as_bytes()))?;
        if output.status.success() { Ok(()) } else { Err(failure(&arguments, &output)) }
    }

    /// Deletes branches of the remote that are still at these commits; one that has moved is left as it is.
    ///
    /// # Errors
    /// Only when git cannot be run.
    pub fn delete(&self, branches: &[(String, ObjectId)]) -> Result<(), GitError> {
        let url = self.remote.url();
        // For every push the remote lists all its refs, so one for each branch would cost the square of them.
        for some in branches.chunks(AT_ONCE) {
            if !self.delete_at_once(some, &url)? && some.len() > 1 {
                // A server's hook refuses all that is pushed with what it refuses.
                some.chunks(1).try_for_each(|one| self.delete_at_once(one, &url).map(drop))?;
            }
        }
        Ok(())
    }

    fn delete_at_once(&self, branches: &[(String, ObjectId)], url: &str) -> Result<bool, GitError> {
        let leases = branches.iter().map(|(branch, commit)| format!("--force-with-lease=refs/heads/{branch}:{commit}"));
        let gone = branches.iter().map(|(branch, _)| format!(":refs/heads/{branch}"));
        let fixed = ["push", "--quiet", "--porcelain"].into_iter().map(str::to_owned);
        let arguments: Vec<String> = fixed.chain(leases).chain(["--".to_owned(), url.to_owned()]).chain(gone).collect();
        let output = self.repository.git.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), None)?;
        Ok(output.status.success())
    }

    /// Fetches many objects in one go; without it each is fetched when it is read. Those that are here are skipped.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn prefetch<'a>(&self, ids: impl IntoIterator<Item = &'a ObjectId>) -> Result<(), GitError> {
        if matches!(self.remote, Remote::Folder { .. }) {
            return Ok(());
        }
        let wanted: String = ids.into_iter().map(|id| format!("{id}\n")).collect();
        let check = self.repository.git.clone().with("GIT_NO_LAZY_FETCH", "1");
        let output = check.run(&["cat-file", "--batch-check"], Some(wanted.as_bytes()))?;
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        let missing: String = answer.lines().filter_map(|line| line.strip_suffix(" missing")).map(|id| format!("{id}\n")).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let arguments = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none", "--stdin", REMOTE];
        let output = self.repository.git.run(&arguments, Some(missing.as_bytes()))?;
        if output.status.success() { Ok(()) } else { Err(failure(&arguments, &output)) }
    }

    /// Moves the remote's branch from `base` to a commit that was built on it: a compare-and-swap. Nothing is ever forced, because the
    /// commit is a child of what it replaces; a branch that was moved, also back, or deleted is left as it is. `option` is a push
    /// option for the server's hook; it goes by the environment, because a command line can be seen by everybody on the machine.
    ///
    /// # Errors
    /// [`GitError::Dirty`] when the push would move a work tree that has changes; else only when git cannot be run. A
    /// push that the remote refuses is an answer.
    pub fn push(&self, base: Option<&ObjectId>, commit: &ObjectId, branch: &str, option: Option<&str>) -> Result<Pushed, GitError> {
        self.remote.check_clean(branch)?;
        let target = format!("{commit}:refs/heads/{branch}");
        let lease = format!("--force-with-lease=refs/heads/{branch}:{}", base.map_or("", ObjectId::as_str));
        let mut arguments = vec!["push", "--quiet", "--porcelain", &lease];
        if matches!(self.remote, Remote::Folder { .. }) {
            // A clean checkout of the branch follows it.
            arguments.push("--receive-pack=git -c receive.denyCurrentBranch=updateInstead receive-pack");
        }
        let url = self.remote.url();
        arguments.extend(["--", &url, &target]);
        let git = match option {
            Some(option) => self.repository.git.clone().with_setting("push.pushOption", option),
            None => self.repository.git.clone(),
        };
        let output = git.run(&arguments, None)?;
        Ok(if output.status.success() { Pushed::Landed } else { Pushed::Refused(lines(&output).join("\n")) })
    }

    pub(super) fn next_reference(&self) -> String {
        format!("refs/freehold/built-{}", self.written.fetch_add(1, Ordering::Relaxed))
    }
}

impl Remote {
    fn url(&self) -> String {
        match self {
            Self::Folder { git_dir, work_tree } => work_tree.as_ref().unwrap_or(git_dir).to_string_lossy().into_owned(),
            Self::Url(url) => url.clone(),
        }
    }

    fn connect(&self, git: &Git) -> Result<(), GitError> {
        match self {
            Self::Folder { git_dir, .. } => {
                let into = git.git_dir();
                let line = format!("{}\n", objects_of(git_dir)?.display());
                fs_err::write(into.join("objects/info/alternates"), line).map_err(GitError::Temporary)?;
                copy_shallow(git_dir, into)
            }
            Self::Url(url) => {
                let promisor = format!("remote.{REMOTE}.promisor");
                for (key, value) in [
                    ("core.repositoryFormatVersion", "1"),
                    ("extensions.partialClone", REMOTE),
                    (&format!("remote.{REMOTE}.url"), url),
                    (&promisor, "true"),
                ] {
                    git.text(&["config", key, value])?;
                }
                Ok(())
            }
        }
    }

    fn check_clean(&self, branch: &str) -> Result<(), GitError> {
        let Self::Folder { work_tree: Some(work_tree), git_dir } = self else { return Ok(()) };
        let git = Git::of(git_dir.clone()).with("GIT_WORK_TREE", work_tree);
        if git.answer(&["symbolic-ref", "--quiet", "HEAD"])? != Some(format!("refs/heads/{branch}")) {
            return Ok(());
        }
        let status = git.text(&["status", "--porcelain", "--untracked-files=no"])?;
        if status.is_empty() { Ok(()) } else { Err(GitError::Dirty(work_tree.clone())) }
    }
}

fn work_tree(folder: &Path) -> Result<Option<PathBuf>, GitError> {
    let mut command = Git::outside().command();
    let output = command.arg("-C").arg(folder).args(["rev-parse", "--show-toplevel"]).output().map_err(GitError::Start)?;
    let path = String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned();
    Ok((output.status.success() && !path.is_empty()).then(|| PathBuf::from(path)))
}

/// A URL's object format shows in the length of the ids that it lists; one that lists none is empty.
fn remote_format(url: &str) -> Result<String, GitError> {
    let listed = Git::outside().text(&["ls-remote", "--", url])?;
    let id = listed.split('\t').next().and_then(ObjectId::parse);
    Ok(id.map_or("sha1", |id| super::ObjectFormat::of(&id).as_str()).to_owned())
}

/// A shallow repository's missing parents are listed in a file that alternates don't carry over.
fn copy_shallow(from: &Path, into: &Path) -> Result<(), GitError> {
    let shallow = from.join("shallow");
    if shallow.is_file() {
        fs_err::copy(shallow, into.join("shallow")).map_err(GitError::Temporary)?;
    }
    Ok(())
}

/// Makes an empty bare repository whose first branch will be `branch`.
///
/// # Errors
/// When git cannot write there.
pub fn init_bare(folder: &Path, branch: &str) -> Result<(), GitError> {
    let branch = format!("--initial-branch={branch}");
    let arguments = ["init", "--quiet", "--bare", "--template=", &branch, "--"];
    let folder = folder.to_string_lossy();
    let arguments: Vec<&str> = arguments.into_iter().chain([&*folder]).collect();
    Git::outside().text(&arguments).map(drop)
}
