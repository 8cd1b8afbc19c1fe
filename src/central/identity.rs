//! Who asks to publish: what a signed token says before what was said, and whether that is enough for what is asked.

use super::authorise::{Purpose, severity};
use super::compiler::{Authority, Compiler};
use super::layout;
use super::lock::RepositoryId;
use super::request::{Consent, Origin, Request, Token};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::identity::{Claims, Level, Operation, verify, verify_waiting};
use crate::source::Sources;

/// A repository that speaks through a trusted token. There is no other way to get one than to verify a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    claims: Box<Claims>,
}

impl Publisher {
    /// Verifies a token under the `platform.yaml` of the protected branch, for a hook or a queue that judges what somebody else pushed.
    ///
    /// # Errors
    /// Diagnostics when the token cannot be trusted, or the policy not be read.
    pub fn of(token: &Token, platform: &[u8], compiler: &dyn Compiler, sources: &Sources) -> Result<Self, Vec<Diagnostic>> {
        let policy = compiler.identity(platform, sources)?;
        let claims = verify(&token.text, &policy, token.now).map_err(|untrusted| vec![untrusted.diagnostic()])?;
        Ok(Self { claims: Box::new(claims) })
    }

    /// What its token says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Where its files come from, by its token.
    pub(crate) fn origin(&self) -> Origin {
        let Claims { reference, event, commit, .. } = self.claims();
        Origin {
            repository: Some(self.repository()),
            reference: Some(reference.clone()),
            event: Some(event.clone()),
            commit: Some(commit.clone()),
            token: None,
        }
    }

    /// Its repository as a lock names it.
    pub(crate) fn repository(&self) -> RepositoryId {
        RepositoryId { id: self.claims.repository_id, name: self.claims.repository.clone() }
    }
}

/// Who asks, once it is settled what is believed.
pub(crate) struct Settled {
    /// Where the files come from. With a token everything in it is the token's.
    pub(crate) origin: Origin,
    /// Whose token said so; none when nothing but the environment did.
    pub(crate) publisher: Option<Publisher>,
}

/// Settles who asks. `None` when there is a token that cannot be trusted, which has been told: it is never passed over for the
/// environment's word.
pub(crate) fn settle(authority: &Authority, origin: &Origin, purpose: Purpose, sink: &mut Sink) -> Option<Settled> {
    let Some(token) = &origin.token else { return Some(Settled { origin: origin.clone(), publisher: None }) };
    let verified = match &token.waits_with {
        None => verify(&token.text, &authority.identity, token.now),
        Some(digest) => verify_waiting(&token.text, &authority.identity, digest, token.now),
    };
    let claims = match verified {
        Ok(claims) => claims,
        Err(untrusted) => {
            sink.push(untrusted.diagnostic());
            return None;
        }
    };
    check_agreement(&claims, origin, token, purpose, sink);
    let publisher = Publisher { claims: Box::new(claims) };
    Some(Settled { origin: publisher.origin(), publisher: Some(publisher) })
}

/// Refuses a token of one run beside the words of another: one of them is not this run's.
fn check_agreement(claims: &Claims, origin: &Origin, token: &Token, purpose: Purpose, sink: &mut Sink) {
    let said = [
        ("repository", origin.repository.as_ref().map(|repository| repository.id.to_string()), claims.repository_id.to_string()),
        ("ref", origin.reference.clone(), claims.reference.clone()),
        ("event", origin.event.clone(), claims.event.clone()),
        ("commit", origin.commit.clone(), claims.commit.clone()),
    ];
    for (what, said, claimed) in said {
        let Some(said) = said.filter(|said| *said != claimed) else { continue };
        let title = format!("the identity token is for {what} `{claimed}`, and `{said}` asks");
        let mut fault = Diagnostic::error(&code::IDENTITY_CONTRADICTION, title);
        fault.severity = severity(purpose);
        sink.push(fault.help("use the token of this very run, and leave out options and variables that say something else"));
    }
    let read_from = token.checked_out.as_ref().filter(|read_from| **read_from != claims.commit);
    if let Some(read_from) = read_from {
        let title = format!("the identity token is for commit `{}`, and the files are those of `{read_from}`", claims.commit);
        let mut fault = Diagnostic::error(&code::IDENTITY_CONTRADICTION, title);
        fault.severity = severity(purpose);
        sink.push(fault.help("publish what the run has checked out, without moving to another commit"));
    }
}

impl Request<'_> {
    /// What is asked for in so many words.
    pub(crate) fn operations(&self, purpose: Purpose) -> Vec<Operation> {
        let Consent { rollback, repair } = self.consent;
        let itself = match purpose {
            Purpose::Plan | Purpose::Publish => Operation::Publish,
            Purpose::Integrate => Operation::Integrate,
        };
        let said = [(true, itself), (rollback, Operation::Rollback), (repair, Operation::Repair)];
        said.into_iter().filter(|(is_said, _)| *is_said).map(|(_, operation)| operation).collect()
    }
}

/// Checks that what is known of the asker is enough for each operation. The first one that it is too weak for is told: the others
/// are for the same reason.
pub(crate) fn check_level(authority: &Authority, operations: &[Operation], settled: &Settled, purpose: Purpose, sink: &mut Sink) {
    let has_token = settled.publisher.is_some();
    if let Some(mut fault) = operations.iter().find_map(|operation| too_weak(authority, *operation, has_token)) {
        fault.severity = severity(purpose);
        sink.push(fault);
    }
}

fn too_weak(authority: &Authority, operation: Operation, has_token: bool) -> Option<Diagnostic> {
    let known = if has_token { Level::Token } else { operation.levels()[0] };
    let accepted = authority.identity.accepted(operation);
    (known < accepted).then(|| match operation {
        Operation::Publish | Operation::Rollback | Operation::Repair | Operation::Transfer | Operation::Override => {
            let (operation, accepted) = (operation.as_str(), accepted.as_str());
            let title = format!("`{operation}` takes an identity {accepted}, and only the environment says who asks");
            let fault = Diagnostic::error(&code::IDENTITY_LEVEL, title);
            let fault = fault.at_file(layout::PLATFORM, format!("`identity.accept` has `{operation}: {accepted}`, said or by default"));
            fault.help("in CI, get an ID token of the run and hand it over: `--identity-token FILE`, or `FREEHOLD_IDENTITY_TOKEN`")
        }
        Operation::Integrate => without_token(),
    })
}

/// What waits, or would, has no token of its own, and one is due.
pub(crate) fn without_token() -> Diagnostic {
    let fault = Diagnostic::error(&code::IDENTITY_LEVEL, "`integrate` takes an identity token, and what waits has none of its own");
    let fault = fault.at_file(layout::PLATFORM, "`identity.accept` has `integrate: token`, said or by default");
    fault.help(
        "publish from a GitHub workflow with `permissions: { id-token: write }` and `--identity-token FILE`; where the host protects \
         `publish/…` branches, the platform may write `integrate: branch`",
    )
}
