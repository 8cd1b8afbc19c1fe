//! The plan: for each path, what was left there last, what is there now, and what should be.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::layout;
use super::lock::Lock;
use super::team::{SourceState, TeamState};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Entry, Mode, ObjectId};
use crate::name::{SourceName, TeamName};

/// What happens to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is new.
    Create,
    /// It gets other content.
    Update,
    /// It goes, because nothing makes it any more.
    Delete,
    /// It differs from what was published last, and is put right, or its record is.
    Repair,
    /// Somebody deleted it, and it comes back.
    Recreate,
    /// Another source has it, and gives it to this one.
    Transfer,
    /// It is hand-written, and is taken in byte for byte.
    Adopt,
}

impl Action {
    /// Its name in plans and commit messages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Repair => "repair",
            Self::Recreate => "recreate",
            Self::Transfer => "transfer",
            Self::Adopt => "adopt",
        }
    }
}

/// One path that a publish changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What happens.
    pub action: Action,
    /// The path from the root of the central repository.
    pub path: String,
    /// The workflow that it belongs to; none for a data file or the project file.
    pub workflow: Option<String>,
    /// Whether it is a compiled file, and not one that the team wrote.
    pub compiled: bool,
    /// Where a hand-written file that is adopted was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The workflow that a deleted one lives on as, `<team>/<workflow>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

impl Change {
    /// Whether it is a workflow as it runs, and nothing that only comes along: a file that the team wrote, who waits for whom, or which DAG id it has.
    #[must_use]
    pub fn is_workflow(&self) -> bool {
        self.compiled && !layout::is_index(&self.path)
    }
}

/// What a publish would change. Two plans of the same input are equal.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The version of this shape: 1.
    pub schema_version: u32,
    /// The team.
    pub team: String,
    /// The team's source.
    pub source: String,
    /// The commit that it was planned against.
    pub base: ObjectId,
    /// What changes, by path. Empty when something is refused before planning.
    pub changes: Vec<Change>,
    /// Paths of the records that let a rule be broken; they go with the publish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    /// What is refused, and what is told.
    #[serde(skip)]
    pub diagnostics: Vec<Diagnostic>,
}

impl Plan {
    /// Whether it may land.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == crate::diag::Severity::Error)
    }

    /// How many compiled workflows get an action.
    #[must_use]
    pub fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|change| change.is_workflow() && change.action == action).count()
    }
}

/// What planning compares.
pub(crate) struct Planning<'a> {
    pub(crate) team: &'a TeamName,
    pub(crate) source: &'a SourceName,
    /// What is there.
    pub(crate) state: &'a TeamState,
    /// What was left there last.
    pub(crate) last: Option<&'a Lock>,
    /// What should be there.
    pub(crate) desired: &'a Lock,
    /// What is there at the paths by which others find the source's workflows.
    pub(crate) indexed: &'a BTreeMap<String, Entry>,
    /// Whether what somebody edited may be overwritten.
    pub(crate) repair: bool,
    /// Compiled files that other sources give to this one: they go in the same commit.
    pub(crate) given: &'a BTreeSet<String>,
    /// Hand-written files that become compiled ones, by the path of those: they go in the same commit.
    pub(crate) originals: &'a BTreeMap<String, String>,
}

/// What is found for one path.
#[derive(Clone, Copy)]
enum Decision {
    Keep,
    Do(Action),
    Unmanaged,
    Drift,
}

impl Planning<'_> {
    /// Every path that changes, by path; what is refused is told.
    pub(crate) fn changes(&self, sink: &mut Sink) -> Vec<Change> {
        let mut changes = self.source_changes(sink);
        changes.extend(self.compiled_changes(sink));
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        changes
    }

    fn source_changes(&self, sink: &mut Sink) -> Vec<Change> {
        let empty = BTreeMap::new();
        let last = self.last.map_or(&empty, |lock| &lock.files);
        let nothing = BTreeMap::new();
        let live = self.state.sources.get(self.source).map_or(&nothing, |state: &SourceState| &state.entries);
        let paths: BTreeSet<&String> = last.keys().chain(live.keys()).chain(self.desired.files.keys()).collect();
        let folder = layout::source(self.team, self.source);
        let decide = |path: &String| {
            let workflow = self.desired.workflow_in(path).or_else(|| self.last?.workflow_in(path));
            let decision = self.decide(last.get(path), live.get(path), self.desired.files.get(path));
            self.change(decision, format!("{folder}/{path}"), workflow, false, sink)
        };
        paths.into_iter().filter_map(decide).collect()
    }

    fn compiled_changes(&self, sink: &mut Sink) -> Vec<Change> {
        let empty = BTreeMap::new();
        let last = self.last.map_or(&empty, |lock| &lock.compiled);
        let paths: BTreeSet<&String> = last.keys().chain(self.desired.compiled.keys()).collect();
        let mut changes = Vec::new();
        for path in paths {
            if let Some(fault) = self.foreign(path) {
                sink.push(fault);
                continue;
            }
            let workflow = self.desired.workflow_of(path).or_else(|| self.last?.workflow_of(path));
            let live = self.state.compiled.get(path).or_else(|| self.indexed.get(path)).filter(|_| !self.given.contains(path));
            let decision = self.decide(last.get(path), live, self.desired.compiled.get(path));
            let change = self.change(self.adopting(path, decision), path.clone(), workflow, true, sink);
            changes.extend(change.map(|change| Change { from: self.originals.get(path).cloned(), ..change }));
        }
        changes
    }

    /// What happens to a compiled file when it is a hand-written one that is taken in.
    fn adopting(&self, path: &str, decision: Decision) -> Decision {
        let Some(original) = self.originals.get(path) else { return decision };
        match decision {
            Decision::Do(_) => Decision::Do(Action::Adopt),
            // It is taken in where it is.
            Decision::Unmanaged if original == path => Decision::Do(Action::Adopt),
            Decision::Keep | Decision::Unmanaged | Decision::Drift => decision,
        }
    }

    /// A fault when a path is not this source's to write.
    fn foreign(&self, path: &str) -> Option<Diagnostic> {
        let (team, source) = (self.team, self.source);
        if !layout::is_compiled(path, team) {
            let own = format!("{}/", layout::compiled(team));
            let fault = Diagnostic::error(&code::NOT_YOURS, format!("`{team}/{source}` would write `{path}`"));
            return Some(fault.at_file(path, format!("team `{team}` owns `{own}` only")).help("give the workflow another name"));
        }
        if self.given.contains(path) {
            return None;
        }
        let lists = |state: &SourceState| matches!(&state.lock, Some(Ok(lock)) if lock.compiled.contains_key(path));
        let other = self.state.sources.iter().find(|(name, state)| *name != source && lists(state))?.0;
        let fault = Diagnostic::error(&code::NOT_YOURS, format!("`{path}` belongs to the team's source `{other}`"));
        let label = format!("`{source}` would write it too");
        Some(
            fault
                .at_file(path, label)
                .help(format!("name the workflow otherwise, or have `{other}` give it: see `freehold transfer --help`")),
        )
    }

    fn decide(&self, last: Option<&String>, live: Option<&Entry>, desired: Option<&String>) -> Decision {
        let is = |live: &Entry, id: Option<&String>| live.mode == Mode::File && id.is_some_and(|id| live.id.as_str() == id);
        match (last, live, desired) {
            (None, None, None) => Decision::Keep,
            (None, None, Some(_)) => Decision::Do(Action::Create),
            (None, Some(live), _) if is(live, desired) => Decision::Do(Action::Repair),
            // In one's own folders, and nobody else's by any lock: whoever says so may take it over, as after a lock was lost.
            (None, Some(_), Some(_)) if self.repair => Decision::Do(Action::Repair),
            (None, Some(_), _) => Decision::Unmanaged,
            (Some(_), None, Some(_)) => Decision::Do(Action::Recreate),
            (Some(_), None, None) => Decision::Do(Action::Repair),
            (Some(_), Some(live), _) if is(live, last) => match desired {
                Some(_) if is(live, desired) => Decision::Keep,
                Some(_) => Decision::Do(Action::Update),
                None => Decision::Do(Action::Delete),
            },
            (Some(_), Some(live), _) if is(live, desired) => Decision::Do(Action::Repair),
            (Some(_), Some(_), _) if !self.repair => Decision::Drift,
            (Some(_), Some(_), Some(_)) => Decision::Do(Action::Repair),
            (Some(_), Some(_), None) => Decision::Do(Action::Delete),
        }
    }

    fn change(&self, decision: Decision, path: String, workflow: Option<&str>, compiled: bool, sink: &mut Sink) -> Option<Change> {
        match decision {
            Decision::Keep => None,
            Decision::Do(action) => {
                let gone = workflow.filter(|_| action == Action::Delete);
                let successor = gone.and_then(|name| self.desired.tombstones.get(name)?.successor.clone());
                Some(Change { action, path, workflow: workflow.map(str::to_owned), compiled, from: None, successor })
            }
            Decision::Unmanaged => {
                let fault = Diagnostic::error(&code::UNMANAGED, format!("`{path}` is there, and no publish made it"));
                let fault = fault.at_file(&*path, format!("`{}/{}` would have to replace it", self.team, self.source));
                sink.push(fault.help(format!(
                    "if nobody needs it, overwrite it with `freehold publish --repair`, or delete it in the central repository: `git rm {path}`"
                )));
                None
            }
            Decision::Drift => {
                let fault = Diagnostic::error(&code::DRIFT, format!("`{path}` was changed in the central repository by hand"));
                let fault = fault.at_file(&*path, "it is not what the last publish left here");
                sink.push(fault.help("bring the change into your source if you want it, then run `freehold publish --repair`"));
                None
            }
        }
    }
}
