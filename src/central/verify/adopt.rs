//! ADOPT: a hand-written file goes only when the branch's grant names it with its bytes, and the same change brings those bytes to the
//! team's folder; and a workflow that was such a file is not there beside it.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::case::{Case, Changed, Team};
use super::place::Place;
use crate::central::compiler::Adoption;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Entry, GitError, Mode};
use crate::name::{TeamName, WorkflowName};

/// The paths of deleted files that the grant of a touched team names, with the team. Whether each may go is for the rule to say.
pub(super) fn originals(changes: &[Changed], teams: &BTreeMap<TeamName, Team>) -> BTreeMap<String, TeamName> {
    let is_gone = |change: &Changed| change.after.is_none() && change.path.starts_with("dags/");
    let gone: BTreeSet<&str> = changes.iter().filter(|change| is_gone(change)).map(|change| change.path.as_str()).collect();
    let mut named = BTreeMap::new();
    for (name, team) in teams {
        let before: Vec<_> = team.sources.values().filter_map(|source| source.locks().0).collect();
        for adoption in team.authority.iter().flat_map(|authority| authority.adoptions.values()) {
            let Some(file) = &adoption.file else { continue };
            // What a source was compiled to goes as compiled files go.
            if gone.contains(file.as_str()) && !before.iter().any(|lock| lock.compiled.contains_key(file.as_str())) {
                named.insert(file.to_string(), name.clone());
            }
        }
    }
    named
}

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let landing = Landing::of(case);
    for change in &case.changes {
        if let Place::Original { team } = &change.place
            && let Some(reason) = landing.reason(team, change)?
        {
            let fault = Diagnostic::error(&code::ADOPTED, format!("`{}` may not go", change.path));
            let fault = fault.at_file(&*change.path, reason).at_file(format!("teams/{team}.yaml"), "it is granted to this team");
            sink.push(fault.help("let `freehold publish` move it, byte for byte, in one change"));
        }
    }
    check_beside(case, sink)
}

/// What hand-written files may become, and what the change brings.
struct Landing<'a> {
    case: &'a Case<'a>,
    /// What is granted to touched teams, by team and file.
    granted: BTreeMap<(&'a TeamName, &'a str), (&'a WorkflowName, &'a Adoption)>,
    /// What changes, by path.
    changes: BTreeMap<&'a str, &'a Changed>,
}

impl<'a> Landing<'a> {
    fn of(case: &'a Case<'a>) -> Self {
        let adoptions = |team: &'a Team| team.authority.iter().flat_map(|authority| &authority.adoptions);
        let all = case.teams.iter().flat_map(|(name, team)| adoptions(team).map(move |granted| (name, granted)));
        let granted = all.filter_map(|(team, granted)| Some(((team, granted.1.file.as_ref()?.as_str()), granted))).collect();
        Self { case, granted, changes: case.changes.iter().map(|change| (change.path.as_str(), change)).collect() }
    }

    /// Why a hand-written file may not go with this change.
    fn reason(&self, team: &TeamName, change: &Changed) -> Result<Option<String>, GitError> {
        let (Some(before), Some((name, adoption))) = (&change.before, self.granted.get(&(team, &change.path))) else {
            return Ok(Some("no grant names it".to_owned()));
        };
        if let Some(owner) = owner(self.case, team, &change.path)? {
            return Ok(Some(format!("it is in the folder of team `{owner}`")));
        }
        if !matches!(before.mode, Mode::File | Mode::Executable) {
            return Ok(Some(format!("it is {}", before.mode.describe())));
        }
        if digest(&self.case.repository.blob(&before.id)?) != adoption.sha256 {
            return Ok(Some("its bytes are not those that are granted".to_owned()));
        }
        let compiled = format!("dags/{team}/{name}.py");
        let is_it = |entry: &Option<Entry>| entry.as_ref().is_some_and(|entry| entry.id == before.id && entry.mode == Mode::File);
        let lands = self.changes.get(&*compiled).is_some_and(|landing| is_it(&landing.after) && !is_it(&landing.before));
        Ok((!lands).then(|| format!("this change does not bring its bytes to `{compiled}`")))
    }
}

/// The other team in whose folder a path lies, letters' case aside; what a grant says of it is void.
fn owner(case: &Case<'_>, team: &TeamName, path: &str) -> Result<Option<TeamName>, GitError> {
    let folder = path.split('/').nth(1).unwrap_or_default().to_ascii_lowercase();
    let Some(owner) = TeamName::parse(&folder).ok().filter(|owner| owner != team) else { return Ok(None) };
    let has_grant = case.policy_file(&format!("teams/{owner}.yaml"))?.is_some();
    Ok(has_grant.then_some(owner))
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A workflow that is new, and that a grant calls a file which is still there: both would run.
fn check_beside(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for change in case.changes.iter().filter(|change| change.after.is_some()) {
        let Place::Compiled { team } = &change.place else { continue };
        let name = change.path.strip_prefix("dags/").and_then(|path| path.split_once('/')?.1.strip_suffix(".py"));
        let Some(name) = name.and_then(|name| WorkflowName::parse(name).ok()) else { continue };
        let authority = case.teams.get(team).and_then(|team| team.authority.as_ref());
        let file = authority.and_then(|authority| authority.adoptions.get(&name)?.file.as_ref());
        let Some(file) = file.map(ToString::to_string).filter(|file| *file != change.path) else { continue };
        if case.repository.entry(case.tree, &file)?.is_some() {
            let title = format!("`{file}` would be there twice, as what it is and as workflow `{name}` of team `{team}`");
            let fault = Diagnostic::error(&code::ADOPTED, title).at_file(&*change.path, "its grant says that this is it");
            let fault = fault.at_file(file, "it is still there");
            sink.push(fault.help("let `freehold publish` move it, byte for byte, in one change"));
        }
    }
    Ok(())
}
