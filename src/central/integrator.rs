//! A push of an integrator: it holds what waits, and nothing else.
//!
//! Whom the platform's `integrators` name has no right to any file. It says which branches it lands, in the commit's message; each of them is
//! read here, planned and judged as the publish of its own team, as `integrate` does it, and what comes of that has to be what was pushed, file
//! by file. So its word decides nothing, and rights that the account has besides are not added to what waits: a push is judged in one way or
//! in the other.

use std::collections::BTreeMap;

use super::integrate::MOST;
use super::layout;
use super::message::waiting_in;
use super::receive::Receiving;
use super::taking::{Taken, Taking};
use super::team::{TeamState, read_file};
use super::verify::Asker;
use crate::diag::{Diagnostic, codes as code, more_files};
use crate::io::git::{Address, Entry, GitError, ObjectId, Scratch, TreeChange};
use crate::name::{SourceName, TeamName};

/// Files that one finding points at; the title says how many there are.
const SHOWN: usize = 5;
/// Paths that may differ, of which those that should not are looked for.
const MOST_PATHS: usize = 400_000;

const AGAIN: &str = "run `freehold integrate` again, with the freehold that the hook runs";

/// What differs, by path, as it is afterwards.
type Changes = BTreeMap<Vec<u8>, Option<Entry>>;

impl Receiving<'_> {
    /// What is wrong with a commit that lands what waits; `None` for one of somebody who is no integrator, or that names nothing that waited.
    pub(super) fn judge_integrated(&self, tip: &ObjectId, head: &ObjectId) -> Result<Option<Vec<Diagnostic>>, GitError> {
        let named = waiting_in(&self.repository.message_of(head)?);
        if named.is_empty() || !self.is_integrator(tip)? {
            return Ok(None);
        }
        self.judge_named(tip, head, &named).map(Some)
    }

    /// Whether who pushes is one whom the branch's policy names.
    pub(super) fn is_integrator(&self, tip: &ObjectId) -> Result<bool, GitError> {
        let Asker::Actor(actor) = self.asker else { return Ok(false) };
        let platform = read_file(self.repository, &self.repository.tree_of(tip)?, layout::PLATFORM)?;
        Ok(platform.is_some_and(|platform| self.compiler.integrators(&platform).contains(actor)))
    }

    fn judge_named(&self, tip: &ObjectId, head: &ObjectId, named: &[(String, String)]) -> Result<Vec<Diagnostic>, GitError> {
        if self.repository.parents_of(head)? != [tip.clone()] {
            let fault = Diagnostic::error(&code::NOT_FORWARD, format!("`{head}` is not one commit on the branch's tip `{tip}`"));
            return Ok(vec![fault.help("run `freehold integrate` again: it lands one commit after another")]);
        }
        if named.len() > MOST {
            let title = format!("the commit names {} branches that waited, and one commit lands {MOST} at most", named.len());
            return Ok(vec![Diagnostic::error(&code::INTEGRATED, title).help(AGAIN)]);
        }
        let scratch = self.scratch()?;
        let waiting = scratch.branches(layout::WAITING)?;
        let astray: Vec<Diagnostic> = named.iter().filter_map(|(name, commit)| astray((name, commit), waiting.get(name))).collect();
        if !astray.is_empty() {
            return Ok(astray);
        }
        let mut taking = self.taking(&scratch, tip);
        for (name, commit) in named.iter().filter_map(|(name, _)| waiting.get_key_value(name)) {
            match taking.take(name, commit)? {
                Taken::Refused(found) => return Ok(found),
                Taken::Landed(..) | Taken::Nothing => {}
            }
        }
        self.compare(&taking, tip, head)
    }

    /// Holds what was pushed against what taking the branches makes.
    fn compare(&self, taking: &Taking<'_>, tip: &ObjectId, head: &ObjectId) -> Result<Vec<Diagnostic>, GitError> {
        let made = taking.scratch.repository().tree_of(&taking.tip)?;
        let (base, pushed) = (self.repository.tree_of(tip)?, self.repository.tree_of(head)?);
        if made == pushed {
            return Ok(Vec::new());
        }
        let due = by_path(taking.scratch.repository().diff(Some(&base), &made, MOST_PATHS)?.unwrap_or_default());
        let brought = by_path(self.repository.diff(Some(&base), &pushed, MOST_PATHS)?.unwrap_or_default());
        let wrong: Vec<(&Vec<u8>, &str)> = wrong(&due, &brought).collect();
        let shown = |path: &[u8]| String::from_utf8_lossy(path).into_owned();
        let Some((first, _)) = wrong.first() else {
            return Ok(vec![Diagnostic::error(&code::INTEGRATED, "the push holds other files than what waits").help(AGAIN)]);
        };
        let (more, are) = (more_files(wrong.len() - 1), if wrong.len() == 1 { "is" } else { "are" });
        let title = format!("{} lands what waits, and `{}`{more} {are} not what comes of it", self.asker, shown(first));
        let mut fault = Diagnostic::error(&code::INTEGRATED, title);
        for (path, why) in wrong.iter().take(SHOWN) {
            fault = fault.at_file(shown(path), *why);
        }
        Ok(vec![fault.help(AGAIN)])
    }

    /// Tells an integrator that it may do nothing else, when its push is refused and says nothing of branches that waited.
    pub(super) fn nothing_named(&self, tip: &ObjectId) -> Result<Option<Diagnostic>, GitError> {
        let fault = || {
            let title = format!("{} may land what waits, and the commit names no branch that waited", self.asker);
            let fault = Diagnostic::error(&code::INTEGRATED, title).at_file(layout::PLATFORM, "`integrators` lets it do nothing else");
            fault.help("land it with `freehold integrate`, which writes `Freehold-Waiting: …` for each branch")
        };
        Ok(self.is_integrator(tip)?.then(fault))
    }

    /// What is wrong with an integrator's deleting a branch on which something waits.
    pub(super) fn judge_taken_away(
        &self,
        tip: &ObjectId,
        (team, source): (&TeamName, &SourceName),
        waiting: &str,
    ) -> Result<Option<Diagnostic>, GitError> {
        let waiting = self.repository.commit(waiting)?;
        let name = layout::waiting(team, source);
        if self.has_landed(tip, (team, source), &waiting)? {
            return Ok(None);
        }
        let scratch = self.scratch()?;
        if matches!(self.taking(&scratch, tip).take(&name, &waiting)?, Taken::Nothing) {
            return Ok(None);
        }
        let fault =
            Diagnostic::error(&code::INTEGRATED, format!("{} may not delete `{name}`: what waits there has not landed", self.asker));
        let help = format!("land it with `freehold integrate`; a member of `{team}` may delete it");
        Ok(Some(fault.help(help)))
    }

    /// Whether the branch has the very publish that waits.
    fn has_landed(&self, tip: &ObjectId, (team, source): (&TeamName, &SourceName), waiting: &ObjectId) -> Result<bool, GitError> {
        let published = |commit: &ObjectId| {
            let lock = TeamState::lock_of(self.repository, &self.repository.tree_of(commit)?, (team, source))?;
            Ok::<_, GitError>(lock.and_then(|lock| lock.published))
        };
        let landed = published(tip)?;
        Ok(landed.is_some() && landed == published(waiting)?)
    }

    /// A place beside the server's repository, where nothing that was pushed is yet.
    fn scratch(&self) -> Result<Scratch, GitError> {
        Scratch::of(&Address::Folder(self.folder.to_owned()))
    }

    fn taking<'s>(&'s self, scratch: &'s Scratch, tip: &ObjectId) -> Taking<'s> {
        Taking::on(tip, scratch, (self.compiler, self.messages), self.moment)
    }
}

/// What is wrong with a branch that a commit names, which is at some commit now.
fn astray((name, commit): (&str, &str), now: Option<&ObjectId>) -> Option<Diagnostic> {
    let title = match now {
        Some(now) if now.as_str() == commit => return None,
        Some(now) => format!("`{name}` waits at `{now}`, and the commit lands `{commit}` of it"),
        None => format!("nothing waits on `{name}`, and the commit says that it lands it"),
    };
    Some(Diagnostic::error(&code::INTEGRATED, title).help("run `freehold integrate` again: it lands what waits then"))
}

fn by_path(changes: Vec<TreeChange>) -> Changes {
    changes.into_iter().map(|TreeChange { path, before: _, after }| (path, after)).collect()
}

/// Paths that are not as what waits makes them, each with what is wrong.
fn wrong<'c>(due: &'c Changes, brought: &'c Changes) -> impl Iterator<Item = (&'c Vec<u8>, &'static str)> {
    let beyond = brought.iter().filter_map(|(path, after)| match due.get(path) {
        None => Some((path, "nothing that waits changes it")),
        Some(due) if due != after => Some((path, "what waits makes something else of it")),
        Some(_) => None,
    });
    let missing = due.keys().filter(|path| !brought.contains_key(*path)).map(|path| (path, "what waits changes it, and the push does not"));
    beyond.chain(missing)
}
