//! IDENTITY: where a source was published from is recorded by whom the policy lets record it, and as their token says.

use super::Asker;
use super::case::{Case, Changed, Source, Team};
use super::exempt::is_spent;
use super::frame::speaks_for;
use super::place::{LOCK, Place};
use crate::central::authorise::EVENTS;
use crate::central::compiler::Authority;
use crate::central::identity::Publisher;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::identity::{Level, Operation};
use crate::io::git::GitError;
use crate::name::SourceName;

const TOKEN: &str = "publish with a token of the run: `freehold publish --identity-token FILE`";

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state, source, files) in case.touched_sources() {
        let Some(authority) = &state.authority else { continue };
        let found = match case.asker {
            Asker::Publisher(publisher) if is_bound(publisher, authority, source) => misses_token(publisher, files),
            // What is not theirs, or nobody's to change, is told by FRAME, TRANSFER and RERENDER.
            Asker::Publisher(_) | Asker::Platform | Asker::Anybody => None,
            Asker::Actor(_) if case.is_platform && !speaks_for(case, team) => None,
            Asker::Waiting(_) if authority.identity.accepted(Operation::Integrate) <= Level::Branch => None,
            Asker::Actor(_) | Asker::Teams(_) | Asker::Waiting(_) => changes_record(authority, files),
        };
        if let Some(reason) = found {
            let fault = Diagnostic::error(&code::IDENTITY, format!("`{team}/{source}` {reason}"));
            sink.push(fault.at_file(format!("sources/{team}/{source}/{LOCK}"), "`published` says where it comes from").help(TOKEN));
        }
    }
    Ok(())
}

/// Whether a path is one that the token's repository may change: a file of a source that is granted to it, one that such a source
/// compiles to, or a record that lets it do so.
pub(super) fn may(publisher: &Publisher, case: &Case<'_>, change: &Changed) -> bool {
    let lists = |source: &Source| {
        let (before, after) = source.locks();
        [before, after].into_iter().flatten().any(|lock| lock.compiled.contains_key(&change.path))
    };
    match &change.place {
        Place::Source { team, source, .. } => case.teams.get(team).is_some_and(|team| publishes_to(publisher, team, source)),
        // What a lock claims wrongly is found by LOCK.
        Place::Compiled { team } => case.teams.get(team).is_some_and(|team| {
            // A change can bring any number of sources, and a grant names a few.
            let granted = team.authority.iter().flat_map(|authority| &authority.repositories).map(|binding| &binding.source);
            let mut own = granted.filter_map(|source| Some((source, team.sources.get(source)?)));
            own.any(|(source, files)| lists(files) && publishes_to(publisher, team, source))
        }),
        Place::Override { team } => is_spent(change) && case.teams.get(team).is_some_and(|team| publishes_for(publisher, team)),
        // What it becomes is a compiled file, which has to be of a source of theirs; ADOPT sees to it that it becomes that.
        Place::Original { team } => case.teams.get(team).is_some_and(|team| publishes_for(publisher, team)),
        Place::Policy | Place::Platform | Place::Unmanaged | Place::Nobody => false,
    }
}

/// Whether the token's repository publishes to a source of a team.
pub(super) fn publishes_to(publisher: &Publisher, team: &Team, source: &SourceName) -> bool {
    team.authority.as_ref().is_some_and(|authority| is_bound(publisher, authority, source))
}

/// Whether the token's repository publishes to any source of a team.
pub(super) fn publishes_for(publisher: &Publisher, team: &Team) -> bool {
    let Some(authority) = &team.authority else { return false };
    authority.repositories.iter().any(|binding| is_bound(publisher, authority, &binding.source))
}

/// Whether the base's grant lets the token's repository, as it was when the token was made, publish to a source.
fn is_bound(publisher: &Publisher, authority: &Authority, source: &SourceName) -> bool {
    let claims = publisher.claims();
    let mut bindings = authority.repositories.iter().filter(|binding| binding.source == *source && binding.id == claims.repository_id);
    let is_granted = bindings.any(|binding| {
        authority.identity.is_numbered_by(binding.issuer.as_deref(), &claims.issuer)
            && binding.owner_id.is_none_or(|owner| owner == claims.owner_id)
            && binding.allows(&claims.reference)
    });
    is_granted && EVENTS.contains(&claims.event.as_str())
}

fn misses_token(publisher: &Publisher, files: &Source) -> Option<String> {
    // A lock that cannot be read is found by LOCK.
    let now = files.locks().1.and_then(|lock| lock.published.as_ref());
    let claims = publisher.claims();
    let is_named = now.is_some_and(|now| {
        now.repository == publisher.repository() && now.r#ref == claims.reference && now.commit.as_ref() == Some(&claims.commit)
    });
    let is_sound = files.lock.as_ref().is_none_or(Result::is_ok);
    (!is_named && is_sound).then(|| {
        let (name, id, reference) = (&claims.repository, claims.repository_id, &claims.reference);
        format!("does not record what the token says: `{name}` ({id}), `{reference}`, commit `{}`", claims.commit)
    })
}

fn changes_record(authority: &Authority, files: &Source) -> Option<String> {
    if authority.identity.accepted(Operation::Publish) <= Level::Environment {
        return None;
    }
    let (before, after) = files.locks();
    let published = |lock: Option<&'_ crate::central::lock::Lock>| lock.and_then(|lock| lock.published.clone());
    let is_sound = files.lock.as_ref().is_none_or(Result::is_ok);
    (is_sound && published(before) != published(after)).then(|| "is recorded as published by somebody without an identity token".to_owned())
}
