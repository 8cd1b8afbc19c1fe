//! What a compile makes: files with a path in the central repository and an owner.
//!
//! An [`Artifacts`] refuses two writers of one path, also when the paths differ by case only, because a
//! case-insensitive file system takes them for one.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::name::{RepoPath, SourceName, TeamName, WorkflowName};

/// Who a file in the central repository belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owner {
    /// The team.
    pub team: TeamName,
    /// The team's source that the file was compiled from.
    pub source: SourceName,
}

/// One compiled file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where it goes, from the root of the central repository.
    pub path: RepoPath,
    /// The whole content.
    pub bytes: Vec<u8>,
    /// Whose it is.
    pub owner: Owner,
    /// The workflow that it was compiled from.
    pub workflow: WorkflowName,
}

/// Compiled files, by path.
#[derive(Debug, Clone, Default)]
pub struct Artifacts {
    by_folded_path: BTreeMap<String, Artifact>,
}

impl Artifacts {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one in.
    ///
    /// # Errors
    /// Gives it back when there is one of that path already; [`of_path`](Self::of_path) tells which.
    pub fn insert(&mut self, artifact: Artifact) -> Result<(), Artifact> {
        match self.by_folded_path.entry(artifact.path.folded()) {
            Entry::Occupied(_) => Err(artifact),
            Entry::Vacant(place) => {
                place.insert(artifact);
                Ok(())
            }
        }
    }

    /// The one that holds `path`, letters' case aside.
    #[must_use]
    pub fn of_path(&self, path: &RepoPath) -> Option<&Artifact> {
        self.by_folded_path.get(&path.folded())
    }

    /// All of them, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = &Artifact> {
        self.by_folded_path.values()
    }

    /// Paths and contents.
    #[must_use]
    pub fn into_files(self) -> BTreeMap<String, Vec<u8>> {
        self.by_folded_path.into_values().map(|artifact| (artifact.path.to_string(), artifact.bytes)).collect()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_folded_path.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_folded_path.is_empty()
    }
}
