//! Landing what waits: every `publish/<team>/<source>` branch that is in order, many in one commit.
//!
//! Whoever may push such a branch need not be able to move the branch that is synced from. Nothing that waits is believed: its files are
//! planned anew on the tip, compiled and judged, one after another, and what is refused waits on.

use std::collections::BTreeMap;

use super::compiler::Compiler;
use super::layout;
use super::plan::Plan;
use super::publish::{Error, TRIES, Tip, look, rejected, tip};
use super::request::Branch;
use super::taking::{Taken, Taking};
use crate::diag::Diagnostic;
use crate::io::Tries;
use crate::io::git::{GitError, ObjectId, Pushed, Scratch};
use crate::source::Sources;

/// Publishes that land in one commit: planning more takes so long that whoever publishes directly would always be faster.
pub(super) const MOST: usize = 100;
/// Paths that one commit changes, if more than one publish is in it.
const MOST_PATHS: usize = 20_000;

/// What became of the publishes that waited.
#[derive(Debug)]
pub struct Integrated {
    /// The commit that it was planned on.
    pub base: ObjectId,
    /// The last commit that landed; none when nothing did.
    pub commit: Option<ObjectId>,
    /// Plans of what landed.
    pub landed: Vec<Plan>,
    /// What is refused, by branch; it waits on.
    pub refused: Vec<(String, Vec<Diagnostic>)>,
    /// Branches that nobody looked at, because the time was over: the next run takes them.
    pub postponed: Vec<String>,
    /// How often it was tried.
    pub tries: u32,
}

/// A run that lands what waits.
pub struct Integration<'a> {
    /// Where to.
    pub branch: &'a Branch,
    /// The day, in UTC, and the time in seconds since 1970.
    pub moment: (Option<jiff::civil::Date>, u64),
    /// Whether there is time for one more.
    pub has_time: &'a dyn Fn() -> bool,
    /// Compiles.
    pub compiler: &'a dyn Compiler,
    /// Takes the files that messages point into.
    pub sources: &'a Sources,
}

/// A branch that waits, with the commit that it is at.
type Branches = BTreeMap<String, ObjectId>;

/// Lands all that waits and is in order, in commits of at most a hundred publishes each. Teams take turns, so that many branches of one
/// do not keep another one waiting.
///
/// # Errors
/// As publishing.
pub fn integrate(run: &Integration<'_>) -> Result<Integrated, Error> {
    let scratch = Scratch::of(&run.branch.central)?;
    let (mut done, mut refused) = run.round(&scratch, &Branches::new())?;
    while !done.postponed.is_empty() && (run.has_time)() {
        let (next, known) = run.round(&scratch, &refused)?;
        let Integrated { base: _, commit, landed, refused: more, postponed, tries } = next;
        done.commit = commit.or(done.commit);
        done.landed.extend(landed);
        done.refused.extend(more);
        done.postponed = postponed;
        done.tries += tries;
        refused.extend(known);
    }
    Ok(done)
}

impl Integration<'_> {
    /// Lands one commit; gives with it what is refused, which no round looks at again.
    fn round(&self, scratch: &Scratch, refused: &Branches) -> Result<(Integrated, Branches), Error> {
        let mut refused_at = None;
        let mut contest = Tries::begin();
        for tries in 1..=TRIES {
            let base = tip(scratch, self.branch)?;
            let mut waiting = scratch.branches(layout::WAITING)?;
            waiting.retain(|name, commit| refused.get(name) != Some(commit));
            let round = self.take(scratch, &base, &waiting)?;
            let mut result = Integrated {
                base: base.clone(),
                commit: None,
                landed: round.landed,
                refused: round.refused,
                postponed: round.postponed,
                tries,
            };
            if !result.landed.is_empty() {
                let commit = round.taking.squash(&base, &round.messages)?;
                match scratch.push(Some(&base), &commit, &self.branch.name, None)? {
                    Pushed::Landed => {}
                    Pushed::Refused(message) => match look(scratch, self.branch, Some(&base), &commit)? {
                        Tip::Ours => {}
                        Tip::Moved => {
                            contest.wait_after_loss();
                            continue;
                        }
                        Tip::Same if refused_at.as_ref() != Some(&base) => {
                            refused_at = Some(base);
                            continue;
                        }
                        Tip::Same => return Err(rejected(self.branch, message)),
                    },
                }
                result.commit = Some(commit);
            }
            // One that has moved meanwhile waits for the next time.
            scratch.delete(&round.done)?;
            let known = result.refused.iter().filter_map(|(name, _)| waiting.get_key_value(name));
            let known = known.map(|(name, commit)| (name.clone(), commit.clone())).collect();
            return Ok((result, known));
        }
        Err(Error::Contended { tries: TRIES })
    }

    /// Judges what waits, one after another, for as long as one commit has room and there is time.
    fn take<'s>(&'s self, scratch: &'s Scratch, base: &ObjectId, waiting: &Branches) -> Result<Round<'s>, Error> {
        let taking = Taking::on(base, scratch, (self.compiler, self.sources), self.moment);
        let (landed, refused, messages, done) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut round = Round { taking, landed, refused, messages, done, postponed: Vec::new() };
        let order = in_turns(waiting.keys());
        for some in order.chunks(MOST) {
            if round.is_full() || !(self.has_time)() {
                round.postponed.extend(some.iter().map(|name| (*name).clone()));
                continue;
            }
            scratch.fetch_branches(some.iter().copied())?;
            for name in some {
                if round.is_full() || !(self.has_time)() {
                    round.postponed.push((*name).clone());
                } else if let Some(commit) = waiting.get(*name) {
                    round.take(name, commit)?;
                }
            }
        }
        Ok(round)
    }
}

/// What one commit will hold, as far as it has come.
struct Round<'a> {
    taking: Taking<'a>,
    landed: Vec<Plan>,
    refused: Vec<(String, Vec<Diagnostic>)>,
    messages: Vec<String>,
    /// Branches that wait for nothing any more, once it has landed.
    done: Vec<(String, ObjectId)>,
    postponed: Vec<String>,
}

impl Round<'_> {
    fn is_full(&self) -> bool {
        // What lands does not wait until thousands of branches that are refused, which may be one team's, were looked at.
        let looked_at = self.refused.len() + self.done.len();
        (looked_at >= MOST && !self.landed.is_empty()) || self.taking.edits.len() >= MOST_PATHS
    }

    fn take(&mut self, name: &str, commit: &ObjectId) -> Result<(), GitError> {
        match self.taking.take(name, commit)? {
            Taken::Landed(plan, message) => {
                self.landed.push(plan);
                self.messages.push(message);
                self.done.push((name.to_owned(), commit.clone()));
            }
            Taken::Nothing => self.done.push((name.to_owned(), commit.clone())),
            Taken::Refused(found) => self.refused.push((name.to_owned(), found)),
        }
        Ok(())
    }
}

/// The first branch of every team, then the second of every team that has one, and so on.
fn in_turns<'n>(names: impl Iterator<Item = &'n String>) -> Vec<&'n String> {
    let mut of_team: BTreeMap<&str, usize> = BTreeMap::new();
    let mut turns: BTreeMap<usize, Vec<&String>> = BTreeMap::new();
    for name in names {
        let rest = name.strip_prefix(layout::WAITING).unwrap_or(name);
        let turn = of_team.entry(rest.split('/').next().unwrap_or(rest)).or_default();
        turns.entry(*turn).or_default().push(name);
        *turn += 1;
    }
    turns.into_values().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teams_take_turns_however_many_branches_one_of_them_has() {
        let names: Vec<String> =
            ["ads/a", "ads/b", "ads/c", "churn/x", "nobody", "web/y", "web/z"].iter().map(|name| format!("publish/{name}")).collect();
        let turns: Vec<&str> = in_turns(names.iter()).into_iter().map(|name| &name["publish/".len()..]).collect();
        assert_eq!(turns, ["ads/a", "churn/x", "nobody", "web/y", "ads/b", "web/z", "ads/c"]);
    }
}
