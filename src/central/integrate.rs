//! Landing what waits: every `publish/<team>/<source>` branch that is in order, many in one commit.
//!
//! Whoever may push such a branch need not be able to move the branch that is synced from. Nothing that waits is believed: its files are
//! planned anew on the tip, compiled and judged, one after another, and what is refused waits on.

use std::collections::BTreeMap;

use super::authorise::Purpose;
use super::bound::Bound;
use super::compiler::{Compiler, SourceFiles};
use super::layout;
use super::lock::{Lock, Published};
use super::message::{consent_in, integrating, message, token_in};
use super::plan::Plan;
use super::prepare::Preparing;
use super::publish::{Error, TRIES, Tip, judge_step, look, rejected, tip};
use super::request::{Ancestry, Branch, Consent, Origin, Request, Token};
use super::team::TeamState;
use crate::diag::{Diagnostic, Severity, codes as code};
use crate::io::Tries;
use crate::io::git::{Edit, GitError, NewCommit, ObjectId, Pushed, Scratch};
use crate::name::{SourceName, TeamName};
use crate::source::Sources;

/// Publishes that land in one commit: planning more takes so long that whoever publishes directly would always be faster.
const MOST: usize = 100;
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
                let commit = round.integrating.squash(&base, &round.messages)?;
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
        let (compiler, sources, (today, now)) = (self.compiler, self.sources, self.moment);
        let integrating = Integrating { scratch, compiler, sources, today, now, tip: base.clone(), edits: BTreeMap::new() };
        let (landed, refused, messages, done) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut round = Round { integrating, landed, refused, messages, done, postponed: Vec::new() };
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
    integrating: Integrating<'a>,
    landed: Vec<Plan>,
    refused: Vec<(String, Vec<Diagnostic>)>,
    messages: Vec<String>,
    /// Branches that wait for nothing any more, once it has landed.
    done: Vec<(String, ObjectId)>,
    postponed: Vec<String>,
}

impl Round<'_> {
    fn is_full(&self) -> bool {
        self.landed.len() >= MOST || self.integrating.edits.len() >= MOST_PATHS
    }

    fn take(&mut self, name: &str, commit: &ObjectId) -> Result<(), GitError> {
        match self.integrating.take(name, commit)? {
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

/// What has been taken so far.
struct Integrating<'a> {
    scratch: &'a Scratch,
    compiler: &'a dyn Compiler,
    sources: &'a Sources,
    today: Option<jiff::civil::Date>,
    now: u64,
    /// The commit of the last one that was taken; nobody sees it.
    tip: ObjectId,
    /// What all of them change, by path: the last one's word counts.
    edits: BTreeMap<String, Edit>,
}

enum Taken {
    Landed(Plan, String),
    Nothing,
    Refused(Vec<Diagnostic>),
}

impl Integrating<'_> {
    fn take(&mut self, name: &str, commit: &ObjectId) -> Result<Taken, GitError> {
        let waiting = match self.read(name, commit) {
            Ok(Ok(waiting)) => waiting,
            Ok(Err(fault)) => return Ok(Taken::Refused(vec![*fault])),
            // Whoever pushed it may have made objects that no git makes. That is their fault, and nobody else waits for it.
            Err(GitError::Object { id, reason }) => {
                let fault = Diagnostic::error(&code::WAITING, format!("what waits on `{name}` cannot be read: object {id}: {reason}"));
                return Ok(Taken::Refused(vec![fault.help("publish again: `freehold publish --via branch`")]));
            }
            Err(error) => return Err(error),
        };
        let Waiting { team, source, files, published, consent, token } = waiting;
        let origin = Origin {
            repository: Some(published.repository.clone()),
            reference: Some(published.r#ref.clone()),
            event: None,
            commit: published.commit,
            token,
        };
        // The lock's serial says that nothing was published in between; who published knew the history.
        let (is_ancestor, has_changed_since) = (|_: &str| Ancestry::Yes, |_: &str| true);
        let request = Request {
            team,
            source,
            files,
            origin,
            is_ancestor: &is_ancestor,
            has_changed_since: &has_changed_since,
            token_for: None,
            consent,
            today: self.today,
        };
        let preparing = Preparing {
            scratch: self.scratch,
            request: &request,
            compiler: self.compiler,
            sources: self.sources,
            purpose: Purpose::Integrate,
        };
        let prepared = preparing.against(&self.tip)?;
        if prepared.plan.is_refused() {
            return Ok(Taken::Refused(prepared.plan.diagnostics));
        }
        if prepared.edits.is_empty() {
            return Ok(Taken::Nothing);
        }
        let message = message(&prepared.plan, prepared.published.as_ref(), consent);
        let made = self.scratch.write(&NewCommit { parent: Some(&self.tip), edits: &prepared.edits, message: &message })?;
        let found = judge_step(&preparing, prepared.publisher.as_ref(), (&self.tip, &made))?;
        if found.iter().any(|found| found.severity == Severity::Error) {
            return Ok(Taken::Refused(found));
        }
        for edit in prepared.edits {
            let (Edit::Write { path, .. } | Edit::Delete { path }) = &edit;
            self.edits.insert(path.clone(), edit);
        }
        self.tip = made;
        Ok(Taken::Landed(prepared.plan, message))
    }

    /// What waits on a branch, or why it cannot be told.
    fn read(&self, name: &str, commit: &ObjectId) -> Result<Result<Waiting, Box<Diagnostic>>, GitError> {
        let wrong = |title: String, help: &str| Ok(Err(Box::new(Diagnostic::error(&code::WAITING, title).help(help))));
        let parts = name.strip_prefix(layout::WAITING).and_then(|rest| rest.split_once('/'));
        let Some((Ok(team), Ok(source))) = parts.map(|(team, source)| (TeamName::parse(team), SourceName::parse(source))) else {
            return wrong(
                format!("the branch `{name}` waits for nobody"),
                "delete it; `freehold publish --via branch` makes `publish/<team>/<source>`",
            );
        };
        let repository = self.scratch.repository();
        let state = TeamState::read(repository, &repository.tree_of(commit)?, &team)?;
        let lock: Option<&Lock> = state.sources.get(&source).and_then(|source| source.lock.as_ref()?.as_ref().ok());
        let Some(published) = lock.and_then(|lock| lock.published.clone()) else {
            return wrong(format!("`{name}` does not say what was published"), "publish again: `freehold publish --via branch`");
        };
        let now = TeamState::read(repository, &repository.tree_of(&self.tip)?, &team)?;
        let last = now.sources.get(&source).and_then(|source| source.lock.as_ref()?.as_ref().ok());
        let serial = last.and_then(|lock| lock.published.as_ref()).map_or(0, |published| published.serial);
        if published.serial != serial.saturating_add(1) {
            let title = format!(
                "`{name}` follows publish {} of its source, and the branch has publish {serial}",
                published.serial.saturating_sub(1)
            );
            return wrong(title, "publish again: `freehold publish --via branch`");
        }
        let entries = state.sources.get(&source).into_iter().flat_map(|source| source.entries.values());
        self.scratch.prefetch(entries.map(|entry| &entry.id))?;
        let files = state.files(repository, &source)?;
        let message = repository.message_of(commit)?;
        let consent = consent_in(&message);
        let token = token_in(&message).map(|text| Token {
            text: text.to_owned(),
            now: self.now,
            checked_out: None,
            is_sent: false,
            waits_with: Some(self.digest(&now, (&team, &source), (&published, consent, &files))),
        });
        Ok(Ok(Waiting { team, source, files, published, consent, token }))
    }

    /// What a token that waits must have been made for, told from what is read here.
    fn digest(
        &self,
        state: &TeamState,
        (team, source): (&TeamName, &SourceName),
        (published, consent, files): (&Published, Consent, &SourceFiles),
    ) -> String {
        let policy = state.platform.as_ref().zip(state.grant.as_ref());
        // What is wrong with the policy is told where it is read to judge by; without one nothing lands.
        let authority = policy.and_then(|(platform, grant)| self.compiler.authority(platform, grant, team, &Sources::new()).ok());
        let central = authority.unwrap_or_default().central;
        Bound { central: &central, team, source, serial: published.serial, consent, files }.digest()
    }

    /// One commit of all that was taken.
    fn squash(&self, base: &ObjectId, messages: &[String]) -> Result<ObjectId, GitError> {
        let edits: Vec<Edit> = self.edits.values().cloned().collect();
        let commit = self.scratch.write(&NewCommit { parent: Some(base), edits: &edits, message: &integrating(messages) })?;
        let repository = self.scratch.repository();
        if repository.tree_of(&commit)? == repository.tree_of(&self.tip)? {
            return Ok(commit);
        }
        Err(GitError::Object { id: commit.to_string(), reason: "it does not hold what was judged".to_owned() })
    }
}

/// A publish that waits.
struct Waiting {
    team: TeamName,
    source: SourceName,
    files: SourceFiles,
    published: Published,
    consent: Consent,
    /// Its token, when it has one.
    token: Option<Token>,
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
