//! A repository whose objects are read.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::batch::{Batch, Object};
use super::command::{Git, GitError};
use super::entries::LookedUp;
use super::object::{ObjectFormat, ObjectId};

/// A repository whose objects are read. What it has to write (a merge's tree) goes to a temporary folder.
#[derive(Debug)]
pub struct Repository {
    pub(super) git: Git,
    /// Where names of revisions are looked up, when that is another repository.
    pub(super) names: Option<Git>,
    format: ObjectFormat,
    batch: Mutex<Option<Batch>>,
    pub(super) looked_up: LookedUp,
    /// Holds what is written; gone with the repository.
    _overlay: Option<tempfile::TempDir>,
}

impl Repository {
    /// Opens a repository for reading: a work tree's folder or a bare repository. Folders above are not searched.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], or git's own failure.
    pub fn open(folder: &Path) -> Result<Self, GitError> {
        let git_dir = git_dir(folder)?;
        let objects = objects_of(&git_dir)?;
        Self::overlaid(git_dir, &[objects])
    }

    /// Opens the repository that a `pre-receive` hook runs in, where the objects that were pushed lie apart until the
    /// hook agrees. `variable` gives the environment that git handed to the hook.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_in_hook(folder: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Self, GitError> {
        let git_dir = git_dir(folder)?;
        let mut stores = vec![objects_of(&git_dir)?];
        stores.extend(variable("GIT_OBJECT_DIRECTORY").map(|store| git_dir.join(store)));
        let others = variable("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
        stores.extend(std::env::split_paths(&others).filter(|store| !store.as_os_str().is_empty()).map(|store| git_dir.join(store)));
        Self::overlaid(git_dir, &stores)
    }

    /// Objects are read through a repository of our own that borrows them: the judged one's configuration, attributes, grafts and
    /// promisors are somebody else's, and have no say. Only names of revisions are looked up in the judged one.
    fn overlaid(git_dir: PathBuf, stores: &[PathBuf]) -> Result<Self, GitError> {
        let overlay = tempfile::tempdir().map_err(GitError::Temporary)?;
        let names = Git::of(git_dir.clone()).with("GIT_ALLOW_PROTOCOL", "none").with("GIT_NO_LAZY_FETCH", "1");
        let format = names.text(&["rev-parse", "--show-object-format"])?;
        let own = overlay.path().join("own.git");
        bare(&own, &format).map_err(GitError::Temporary)?;
        let joined = std::env::join_paths(stores).map_err(|_| GitError::NotARepository(git_dir))?;
        let git = Git::of(own).with("GIT_ALTERNATE_OBJECT_DIRECTORIES", &joined).with("GIT_ALLOW_PROTOCOL", "none");
        let names = names.with("GIT_ALTERNATE_OBJECT_DIRECTORIES", &joined);
        Ok(Self { names: Some(names), ..Self::with(git, Some(overlay))? })
    }

    pub(super) fn with(git: Git, overlay: Option<tempfile::TempDir>) -> Result<Self, GitError> {
        let format = match git.text(&["rev-parse", "--show-object-format"])?.as_str() {
            "sha256" => ObjectFormat::Sha256,
            _ => ObjectFormat::Sha1,
        };
        Ok(Self { git, names: None, format, batch: Mutex::new(None), looked_up: LookedUp::default(), _overlay: overlay })
    }

    /// How it names its objects.
    #[must_use]
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The tree of a commit.
    ///
    /// # Errors
    /// When the commit is missing.
    pub fn tree_of(&self, commit: &ObjectId) -> Result<ObjectId, GitError> {
        let bytes = self.object(commit, "commit")?;
        let id = bytes.strip_prefix(b"tree ").and_then(|rest| rest.split(|byte| *byte == b'\n').next());
        id.and_then(|id| ObjectId::parse(&String::from_utf8_lossy(id))).ok_or_else(|| odd(commit, "no tree in this commit"))
    }

    /// The commits that a commit is built on, in their order.
    ///
    /// # Errors
    /// When the commit is missing.
    pub fn parents_of(&self, commit: &ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let text = String::from_utf8_lossy(&self.object(commit, "commit")?).into_owned();
        let headers = text.lines().take_while(|line| !line.is_empty());
        Ok(headers.filter_map(|line| ObjectId::parse(line.strip_prefix("parent ")?)).collect())
    }

    /// The message of a commit.
    ///
    /// # Errors
    /// When the commit is missing.
    pub fn message_of(&self, commit: &ObjectId) -> Result<String, GitError> {
        let text = String::from_utf8_lossy(&self.object(commit, "commit")?).into_owned();
        Ok(text.split_once("\n\n").map(|(_, message)| message.to_owned()).unwrap_or_default())
    }

    /// The content of a file.
    ///
    /// # Errors
    /// When the object is missing, or is no file.
    pub fn blob(&self, id: &ObjectId) -> Result<Vec<u8>, GitError> {
        self.object(id, "blob")
    }

    /// The sizes of objects in bytes, in their order, without reading them.
    ///
    /// # Errors
    /// When one is missing.
    pub fn sizes<'a>(&self, ids: impl IntoIterator<Item = &'a ObjectId>) -> Result<Vec<u64>, GitError> {
        let size = |id| self.asked(|batch| batch.size(id))?.ok_or_else(|| odd(id, "it is missing"));
        ids.into_iter().map(size).collect()
    }

    pub(super) fn object(&self, id: &ObjectId, kind: &str) -> Result<Vec<u8>, GitError> {
        let object = self.read(id)?.ok_or_else(|| odd(id, "it is missing"))?;
        if object.kind == kind { Ok(object.bytes) } else { Err(odd(id, &format!("a {} stands where a {kind} should", object.kind))) }
    }

    fn read(&self, id: &ObjectId) -> Result<Option<Object>, GitError> {
        self.asked(|batch| batch.read(id))
    }

    fn asked<T>(&self, ask: impl FnOnce(&mut Batch) -> Result<T, GitError>) -> Result<T, GitError> {
        let mut batch = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        let running = match batch.take() {
            Some(running) => running,
            None => Batch::start(&self.git)?,
        };
        // A process that failed is not put back, so the next question starts a new one.
        let running = batch.insert(running);
        let result = ask(running);
        if result.is_err() {
            *batch = None;
        }
        result
    }
}

/// An empty bare repository, without asking git for it.
fn bare(folder: &Path, format: &str) -> std::io::Result<()> {
    fs_err::create_dir_all(folder.join("objects"))?;
    fs_err::create_dir_all(folder.join("refs"))?;
    fs_err::write(folder.join("HEAD"), "ref: refs/heads/none\n")?;
    let version = if format == "sha1" {
        "\trepositoryFormatVersion = 0\n\tbare = true\n".to_owned()
    } else {
        format!("\trepositoryFormatVersion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = {format}\n")
    };
    fs_err::write(folder.join("config"), format!("[core]\n{version}"))
}

/// The folder that holds a repository's refs and objects.
pub(super) fn git_dir(folder: &Path) -> Result<PathBuf, GitError> {
    let not = || GitError::NotARepository(folder.to_owned());
    let folder = fs_err::canonicalize(folder).map_err(|_| not())?;
    // Without a ceiling, a folder inside some other repository would stand for that one.
    let ceiling = folder.parent().unwrap_or(&folder).to_owned();
    let git = Git::outside().with("GIT_CEILING_DIRECTORIES", ceiling);
    let mut command = git.command();
    let output = command.arg("-C").arg(&folder).args(["rev-parse", "--absolute-git-dir"]).output().map_err(GitError::Start)?;
    if output.status.success() {
        return Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n')));
    }
    let found = super::command::message(&output);
    Err(if found.contains("dubious ownership") { GitError::Failed { command: "rev-parse".to_owned(), message: found } } else { not() })
}

/// The folder of a repository's objects: a linked work tree's are those of its main one.
pub(super) fn objects_of(git_dir: &Path) -> Result<PathBuf, GitError> {
    let path = Git::of(git_dir.to_owned()).text(&["rev-parse", "--path-format=absolute", "--git-path", "objects"])?;
    Ok(PathBuf::from(path))
}

pub(super) fn odd(id: &ObjectId, reason: &str) -> GitError {
    GitError::Object { id: id.to_string(), reason: reason.to_owned() }
}
