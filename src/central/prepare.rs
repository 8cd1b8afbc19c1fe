//! One try of a publish up to the commit: read, authorise, compile, plan, guard.

use std::collections::BTreeMap;

use super::authorise::{Purpose, check_history, check_origin, read_authority};
use super::awaited::check_awaited;
use super::compiler::{Compiler, TeamInput, TeamOutput};
use super::guard::{check_complete, check_deletions};
use super::layout;
use super::lock::{Lock, LockInput, Published};
use super::plan::{Action, Plan, Planning};
use super::request::Request;
use super::team::TeamState;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Edit, GitError, ObjectId, Scratch};
use crate::source::Sources;

/// A plan and what lands it.
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    /// Empty when there is nothing to do, or something is refused.
    pub(crate) edits: Vec<Edit>,
    pub(crate) published: Option<Published>,
}

/// What does not change between tries.
pub(crate) struct Preparing<'a> {
    pub(crate) scratch: &'a Scratch,
    pub(crate) request: &'a Request<'a>,
    pub(crate) compiler: &'a dyn Compiler,
    pub(crate) sources: &'a Sources,
    pub(crate) purpose: Purpose,
}

impl Preparing<'_> {
    /// Plans against one commit of the branch.
    pub(crate) fn against(&self, base: &ObjectId) -> Result<Prepared, GitError> {
        let repository = self.scratch.repository();
        let state = TeamState::read(repository, &repository.tree_of(base)?, &self.request.team)?;
        let mut sink = Sink::new();
        let made = self.make(&repository.tree_of(base)?, &state, &mut sink)?;
        let plan = |changes| {
            let (team, source) = (self.request.team.to_string(), self.request.source.to_string());
            Plan { schema_version: 1, team, source, base: base.clone(), changes, diagnostics: Vec::new() }
        };
        let (mut plan, edits, published) = match made {
            Some(made) => (plan(made.changes), made.edits, made.published),
            None => (plan(Vec::new()), Vec::new(), None),
        };
        let edits = if sink.has_errors() { Vec::new() } else { edits };
        plan.diagnostics = sink.into_sorted();
        Ok(Prepared { plan, edits, published })
    }

    fn make(&self, tree: &ObjectId, state: &TeamState, sink: &mut Sink) -> Result<Option<Made>, GitError> {
        let request = self.request;
        let Some(authority) = read_authority(state, request, self.compiler, self.sources, sink) else { return Ok(None) };
        check_origin(&authority, request, self.purpose, sink);
        check_complete(request, sink);
        let Some(last) = self.last_lock(state, sink) else { return Ok(None) };
        check_history(last, request, sink);
        if sink.has_errors() {
            return Ok(None);
        }
        let output = self.compile(state, sink)?;
        if sink.has_errors() {
            return Ok(None);
        }
        let mut desired = self.desired(&output);
        let gone = check_deletions(request, last, &desired, &authority, sink);
        desired.deletions_allowed = request.consent.deletions.filter(|said| gone > 0 && *said as usize == gone);
        desired.published = self.published(last);
        check_awaited(self.scratch.repository(), tree, request, &output, sink)?;
        let paths = last.iter().flat_map(|lock| lock.compiled.keys()).chain(desired.compiled.keys());
        let references = &TeamState::references(self.scratch.repository(), tree, &request.team, paths)?;
        let repair = request.consent.repair;
        let planning = Planning { team: &request.team, source: &request.source, state, last, desired: &desired, references, repair };
        let changes = planning.changes(sink);
        // A new commit that changes none of the files is no reason for a commit in the central repository, unless commits between
        // changed them and were taken back: then a late run of one of those has to meet a lock that knows better.
        let edits = if changes.is_empty() && !self.is_taken_back(last) { Vec::new() } else { self.edits(&changes, &output, &desired) };
        Ok(Some(Made { changes, edits, published: desired.published }))
    }

    fn is_taken_back(&self, last: Option<&Lock>) -> bool {
        let published = last.and_then(|lock| lock.published.as_ref()).and_then(|published| published.commit.as_deref());
        published.is_some_and(|commit| self.request.origin.commit.as_deref() != Some(commit) && (self.request.has_changed_since)(commit))
    }

    /// The lock that the last publish left, if any; `None` when it cannot be read, which has been told.
    fn last_lock<'s>(&self, state: &'s TeamState, sink: &mut Sink) -> Option<Option<&'s Lock>> {
        let place = format!("{}/{}", layout::source(&self.request.team, &self.request.source), layout::LOCK);
        match state.sources.get(&self.request.source).and_then(|source| source.lock.as_ref()) {
            None => Some(None),
            Some(Ok(lock)) if lock.format > self.compiler.format_version() => {
                let (theirs, ours) = (lock.format, self.compiler.format_version());
                let title = format!("`{place}` was written by a newer freehold: format {theirs}, and this one writes {ours}");
                let fault = Diagnostic::error(&code::NEWER_FORMAT, title).at_file(place, "publishing would go back to the older format");
                sink.push(fault.help("install the newer freehold: `cargo install freehold`"));
                None
            }
            Some(Ok(lock)) => Some(Some(lock)),
            Some(Err(error)) => {
                let fault = Diagnostic::error(&code::BROKEN_LOCK, format!("`{place}` cannot be read")).at_file(&*place, error.to_string());
                sink.push(
                    fault.help(format!(
                        "restore it in the central repository: `git log -- {place}`, then `git checkout <commit> -- {place}`"
                    )),
                );
                None
            }
        }
    }

    fn compile(&self, state: &TeamState, sink: &mut Sink) -> Result<TeamOutput, GitError> {
        let Request { team, source, files, .. } = self.request;
        let repository = self.scratch.repository();
        let others = state.sources.iter().filter(|(name, _)| *name != source);
        self.scratch.prefetch(others.clone().flat_map(|(_, state)| state.entries.values().map(|entry| &entry.id)))?;
        let mut all: BTreeMap<_, _> =
            others.map(|(name, _)| Ok((name.clone(), state.files(repository, name)?))).collect::<Result<_, GitError>>()?;
        all.insert(source.clone(), files.clone());
        let (platform, grant) = (state.platform.clone().unwrap_or_default(), state.grant.clone().unwrap_or_default());
        let input = TeamInput { team: team.clone(), platform, grant, sources: all, local: Some(source.clone()) };
        let mut output = self.compiler.compile_team(&input, self.sources);
        sink.extend(std::mem::take(&mut output.diagnostics));
        Ok(output)
    }

    fn desired(&self, output: &TeamOutput) -> Lock {
        let Request { team, source, files, .. } = self.request;
        let (format, objects) = (self.compiler.format_version(), self.scratch.repository().format());
        Lock::of(&LockInput { team, source, files, output, format, objects })
    }

    fn published(&self, last: Option<&Lock>) -> Option<Published> {
        let origin = &self.request.origin;
        let serial = last.and_then(|lock| lock.published.as_ref()).map_or(0, |published| published.serial);
        Some(Published {
            commit: origin.commit.clone(),
            r#ref: origin.reference.clone().unwrap_or_default(),
            repository: origin.repository.clone()?,
            serial: serial.saturating_add(1),
        })
    }

    fn edits(&self, changes: &[super::plan::Change], output: &TeamOutput, desired: &Lock) -> Vec<Edit> {
        let folder = layout::source(&self.request.team, &self.request.source);
        let mut content: BTreeMap<String, &Vec<u8>> =
            self.request.files.iter().map(|(path, bytes)| (format!("{folder}/{path}"), bytes)).collect();
        content.extend(output.artifacts.iter().map(|artifact| (artifact.path.to_string(), &artifact.bytes)));
        let edit = |change: &super::plan::Change| match (change.action, content.get(&change.path)) {
            (Action::Delete, _) => Some(Edit::Delete { path: change.path.clone() }),
            (_, Some(bytes)) => Some(Edit::Write { path: change.path.clone(), bytes: (*bytes).clone() }),
            // Gone already; only its record goes.
            (_, None) => None,
        };
        let lock = Edit::Write { path: format!("{folder}/{}", layout::LOCK), bytes: desired.to_bytes() };
        changes.iter().filter_map(edit).chain([lock]).collect()
    }
}

/// What planning gave when nothing stopped it.
struct Made {
    changes: Vec<super::plan::Change>,
    edits: Vec<Edit>,
    published: Option<Published>,
}
