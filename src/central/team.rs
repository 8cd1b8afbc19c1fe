//! What the central repository holds of one team at one commit, as publishing reads it.

use std::collections::BTreeMap;

use super::compiler::{SourceFiles, Standing};
use super::layout;
use super::lock::{Lock, LockError};
use super::standing::standing;
use crate::io::git::{Entry, GitError, Mode, ObjectId, Repository};
use crate::name::{SourceName, TeamName};

/// Bytes of a lock that is read.
const LARGEST_LOCK: u64 = 16 * 1024 * 1024;
/// Bytes of a source's files together.
const ALTOGETHER: u64 = 256 * 1024 * 1024;

/// One team in the tree of one commit.
#[derive(Debug)]
pub(crate) struct TeamState {
    /// The platform's policy; `None` when there is none.
    pub(crate) platform: Option<Vec<u8>>,
    /// The team's grant; `None` when there is none.
    pub(crate) grant: Option<Vec<u8>>,
    /// Its published sources.
    pub(crate) sources: BTreeMap<SourceName, SourceState>,
    /// What lies in its folder of compiled files, by the path from the root.
    pub(crate) compiled: BTreeMap<String, Entry>,
}

/// One published source.
#[derive(Debug)]
pub(crate) struct SourceState {
    /// What lies in its folder, without the lock, by the path within it.
    pub(crate) entries: BTreeMap<String, Entry>,
    /// Its lock; `None` when there is none.
    pub(crate) lock: Option<Result<Lock, LockError>>,
}

impl TeamState {
    /// Reads what one team has. Costs what the team has, not what the repository holds.
    pub(crate) fn read(repository: &Repository, tree: &ObjectId, team: &TeamName) -> Result<Self, GitError> {
        let compiled = repository.below(tree, &layout::compiled(team))?;
        Ok(Self {
            platform: read_file(repository, tree, layout::PLATFORM)?,
            grant: read_file(repository, tree, &layout::grant(team))?,
            sources: read_sources(repository, tree, team)?,
            compiled: compiled.into_iter().map(|(path, entry)| (format!("{}/{path}", layout::compiled(team)), entry)).collect(),
        })
    }

    /// The platform's policy and a team's grant; empty where there is none.
    pub(crate) fn policy(repository: &Repository, tree: &ObjectId, team: &TeamName) -> Result<(Vec<u8>, Vec<u8>), GitError> {
        let read = |path: &str| read_file(repository, tree, path).map(Option::unwrap_or_default);
        Ok((read(layout::PLATFORM)?, read(&layout::grant(team))?))
    }

    /// One source's lock, when there is a sound one, without reading what else the team has.
    pub(crate) fn lock_of(
        repository: &Repository,
        tree: &ObjectId,
        (team, source): (&TeamName, &SourceName),
    ) -> Result<Option<Lock>, GitError> {
        let path = format!("{}/{source}/{}", layout::sources(team), layout::LOCK);
        let entry = repository.entry(tree, &path)?.filter(|entry| entry.mode == Mode::File);
        let lock = entry.map(|entry| read_lock(repository, &entry)).transpose()?;
        Ok(lock.and_then(Result::ok))
    }

    /// What is there at the paths by which others find a team's workflows. They lie in folders of what is waited for, or of DAG ids, so
    /// they are looked up one by one.
    pub(crate) fn indexed<'a>(
        repository: &Repository,
        tree: &ObjectId,
        team: &TeamName,
        paths: impl Iterator<Item = &'a String>,
    ) -> Result<BTreeMap<String, Entry>, GitError> {
        let mut found = BTreeMap::new();
        for path in paths.filter(|path| layout::is_own_index(path, team)) {
            found.extend(repository.entry(tree, path)?.map(|entry| (path.clone(), entry)));
        }
        Ok(found)
    }

    /// A source's lock, when there is a sound one.
    pub(crate) fn lock(&self, source: &SourceName) -> Option<&Lock> {
        self.sources.get(source)?.sound_lock()
    }

    /// The sound locks of all its sources.
    pub(crate) fn locks(&self) -> impl Iterator<Item = (&SourceName, &Lock)> {
        self.sources.iter().filter_map(|(name, source)| Some((name, source.sound_lock()?)))
    }

    /// The team's sources but these, as far as they lie there as their locks say.
    pub(crate) fn standing(&self, team: &TeamName, touched: &[&SourceName]) -> BTreeMap<SourceName, Standing> {
        let others = self.sources.iter().filter(|(name, _)| !touched.contains(name));
        others.filter_map(|(name, state)| Some((name.clone(), state.standing(team, name)?))).collect()
    }

    /// The content of a source's files.
    ///
    /// # Errors
    /// Also when they are larger together than any source may be.
    pub(crate) fn files(&self, repository: &Repository, source: &SourceName) -> Result<SourceFiles, GitError> {
        let Some(state) = self.sources.get(source) else { return Ok(SourceFiles::new()) };
        let regular = || state.entries.iter().filter(|(_, entry)| entry.mode == Mode::File);
        let total = repository.sizes(regular().map(|(_, entry)| &entry.id))?.into_iter().fold(0, u64::saturating_add);
        if total > ALTOGETHER {
            let reason = format!("the files of a source have {total} bytes, and {ALTOGETHER} are allowed");
            return Err(GitError::Object { id: source.to_string(), reason });
        }
        regular().map(|(path, entry)| Ok((path.clone(), repository.blob(&entry.id)?))).collect()
    }
}

impl SourceState {
    fn sound_lock(&self) -> Option<&Lock> {
        self.lock.as_ref()?.as_ref().ok()
    }

    fn standing(&self, team: &TeamName, source: &SourceName) -> Option<Standing> {
        let ids = self.entries.iter().map(|(path, entry)| (path.clone(), entry.id.to_string())).collect();
        let is_regular = self.entries.values().all(|entry| entry.mode == Mode::File);
        standing(self.sound_lock()?, &ids, (team, source)).filter(|_| is_regular)
    }
}

/// A regular file of a tree, `None` when there is none.
pub(crate) fn read_file(repository: &Repository, tree: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
    let entry = repository.entry(tree, path)?.filter(|entry| entry.mode == Mode::File);
    entry.map(|entry| repository.blob(&entry.id)).transpose()
}

fn read_sources(repository: &Repository, tree: &ObjectId, team: &TeamName) -> Result<BTreeMap<SourceName, SourceState>, GitError> {
    let mut by_source: BTreeMap<SourceName, BTreeMap<String, Entry>> = BTreeMap::new();
    for (path, entry) in repository.below(tree, &layout::sources(team))? {
        // What lies there without being in a source belongs to nobody and is no part of the team.
        let Some((source, rest)) = path.split_once('/') else { continue };
        let Ok(source) = SourceName::parse(source) else { continue };
        by_source.entry(source).or_default().insert(rest.to_owned(), entry);
    }
    let read = |(source, mut entries): (SourceName, BTreeMap<String, Entry>)| {
        let lock = entries.remove(layout::LOCK).map(|entry| read_lock(repository, &entry)).transpose()?;
        Ok((source, SourceState { entries, lock }))
    };
    by_source.into_iter().map(read).collect()
}

/// A lock, as far as it can be read.
pub(crate) fn read_lock(repository: &Repository, entry: &Entry) -> Result<Result<Lock, LockError>, GitError> {
    let is_huge = repository.sizes([&entry.id])?.into_iter().any(|size| size > LARGEST_LOCK);
    Ok(if is_huge { Err(LockError::Huge) } else { Lock::parse(&repository.blob(&entry.id)?) })
}
