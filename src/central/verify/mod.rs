//! The verifier: whether a change may land, told from Git objects only.
//!
//! In go two trees and who asks, out come diagnostics. It knows nothing of plans, and reads paths with a function of its
//! own. It costs what the change costs and what the touched teams hold, not what the repository holds.
//!
//! One rule is one file and one row in a table. The rules that look at paths come first; only what passes all of them is
//! read and compiled.

mod adopt;
mod affected;
mod audit;
mod awaited;
mod case;
mod claim;
mod complete;
mod exempt;
mod frame;
mod guard;
mod identity;
mod land;
mod limit;
mod locked;
mod mixed;
mod mode;
mod mono;
mod name;
mod place;
mod policy;
mod rederive;
mod rerender;
mod reserved;
mod transfer;
mod unmanaged;
mod untouched;

use std::collections::BTreeSet;

use self::case::Case;
pub(crate) use self::frame::Owners;
pub use self::{affected::affected, audit::audit};
use super::compiler::Compiler;
use super::identity::Publisher;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, Landing, ObjectId, Repository};
use crate::name::TeamName;
use crate::source::Sources;

/// Who asks for a change to land.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// An account; the grants' `members` say which teams it speaks for.
    Actor(String),
    /// These teams.
    Teams(BTreeSet<TeamName>),
    /// A team, by the branch on which a publish of it has waited: who may push that is for the Git host to say.
    Waiting(TeamName),
    /// A repository that a trusted token names; it speaks for the sources that are granted to it.
    Publisher(Publisher),
    /// The platform.
    Platform,
    /// Anybody: who made the change is not known, and FRAME has nothing to say.
    Anybody,
}

/// Two trees, and who asks to go from one to the other.
#[derive(Debug, Clone, Copy)]
pub struct Judged<'a> {
    /// Where their objects are.
    pub repository: &'a Repository,
    /// The tree of the protected branch; `None` for a branch that is new.
    pub base: Option<&'a ObjectId>,
    /// The tree that policy is read from: that of the protected branch, or for an audit the audited one itself.
    pub policy: Option<&'a ObjectId>,
    /// The tree that landing would make.
    pub tree: &'a ObjectId,
    /// Who asks.
    pub asker: &'a Asker,
    /// The day, in UTC; `None` lets no record lift a rule.
    pub today: Option<jiff::civil::Date>,
}

/// What was found, and about what.
#[derive(Debug)]
pub struct Verdict {
    /// The commit that policy was read from and that the change was compared with.
    pub base: Option<ObjectId>,
    /// The commit that asks to land.
    pub head: Option<ObjectId>,
    /// The tree that landing would make; `None` when it cannot land at all.
    pub tree: Option<ObjectId>,
    /// What is wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// A rule of the verifier.
type Check = fn(&Case<'_>, &mut Sink) -> Result<(), GitError>;

/// Rules about paths and policy. What breaks one of them is not read any further.
const OUTER: [Check; 9] =
    [policy::check, frame::check, adopt::check, mixed::check, mode::check, reserved::check, name::check, limit::check, identity::check];

/// Rules about what the files hold.
const INNER: [Check; 11] = [
    untouched::check,
    locked::check,
    complete::check,
    rederive::check,
    mono::check,
    guard::check,
    awaited::check,
    claim::check,
    transfer::check,
    rerender::check,
    exempt::check,
];

/// Judges a change of the central repository.
///
/// `base` is the revision of the protected branch, `None` when the branch is new; `head` the revision that asks to land,
/// `None` when the branch is to be deleted. With who asks goes the day, in UTC, without which no record lifts a rule.
///
/// # Errors
/// When a revision does not exist or git fails: then nothing is known, and nothing may land.
pub fn verify(
    repository: &Repository,
    (base, head): (Option<&str>, Option<&str>),
    landing: Landing,
    (asker, today): (&Asker, Option<jiff::civil::Date>),
    compiler: &dyn Compiler,
    sources: &Sources,
) -> Result<Verdict, GitError> {
    let base = base.map(|base| repository.commit(base)).transpose()?;
    let Some(head) = head.map(|head| repository.commit(head)).transpose()? else {
        let fault = Diagnostic::error(&code::NOT_FORWARD, "the branch would be deleted, with everybody's files");
        return Ok(Verdict { base, head: None, tree: None, diagnostics: vec![fault.help("push commits to it instead")] });
    };
    let base_tree = base.as_ref().map(|base| repository.tree_of(base)).transpose()?;
    let landed = match land::land(repository, (base.as_ref(), base_tree.as_ref()), &head, landing)? {
        Ok(landed) => landed,
        Err(fault) => return Ok(Verdict { base, head: Some(head), tree: None, diagnostics: vec![*fault] }),
    };
    let judged = Judged { repository, base: base_tree.as_ref(), policy: base_tree.as_ref(), tree: &landed, asker, today };
    let diagnostics = judge(&judged, compiler, sources)?;
    Ok(Verdict { base, head: Some(head), tree: Some(landed), diagnostics })
}

/// Judges the change from one tree to another.
///
/// # Errors
/// When an object is missing or malformed.
pub(crate) fn judge(judged: &Judged<'_>, compiler: &dyn Compiler, sources: &Sources) -> Result<Vec<Diagnostic>, GitError> {
    let mut sink = Sink::new();
    let case = Case::load(judged, compiler, sources, &mut sink)?;
    for rule in &OUTER {
        rule(&case, &mut sink)?;
    }
    if !sink.has_errors() {
        case.compile(&mut sink)?;
        for rule in &INNER {
            rule(&case, &mut sink)?;
        }
    }
    Ok(sink.into_sorted())
}
