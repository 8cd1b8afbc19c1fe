//! `freehold.lock`: what a source's last publish left in the central repository.
//!
//! It is data of one source and lies in its folder, so no two sources ever write one lock. It is no evidence of ownership:
//! paths are. There is exactly one way to write down a lock, and any other is refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::compiler::{Standing, StandingWorkflow, TeamOutput, WorkflowFile};
use crate::artifact::Artifact;
use crate::io::git::{ObjectFormat, ObjectId};
use crate::name::{SourceName, TeamName, WorkflowAddress, WorkflowName};

/// The version of the lock's own shape.
const VERSION: u32 = 1;

/// A source's lock. Fields are in the order in which they are written, which is that of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Compiled files, by their path from the root, and the ids of their content.
    pub compiled: BTreeMap<String, String>,
    /// Published files, by their path within the source, and the ids of their content.
    pub files: BTreeMap<String, String>,
    /// The compiler's format version.
    pub format: u32,
    /// Where it was published from; absent when people edit the central repository itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// The source.
    pub source: String,
    /// The team.
    pub team: String,
    /// Workflows that the source had, and where to find what they were.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tombstones: BTreeMap<String, Tombstone>,
    /// The version of this shape.
    pub version: u32,
    /// The workflows.
    pub workflows: BTreeMap<String, LockedWorkflow>,
}

/// Where a source was published from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The commit of the team's repository; absent for one without commits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The ref that was published.
    pub r#ref: String,
    /// The repository.
    pub repository: RepositoryId,
    /// Counts this source's publishes, from 1.
    pub serial: u64,
}

/// A repository by number and by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepositoryId {
    /// The number that the Git host gave it.
    pub id: u64,
    /// Its full name, for people.
    pub name: String,
}

/// A workflow in a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedWorkflow {
    /// Paths of its compiled files, sorted.
    pub compiled: Vec<String>,
    /// Data files that it names, within the source, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
    /// The file that it was written in, within the source.
    pub file: String,
    /// Whether it may not go.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub protect: bool,
    /// What it takes of its team's quotas, where the grant has any: it counts when it does not compile any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<LockedUsage>,
}

/// What a workflow takes of its team's quotas: numbers in decimal digits, which say exactly what they say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedUsage {
    /// Pods at once.
    pub pods: String,
    /// What those request, by resource; of the resources that the grant limited then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, String>,
    /// Tasks of a run.
    pub tasks: String,
}

/// What is left of a workflow that is gone. Git keeps what the ids name for as long as the branch keeps its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tombstone {
    /// Its files as they were last, by their path within the source, and the ids of their content.
    pub files: BTreeMap<String, String>,
    /// The workflow that it lives on as, when it was renamed or changed hands: `<team>/<workflow>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

/// Why bytes are no lock.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// No JSON, or not of this shape.
    #[error("{0}")]
    Json(String),
    /// A shape that this program does not know.
    #[error("it has version {0}, and this program knows {VERSION}")]
    Version(u32),
    /// More bytes than any lock has.
    #[error("it is too large to be one")]
    Huge,
    /// The right content, written down in another way.
    #[error("it was edited: its bytes are not what its content is written down as")]
    Edited,
    /// A name or an id that none is.
    #[error("`{0}` is no name, path or object id")]
    Value(String),
}

/// What a lock is made of.
pub(crate) struct LockInput<'a> {
    pub(crate) team: &'a TeamName,
    pub(crate) source: &'a SourceName,
    pub(crate) files: &'a BTreeMap<String, Vec<u8>>,
    pub(crate) output: &'a TeamOutput,
    pub(crate) format: u32,
    pub(crate) objects: ObjectFormat,
}

impl Lock {
    /// The lock that says what one source holds and compiles to; `published` and `tombstones` are still open.
    pub(crate) fn of(input: &LockInput<'_>) -> Self {
        let LockInput { team, source, files, output, format, objects } = input;
        let own = || output.artifacts.iter().filter(|artifact| artifact.owner.source == **source);
        let workflow = |found: &WorkflowFile| {
            let made = |artifact: &&Artifact| artifact.workflow == found.workflow;
            let compiled = own().filter(made).map(|artifact| artifact.path.to_string()).collect();
            let data = found.data.iter().cloned().collect();
            let (file, protect, usage) = (found.file.clone(), found.life.is_protected, found.usage.clone());
            (found.workflow.to_string(), LockedWorkflow { compiled, data, file, protect, usage })
        };
        Self {
            compiled: own().map(|artifact| (artifact.path.to_string(), objects.blob_id(&artifact.bytes).to_string())).collect(),
            files: files.iter().map(|(path, bytes)| (path.clone(), objects.blob_id(bytes).to_string())).collect(),
            format: *format,
            published: None,
            source: source.to_string(),
            team: team.to_string(),
            tombstones: BTreeMap::new(),
            version: VERSION,
            workflows: output.workflows.iter().filter(|found| found.source == **source).map(workflow).collect(),
        }
    }

    /// Reads a lock.
    ///
    /// # Errors
    /// [`LockError`] for all that [`to_bytes`](Self::to_bytes) would not have written.
    pub fn parse(bytes: &[u8]) -> Result<Self, LockError> {
        let lock: Self = serde_json::from_slice(bytes).map_err(|error| LockError::Json(error.to_string()))?;
        if lock.version != VERSION {
            return Err(LockError::Version(lock.version));
        }
        lock.check_values()?;
        if lock.to_bytes() == bytes { Ok(lock) } else { Err(LockError::Edited) }
    }

    /// The lock as bytes: JSON with sorted keys, two spaces, a newline at the end.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    fn check_values(&self) -> Result<(), LockError> {
        let wrong = |text: &str| Err(LockError::Value(text.to_owned()));
        if TeamName::parse(&self.team).is_err() {
            return wrong(&self.team);
        }
        if SourceName::parse(&self.source).is_err() {
            return wrong(&self.source);
        }
        if let Some(published) = &self.published {
            let is_odd = |text: &str| text.is_empty() || text.chars().any(char::is_control);
            if let Some(odd) = [&published.repository.name, &published.r#ref].into_iter().find(|text| is_odd(text)) {
                return wrong(odd);
            }
            if let Some(commit) = published.commit.as_deref().filter(|commit| is_odd(commit)) {
                return wrong(commit);
            }
        }
        let buried = self.tombstones.values().flat_map(|tombstone| &tombstone.files);
        for (path, id) in self.compiled.iter().chain(&self.files).chain(buried) {
            if crate::name::RepoPath::parse(path).is_err() || ObjectId::parse(id).is_none() {
                return wrong(path);
            }
        }
        let successors = self.tombstones.values().filter_map(|tombstone| tombstone.successor.as_ref());
        if let Some(odd) = successors.into_iter().find(|text| WorkflowAddress::parse(text).is_err()) {
            return wrong(odd);
        }
        match self.workflows.keys().chain(self.tombstones.keys()).find(|name| WorkflowName::parse(name).is_err()) {
            Some(name) => wrong(name),
            None => Ok(()),
        }
    }

    /// What is left of a workflow of this lock when it goes.
    pub(crate) fn bury(&self, workflow: &LockedWorkflow, successor: Option<String>) -> Tombstone {
        let own = std::iter::once(&workflow.file).chain(&workflow.data);
        let files = own.filter_map(|path| Some((path.clone(), self.files.get(path)?.clone())));
        Tombstone { files: files.collect(), successor }
    }

    /// What counts of a source that a change leaves as it is. None when the lock is another source's.
    pub(crate) fn standing(&self, team: &TeamName, source: &SourceName) -> Option<Standing> {
        let awaited = |path: &String| match path.split('/').collect::<Vec<_>>()[..] {
            ["references", awaited, workflow, _, _] if awaited == team.as_str() => WorkflowName::parse(workflow).ok(),
            _ => None,
        };
        let workflow = |(name, workflow): (&String, &LockedWorkflow)| {
            let awaits = workflow.compiled.iter().filter_map(awaited).collect();
            let (file, usage) = (workflow.file.clone(), workflow.usage.clone());
            Some((WorkflowName::parse(name).ok()?, StandingWorkflow { file, awaits, usage }))
        };
        let is_its_own = self.team == team.as_str() && self.source == source.as_str();
        is_its_own.then(|| Standing { workflows: self.workflows.iter().filter_map(workflow).collect() })
    }

    /// The workflow that a compiled file belongs to.
    #[must_use]
    pub fn workflow_of(&self, compiled: &str) -> Option<&str> {
        let found = self.workflows.iter().find(|(_, workflow)| workflow.compiled.iter().any(|path| path == compiled));
        found.map(|(name, _)| name.as_str())
    }

    /// The workflow that a published file was written as.
    #[must_use]
    pub fn workflow_in(&self, file: &str) -> Option<&str> {
        self.workflows.iter().find(|(_, workflow)| workflow.file == file).map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let id = ObjectFormat::Sha1.blob_id(b"x").to_string();
        Lock {
            compiled: [("dags/churn/daily.py".to_owned(), id.clone())].into(),
            files: [("freehold.yaml".to_owned(), id)].into(),
            format: 1,
            published: Some(Published {
                commit: None,
                r#ref: "refs/heads/main".to_owned(),
                repository: RepositoryId { id: 1001, name: "acme/churn-model".to_owned() },
                serial: 3,
            }),
            source: "churn-model".to_owned(),
            team: "churn".to_owned(),
            tombstones: BTreeMap::new(),
            version: VERSION,
            workflows: BTreeMap::new(),
        }
    }

    #[test]
    fn a_lock_is_read_back_as_it_was_written() {
        assert_eq!(Lock::parse(&lock().to_bytes()), Ok(lock()));
    }

    #[test]
    fn keys_are_sorted_and_the_file_ends_with_a_newline() {
        let text = String::from_utf8(lock().to_bytes()).expect("JSON is text");
        let keys: Vec<&str> = text.lines().filter(|line| line.starts_with("  \"")).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn any_other_spelling_of_a_lock_is_refused() {
        let text = String::from_utf8(lock().to_bytes()).expect("JSON is text");
        let refused = |text: &str| Lock::parse(text.as_bytes()).expect_err(text);
        assert_eq!(refused(&text.replace("  ", " ")), LockError::Edited);
        assert_eq!(refused(text.trim_end()), LockError::Edited);
        assert_eq!(refused(&text.replace("\"version\": 1", "\"version\": 9")), LockError::Version(9));
        assert!(matches!(refused(&text.replace("daily.py", "../ads/daily.py")), LockError::Value(_)));
        assert!(matches!(refused(&text.replace("\"format\"", "\"fromat\"")), LockError::Json(_)));
    }
}
