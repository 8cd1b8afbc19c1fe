//! Workflows that change hands: the taker's publish takes them out of the source that gives them, in the same commit.
//!
//! Both sides have said so: the giver in the project file that it published last (`give`), the taker in the workflow (`taken_from`).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::compiler::{Compiler, Departures, SourceFiles, TeamInput};
use super::layout;
use super::lock::{Lock, LockInput};
use super::plan::{Action, Change};
use super::request::Request;
use super::team::TeamState;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Edit, GitError, GitTree, ObjectId, Scratch};
use crate::name::{SourceAddress, SourceName, TeamName, WorkflowAddress, WorkflowName};
use crate::source::Sources;

/// A source that gives workflows to the one that is published.
pub(crate) struct Giver {
    pub(crate) team: TeamName,
    pub(crate) source: SourceName,
    /// What is left of its files.
    pub(crate) files: SourceFiles,
    state: Rc<TeamState>,
    /// The workflows that go, by name, and the one that each lives on as.
    successors: BTreeMap<String, WorkflowAddress>,
}

/// What a transfer needs to know of the publish that it is part of.
pub(crate) struct Transferring<'a> {
    pub(crate) scratch: &'a Scratch,
    pub(crate) request: &'a Request<'a>,
    pub(crate) compiler: &'a dyn Compiler,
    pub(crate) sources: &'a Sources,
    pub(crate) tree: &'a ObjectId,
    /// What the tree holds of who asks.
    pub(crate) own: &'a TeamState,
}

impl Transferring<'_> {
    /// Who gives what to this source. What is not given, or may not go, is refused; what has been taken before is no matter.
    pub(crate) fn givers(&self, sink: &mut Sink) -> Result<Vec<Giver>, GitError> {
        let mut asked: BTreeMap<TeamName, Vec<(WorkflowAddress, WorkflowName)>> = BTreeMap::new();
        for (workflow, from) in self.compiler.takings(&self.request.files) {
            asked.entry(from.team.clone()).or_default().push((from, workflow));
        }
        let mut givers = Vec::new();
        for (team, takings) in asked {
            givers.extend(self.givers_of(&team, takings, sink)?);
        }
        givers.iter_mut().for_each(Giver::take_files_out);
        Ok(givers)
    }

    /// The sources of one team that give something. Each is read once, however much it gives.
    fn givers_of(&self, team: &TeamName, takings: Vec<(WorkflowAddress, WorkflowName)>, sink: &mut Sink) -> Result<Vec<Giver>, GitError> {
        let to = SourceAddress { team: self.request.team.clone(), source: self.request.source.clone() };
        let state = Rc::new(TeamState::read(self.scratch.repository(), self.tree, team)?);
        let (mut givers, mut history): (BTreeMap<SourceName, (Giver, Departures)>, _) = (BTreeMap::new(), None);
        for (from, workflow) in takings {
            let Some((source, lock)) = holder(&state, &from, &to) else { continue };
            let (giver, said) = match givers.entry(source.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(self.giver(team, source, &state)?),
            };
            let is_given = said.gives(from.workflow.as_str(), &to);
            // Its former owner has the name again. Who took the one before is not in its way.
            if !is_given && self.has_taken(&from, &mut history)? {
                continue;
            }
            if let Some(fault) = refusal(&from, source, &to, (lock, is_given)) {
                sink.push(fault);
                continue;
            }
            let users = self.scratch.repository().below(self.tree, &layout::references(&from.team, from.workflow.as_str()))?;
            if !users.is_empty() {
                sink.push(waited_for(&from, &to, users.keys()));
                continue;
            }
            giver.successors.insert(from.workflow.to_string(), WorkflowAddress { team: to.team.clone(), workflow });
        }
        Ok(givers.into_values().map(|(giver, _)| giver).filter(|giver| !giver.successors.is_empty()).collect())
    }

    /// A source as it may give something, and what it says about that.
    fn giver(&self, team: &TeamName, source: &SourceName, state: &Rc<TeamState>) -> Result<(Giver, Departures), GitError> {
        self.scratch.prefetch(state.sources.values().flat_map(|state| state.entries.values().map(|entry| &entry.id)))?;
        let files = state.files(self.scratch.repository(), source)?;
        let said = self.compiler.departures(files.get(layout::PROJECT).map_or(&[], Vec::as_slice));
        let (team, source, state) = (team.clone(), source.clone(), Rc::clone(state));
        Ok((Giver { team, source, files, state, successors: BTreeMap::new() }, said))
    }

    /// Whether the last publish of this source took a workflow from there already. Reads it the first time that this is asked.
    fn has_taken(&self, from: &WorkflowAddress, history: &mut Option<BTreeSet<WorkflowAddress>>) -> Result<bool, GitError> {
        if history.is_none() {
            let entries = self.own.sources.get(&self.request.source).into_iter().flat_map(|source| source.entries.values());
            self.scratch.prefetch(entries.map(|entry| &entry.id))?;
            let published = self.own.files(self.scratch.repository(), &self.request.source)?;
            *history = Some(self.compiler.takings(&published).into_iter().map(|(_, from)| from).collect());
        }
        Ok(history.as_ref().is_some_and(|history| history.contains(from)))
    }

    /// What the transfer changes on the giver's side.
    pub(crate) fn part(&self, giver: &Giver, sink: &mut Sink) -> Result<(Vec<Change>, Vec<Edit>), GitError> {
        let repository = self.scratch.repository();
        let Some(last) = giver.lock() else { return Ok((Vec::new(), Vec::new())) };
        let Giver { team, source, files, state, successors } = giver;
        let mut sources: BTreeMap<SourceName, SourceFiles> =
            state.sources.keys().map(|name| Ok((name.clone(), state.files(repository, name)?))).collect::<Result<_, GitError>>()?;
        sources.insert(source.clone(), files.clone());
        let mut touched = vec![source];
        if *team == self.request.team {
            sources.insert(self.request.source.clone(), self.request.files.clone());
            touched.push(&self.request.source);
        }
        let standing = state.standing(team, &touched);
        let (platform, grant) = (state.platform.clone().unwrap_or_default(), state.grant.clone().unwrap_or_default());
        let shared = &GitTree::new(repository, self.tree);
        let input = TeamInput { team: team.clone(), platform, grant, sources, standing, local: None, shared };
        let output = self.compiler.compile_team(&input, self.sources);
        let faults = output.diagnostics.iter().any(|found| found.severity == crate::diag::Severity::Error);
        if faults && *team != self.request.team {
            let fault =
                Diagnostic::error(&code::TRANSFER, format!("what team `{team}` has published does not compile, and cannot be divided"));
            sink.push(fault.at_file(layout::source(team, source), "").help(format!("ask team `{team}` to publish a sound version first")));
            return Ok((Vec::new(), Vec::new()));
        }
        let (format, objects) = (self.compiler.format_version(), repository.format());
        let mut lock = Lock::of(&LockInput { team, source, files, output: &output, format, objects });
        lock.published.clone_from(&last.published);
        lock.tombstones.clone_from(&last.tombstones);
        for (name, successor) in successors {
            let Some(workflow) = last.workflows.get(name) else { continue };
            lock.tombstones.insert(name.clone(), last.bury(workflow, Some(successor.to_string())));
        }
        let folder = layout::source(team, source);
        let gone = last.files.keys().filter(|path| !files.contains_key(*path)).map(|path| format!("{folder}/{path}"));
        let mut edits: Vec<Edit> = gone.map(|path| Edit::Delete { path }).collect();
        edits.push(Edit::Write { path: format!("{folder}/{}", layout::LOCK), bytes: lock.to_bytes() });
        for path in last.compiled.keys().filter(|path| !lock.compiled.contains_key(*path)) {
            edits.push(Edit::Delete { path: path.clone() });
        }
        for artifact in output.artifacts.iter().filter(|artifact| artifact.owner.source == *source) {
            let path = artifact.path.to_string();
            if last.compiled.get(&path) != lock.compiled.get(&path) {
                edits.push(Edit::Write { path, bytes: artifact.bytes.clone() });
            }
        }
        Ok((giver.changes(last), edits))
    }
}

impl Giver {
    fn lock(&self) -> Option<&Lock> {
        self.state.lock(&self.source)
    }

    /// Compiled files that go.
    pub(crate) fn compiled(&self) -> Vec<String> {
        let gone = |name: &String| self.lock()?.workflows.get(name).map(|workflow| workflow.compiled.clone());
        self.successors.keys().filter_map(gone).flatten().collect()
    }

    /// A file goes with its workflow, unless one that stays names it too.
    fn take_files_out(&mut self) {
        let Some(lock) = self.lock() else { return };
        let files = |goes: bool| -> BTreeSet<String> {
            let some = lock.workflows.iter().filter(|(name, _)| self.successors.contains_key(*name) == goes);
            some.flat_map(|(_, workflow)| std::iter::once(&workflow.file).chain(&workflow.data).cloned()).collect()
        };
        let (going, staying) = (files(true), files(false));
        self.files.retain(|path, _| !going.contains(path) || staying.contains(path));
    }

    fn changes(&self, last: &Lock) -> Vec<Change> {
        let moved = self.successors.keys().filter_map(|name| Some((name, &last.workflows.get(name)?.compiled)));
        let change = |(name, path): (&String, &String)| Change {
            action: Action::Transfer,
            path: path.clone(),
            workflow: Some(format!("{}/{name}", self.team)),
            compiled: true,
            from: None,
            successor: None,
        };
        moved.flat_map(|(name, compiled)| compiled.iter().map(move |path| (name, path))).map(change).collect()
    }
}

/// The source that has a workflow now, and its lock; `None` when no other source than the taker itself has it.
fn holder<'a>(state: &'a TeamState, workflow: &WorkflowAddress, taker: &SourceAddress) -> Option<(&'a SourceName, &'a Lock)> {
    let mut others = state.locks().filter(|(name, _)| taker.team != workflow.team || **name != taker.source);
    others.find(|(_, lock)| lock.workflows.contains_key(workflow.workflow.as_str()))
}

fn refusal(from: &WorkflowAddress, source: &SourceName, to: &SourceAddress, (lock, is_given): (&Lock, bool)) -> Option<Diagnostic> {
    let folder = layout::source(&from.team, source);
    let WorkflowAddress { team, workflow } = from;
    if !is_given {
        let fault = Diagnostic::error(&code::TRANSFER, format!("`{from}` is not given to `{to}`"));
        let fault = fault.at_file(format!("{folder}/{}", layout::PROJECT), "its owner has published no consent");
        let help =
            format!("ask team `{team}` to publish `give: [{{ workflows: [{workflow}], to: {to} }}]` in the `freehold.yaml` of `{source}`");
        return Some(fault.help(help));
    }
    let is_protected = lock.workflows.get(workflow.as_str()).is_some_and(|workflow| workflow.protect);
    is_protected.then(|| {
        let fault = Diagnostic::error(&code::TRANSFER, format!("`{from}` is protected, and would go from `{team}/{source}`"));
        let fault = fault.at_file(format!("{folder}/{}", layout::LOCK), "the last publish said `protect: true`");
        fault.help(format!("ask team `{team}` to publish it with `protect: false` first"))
    })
}

fn waited_for<'a>(from: &WorkflowAddress, to: &SourceAddress, users: impl Iterator<Item = &'a String>) -> Diagnostic {
    let users = crate::diag::quoted_list(users.map(|path| path.trim_end_matches(".yaml")));
    let fault = Diagnostic::error(&code::TRANSFER, format!("`{from}` would go, and {users} would wait for it for ever"));
    fault
        .at_file(layout::references(&from.team, from.workflow.as_str()), "who waits for it")
        .help(format!("ask the owners of {users} to take their `wait_for` out; they can wait for `{}/…` once it is there", to.team))
}
