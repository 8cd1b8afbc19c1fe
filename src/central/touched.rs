//! What differs between two trees of the central repository, as workflows of sources: what a report on a change is made from.
//!
//! Costs what the change costs and what the touched sources list. It judges nothing: locks say which files belong to which workflow, and
//! what a lock leaves out is among the other files.

use std::collections::{BTreeMap, BTreeSet};

use super::compiler::SourceFiles;
use super::layout::{self, Role};
use super::lock::{Lock, LockedWorkflow, Tombstone};
use super::team::TeamState;
use crate::io::git::{Entry, GitError, Mode, ObjectId, Repository};
use crate::name::{SourceAddress, SourceName, TeamName, WorkflowAddress, WorkflowName};

/// How many paths may differ for a report: some twenty times what a team may change at once.
const MOST: usize = 1_000_000;

/// Bytes of a lock, of a file, and of all files that are read of a source: what is larger is refused elsewhere, and not read here.
const LARGEST: u64 = 16 * 1024 * 1024;
const ALTOGETHER: u64 = 256 * 1024 * 1024;

/// What a change touches.
#[derive(Debug, Default)]
pub struct Touched {
    /// Sources that differ, by address.
    pub sources: Vec<TouchedSource>,
    /// Files that differ and belong to no workflow of these, without locks and what says one thing of a workflow; the weightiest first.
    pub others: Vec<(Role, TouchedFile)>,
}

/// A source that differs.
#[derive(Debug)]
pub struct TouchedSource {
    /// Whose, and which.
    pub address: SourceAddress,
    /// `platform.yaml` and the team's grant, as they are before the change.
    pub policy: (Vec<u8>, Vec<u8>),
    /// Its files before: those of touched workflows, and those that may be part of any. None when they are too large to be read.
    pub before: SourceFiles,
    /// Likewise after.
    pub after: SourceFiles,
    /// The workflows that differ.
    pub workflows: BTreeMap<WorkflowName, TouchedWorkflow>,
}

/// A workflow that differs, or a file of it.
#[derive(Debug)]
pub struct TouchedWorkflow {
    /// The file that it is written in before, within the source; none for a new one.
    pub file_before: Option<String>,
    /// Likewise after.
    pub file_after: Option<String>,
    /// Compiled files that differ.
    pub manifests: Vec<TouchedFile>,
    /// For one that goes: the workflow that it lives on as.
    pub successor: Option<WorkflowAddress>,
    /// Workflows that wait for it, or for what it produces.
    pub waiting: Vec<WorkflowAddress>,
}

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TouchedFile {
    /// From the root.
    pub path: String,
    /// Its content before.
    pub before: Option<ObjectId>,
    /// Its content after.
    pub after: Option<ObjectId>,
    /// Whether it is a regular file wherever it is there, and not a link or another repository's commit.
    pub is_regular: bool,
}

impl TouchedFile {
    fn of(path: &str, (before, after): &(Option<Entry>, Option<Entry>)) -> Self {
        let id = |entry: &Option<Entry>| entry.as_ref().map(|entry| entry.id.clone());
        let is_regular = [before, after].into_iter().flatten().all(|entry| matches!(entry.mode, Mode::File | Mode::Executable));
        Self { path: path.to_owned(), before: id(before), after: id(after), is_regular }
    }

    /// What it holds before and after; `None` on a side where it is not there. `None` altogether when it is larger than `most` bytes on either, or no
    /// regular file.
    ///
    /// # Errors
    /// When an object is missing.
    pub fn contents(&self, repository: &Repository, most: u64) -> Result<Option<[Option<Vec<u8>>; 2]>, GitError> {
        if !self.is_regular {
            return Ok(None);
        }
        let side = |id: &Option<ObjectId>| id.as_ref().map(|id| read(repository, id, most)).transpose();
        Ok(match (side(&self.before)?, side(&self.after)?) {
            (Some(None), _) | (_, Some(None)) => None,
            (before, after) => Some([before.flatten(), after.flatten()]),
        })
    }
}

/// Fetches objects that are about to be read, in one go.
pub type Prefetch<'a> = dyn Fn(&[&ObjectId]) -> Result<(), GitError> + 'a;

/// What differs between two trees; `None` when that is too much to report on.
///
/// # Errors
/// When an object is missing or malformed.
pub fn touched(
    repository: &Repository,
    (before, after): (&ObjectId, &ObjectId),
    prefetch: &Prefetch<'_>,
) -> Result<Option<Touched>, GitError> {
    let Some(changes) = repository.diff(Some(before), after, MOST)? else { return Ok(None) };
    let changes: Changes = changes.into_iter().map(|change| (change.shown(), (change.before, change.after))).collect();
    let finding = Finding { repository, before, after, prefetch, changes: &changes };
    let addresses: BTreeSet<SourceAddress> = changes.keys().filter_map(|path| source_of(path)).collect();
    let mut found = Touched::default();
    let mut explained = BTreeSet::new();
    for address in addresses {
        found.sources.push(finding.source(address, &mut explained)?);
    }
    let is_told = |path: &&String| explained.contains(*path) || layout::is_index(path) || path.ends_with(&format!("/{}", layout::LOCK));
    let others = changes.iter().filter(|(path, _)| !is_told(path));
    found.others = others.map(|(path, change)| (Role::of(path), TouchedFile::of(path, change))).collect();
    found.others.sort();
    Ok(Some(found))
}

/// Paths that differ, with what is there before and after.
type Changes = BTreeMap<String, (Option<Entry>, Option<Entry>)>;

/// The source that a path lies in.
fn source_of(path: &str) -> Option<SourceAddress> {
    let mut parts = path.strip_prefix("sources/")?.splitn(3, '/');
    let (team, source, _) = (parts.next()?, parts.next()?, parts.next()?);
    Some(SourceAddress { team: TeamName::parse(team).ok()?, source: SourceName::parse(source).ok()? })
}

struct Finding<'a> {
    repository: &'a Repository,
    before: &'a ObjectId,
    after: &'a ObjectId,
    prefetch: &'a Prefetch<'a>,
    changes: &'a Changes,
}

/// A source in one of the two trees.
struct Side {
    entries: BTreeMap<String, Entry>,
    lock: Option<Lock>,
}

impl Finding<'_> {
    /// One source; paths that belong to its workflows are put into `explained`.
    fn source(&self, address: SourceAddress, explained: &mut BTreeSet<String>) -> Result<TouchedSource, GitError> {
        let SourceAddress { team, source } = &address;
        let (before, after) = (self.side(self.before, &address)?, self.side(self.after, &address)?);
        let waited = self.repository.entry(self.before, &format!("references/{team}"))?.filter(|entry| entry.mode == Mode::Folder);
        let waited = waited.map(|entry| self.repository.entries(&entry.id)).transpose()?.unwrap_or_default();
        let folder = layout::source(team, source);
        let mut workflows = BTreeMap::new();
        for name in before.names().chain(after.names()).collect::<BTreeSet<_>>() {
            let (old, new) = (before.workflow(name), after.workflow(name));
            let paths = paths(&folder, [old, new]);
            let differing: Vec<&String> = paths.iter().filter(|path| self.changes.contains_key(*path)).collect();
            let Some(parsed) = WorkflowName::parse(name).ok().filter(|_| old != new || !differing.is_empty()) else { continue };
            let waiting = match waited.get(name.as_bytes()) {
                Some(entry) if entry.mode == Mode::Folder => waiting(self.repository.below(&entry.id, "")?.keys()),
                Some(_) | None => Vec::new(),
            };
            let workflow = TouchedWorkflow {
                file_before: old.map(|workflow| workflow.file.clone()),
                file_after: new.map(|workflow| workflow.file.clone()),
                manifests: differing.iter().filter_map(|path| self.manifest(path)).collect(),
                successor: after.buried(name).and_then(|buried| WorkflowAddress::parse(buried.successor.as_ref()?).ok()),
                waiting,
            };
            explained.extend(differing.into_iter().cloned());
            workflows.insert(parsed, workflow);
        }
        let wanted: BTreeSet<&String> = workflows
            .keys()
            .flat_map(|name| [before.workflow(name.as_str()), after.workflow(name.as_str())])
            .flatten()
            .flat_map(own)
            .collect();
        let policy = TeamState::policy(self.repository, self.before, team)?;
        let files = |side: &Side| self.files(side, &wanted);
        Ok(TouchedSource { policy, before: files(&before)?, after: files(&after)?, workflows, address })
    }

    fn side(&self, tree: &ObjectId, SourceAddress { team, source }: &SourceAddress) -> Result<Side, GitError> {
        let mut entries = self.repository.below(tree, &layout::source(team, source))?;
        let lock = entries.remove(layout::LOCK).filter(|entry| entry.mode == Mode::File);
        let lock = lock.map(|entry| read(self.repository, &entry.id, LARGEST)).transpose()?.flatten();
        let lock = lock.and_then(|bytes| Lock::parse(&bytes).ok());
        Ok(Side { entries, lock })
    }

    fn manifest(&self, path: &str) -> Option<TouchedFile> {
        self.changes.get(path).filter(|_| path.starts_with("dags/")).map(|change| TouchedFile::of(path, change))
    }

    /// The files of some workflows, with what may be part of any workflow: the project file and the blueprints.
    fn files(&self, side: &Side, wanted: &BTreeSet<&String>) -> Result<SourceFiles, GitError> {
        let is_shared = |path: &str| path == layout::PROJECT || path.starts_with("blueprints/");
        let regular = side.entries.iter().filter(|(path, entry)| entry.mode == Mode::File && (is_shared(path) || wanted.contains(path)));
        let regular: Vec<(&String, &Entry)> = regular.collect();
        (self.prefetch)(&regular.iter().map(|(_, entry)| &entry.id).collect::<Vec<_>>())?;
        // A few objects can stand under any number of names.
        let sizes = self.repository.sizes(regular.iter().map(|(_, entry)| &entry.id))?;
        if sizes.iter().any(|size| *size > LARGEST) || sizes.into_iter().fold(0, u64::saturating_add) > ALTOGETHER {
            return Ok(SourceFiles::new());
        }
        regular.into_iter().map(|(path, entry)| Ok((path.clone(), self.repository.blob(&entry.id)?))).collect()
    }
}

impl Side {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.lock.iter().flat_map(|lock| lock.workflows.keys())
    }

    fn workflow(&self, name: &str) -> Option<&LockedWorkflow> {
        self.lock.as_ref()?.workflows.get(name)
    }

    fn buried(&self, name: &str) -> Option<&Tombstone> {
        self.lock.as_ref()?.tombstones.get(name)
    }
}

/// The content of a file; `None` when it is larger than `most`.
fn read(repository: &Repository, id: &ObjectId, most: u64) -> Result<Option<Vec<u8>>, GitError> {
    let is_small = repository.sizes([id])?.into_iter().all(|size| size <= most);
    if is_small { repository.blob(id).map(Some) } else { Ok(None) }
}

/// The files that a workflow is written in, within the source.
fn own(workflow: &LockedWorkflow) -> impl Iterator<Item = &String> {
    std::iter::once(&workflow.file).chain(&workflow.data)
}

/// Every path that belongs to a workflow, before or after.
fn paths(folder: &str, versions: [Option<&LockedWorkflow>; 2]) -> BTreeSet<String> {
    let of = |workflow: &LockedWorkflow| {
        let written = own(workflow).map(|file| format!("{folder}/{file}"));
        written.chain(workflow.compiled.iter().cloned()).collect::<Vec<_>>()
    };
    versions.into_iter().flatten().flat_map(of).collect()
}

/// Who waits, by the files `<team>/<workflow>.yaml` in a workflow's folder of references.
fn waiting<'a>(files: impl Iterator<Item = &'a String>) -> Vec<WorkflowAddress> {
    files.filter_map(|file| WorkflowAddress::parse(file.strip_suffix(".yaml")?).ok()).collect()
}
