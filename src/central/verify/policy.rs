//! POLICY: what holds can be read, before and after.

use std::collections::BTreeMap;

use jiff::ToSpan as _;

use super::Asker;
use super::case::{Case, Changed};
use super::place::Place;
use super::reserved::BY_HAND;
use super::{claim, exempt};
use crate::diag::{Diagnostic, Severity, Sink, codes as code, more_files, quoted_list};
use crate::io::git::{GitError, Mode};
use crate::name::TeamName;
use crate::source::Sources;

/// Days that a record may hold.
const LONGEST_DAYS: i64 = 90;

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let mut of_team: BTreeMap<&TeamName, (&Changed, usize)> = BTreeMap::new();
    for change in &case.changes {
        if let Some(team) = change.place.team() {
            of_team.entry(team).or_insert((change, 0)).1 += 1;
        }
    }
    for (name, team) in case.teams.iter().filter(|(_, team)| team.authority.is_none()) {
        if team.sources.is_empty() && case.policy_file(&format!("teams/{name}.yaml"))?.is_none() {
            sink.extend(of_team.get(name).map(|changes| without_team(name, *changes)));
            continue;
        }
        let (path, why) = what_is_missing(case, name)?;
        let fault = Diagnostic::error(&code::POLICY, format!("nothing says what team `{name}` may do: `{path}`"));
        sink.push(fault.at_file(path, why).help("have the platform's people land it first, in a change of its own"));
    }
    // What somebody else brings is refused by FRAME, and is not worth reading: nothing limits how large it is.
    if case.is_platform || *case.asker == Asker::Anybody { check_new(case, sink) } else { Ok(()) }
}

/// Which of the two files does not say what a team may do, and why; the platform's is looked at first, because all grants stand on it.
fn what_is_missing(case: &Case<'_>, team: &TeamName) -> Result<(String, &'static str), GitError> {
    let unusable = "the branch's version cannot be used";
    let grant = format!("teams/{team}.yaml");
    Ok(match (case.policy_file("platform.yaml")?, case.policy_file(&grant)?) {
        (None, _) => ("platform.yaml".to_owned(), "the branch has none"),
        (Some(platform), _) if case.compiler.identity(&platform, &Sources::new()).is_err() => ("platform.yaml".to_owned(), unusable),
        (Some(_), None) => (grant, "the branch has none"),
        (Some(_), Some(_)) => (grant, unusable),
    })
}

/// Files in a folder that a team would have, and there is none: most probably they are hand-written.
fn without_team(name: &TeamName, (first, count): (&Changed, usize)) -> Diagnostic {
    let more = more_files(count - 1);
    let title = format!("`{}`{more} would be those of a team `{name}`, and there is none", first.path);
    let fault = Diagnostic::error(&code::POLICY, title).at_file(&*first.path, format!("the branch has no `teams/{name}.yaml`"));
    fault.help(BY_HAND)
}

/// Policy that the change brings must be whole: once it has landed, it decides.
fn check_new(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    let changed: Vec<&str> =
        case.changes.iter().filter(|change| change.place == Place::Policy).map(|change| change.path.as_str()).collect();
    for change in case.changes.iter().filter(|change| matches!(change.place, Place::Override { .. }) && change.after.is_some()) {
        check_record(case, change, sink)?;
    }
    check_blueprints(case, sink)?;
    if changed.is_empty() {
        return Ok(());
    }
    let Some(platform) = case.file(case.tree, "platform.yaml")? else {
        let fault = Diagnostic::error(&code::POLICY, "the central repository would be without its `platform.yaml`");
        sink.push(fault.at_file("platform.yaml", "without it nothing is allowed to anybody").help("keep the file"));
        return Ok(());
    };
    if let Err(faults) = case.compiler.identity(&platform, case.messages) {
        let fault = Diagnostic::error(&code::POLICY, "the new policy cannot be read");
        sink.extend(faults);
        sink.push(fault.at_file("platform.yaml", "no grant holds without it").help("mend it before it lands"));
        return Ok(());
    }
    let by_hand = changed.contains(&"platform.yaml").then(|| case.unmanaged.landed(case)).transpose()?;
    if changed.iter().any(|path| path.starts_with("teams/")) || by_hand.as_ref().is_some_and(|by_hand| !by_hand.is_empty()) {
        check_together(case, (&platform, &changed), sink)?;
    }
    if let Some(by_hand) = by_hand {
        claim::check_unmanaged(case, &by_hand.ids_beside(&case.unmanaged), sink)?;
    }
    for team in changed.iter().filter_map(|path| team_of(path)) {
        match case.file(case.tree, &format!("teams/{team}.yaml"))? {
            Some(grant) => match case.compiler.authority(&platform, &grant, &team, case.messages) {
                Ok(authority) => claim::check_granted(case, &team, &authority.dag_ids, sink)?,
                Err(faults) => {
                    let fault = Diagnostic::error(&code::POLICY, format!("the new policy for team `{team}` cannot be read"));
                    sink.extend(faults);
                    sink.push(fault.at_file(format!("teams/{team}.yaml"), "").help("mend it before it lands"));
                }
            },
            None => check_gone(case, &team, sink)?,
        }
    }
    Ok(())
}

/// A record that is new, or says something else: people whom the policy names stand behind it, and not for ever.
fn check_record(case: &Case<'_>, change: &Changed, sink: &mut Sink) -> Result<(), GitError> {
    let (path, Place::Override { team }) = (&*change.path, &change.place) else { return Ok(()) };
    let Some(says) = case.compiler.override_record(&case.file(case.tree, path)?.unwrap_or_default()) else {
        let fault = Diagnostic::error(&code::POLICY, format!("the record `{path}` cannot be understood"));
        sink.push(fault.at_file(path, "").help("write one with `freehold override`, or see `freehold schema override`"));
        return Ok(());
    };
    // What lands decides from then on, and the record is asked for later.
    let platform = case.file(case.tree, "platform.yaml")?.unwrap_or_default();
    let grant = case.file(case.tree, &format!("teams/{team}.yaml"))?.unwrap_or_default();
    let authority = case.compiler.authority(&platform, &grant, team, &Sources::new()).unwrap_or_default();
    let people = exempt::people(&says, &case.compiler.administrators(&platform), &authority.members);
    let needed = exempt::needed(says.rule);
    if people.len() < needed {
        let title = format!("`{path}` takes {needed} people who agree, and has {}", people.len());
        let counted = if people.is_empty() { "nobody".to_owned() } else { quoted_list(people.iter().map(String::as_str)) };
        let fault = Diagnostic::error(&code::APPROVERS, title).at_file(path, format!("counted of `approved_by`: {counted}"));
        sink.push(
            fault
                .help(format!("have more people agree whom `administrators` in `platform.yaml` or `members` in `teams/{team}.yaml` names")),
        );
    }
    let latest = case.today.and_then(|today| today.checked_add(LONGEST_DAYS.days()).ok());
    if let Some(latest) = latest.filter(|latest| says.expires > *latest) {
        let fault = Diagnostic::error(&code::HOLDS_TOO_LONG, format!("`{path}` would hold until {}", says.expires));
        let fault = fault.at_file(path, format!("a record holds for {LONGEST_DAYS} days at most, which is until {latest}"));
        sink.push(fault.help("write an earlier day in `expires`; another record can be landed when it is needed"));
    }
    Ok(())
}

/// A blueprint that cannot be read would stop everybody who uses it.
fn check_blueprints(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for change in case.changes.iter().filter(|change| change.path.starts_with("blueprints/")) {
        // What is there and is no regular file is for MODES to tell.
        let Some(bytes) = case.file(case.tree, &change.path)? else { continue };
        let faults = case.compiler.check_blueprint(&change.path, &bytes, case.messages);
        if faults.iter().any(|fault| fault.severity == Severity::Error) {
            let fault = Diagnostic::error(&code::POLICY, format!("blueprint `{}` cannot be used", change.path));
            sink.push(fault.at_file(&*change.path, "").help("mend it before it lands"));
        }
        sink.extend(faults);
    }
    Ok(())
}

/// Grants that are sound alone may be wrong together. Costs what the grants hold; what others did wrong before is not this change's fault.
fn check_together(case: &Case<'_>, (platform, changed): (&[u8], &[&str]), sink: &mut Sink) -> Result<(), GitError> {
    let mut grants = Vec::new();
    for (name, entry) in case.repository.below(case.tree, "teams")? {
        let team = team_of(&format!("teams/{name}"));
        if let Some(team) = team.filter(|_| entry.mode == Mode::File) {
            grants.push((team, case.repository.blob(&entry.id)?));
        }
    }
    let is_ours = |place: &crate::diag::Place| match place {
        crate::diag::Place::Span(span) => changed.contains(&case.messages.file(span.source).path.as_str()),
        crate::diag::Place::File(path) => changed.contains(&path.as_str()),
    };
    let found = case.compiler.lint_grants(Some(platform), grants, case.messages);
    sink.extend(found.into_iter().filter(|found| found.labels.iter().any(|label| is_ours(&label.place))));
    Ok(())
}

fn check_gone(case: &Case<'_>, team: &TeamName, sink: &mut Sink) -> Result<(), GitError> {
    for folder in [format!("sources/{team}"), format!("dags/{team}")] {
        if case.repository.entry(case.tree, &folder)?.is_some() {
            let title = format!("team `{team}` would keep its files and lose its grant");
            let fault = Diagnostic::error(&code::POLICY, title).at_file(format!("teams/{team}.yaml"), "deleted by this change");
            sink.push(fault.at_file(folder, "still there").help("keep the grant for as long as the team has files"));
            break;
        }
    }
    Ok(())
}

fn team_of(path: &str) -> Option<TeamName> {
    TeamName::parse(path.strip_prefix("teams/")?.strip_suffix(".yaml")?).ok()
}
