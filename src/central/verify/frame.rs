//! FRAME: nothing outside the asker's own paths differs.

use std::collections::BTreeMap;
use std::fmt;

use super::case::{Case, Changed};
use super::exempt::is_spent;
use super::identity;
use super::place::Place;
use super::{Asker, Judged, transfer};
use crate::central::compiler::Compiler;
use crate::diag::{Diagnostic, Sink, codes as code, more_files};
use crate::io::git::GitError;
use crate::name::{SourceName, TeamName};
use crate::source::Sources;

/// Files that one finding points at; the title says how many there are.
const SHOWN: usize = 5;

/// What to do where the branch has no policy yet.
const FIRST: &str = "the branch has no `platform.yaml`, so nobody may change anything yet: whoever administers the Git host lands the change that brings it";

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    if *case.asker == Asker::Anybody {
        return Ok(());
    }
    let mut foreign: BTreeMap<String, Vec<&Changed>> = BTreeMap::new();
    for change in case.changes.iter().filter(|change| change.place != Place::Nobody || change.after.is_none()) {
        if !may(case, change) {
            foreign.entry(change.place.to_string()).or_default().push(change);
        }
    }
    for (owner, changes) in foreign {
        let more = more_files(changes.len() - 1);
        let title = format!("{} may not change `{}`{more}", case.asker, changes[0].path);
        let mut fault = Diagnostic::error(&code::FRAME, title);
        for change in changes.iter().take(SHOWN) {
            fault = fault.at_file(&*change.path, format!("{} by this change; it belongs to {owner}", verb(change)));
        }
        let is_first = case.policy_file("platform.yaml")?.is_none();
        sink.push(fault.help(if is_first { FIRST.to_owned() } else { help(case.asker, &changes[0].place) }));
    }
    Ok(())
}

fn may(case: &Case<'_>, change: &Changed) -> bool {
    // A repository has less than its team.
    if let Asker::Publisher(publisher) = case.asker {
        return identity::may(publisher, case, change) || transfer::is_part(case, change);
    }
    // A record goes with what it let happen; the last rule sees to it that it let something happen.
    if let Place::Override { team } = &change.place {
        return case.is_platform || (is_spent(change) && speaks_for(case, team));
    }
    if change.place == Place::Unmanaged {
        return case.is_platform || case.unmanaged.lets(case.asker, &change.path);
    }
    // What is generated follows from the team's files, and the inner rules hold it to that.
    let Some(team) = change.place.team() else { return case.is_platform };
    speaks_for(case, team) || (case.is_platform && change.place.is_generated()) || transfer::is_part(case, change)
}

/// Whether who asks may change a source: a repository has the sources only that are granted to it.
pub(super) fn owns(case: &Case<'_>, team: &TeamName, source: &SourceName) -> bool {
    match case.asker {
        Asker::Publisher(publisher) => case.teams.get(team).is_some_and(|team| identity::publishes_to(publisher, team, source)),
        Asker::Actor(_) | Asker::Teams(_) | Asker::Waiting(_) | Asker::Platform | Asker::Anybody => speaks_for(case, team),
    }
}

/// Whether who asks may change a team's files.
pub(super) fn speaks_for(case: &Case<'_>, team: &TeamName) -> bool {
    match case.asker {
        Asker::Platform => false,
        Asker::Anybody => true,
        Asker::Teams(teams) => teams.contains(team),
        Asker::Waiting(waiting) => waiting == team,
        Asker::Actor(actor) => {
            let authority = case.teams.get(team).and_then(|team| team.authority.as_ref());
            authority.is_some_and(|authority| authority.members.contains(actor))
        }
        Asker::Publisher(publisher) => case.teams.get(team).is_some_and(|team| identity::publishes_for(publisher, team)),
    }
}

impl Judged<'_> {
    /// Whether who asks may change what is the platform's.
    pub(crate) fn is_platform(&self, compiler: &dyn Compiler) -> Result<bool, GitError> {
        let nothing = Sources::new();
        Ok(Case::of(self, Vec::new(), (compiler, &nothing), &mut Sink::new())?.is_platform)
    }
}

/// Tells of many sources whether who asks may change them. Reads no more than policy, and that of each team once.
pub(crate) struct Owners<'a> {
    case: Case<'a>,
}

impl<'a> Owners<'a> {
    pub(crate) fn new(judged: &Judged<'a>, reading: (&'a dyn Compiler, &'a Sources)) -> Result<Self, GitError> {
        Ok(Self { case: Case::without_changes(judged, reading)? })
    }

    /// Whether who asks may change a source.
    pub(crate) fn owns(&mut self, team: &TeamName, source: &SourceName) -> Result<bool, GitError> {
        if !self.case.teams.contains_key(team) {
            // A grant that cannot be read lets nobody, whatever is wrong with it.
            self.case.take_policy(team, &mut Sink::new())?;
        }
        Ok(owns(&self.case, team, source))
    }
}

impl fmt::Display for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Actor(actor) => write!(f, "`{actor}`"),
            Self::Platform => f.write_str("the platform"),
            Self::Anybody => f.write_str("this"),
            Self::Publisher(publisher) => {
                let claims = publisher.claims();
                write!(f, "repository `{}` ({}) on `{}` by `{}`", claims.repository, claims.repository_id, claims.reference, claims.event)
            }
            Self::Waiting(team) => write!(f, "team `{team}`, by a branch that waits,"),
            Self::Teams(teams) => {
                let names: Vec<String> = teams.iter().map(|team| format!("`{team}`")).collect();
                write!(f, "team {}", names.join(", "))
            }
        }
    }
}

fn verb(change: &Changed) -> &'static str {
    match (&change.before, &change.after) {
        (None, _) => "added",
        (_, None) => "deleted",
        _ => "changed",
    }
}

fn help(asker: &Asker, place: &Place) -> String {
    match (place, asker) {
        (Place::Source { .. } | Place::Compiled { .. } | Place::Original { .. }, Asker::Platform) => {
            "a team's files are changed by the team; ask it to publish".to_owned()
        }
        (Place::Source { team, .. } | Place::Compiled { team } | Place::Original { team }, Asker::Actor(actor)) => {
            format!("take the files out of the change, or have `{actor}` added to `members` in `teams/{team}.yaml`")
        }
        (Place::Source { .. } | Place::Compiled { .. } | Place::Original { .. }, Asker::Teams(_) | Asker::Waiting(_) | Asker::Anybody) => {
            "take the files out of the change: `git checkout <base> -- <file>`".to_owned()
        }
        (Place::Source { team, .. } | Place::Compiled { team } | Place::Original { team }, Asker::Publisher(_)) => {
            format!(
                "publish only what `teams/{team}.yaml` grants to the token's repository, owner and ref, and on an event of its own branches"
            )
        }
        (Place::Unmanaged, Asker::Actor(actor)) => {
            format!("take the file out of the change, or have `{actor}` added to its `editors` in `platform.yaml`")
        }
        (Place::Unmanaged, _) => "take the file out of the change; a pull request of its own may change it, or a team adopts it".to_owned(),
        (Place::Policy | Place::Override { .. } | Place::Platform | Place::Nobody, Asker::Actor(actor)) => {
            format!("take the file out of the change, or have `{actor}` added to `administrators` in `platform.yaml`")
        }
        (Place::Policy | Place::Override { .. } | Place::Platform | Place::Nobody, _) => {
            "take the file out of the change, and ask the platform's people for it".to_owned()
        }
    }
}
