//! One try of a publish up to the commit: read, authorise, compile, plan, guard.

use std::collections::{BTreeMap, BTreeSet};

use super::adopt::Adopting;
use super::authorise::{Purpose, check_history, check_origin, read_authority};
use super::awaited::check_awaited;
use super::bound::Bound;
use super::claim::Claiming;
use super::compiler::{Authority, Compiler, TeamInput, TeamOutput};
use super::departing::Departing;
use super::guard::check_complete;
use super::identity::{Publisher, check_level, settle};
use super::layout;
use super::lock::{Lock, LockInput, Published};
use super::message::{consent_in, token_in};
use super::plan::{Action, Change, Plan, Planning};
use super::request::{Origin, Request};
use super::standing::left_alone;
use super::team::TeamState;
use super::transfer::{Giver, Transferring};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::identity::{Level, Operation, Policy, verify_waiting};
use crate::io::git::{Edit, GitError, GitTree, Mode, ObjectId, Scratch};
use crate::name::RepoPath;
use crate::source::Sources;

/// A plan and what lands it.
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    /// Empty when there is nothing to do, or something is refused.
    pub(crate) edits: Vec<Edit>,
    /// What the edits would be if nothing were refused, as far as that is known: a report tells of them, and they land nowhere.
    pub(crate) refused: Vec<Edit>,
    pub(crate) published: Option<Published>,
    /// Who asks, when a token says so.
    pub(crate) publisher: Option<Publisher>,
    /// What a token has to say that waits with it, where what waits takes one.
    pub(crate) wait: Option<Wait>,
}

/// What a token has to say that waits with a publish.
pub(crate) struct Wait {
    identity: Policy,
    digest: String,
    /// What it has to be asked for; `None` where no run can ask for it.
    pub(crate) audience: Option<String>,
}

impl Wait {
    /// Why a token that waits with it is not good for it, or not long enough.
    pub(crate) fn refusal(&self, text: &str, now: u64) -> Option<Diagnostic> {
        verify_waiting(text, &self.identity, &self.digest, now).err().map(|untrusted| untrusted.diagnostic())
    }
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
        let tree = repository.tree_of(base)?;
        let state = TeamState::read(repository, &tree, &self.request.team)?;
        let mut sink = Sink::new();
        let made = self.make(&tree, &state, &mut sink)?.unwrap_or_default();
        let Made { changes, edits, published, publisher, overrides, wait } = made;
        let (edits, refused) = if sink.has_errors() { (Vec::new(), edits) } else { (edits, Vec::new()) };
        let (team, source, diagnostics) = (self.request.team.to_string(), self.request.source.to_string(), sink.into_sorted());
        let plan = Plan { schema_version: 1, team, source, base: base.clone(), changes, overrides, diagnostics };
        Ok(Prepared { plan, edits, refused, published, publisher, wait })
    }

    fn make(&self, tree: &ObjectId, state: &TeamState, sink: &mut Sink) -> Result<Option<Made>, GitError> {
        let request = self.request;
        let Some(authority) = read_authority(state, request, self.compiler, self.sources, sink) else { return Ok(None) };
        let Some(settled) = settle(&authority, &request.origin, self.purpose, sink) else { return Ok(None) };
        check_level(&authority, &request.operations(self.purpose), &settled, self.purpose, sink);
        check_origin(&authority, request, &settled, self.purpose, sink);
        check_complete(request, sink);
        let Some(last) = self.last_lock(state, sink) else { return Ok(None) };
        check_history(last, request, &settled.origin, sink);
        if sink.has_errors() {
            return Ok(None);
        }
        let transferring =
            Transferring { scratch: self.scratch, request, compiler: self.compiler, sources: self.sources, tree, own: state };
        let givers = transferring.givers(sink)?;
        let output = self.compile(tree, state, &givers, sink)?;
        if sink.has_errors() {
            let edits = self.sketch(state, last, &output);
            return Ok(Some(Made { edits, ..Made::default() }));
        }
        let mut desired = self.desired(&output);
        let departing = Departing { repository: self.scratch.repository(), request, compiler: self.compiler, tree, state };
        let overrides = departing.judge(last, &mut desired, (&output, &authority), sink)?;
        let found = [(!givers.is_empty(), Operation::Transfer), (!overrides.is_empty(), Operation::Override)];
        let found: Vec<Operation> = found.into_iter().filter(|(is_found, _)| *is_found).map(|(_, operation)| operation).collect();
        check_level(&authority, &found, &settled, self.purpose, sink);
        desired.published = published(&settled.origin, last);
        let repair = request.consent.repair;
        check_awaited(self.scratch.repository(), tree, request, &output, sink)?;
        let paths = last.iter().flat_map(|lock| lock.compiled.keys()).chain(desired.compiled.keys());
        let indexed = &TeamState::indexed(self.scratch.repository(), tree, &request.team, paths)?;
        let given = givers.iter().flat_map(Giver::compiled).collect();
        let unmanaged_ids = &authority.unmanaged_ids;
        let claiming =
            Claiming { repository: self.scratch.repository(), tree, request, last, desired: &desired, unmanaged_ids, given: &given };
        claiming.check(&output, sink)?;
        let adopting = Adopting { repository: self.scratch.repository(), tree, request, authority: &authority, state, desired: &desired };
        let originals = &adopting.originals(&output, sink)?;
        let (team, source) = (&request.team, &request.source);
        let planning = Planning { team, source, state, last, desired: &desired, indexed, repair, given: &given, originals };
        let mut changes = planning.changes(sink);
        // A new commit that changes none of the files is no reason for a commit in the central repository, unless commits between
        // changed them and were taken back: then a late run of one of those has to meet a lock that knows better.
        let is_idle = changes.is_empty() && !self.is_taken_back(last, &settled.origin);
        let mut edits = if is_idle { Vec::new() } else { self.edits(&changes, &output, &desired, &overrides) };
        for giver in &givers {
            let (moved, taken) = transferring.part(giver, sink)?;
            changes.extend(moved);
            edits.extend(taken);
        }
        let wait = self.wait(&authority, settled.publisher.as_ref(), desired.published.as_ref());
        Ok(Some(Made { changes, edits, published: desired.published, publisher: settled.publisher, overrides, wait }))
    }

    fn wait(&self, authority: &Authority, publisher: Option<&Publisher>, published: Option<&Published>) -> Option<Wait> {
        let Request { team, source, files, consent, .. } = self.request;
        let is_due = authority.identity.accepted(Operation::Integrate) == Level::Token;
        let Published { serial, .. } = published.filter(|_| is_due)?;
        let digest = Bound { central: &authority.central, team, source, serial: *serial, consent: *consent, files }.digest();
        let audience = publisher.and_then(|publisher| authority.identity.bound_audience(&publisher.claims().issuer, &digest));
        Some(Wait { identity: authority.identity.clone(), digest, audience })
    }

    /// Holds a publish against the one of its source that waits to be integrated: it may not go back, and need not say the same again.
    pub(crate) fn compare_waiting(&self, waiting: &ObjectId, prepared: &mut Prepared) -> Result<(), GitError> {
        let repository = self.scratch.repository();
        let tree = repository.tree_of(waiting)?;
        let state = match TeamState::read(repository, &tree, &self.request.team) {
            Ok(state) => state,
            // Whoever pushed it may have made objects that no git makes. It never lands, and is replaced.
            Err(GitError::Object { .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let lock = state.lock(&self.request.source);
        let mut sink = Sink::new();
        let origin = prepared.publisher.as_ref().map_or_else(|| self.request.origin.clone(), Publisher::origin);
        check_history(lock, self.request, &origin, &mut sink);
        let message = repository.message_of(waiting)?;
        let is_same = |edit: &Edit| match edit {
            Edit::Write { path, bytes } => {
                let there = repository.entry(&tree, path)?;
                Ok(there.is_some_and(|entry| entry.id == repository.format().blob_id(bytes)))
            }
            Edit::Delete { path } => Ok(repository.entry(&tree, path)?.is_none()),
        };
        let mut is_all_same = self.waits_there(&state) && consent_in(&message) == self.request.consent;
        for edit in &prepared.edits {
            is_all_same = is_all_same && is_same(edit)?;
        }
        // One whose token has waited too long is of no use, though it is the same.
        let is_good = |wait: &Wait| {
            let now = self.request.origin.token.as_ref().map(|token| token.now);
            token_in(&message).zip(now).is_some_and(|(text, now)| wait.refusal(text, now).is_none())
        };
        if sink.has_errors() || (is_all_same && prepared.wait.as_ref().is_none_or(is_good)) {
            prepared.edits.clear();
        }
        prepared.plan.diagnostics.extend(sink.into_sorted());
        Ok(())
    }

    /// Whether the source's files are what is published now. Whoever may push the branch may have put others there, which no plan tells of.
    fn waits_there(&self, waiting: &TeamState) -> bool {
        let Some(source) = waiting.sources.get(&self.request.source) else { return false };
        let format = self.scratch.repository().format();
        let is_it = |(path, bytes): (&String, &Vec<u8>)| {
            source.entries.get(path).is_some_and(|entry| entry.mode == Mode::File && entry.id == format.blob_id(bytes))
        };
        source.entries.len() == self.request.files.len() && self.request.files.iter().all(is_it)
    }

    fn is_taken_back(&self, last: Option<&Lock>, origin: &Origin) -> bool {
        let published = last.and_then(|lock| lock.published.as_ref()).and_then(|published| published.commit.as_deref());
        published.is_some_and(|commit| origin.commit.as_deref() != Some(commit) && (self.request.has_changed_since)(commit))
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

    fn compile(&self, tree: &ObjectId, state: &TeamState, givers: &[Giver], sink: &mut Sink) -> Result<TeamOutput, GitError> {
        let Request { team, source, files, .. } = self.request;
        let repository = self.scratch.repository();
        let others = state.sources.iter().filter(|(name, _)| *name != source);
        self.scratch.prefetch(others.clone().flat_map(|(_, state)| state.entries.values().map(|entry| &entry.id)))?;
        let mut all: BTreeMap<_, _> =
            others.map(|(name, _)| Ok((name.clone(), state.files(repository, name)?))).collect::<Result<_, GitError>>()?;
        all.insert(source.clone(), files.clone());
        let mut touched = vec![source];
        for giver in givers.iter().filter(|giver| giver.team == *team) {
            all.insert(giver.source.clone(), giver.files.clone());
            touched.push(&giver.source);
        }
        let standing = state.standing(team, &touched);
        let (platform, grant) = (state.platform.clone().unwrap_or_default(), state.grant.clone().unwrap_or_default());
        let shared = &GitTree::new(repository, tree);
        let input = TeamInput { team: team.clone(), platform, grant, sources: all, standing, local: Some(source.clone()), shared };
        let mut output = self.compiler.compile_team(&input, self.sources);
        sink.extend(std::mem::take(&mut output.diagnostics));
        sink.extend(output.faulty.iter().map(|(other, faults)| left_alone(team, other, faults)));
        Ok(output)
    }

    fn desired(&self, output: &TeamOutput) -> Lock {
        let Request { team, source, files, .. } = self.request;
        let (format, objects) = (self.compiler.format_version(), self.scratch.repository().format());
        Lock::of(&LockInput { team, source, files, output, format, objects })
    }

    /// What the files of a source that does not compile would replace. What its workflows are compiled to, and who they are the successors
    /// of, is not known; a workflow whose file cannot be read is there all the same.
    fn sketch(&self, state: &TeamState, last: Option<&Lock>, output: &TeamOutput) -> Vec<Edit> {
        let Request { team, source, files, .. } = self.request;
        let folder = layout::source(team, source);
        let mut desired = self.desired(output);
        let read: BTreeSet<String> = desired.workflows.values().map(|workflow| workflow.file.clone()).collect();
        let unread = last.iter().flat_map(|lock| &lock.workflows);
        for (name, workflow) in unread.filter(|(_, workflow)| files.contains_key(&workflow.file) && !read.contains(&workflow.file)) {
            desired.workflows.entry(name.clone()).or_insert_with(|| workflow.clone());
        }
        // What cannot be published is refused for its path, and no tree can have it.
        let written = files.iter().filter(|(path, _)| RepoPath::parse(path).is_ok());
        let written = written.map(|(path, bytes)| Edit::Write { path: format!("{folder}/{path}"), bytes: bytes.clone() });
        let there = state.sources.get(source).into_iter().flat_map(|state| state.entries.keys());
        let gone = there.filter(|path| !files.contains_key(*path)).map(|path| Edit::Delete { path: format!("{folder}/{path}") });
        let lock = Edit::Write { path: format!("{folder}/{}", layout::LOCK), bytes: desired.to_bytes() };
        written.chain(gone).chain([lock]).collect()
    }

    fn edits(&self, changes: &[Change], output: &TeamOutput, desired: &Lock, overrides: &[String]) -> Vec<Edit> {
        let folder = layout::source(&self.request.team, &self.request.source);
        let mut content: BTreeMap<String, &Vec<u8>> =
            self.request.files.iter().map(|(path, bytes)| (format!("{folder}/{path}"), bytes)).collect();
        content.extend(output.artifacts.iter().map(|artifact| (artifact.path.to_string(), &artifact.bytes)));
        let edit = |change: &Change| match (change.action, content.get(&change.path)) {
            (Action::Delete, _) => Some(Edit::Delete { path: change.path.clone() }),
            (_, Some(bytes)) => Some(Edit::Write { path: change.path.clone(), bytes: (*bytes).clone() }),
            // Gone already; only its record goes.
            (_, None) => None,
        };
        let lock = Edit::Write { path: format!("{folder}/{}", layout::LOCK), bytes: desired.to_bytes() };
        // A record is used once: what it let happen takes it away.
        let used = overrides.iter().map(|path| Edit::Delete { path: path.clone() });
        // A hand-written file goes from where it was; one that is taken in where it is stays.
        let moved = changes.iter().filter_map(|change| change.from.as_ref().filter(|from| **from != change.path));
        let moved = moved.map(|from| Edit::Delete { path: from.clone() });
        changes.iter().filter_map(edit).chain(moved).chain([lock]).chain(used).collect()
    }
}

fn published(origin: &Origin, last: Option<&Lock>) -> Option<Published> {
    let serial = last.and_then(|lock| lock.published.as_ref()).map_or(0, |published| published.serial);
    Some(Published {
        commit: origin.commit.clone(),
        r#ref: origin.reference.clone().unwrap_or_default(),
        repository: origin.repository.clone()?,
        serial: serial.saturating_add(1),
    })
}

/// What planning gave, as far as it came.
#[derive(Default)]
struct Made {
    changes: Vec<Change>,
    edits: Vec<Edit>,
    published: Option<Published>,
    publisher: Option<Publisher>,
    overrides: Vec<String>,
    wait: Option<Wait>,
}
