//! A repository whose objects are read.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::batch::{Batch, Object};
use super::command::{Git, GitError, failure};
use super::diff::DEEPEST;
use super::object::{Entry, Mode, ObjectFormat, ObjectId};

/// A repository whose objects are read. What it has to write (a merge's tree) goes to a temporary folder.
#[derive(Debug)]
pub struct Repository {
    pub(super) git: Git,
    /// Where names of revisions are looked up, when that is another repository.
    names: Option<Git>,
    format: ObjectFormat,
    batch: Mutex<Option<Batch>>,
    /// The trees in which paths were looked up last, the latest at the end: many paths of one change lie in one folder.
    looked_up: Mutex<VecDeque<(ObjectId, Arc<Tree>)>>,
    /// Holds what is written; gone with the repository.
    _overlay: Option<tempfile::TempDir>,
}

/// A tree's entries by name.
type Tree = BTreeMap<Vec<u8>, Entry>;

/// Trees that are kept once a path was looked up in them.
const KEPT: usize = 16;

/// The most entries of one that is kept.
const MOST_KEPT: usize = 100_000;

/// Files and folders below one folder that are looked at: some ten times what the largest team has.
const MOST_BELOW: usize = 500_000;

/// How a change arrives on a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// As a merge of the head into the base: a pull request.
    Merge,
    /// As the head itself: a push.
    Push,
}

/// What merging gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merge {
    /// The tree of the merge.
    Tree(ObjectId),
    /// Paths that both sides changed in different ways.
    Conflict(Vec<String>),
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
        Ok(Self { git, names: None, format, batch: Mutex::new(None), looked_up: Mutex::default(), _overlay: overlay })
    }

    /// How it names its objects.
    #[must_use]
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The commit that a revision names: an id, `HEAD`, a full `refs/…`, a branch, or a remote's branch, each with `~` and `^` behind it.
    ///
    /// A short name is never a tag: Git would prefer the tag, and whoever may push a tag could stand in for the protected branch. A whole id
    /// is never a name: whoever may push a branch could call it like the id that a policy is read from.
    ///
    /// # Errors
    /// [`GitError::NoCommit`] when there is none, [`GitError::TwoMeanings`] when a tag has the branch's name, a branch that of an id, or a
    /// branch of one's own that of a remote's.
    pub fn commit(&self, revision: &str) -> Result<ObjectId, GitError> {
        let missing = || GitError::NoCommit(revision.to_owned());
        let (name, rest) = revision.split_at(revision.find(['~', '^', '@']).unwrap_or(revision.len()));
        let is_id = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_whole_id = is_id && name.len() == 2 * self.format.id_length();
        let full: Vec<String> = if name == "HEAD" || name.starts_with("refs/") || is_whole_id {
            vec![name.to_owned()]
        } else {
            if self.look_up(&format!("refs/tags/{name}"))?.is_some() {
                return Err(GitError::TwoMeanings(name.to_owned()));
            }
            let id = is_id.then(|| name.to_owned());
            let (branch, remote) = self.names_of(name)?;
            // A branch of one's own can be called like what a remote's is called here.
            if (branch && remote) || (is_id && (branch || remote)) {
                return Err(GitError::TwoMeanings(name.to_owned()));
            }
            [format!("refs/heads/{name}"), format!("refs/remotes/{name}")].into_iter().chain(id).collect()
        };
        for name in full {
            if let Some(found) = self.look_up(&format!("{name}{rest}^{{commit}}"))? {
                return ObjectId::parse(&found).ok_or_else(missing);
            }
        }
        Err(missing())
    }

    /// Whether a branch has a name, and whether a remote's branch has it.
    fn names_of(&self, name: &str) -> Result<(bool, bool), GitError> {
        Ok((self.look_up(&format!("refs/heads/{name}"))?.is_some(), self.look_up(&format!("refs/remotes/{name}"))?.is_some()))
    }

    fn look_up(&self, revision: &str) -> Result<Option<String>, GitError> {
        self.names.as_ref().unwrap_or(&self.git).answer(&["rev-parse", "--verify", "--quiet", "--end-of-options", revision])
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

    /// The entries of a tree by name.
    ///
    /// # Errors
    /// When the object is missing, is no tree, or is one that Git would not have written: out of order, or with a
    /// name twice, which different tools read in different ways.
    pub fn entries(&self, tree: &ObjectId) -> Result<Tree, GitError> {
        parse_tree(tree, &self.object(tree, "tree")?, self.format)
    }

    /// The entry of a path below a tree; `None` when there is none.
    ///
    /// # Errors
    /// When a tree on the way is missing.
    pub fn entry(&self, tree: &ObjectId, path: &str) -> Result<Option<Entry>, GitError> {
        let mut at = Entry { mode: Mode::Folder, id: tree.clone() };
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if at.mode != Mode::Folder {
                return Ok(None);
            }
            match self.looked_up(&at.id)?.get(part.as_bytes()) {
                Some(entry) => at = entry.clone(),
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// The entries of a tree, which the next look-up finds again. An object's id says what it holds, so none can be stale.
    fn looked_up(&self, tree: &ObjectId) -> Result<Arc<Tree>, GitError> {
        let trees = || self.looked_up.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = trees();
        if let Some(found) = kept.iter().position(|(id, _)| id == tree).and_then(|at| kept.remove(at)) {
            let entries = Arc::clone(&found.1);
            kept.push_back(found);
            return Ok(entries);
        }
        drop(kept);
        let entries = Arc::new(self.entries(tree)?);
        if entries.len() <= MOST_KEPT {
            let mut kept = trees();
            kept.push_back((tree.clone(), Arc::clone(&entries)));
            let surplus = kept.len().saturating_sub(KEPT);
            kept.drain(..surplus);
        }
        Ok(entries)
    }

    /// The entries of many paths below a tree, for those that there are. Each folder is read once.
    ///
    /// # Errors
    /// When a tree on the way is missing.
    pub fn entries_at<'p>(&self, tree: &ObjectId, paths: impl IntoIterator<Item = &'p str>) -> Result<BTreeMap<&'p str, Entry>, GitError> {
        let mut folders: BTreeMap<&str, Vec<(&str, &'p str)>> = BTreeMap::new();
        for path in paths {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            folders.entry(folder).or_default().push((name, path));
        }
        let mut found = BTreeMap::new();
        for (folder, wanted) in folders {
            let Some(folder) = self.entry(tree, folder)?.filter(|entry| entry.mode == Mode::Folder) else { continue };
            let mut entries = self.entries(&folder.id)?;
            found.extend(wanted.into_iter().filter_map(|(name, path)| Some((path, entries.remove(name.as_bytes())?))));
        }
        Ok(found)
    }

    /// All that is not a folder below `folder`, at any depth, by its path from there. Names that are not UTF-8 are
    /// shown with replacement characters.
    ///
    /// # Errors
    /// When a tree is missing, or when there is more than any team has: a few small trees can name any number of paths.
    pub fn below(&self, tree: &ObjectId, folder: &str) -> Result<BTreeMap<String, Entry>, GitError> {
        let mut found = BTreeMap::new();
        if let Some(entry) = self.entry(tree, folder)?.filter(|entry| entry.mode == Mode::Folder) {
            self.collect(&entry.id, "", &mut 0, &mut found)?;
        }
        Ok(found)
    }

    fn collect(&self, tree: &ObjectId, prefix: &str, read: &mut usize, found: &mut BTreeMap<String, Entry>) -> Result<(), GitError> {
        for (name, entry) in self.entries(tree)? {
            let path = format!("{prefix}{}", String::from_utf8_lossy(&name));
            // Folders count, because they need not hold any file.
            *read += 1;
            if *read > MOST_BELOW {
                return Err(odd(tree, &format!("more than {MOST_BELOW} files and folders are below it")));
            }
            if entry.mode == Mode::Folder {
                if prefix.matches('/').count() >= DEEPEST {
                    return Err(odd(tree, &format!("it is nested more than {DEEPEST} folders deep")));
                }
                self.collect(&entry.id, &format!("{path}/"), read, found)?;
            } else {
                found.insert(path, entry);
            }
        }
        Ok(())
    }

    /// Whether a ref, by its full name, is there.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn has_reference(&self, reference: &str) -> Result<bool, GitError> {
        Ok(self.look_up(reference)?.is_some())
    }

    /// Refs that are other names of a ref, with the ref that they stand for in the end. What is pushed to such a name moves that one.
    ///
    /// # Errors
    /// When git fails.
    pub fn aliases(&self) -> Result<BTreeMap<String, String>, GitError> {
        let format = "--format=%(if)%(symref)%(then)%(refname) %(symref)%(end)";
        let listed = self.names.as_ref().unwrap_or(&self.git).text(&["for-each-ref", format])?;
        Ok(listed.lines().filter_map(|line| line.split_once(' ')).map(|(name, target)| (name.to_owned(), target.to_owned())).collect())
    }

    /// The ref that a name stands for, when it is another name of one that need not be there yet; `None` for a ref of its own.
    ///
    /// # Errors
    /// When git cannot be run.
    pub fn stands_for(&self, reference: &str) -> Result<Option<String>, GitError> {
        self.names.as_ref().unwrap_or(&self.git).answer(&["symbolic-ref", "--quiet", reference])
    }

    /// The commits from which two histories went apart: the newest that are in both.
    ///
    /// # Errors
    /// When either is missing.
    pub fn merge_bases(&self, ours: &ObjectId, theirs: &ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let listed = self.git.answer(&["merge-base", "--all", ours.as_str(), theirs.as_str()])?.unwrap_or_default();
        Ok(listed.lines().filter_map(ObjectId::parse).collect())
    }

    /// Whether `older` is `newer` or one of the commits that it was built on.
    ///
    /// # Errors
    /// When either is missing.
    pub fn is_ancestor(&self, older: &ObjectId, newer: &ObjectId) -> Result<bool, GitError> {
        let arguments = ["merge-base", "--is-ancestor", older.as_str(), newer.as_str()];
        let output = self.git.run(&arguments, None)?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failure(&arguments, &output)),
        }
    }

    /// The tree that merging `head` into `base` makes, without touching any branch or work tree.
    ///
    /// # Errors
    /// When git cannot merge at all, as without a common ancestor.
    pub fn merge(&self, base: &ObjectId, head: &ObjectId) -> Result<Merge, GitError> {
        // Rename detection would carry a change of one team's file over to another's folder.
        let arguments =
            ["-c", "merge.renames=false", "merge-tree", "--write-tree", "--no-messages", "--name-only", "-z", base.as_str(), head.as_str()];
        let output = self.git.run(&arguments, None)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut parts = text.split('\0').filter(|part| !part.is_empty());
        let tree = parts.next().and_then(|part| ObjectId::parse(part.trim_end()));
        match (output.status.code(), tree) {
            (Some(0), Some(tree)) => Ok(Merge::Tree(tree)),
            (Some(1), Some(_)) => Ok(Merge::Conflict(parts.map(str::to_owned).collect())),
            _ => Err(failure(&arguments[2..], &output)),
        }
    }

    /// The sizes of objects in bytes, in their order, without reading them.
    ///
    /// # Errors
    /// When one is missing.
    pub fn sizes<'a>(&self, ids: impl IntoIterator<Item = &'a ObjectId>) -> Result<Vec<u64>, GitError> {
        let size = |id| self.asked(|batch| batch.size(id))?.ok_or_else(|| odd(id, "it is missing"));
        ids.into_iter().map(size).collect()
    }

    fn object(&self, id: &ObjectId, kind: &str) -> Result<Vec<u8>, GitError> {
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

fn parse_tree(id: &ObjectId, bytes: &[u8], format: ObjectFormat) -> Result<BTreeMap<Vec<u8>, Entry>, GitError> {
    let mut entries = BTreeMap::new();
    let mut last: Option<Vec<u8>> = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        let (entry, name, after) = split_entry(rest, format).ok_or_else(|| odd(id, "this tree is cut off"))?;
        // Git sorts a folder as if its name ended in `/`.
        let mut key = name.to_vec();
        if entry.mode == Mode::Folder {
            key.push(b'/');
        }
        let sound = !name.is_empty() && !name.contains(&b'/') && last.as_ref().is_none_or(|last| *last < key);
        if !sound || entries.insert(name.to_vec(), entry).is_some() {
            return Err(odd(id, &format!("this tree has `{}` twice, out of order, or misnamed", String::from_utf8_lossy(name))));
        }
        last = Some(key);
        rest = after;
    }
    Ok(entries)
}

fn split_entry(bytes: &[u8], format: ObjectFormat) -> Option<(Entry, &[u8], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let nul = space + bytes[space..].iter().position(|byte| *byte == 0)?;
    let end = nul + 1 + format.id_length();
    let id = ObjectId::from_bytes(bytes.get(nul + 1..end)?);
    Some((Entry { mode: Mode::parse(&bytes[..space]), id }, &bytes[space + 1..nul], &bytes[end..]))
}

fn odd(id: &ObjectId, reason: &str) -> GitError {
    GitError::Object { id: id.to_string(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> Vec<u8> {
        names.iter().flat_map(|name| [b"100644 ", name.as_bytes(), b"\0", &[7; 20]].concat()).collect()
    }

    #[test]
    fn a_tree_with_a_name_twice_or_out_of_order_is_refused() {
        let id = ObjectFormat::Sha1.blob_id(b"");
        assert!(parse_tree(&id, &tree(&["a", "b"]), ObjectFormat::Sha1).is_ok());
        for names in [["a", "a"], ["b", "a"], ["a/b", "c"], ["", "c"]] {
            assert!(parse_tree(&id, &tree(&names), ObjectFormat::Sha1).is_err(), "{names:?}");
        }
        assert!(parse_tree(&id, &tree(&["a"])[..20], ObjectFormat::Sha1).is_err(), "cut off");
    }
}
