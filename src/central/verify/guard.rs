//! GUARD: workflows go only when their source says so, a few at a time otherwise; never one that is protected or waited for; and what is
//! gone is remembered.

use std::collections::BTreeMap;

use super::case::{Case, Team};
use super::place::LOCK;
use super::transfer;
use crate::central::compiler::{Departures, OverrideRule, TeamOutput};
use crate::central::lock::{Lock, LockedWorkflow, Tombstone};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::io::git::GitError;
use crate::name::{SourceName, TeamName, WorkflowName};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for (team, state, source, files) in case.touched_sources() {
        match files.locks() {
            (before, Some(after)) => {
                let gone = Gone { case, team, state, source, before, after };
                gone.check_remembered(sink);
                for (name, workflow) in gone.workflows() {
                    gone.check_protected(name, workflow, sink);
                    gone.check_users(name, workflow, sink)?;
                }
                gone.check_count(sink);
            }
            // Whether a source may go altogether is COMPLETE's to judge, and not that others wait for it.
            (Some(before), None) => {
                let after = &Lock { workflows: BTreeMap::new(), ..before.clone() };
                let gone = Gone { case, team, state, source, before: Some(before), after };
                for (name, workflow) in gone.workflows() {
                    gone.check_users(name, workflow, sink)?;
                }
            }
            (None, None) => {}
        }
    }
    Ok(())
}

/// Whether a source's own files say that one of its former workflows goes: retired, called otherwise now, or given and taken.
pub(super) fn is_said(case: &Case<'_>, (team, state): (&TeamName, &Team), source: &SourceName, name: &str) -> bool {
    let Some(output) = state.output() else { return false };
    let retired = |said: &Departures| WorkflowName::parse(name).is_ok_and(|name| said.retired.contains(&name));
    output.departures.get(source).is_some_and(retired) || successor(case, (team, state), source, name).is_some()
}

/// The workflow that it lives on as, `<team>/<workflow>`: one that says that it was called so, or one of another source that takes it over.
fn successor(case: &Case<'_>, (team, state): (&TeamName, &Team), source: &SourceName, name: &str) -> Option<String> {
    let output = state.output()?;
    let renamed = state.renamed.get_or_init(|| renamed(output)).get(source).and_then(|of_source| of_source.get(name));
    let renamed = renamed.map(|now| format!("{team}/{now}"));
    renamed.or_else(|| transfer::taker(case, team, source, name).map(|taker| taker.to_string()))
}

/// Workflows that say that they were called otherwise, by source and by what they were called.
pub(super) type Renamed = BTreeMap<SourceName, BTreeMap<String, WorkflowName>>;

fn renamed(output: &TeamOutput) -> Renamed {
    let mut renamed = Renamed::new();
    for found in &output.workflows {
        if let Some(old) = &found.life.renamed_from {
            let of_source = renamed.entry(found.source.clone()).or_default();
            of_source.entry(old.to_string()).or_insert_with(|| found.workflow.clone());
        }
    }
    renamed
}

/// What one source loses.
struct Gone<'a> {
    case: &'a Case<'a>,
    team: &'a TeamName,
    state: &'a Team,
    source: &'a SourceName,
    before: Option<&'a Lock>,
    after: &'a Lock,
}

impl Gone<'_> {
    fn workflows(&self) -> impl Iterator<Item = (&str, &LockedWorkflow)> {
        let before = self.before.into_iter().flat_map(|lock| &lock.workflows);
        before.filter(|(name, _)| !self.after.workflows.contains_key(*name)).map(|(name, workflow)| (name.as_str(), workflow))
    }

    fn place(&self) -> String {
        format!("sources/{}/{}/{LOCK}", self.team, self.source)
    }

    fn is_excused(&self, workflow: &LockedWorkflow) -> bool {
        let file = format!("sources/{}/{}/{}", self.team, self.source, workflow.file);
        let paths: Vec<&str> = workflow.compiled.iter().map(String::as_str).chain([file.as_str()]).collect();
        self.case.is_excused(OverrideRule::Guard, self.team, self.source, &paths)
    }

    fn check_protected(&self, name: &str, workflow: &LockedWorkflow, sink: &mut Sink) {
        if workflow.protect && !self.is_excused(workflow) {
            let title = format!("`{}/{}` would lose `{name}`, which is protected", self.team, self.source);
            let fault = Diagnostic::error(&code::GUARD, title).at_file(self.place(), "the branch's lock says `protect`");
            sink.push(fault.help("land `protect: false` first, in a change of its own"));
        }
    }

    fn check_users(&self, name: &str, workflow: &LockedWorkflow, sink: &mut Sink) -> Result<(), GitError> {
        let found = self.case.repository.below(self.case.tree, &format!("references/{}/{name}", self.team))?;
        let users: Vec<&str> = found.keys().map(|path| path.trim_end_matches(".yaml")).collect();
        if !users.is_empty() && !self.is_excused(workflow) {
            let users = quoted_list(users);
            let title = format!("`{}/{}` would lose `{name}`, and {users} would wait for it for ever", self.team, self.source);
            let fault = Diagnostic::error(&code::GUARD, title).at_file(self.place(), "");
            sink.push(fault.help(format!("ask the owners of {users} to take their `wait_for` out first")));
        }
        Ok(())
    }

    fn check_count(&self, sink: &mut Sink) {
        let (Some(authority), Some(before)) = (&self.state.authority, self.before) else { return };
        let unsaid: Vec<(&str, &LockedWorkflow)> =
            self.workflows().filter(|(name, _)| !is_said(self.case, (self.team, self.state), self.source, name)).collect();
        let (count, all) = (unsaid.len(), before.workflows.len());
        let limit = usize::try_from(authority.deletions).unwrap_or(usize::MAX);
        let share = usize::try_from(authority.deletion_share).unwrap_or(100);
        let is_much = count >= 2 && count.saturating_mul(100) > all.saturating_mul(share);
        if (count <= limit && !is_much) || unsaid.iter().all(|(_, workflow)| self.is_excused(workflow)) {
            return;
        }
        let (team, source) = (self.team, self.source);
        let fault = Diagnostic::error(&code::GUARD, format!("`{team}/{source}` would lose {count} of its {all} workflows"))
            .at_file(self.place(), quoted_list(unsaid.iter().map(|(name, _)| *name)));
        let fault = fault.at_file(format!("teams/{team}.yaml"), format!("{limit} may go at once without a word, and {share} % of them"));
        let names: Vec<&str> = unsaid.iter().map(|(name, _)| *name).collect();
        sink.push(fault.help(format!("write `retire: [{}]` in `sources/{team}/{source}/freehold.yaml`", names.join(", "))));
    }

    /// The lock has to remember what is gone: exactly what the branch's one remembers and what goes now, without what is there.
    fn check_remembered(&self, sink: &mut Sink) {
        let mut expected: BTreeMap<&str, Tombstone> = BTreeMap::new();
        for (name, tombstone) in self.before.iter().flat_map(|lock| &lock.tombstones) {
            expected.insert(name, tombstone.clone());
        }
        for (name, workflow) in self.workflows() {
            let lives_on = successor(self.case, (self.team, self.state), self.source, name);
            let ids = self.before.map(|lock| &lock.files);
            let own = workflow.data.iter().chain([&workflow.file]);
            let files = own.filter_map(|path| Some((path.clone(), ids?.get(path)?.clone()))).collect();
            expected.insert(name, Tombstone { files, successor: lives_on });
        }
        expected.retain(|name, _| !self.after.workflows.contains_key(*name));
        let said: BTreeMap<&str, &Tombstone> = self.after.tombstones.iter().map(|(name, tombstone)| (name.as_str(), tombstone)).collect();
        if said != expected.iter().map(|(name, tombstone)| (*name, tombstone)).collect() {
            let fault = Diagnostic::error(&code::GUARD, format!("`{}` does not remember what is gone", self.place()));
            let fault = fault.at_file(self.place(), "its `tombstones` are not those of the branch and of what goes now");
            sink.push(fault.help("run `freehold publish`, or `freehold compile` in the central repository; the file is not for editing"));
        }
    }
}
