//! The publish loop: plan against the tip, commit, judge, push; when the tip has moved, again.

use super::authorise::Purpose;
use super::compiler::Compiler;
use super::identity::{Publisher, without_token};
use super::layout;
use super::message::{message, with_token};
use super::plan::Plan;
use super::prepare::{Prepared, Preparing};
use super::request::{Branch, Request, Via};
use super::verify::{Asker, Judged, judge};
use crate::diag::{Diagnostic, Severity};
use crate::io::git::{Edit, GitError, NewCommit, ObjectId, Pushed, Repository, Scratch, taken_lock};
use crate::io::{Tries, wait_with_jitter};
use crate::source::Sources;

/// The push option by which a server's hook is handed an identity token.
pub const TOKEN_OPTION: &str = "freehold-token=";
/// How often a publish starts again because somebody else was faster.
pub(super) const TRIES: u32 = 60;
/// How often the tip is read again before a refused push counts as refused: the winner's update may be under way.
const LOOKS: u32 = 6;

/// Publishing could not be carried through. Nothing of it is in the central repository.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Git's own failure.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Others were faster each time.
    #[error("others published at the same time, {tries} times in a row; run this again")]
    Contended {
        /// Tries that were made.
        tries: u32,
    },
    /// A push that was cut off left the branch locked. Nobody can tell from here that no push holds the lock any more, so it stays.
    #[error("{central} cannot move `{branch}`: another push holds `{file}`, or was killed while it did")]
    Locked {
        /// The central repository.
        central: String,
        /// The branch.
        branch: String,
        /// The lock, as the remote names it.
        file: String,
    },
    /// The Git host gave no identity token for this very publish.
    #[error("the Git host gives no identity token that could wait with this publish: {0}")]
    Token(String),
    /// The remote said no although nobody else had moved the branch: a hook, a protection, a missing permission.
    #[error("{central} refused the push to `{branch}`: {message}")]
    Rejected {
        /// The central repository.
        central: String,
        /// The branch.
        branch: String,
        /// What it said.
        message: String,
    },
}

/// How a publish went.
#[derive(Debug)]
pub struct Outcome {
    /// What was planned, with what was refused.
    pub plan: Plan,
    /// The commit that landed; none when something is refused or there was nothing to do.
    pub commit: Option<ObjectId>,
    /// How often it was tried.
    pub tries: u32,
}

/// What a publish would change, and why something is refused.
///
/// # Errors
/// When the central repository cannot be read.
pub fn plan(branch: &Branch, request: &Request<'_>, compiler: &dyn Compiler, sources: &Sources) -> Result<Plan, Error> {
    draft(branch, request, compiler, sources).map(|draft| draft.plan)
}

/// A plan that can still be looked into.
#[derive(Debug)]
pub struct Draft {
    /// The plan.
    pub plan: Plan,
    /// What it would write, or would have written if it were not refused.
    edits: Vec<Edit>,
    scratch: Scratch,
}

impl Draft {
    /// Whether it was refused before it was known what it would change.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.plan.is_refused() && self.edits.is_empty()
    }

    /// The repository, and the trees before and after, as far as that is known of a refused one; both are the same when nothing changes.
    ///
    /// # Errors
    /// When git cannot write what the plan would make, which nobody else gets to see.
    pub fn trees(&self) -> Result<(&Repository, ObjectId, ObjectId), GitError> {
        let repository = self.scratch.repository();
        let before = repository.tree_of(&self.plan.base)?;
        if self.edits.is_empty() {
            return Ok((repository, before.clone(), before));
        }
        let commit = self.scratch.write(&NewCommit { parent: Some(&self.plan.base), edits: &self.edits, message: "A draft" })?;
        Ok((repository, before, repository.tree_of(&commit)?))
    }

    /// Fetches many objects in one go.
    ///
    /// # Errors
    /// When the remote cannot be reached.
    pub fn prefetch(&self, ids: &[&ObjectId]) -> Result<(), GitError> {
        self.scratch.prefetch(ids.iter().copied())
    }
}

/// The same as [`plan`], to be looked into.
///
/// # Errors
/// When the central repository cannot be read.
pub fn draft(branch: &Branch, request: &Request<'_>, compiler: &dyn Compiler, sources: &Sources) -> Result<Draft, Error> {
    let scratch = Scratch::of(&branch.central)?;
    let preparing = Preparing { scratch: &scratch, request, compiler, sources, purpose: Purpose::Plan };
    let Prepared { plan, edits, refused, published: _, publisher: _, wait: _ } = preparing.against(&tip(&scratch, branch)?)?;
    Ok(Draft { edits: if plan.is_refused() { refused } else { edits }, plan, scratch })
}

/// Publishes: afterwards the branch holds what the request compiles to, or will when it is integrated, or the outcome says what is
/// refused.
///
/// # Errors
/// When the central repository cannot be reached, refuses the push, or others were faster each time. Nothing is half
/// done then: objects are written first, and the branch moves in one step or not at all.
pub fn publish(branch: &Branch, via: Via, request: &Request<'_>, compiler: &dyn Compiler, sources: &Sources) -> Result<Outcome, Error> {
    let scratch = Scratch::of(&branch.central)?;
    let preparing = Preparing { scratch: &scratch, request, compiler, sources, purpose: Purpose::Publish };
    let target = match via {
        Via::Direct => branch.clone(),
        Via::Branch => Branch { central: branch.central.clone(), name: layout::waiting(&request.team, &request.source) },
    };
    let shown = request.origin.token.as_ref().filter(|token| token.is_sent);
    let option = shown.map(|token| format!("{TOKEN_OPTION}{}", token.text.trim()));
    let mut refused_at = None;
    let mut contest = Tries::begin();
    for tries in 1..=TRIES {
        let base = tip(&scratch, branch)?;
        let replaced = match via {
            Via::Direct => Some(base.clone()),
            Via::Branch => scratch.branches(&target.name)?.remove(&target.name),
        };
        let mut prepared = preparing.against(&base)?;
        if let (Via::Branch, Some(waiting)) = (via, &replaced) {
            scratch.fetch_branches([&target.name])?;
            preparing.compare_waiting(waiting, &mut prepared)?;
        }
        if prepared.edits.is_empty() {
            return Ok(Outcome { plan: prepared.plan, commit: None, tries });
        }
        let token = match via {
            Via::Direct => None,
            Via::Branch => waiting_token(request, &mut prepared)?,
        };
        if prepared.plan.is_refused() {
            return Ok(Outcome { plan: prepared.plan, commit: None, tries });
        }
        let (commit, plan) = match build(&preparing, prepared, token.as_deref())? {
            Built::Commit(commit, plan) => (commit, plan),
            Built::Refused(plan) => return Ok(Outcome { plan, commit: None, tries }),
        };
        match scratch.push(replaced.as_ref(), &commit, &target.name, option.as_deref())? {
            Pushed::Landed => return Ok(Outcome { plan, commit: Some(commit), tries }),
            Pushed::Refused(message) => match look(&scratch, &target, replaced.as_ref(), &commit)? {
                Tip::Ours => return Ok(Outcome { plan, commit: Some(commit), tries }),
                Tip::Moved => contest.wait_after_loss(),
                // The winner of a race may have given up too: one more try tells.
                Tip::Same if refused_at.as_ref() != Some(&base) => refused_at = Some(base),
                Tip::Same => return Err(rejected(&target, message)),
            },
        }
    }
    Err(Error::Contended { tries: TRIES })
}

/// What the remote said decides only how its refusal is told.
pub(super) fn rejected(branch: &Branch, message: String) -> Error {
    let (central, branch) = (branch.central.to_string(), branch.name.clone());
    match taken_lock(&message) {
        Some(file) => Error::Locked { central, branch, file },
        None => Error::Rejected { central, branch, message },
    }
}

pub(super) fn tip(scratch: &Scratch, branch: &Branch) -> Result<ObjectId, GitError> {
    let missing = || GitError::NoBranch { address: branch.central.to_string(), branch: branch.name.clone() };
    scratch.fetch(&branch.name)?.ok_or_else(missing)
}

/// A token that was asked for this very publish, where what waits takes one. That none can be had is told.
fn waiting_token(request: &Request<'_>, prepared: &mut Prepared) -> Result<Option<String>, Error> {
    let Some(wait) = &prepared.wait else { return Ok(None) };
    let (Some(ask), Some(audience)) = (request.token_for, &wait.audience) else {
        prepared.plan.diagnostics.push(without_token());
        return Ok(None);
    };
    let token = ask(audience).map_err(Error::Token)?;
    prepared.plan.diagnostics.extend(wait.refusal(&token.text, token.now));
    Ok(Some(token.text))
}

enum Built {
    Commit(ObjectId, Plan),
    Refused(Plan),
}

/// Writes the commit and has it judged by the verifier, which knows nothing of the plan.
fn build(preparing: &Preparing<'_>, prepared: Prepared, token: Option<&str>) -> Result<Built, GitError> {
    let Prepared { mut plan, edits, refused: _, published, publisher, wait: _ } = prepared;
    let message = message(&plan, published.as_ref(), preparing.request.consent);
    let message = token.map_or_else(|| message.clone(), |token| with_token(&message, token));
    let commit = preparing.scratch.write(&NewCommit { parent: Some(&plan.base), edits: &edits, message: &message })?;
    let found = judge_step(preparing, publisher.as_ref(), (&plan.base, &commit))?;
    let refused = found.iter().any(|found| found.severity == Severity::Error);
    plan.diagnostics.extend(found.into_iter().filter(|found| found.severity == Severity::Error));
    Ok(if refused { Built::Refused(plan) } else { Built::Commit(commit, plan) })
}

/// Has the verifier judge one publish, as if the token's repository asked for it, or its team where there is no token.
pub(super) fn judge_step(
    preparing: &Preparing<'_>,
    publisher: Option<&Publisher>,
    (base, commit): (&ObjectId, &ObjectId),
) -> Result<Vec<Diagnostic>, GitError> {
    let repository = preparing.scratch.repository();
    let (base, tree) = (repository.tree_of(base)?, repository.tree_of(commit)?);
    let team = &preparing.request.team;
    let as_team = || match preparing.purpose {
        Purpose::Plan | Purpose::Publish => Asker::Teams([team.clone()].into()),
        Purpose::Integrate => Asker::Waiting(team.clone()),
    };
    let asker = publisher.cloned().map_or_else(as_team, Asker::Publisher);
    let today = preparing.request.today;
    let judged = Judged { repository, base: Some(&base), policy: Some(&base), tree: &tree, asker: &asker, today };
    judge(&judged, preparing.compiler, preparing.sources)
}

pub(super) enum Tip {
    Ours,
    Moved,
    Same,
}

/// Where the branch is after a push that git says has failed. The tip is what decides, not what git said.
pub(super) fn look(scratch: &Scratch, branch: &Branch, replaced: Option<&ObjectId>, commit: &ObjectId) -> Result<Tip, GitError> {
    for look in 0..LOOKS {
        match scratch.tip(&branch.name)? {
            Some(tip) if tip == *commit => return Ok(Tip::Ours),
            tip if tip.as_ref() == replaced => wait_with_jitter(look),
            Some(_) | None => return Ok(Tip::Moved),
        }
    }
    Ok(Tip::Same)
}
