//! Taking one publish that waits: its files are read, planned anew on what was taken before it, and judged.

use std::collections::BTreeMap;

use super::authorise::Purpose;
use super::bound::Bound;
use super::compiler::{Compiler, SourceFiles};
use super::layout;
use super::lock::Published;
use super::message::{consent_in, integrating, message, token_in, with_waiting};
use super::plan::Plan;
use super::prepare::Preparing;
use super::publish::judge_step;
use super::request::{Ancestry, Consent, Origin, Request, Token};
use super::team::TeamState;
use crate::diag::{Diagnostic, Severity, codes as code};
use crate::io::git::{Edit, GitError, NewCommit, ObjectId, Scratch};
use crate::name::{SourceName, TeamName};
use crate::source::Sources;

/// A commit that lands what waits, as far as it has come.
pub(super) struct Taking<'a> {
    pub(super) scratch: &'a Scratch,
    compiler: &'a dyn Compiler,
    sources: &'a Sources,
    today: Option<jiff::civil::Date>,
    now: u64,
    /// The commit of the last one that was taken; nobody sees it.
    pub(super) tip: ObjectId,
    /// What all of them change, by path: the last one's word counts.
    pub(super) edits: BTreeMap<String, Edit>,
}

/// What became of one.
pub(super) enum Taken {
    Landed(Plan, String),
    Nothing,
    Refused(Vec<Diagnostic>),
}

impl<'a> Taking<'a> {
    /// One in which there is nothing yet. With the compiler goes what takes the files that messages point into; the moment is the day, in
    /// UTC, and the time in seconds since 1970.
    pub(super) fn on(
        tip: &ObjectId,
        scratch: &'a Scratch,
        (compiler, sources): (&'a dyn Compiler, &'a Sources),
        (today, now): (Option<jiff::civil::Date>, u64),
    ) -> Self {
        Self { scratch, compiler, sources, today, now, tip: tip.clone(), edits: BTreeMap::new() }
    }
}

impl Taking<'_> {
    /// Takes what waits on a branch, at a commit of it, if it is in order.
    pub(super) fn take(&mut self, name: &str, commit: &ObjectId) -> Result<Taken, GitError> {
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
        let message = with_waiting(&message(&prepared.plan, prepared.published.as_ref(), consent), (name, commit));
        let made = self.scratch.write(&NewCommit { parent: Some(&self.tip), edits: &prepared.edits, message: &message })?;
        let found = judge_step(&preparing, prepared.publisher.as_ref(), (&self.tip, &made))?;
        if found.iter().any(|found| found.severity == Severity::Error) {
            return Ok(Taken::Refused(found));
        }
        // As a commit is written: where one path goes and comes, as that of a workflow that moves within its team, the file counts.
        let (gone, written): (Vec<Edit>, Vec<Edit>) = prepared.edits.into_iter().partition(|edit| matches!(edit, Edit::Delete { .. }));
        for edit in gone.into_iter().chain(written) {
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
        let now = TeamState::read(repository, &repository.tree_of(&self.tip)?, &team)?;
        if now.grant.is_none() {
            // Whoever made up a team's name would have a turn for it, and decide how long that takes.
            return wrong(
                format!("the branch `{name}` waits for a team `{team}`, and there is none"),
                "delete it, or have the platform's people land the team's grant first",
            );
        }
        let state = TeamState::read(repository, &repository.tree_of(commit)?, &team)?;
        let Some(published) = state.lock(&source).and_then(|lock| lock.published.clone()) else {
            return wrong(format!("`{name}` does not say what was published"), "publish again: `freehold publish --via branch`");
        };
        let serial = now.lock(&source).and_then(|lock| lock.published.as_ref()).map_or(0, |published| published.serial);
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
    pub(super) fn squash(&self, base: &ObjectId, messages: &[String]) -> Result<ObjectId, GitError> {
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
