//! What the rules look at: the paths that change, and the teams that they belong to.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::exempt::Record;
use super::guard::Renamed;
use super::limit::LARGEST;
use super::locked::listed_wrongly;
use super::place::{LOCK, Place};
use super::transfer::{Going, Takers};
use super::unmanaged::Unmanaged;
use super::{Asker, Judged, adopt};
use crate::central::compiler::{Authority, Compiler, Departures, Standing, TeamInput, TeamOutput};
use crate::central::lock::{Lock, LockError};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Entry, GitError, GitTree, Mode, ObjectId, Repository};
use crate::io::{Memory, ReadTree};
use crate::name::{SourceName, TeamName};
use crate::source::Sources;

/// One change to be judged.
pub(super) struct Case<'a> {
    pub(super) repository: &'a Repository,
    pub(super) base: Option<&'a ObjectId>,
    policy: Option<&'a ObjectId>,
    pub(super) tree: &'a ObjectId,
    pub(super) asker: &'a Asker,
    pub(super) compiler: &'a dyn Compiler,
    pub(super) messages: &'a Sources,
    /// Whether who asks may change what is the platform's.
    pub(super) is_platform: bool,
    pub(super) today: Option<jiff::civil::Date>,
    /// What is left to be changed by hand.
    pub(super) unmanaged: Unmanaged<'a>,
    /// Records that the change takes away.
    pub(super) overrides: Vec<Record>,
    /// Every path that differs.
    pub(super) changes: Vec<Changed>,
    /// The teams that any of them belongs to.
    pub(super) teams: BTreeMap<TeamName, Team>,
    /// Who takes workflows over, once that has been asked for.
    pub(super) takers: OnceCell<Takers>,
    /// The sound locks that teams would have, as far as they were asked for.
    locks: RefCell<BTreeMap<TeamName, Rc<Vec<Lock>>>>,
}

/// One path that differs.
pub(super) struct Changed {
    pub(super) path: String,
    pub(super) place: Place,
    pub(super) before: Option<Entry>,
    pub(super) after: Option<Entry>,
}

impl Changed {
    /// Every path that differs; `None` when these are more than `most`.
    pub(super) fn between(judged: &Judged<'_>, unmanaged: &Unmanaged<'_>, most: usize) -> Result<Option<Vec<Self>>, GitError> {
        let change = |change: crate::io::git::TreeChange| {
            let path = change.shown();
            let place = unmanaged.place(&path, Place::of(&path))?;
            Ok(Self { place, path, before: change.before, after: change.after })
        };
        let changes = judged.repository.diff(judged.base, judged.tree, most)?;
        changes.map(|changes| changes.into_iter().map(change).collect()).transpose()
    }

    /// Every path that differs, where the platform asks or nobody does.
    ///
    /// # Errors
    /// Also when these are more than any repository has.
    pub(super) fn all_between(judged: &Judged<'_>, unmanaged: &Unmanaged<'_>) -> Result<Vec<Self>, GitError> {
        let too_many = || GitError::Object { id: judged.tree.to_string(), reason: format!("more than {MOST_OF_ALL} paths differ") };
        Self::between(judged, unmanaged, MOST_OF_ALL)?.ok_or_else(too_many)
    }
}

/// How many paths a team may change at once: what five sources of the largest size have.
const MOST_OF_A_TEAM: usize = 50_000;
/// How many paths may differ at all: some ten times what a hundred thousand workflows have.
const MOST_OF_ALL: usize = 4_000_000;

/// `platform.yaml` and a grant, as the base has them; `None` where there is none.
type PolicyOfTeam = (Option<Vec<u8>>, Option<Vec<u8>>);

/// A team that is touched.
pub(super) struct Team {
    policy: PolicyOfTeam,
    /// What they allow; `None` when they are missing or cannot be read.
    pub(super) authority: Option<Authority>,
    /// Its sources, before or after.
    pub(super) sources: BTreeMap<SourceName, Source>,
    /// What its sources compile to, once that has been asked for.
    output: OnceCell<TeamOutput>,
    /// Which of them were called otherwise, once that has been asked for.
    pub(super) renamed: OnceCell<Renamed>,
}

/// A source of a touched team.
#[derive(Default)]
pub(super) struct Source {
    /// Whether the change touches a file of it, or one that it compiled to.
    pub(super) is_touched: bool,
    /// Its files after the change, without the lock.
    pub(super) files: BTreeMap<String, Entry>,
    /// Its files before.
    pub(super) files_before: BTreeMap<String, Entry>,
    /// Its lock after the change.
    pub(super) lock: Option<Result<Lock, LockError>>,
    /// Its lock before.
    pub(super) lock_before: Option<Result<Lock, LockError>>,
    /// What its files before say about workflows that go, once that has been asked for.
    pub(super) said_before: OnceCell<Departures>,
    /// What goes from it to who asks, once that has been asked for.
    pub(super) going: OnceCell<Going>,
}

impl Source {
    /// The sound locks before and after.
    pub(super) fn locks(&self) -> (Option<&Lock>, Option<&Lock>) {
        fn sound(lock: Option<&Result<Lock, LockError>>) -> Option<&Lock> {
            lock.and_then(|lock| lock.as_ref().ok())
        }
        (sound(self.lock_before.as_ref()), sound(self.lock.as_ref()))
    }

    /// What counts of a source that the change does not touch, by its lock. `None` when it is touched, or when the lock does not say what
    /// is there: then its faults are the change's.
    fn standing(&self, team: &TeamName, source: &SourceName) -> Option<Standing> {
        let lock = self.locks().1.filter(|_| !self.is_touched)?;
        lock.standing(team, source).filter(|_| listed_wrongly(lock, self).is_none())
    }
}

impl Team {
    /// What its sources compile to under the base's policy.
    pub(super) fn output(&self) -> Option<&TeamOutput> {
        self.output.get()
    }
}

/// A regular file of a tree, `None` when there is none.
pub(super) fn file(repository: &Repository, tree: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
    let entry = repository.entry(tree, path)?.filter(|entry| entry.mode == Mode::File);
    entry.map(|entry| repository.blob(&entry.id)).transpose()
}

/// Marks the sources of a team that some of its paths touch: those that they lie in, and those whose locks list them.
fn mark_touched(changes: &[&Changed], sources: &mut BTreeMap<SourceName, Source>) {
    let paths: BTreeSet<&str> = changes.iter().map(|change| change.path.as_str()).collect();
    let within = changes.iter().filter_map(|change| if let Place::Source { source, .. } = &change.place { Some(source) } else { None });
    let within: BTreeSet<&SourceName> = within.collect();
    for (name, source) in sources {
        let (before, after) = source.locks();
        let is_listed = [before, after].into_iter().flatten().any(|lock| lock.compiled.keys().any(|path| paths.contains(path.as_str())));
        source.is_touched = within.contains(name) || is_listed;
    }
}

fn too_many() -> Diagnostic {
    let fault = Diagnostic::error(&code::FILE_LIMIT, format!("more than {MOST_OF_A_TEAM} files change at once"));
    fault.help("divide it into several changes, or let the platform make it")
}

impl<'a> Case<'a> {
    /// Compares the trees and reads the touched teams' policy and locks.
    pub(super) fn load(judged: &Judged<'a>, compiler: &'a dyn Compiler, messages: &'a Sources, sink: &mut Sink) -> Result<Self, GitError> {
        let mut case = Self::without_changes(judged, (compiler, messages))?;
        let changes = if case.is_platform || *case.asker == Asker::Anybody {
            Some(Changed::all_between(judged, &case.unmanaged)?)
        } else {
            Changed::between(judged, &case.unmanaged, MOST_OF_A_TEAM)?
        };
        match changes {
            Some(changes) => case.take(changes, sink)?,
            // Nothing of it is looked at, and the fault alone refuses it.
            None => sink.push(too_many()),
        }
        Ok(case)
    }

    /// A case about some of the paths that differ.
    pub(super) fn of(
        judged: &Judged<'a>,
        changes: Vec<Changed>,
        (compiler, messages): (&'a dyn Compiler, &'a Sources),
        sink: &mut Sink,
    ) -> Result<Self, GitError> {
        let mut case = Self::without_changes(judged, (compiler, messages))?;
        case.take(changes, sink)?;
        Ok(case)
    }

    /// What is known before any path is looked at.
    pub(super) fn without_changes(judged: &Judged<'a>, (compiler, messages): (&'a dyn Compiler, &'a Sources)) -> Result<Self, GitError> {
        let Judged { repository, base, policy, tree, asker, today } = *judged;
        let is_platform = *asker == Asker::Platform;
        let mut case = Self {
            repository,
            base,
            policy,
            tree,
            asker,
            compiler,
            messages,
            is_platform,
            today,
            unmanaged: Unmanaged::of(judged, compiler)?,
            overrides: Vec::new(),
            changes: Vec::new(),
            teams: BTreeMap::new(),
            takers: OnceCell::new(),
            locks: RefCell::default(),
        };
        if let Asker::Actor(actor) = asker {
            let platform = case.policy_file("platform.yaml")?.unwrap_or_default();
            case.is_platform = compiler.administrators(&platform).contains(actor);
        }
        Ok(case)
    }

    /// Takes in the paths that differ, and reads the records that they spend and the teams that they touch.
    fn take(&mut self, changes: Vec<Changed>, sink: &mut Sink) -> Result<(), GitError> {
        self.changes = changes;
        self.overrides = Record::all(self)?;
        // Anybody may push changes in as many teams' folders as there are changes, so nothing looks at all of them for each team.
        let mut touched: BTreeMap<TeamName, Vec<&Changed>> = BTreeMap::new();
        for change in &self.changes {
            if let Some(team) = change.place.team() {
                touched.entry(team.clone()).or_default().push(change);
            }
        }
        let mut teams = BTreeMap::new();
        for (team, changes) in touched {
            let mut state = self.load_team(&team, sink)?;
            mark_touched(&changes, &mut state.sources);
            teams.insert(team, state);
        }
        self.teams = teams;
        self.take_originals();
        Ok(())
    }

    /// A hand-written file that a touched team's grant names is that team's to take in, wherever it lies; no other team is touched by it.
    fn take_originals(&mut self) {
        let originals = adopt::originals(&self.changes, &self.teams);
        for change in &mut self.changes {
            if let Some(team) = originals.get(&change.path) {
                change.place = Place::Original { team: team.clone() };
            }
        }
        if !originals.is_empty() {
            let touched: BTreeSet<&TeamName> = self.changes.iter().filter_map(|change| change.place.team()).collect();
            self.teams.retain(|team, _| touched.contains(team));
        }
    }

    /// A case about all that one team has.
    pub(super) fn of_team(
        judged: &Judged<'a>,
        team: &TeamName,
        reading: (&'a dyn Compiler, &'a Sources),
        sink: &mut Sink,
    ) -> Result<Self, GitError> {
        let mut case = Self::of(judged, Vec::new(), reading, sink)?;
        let state = case.load_team(team, sink)?;
        case.teams.insert(team.clone(), state);
        Ok(case)
    }

    /// Takes in what one team may do, and none of its files.
    pub(super) fn take_policy(&mut self, team: &TeamName, sink: &mut Sink) -> Result<(), GitError> {
        let (policy, authority) = self.load_policy(team, sink)?;
        self.teams
            .insert(team.clone(), Team { policy, authority, sources: BTreeMap::new(), output: OnceCell::new(), renamed: OnceCell::new() });
        Ok(())
    }

    /// A file of policy, `None` when there is none.
    pub(super) fn policy_file(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        self.policy.map_or(Ok(None), |policy| self.file(policy, path))
    }

    /// A regular file of a tree, `None` when there is none.
    pub(super) fn file(&self, tree: &ObjectId, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        file(self.repository, tree, path)
    }

    fn load_policy(&self, team: &TeamName, sink: &mut Sink) -> Result<(PolicyOfTeam, Option<Authority>), GitError> {
        let policy = (self.policy_file("platform.yaml")?, self.policy_file(&format!("teams/{team}.yaml"))?);
        let authority = match &policy {
            (Some(platform), Some(grant)) => match self.compiler.authority(platform, grant, team, self.messages) {
                Ok(authority) => Some(authority),
                Err(faults) => {
                    sink.extend(faults);
                    None
                }
            },
            _ => None,
        };
        Ok((policy, authority))
    }

    fn load_team(&self, team: &TeamName, sink: &mut Sink) -> Result<Team, GitError> {
        let (policy, authority) = self.load_policy(team, sink)?;
        let mut sources = BTreeMap::new();
        if let Some(base) = self.base {
            self.load_sources(base, team, &mut sources, |source| (&mut source.files_before, &mut source.lock_before))?;
        }
        self.load_sources(self.tree, team, &mut sources, |source| (&mut source.files, &mut source.lock))?;
        Ok(Team { policy, authority, sources, output: OnceCell::new(), renamed: OnceCell::new() })
    }

    fn load_sources(
        &self,
        tree: &ObjectId,
        team: &TeamName,
        sources: &mut BTreeMap<SourceName, Source>,
        side: impl Fn(&mut Source) -> (&mut BTreeMap<String, Entry>, &mut Option<Result<Lock, LockError>>),
    ) -> Result<(), GitError> {
        for (path, entry) in self.repository.below(tree, &format!("sources/{team}"))? {
            let Place::Source { source, file, .. } = Place::of(&format!("sources/{team}/{path}")) else { continue };
            let (files, lock) = side(sources.entry(source).or_default());
            if file == LOCK && entry.mode == Mode::File {
                // A lock is read before the limits are looked at.
                let is_huge = self.repository.sizes([&entry.id])?.into_iter().any(|size| size > LARGEST);
                *lock = Some(if is_huge { Err(LockError::Huge) } else { Lock::parse(&self.repository.blob(&entry.id)?) });
            } else {
                files.insert(file, entry);
            }
        }
        Ok(())
    }

    /// The sound locks that a team would have, touched or not.
    pub(super) fn locks_of(&self, team: &TeamName) -> Result<Rc<Vec<Lock>>, GitError> {
        if let Some(known) = self.locks.borrow().get(team) {
            return Ok(Rc::clone(known));
        }
        let mut sources: BTreeMap<SourceName, Source> = BTreeMap::new();
        self.load_sources(self.tree, team, &mut sources, |source| (&mut source.files, &mut source.lock))?;
        let locks = Rc::new(sources.into_values().filter_map(|source| source.lock?.ok()).collect());
        self.locks.borrow_mut().insert(team.clone(), Rc::clone(&locks));
        Ok(locks)
    }

    /// Compiles the touched teams as they would be, under the base's policy. Faults of sources that are not touched are kept apart.
    pub(super) fn compile(&self, sink: &mut Sink) -> Result<(), GitError> {
        let policy = self.policy.map(|policy| GitTree::new(self.repository, policy));
        let nothing = Memory::default();
        let shared = policy.as_ref().map_or(&nothing as &dyn ReadTree, |policy| policy);
        for (name, team) in &self.teams {
            let (Some(platform), Some(grant)) = team.policy.clone() else { continue };
            let mut sources = BTreeMap::new();
            for (source, state) in &team.sources {
                let regular = state.files.iter().filter(|(_, entry)| entry.mode == Mode::File);
                let read = |(path, entry): (&String, &Entry)| Ok((path.clone(), self.repository.blob(&entry.id)?));
                let files: BTreeMap<String, Vec<u8>> = regular.map(read).collect::<Result<_, GitError>>()?;
                // A source that the change takes away altogether is no source any more.
                if !files.is_empty() {
                    sources.insert(source.clone(), files);
                }
            }
            let standing =
                team.sources.iter().filter_map(|(source, state)| Some((source.clone(), state.standing(name, source)?))).collect();
            let input = TeamInput { team: name.clone(), platform, grant, sources, standing, local: None, shared };
            let mut output = self.compiler.compile_team(&input, self.messages);
            sink.extend(std::mem::take(&mut output.diagnostics));
            // The first one is the only one.
            let _ = team.output.set(output);
        }
        Ok(())
    }

    /// Touched sources with their team.
    pub(super) fn touched_sources(&self) -> impl Iterator<Item = (&TeamName, &Team, &SourceName, &Source)> {
        let sources =
            self.teams.iter().flat_map(|(name, team)| team.sources.iter().map(move |(source, state)| (name, team, source, state)));
        sources.filter(|(_, _, _, state)| state.is_touched)
    }
}
