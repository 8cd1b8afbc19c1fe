//! What a change of the central repository does, worked out for those who review it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Failure;
use crate::central::{Prefetch, Role, Touched, TouchedFile, TouchedWorkflow, touched};
use crate::delta::{self, Delta, Subject, Version, WorkflowChange};
use crate::io::git::{GitError, GitTree, ObjectId, Repository};
use crate::ir;
use crate::name::{BlueprintReference, SourceAddress, WorkflowAddress, WorkflowName};
use crate::pipeline::{Foreseen, resolve_touched};
use crate::report::address;
use crate::report::change::{COMMENT, ComparedFile, LARGEST, LEAST, MANIFESTS, Manifest, OTHERS, OtherFile};

/// Options of commands that write a report.
#[derive(Debug, Args)]
pub(super) struct ReportOptions {
    /// The most bytes that a report in Markdown has. A comment on GitHub holds 65,536 characters, the summary of a job 1 MiB.
    #[arg(long, value_name = "N", default_value_t = COMMENT, value_parser = parse_bytes)]
    pub(super) max_bytes: usize,
    /// Where files can be looked at, so that a report in Markdown links to lines: the address before their paths. On GitHub known from
    /// the environment.
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Tell the next runs after this moment, such as `2026-03-28T06:00:00Z`, or after the midnight, in UTC, of this day, such as
    /// `2026-03-28`; now, without it.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
}

fn parse_bytes(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|bytes| *bytes >= LEAST).ok_or_else(|| format!("write a number of at least {LEAST}"))
}

impl ReportOptions {
    /// The moment from which runs are counted.
    pub(super) fn now(&self) -> Result<Timestamp, Failure> {
        moment(self.from.as_deref())
    }

    /// The address before the paths of files at a commit, `folder` being where they lie in their repository.
    pub(super) fn link(&self, commit: Option<&str>, folder: &str) -> Option<String> {
        if let Some(link) = &self.link {
            return Some(if link.ends_with('/') { link.clone() } else { format!("{link}/") });
        }
        let known = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let (server, repository) = (known("GITHUB_SERVER_URL")?, known("GITHUB_REPOSITORY")?);
        let commit = commit.map(str::to_owned).or_else(|| known("GITHUB_SHA"))?;
        Some(address(&format!("{server}/{repository}/blob/{commit}/"), folder, None))
    }
}

/// A moment that the user named, or now. A day is its midnight in UTC.
pub(super) fn moment(text: Option<&str>) -> Result<Timestamp, Failure> {
    let Some(text) = text else { return Ok(Timestamp::now()) };
    // A date with a time but no zone would be parsed as a day, too, and mean another moment.
    let day = Some(text).filter(|text| text.len() == DAY.len()).and_then(|text| text.parse::<Date>().ok());
    let midnight = day.and_then(|day| Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp()));
    let help = format!("write `--from {DAY}`, its midnight in UTC, or `--from {DAY}T06:00:00Z`");
    midnight.or_else(|| text.parse().ok()).ok_or_else(|| Failure::new(format!("`{text}` is no moment")).help(help))
}

/// A day, as it is written.
const DAY: &str = "2026-03-28";

/// What a change does.
pub(super) struct Change {
    pub(super) delta: Delta,
    pub(super) manifests: Vec<Manifest>,
    /// Files that belong to no workflow.
    pub(super) others: Vec<OtherFile>,
}

/// What lies between two trees; `None` when that is too much to tell.
pub(super) fn between(
    repository: &Repository,
    (before, after): (&ObjectId, &ObjectId),
    prefetch: &Prefetch<'_>,
    now: Timestamp,
) -> Result<Option<Change>, GitError> {
    let Some(touched) = touched(repository, (before, after), prefetch)? else { return Ok(None) };
    let delta = delta::delta(subjects(&touched, &GitTree::new(repository, before)), now);
    let manifests = manifests(repository, &delta, &touched, prefetch)?;
    let others = others(repository, touched.others, prefetch)?;
    Ok(Some(Change { delta, manifests, others }))
}

fn subjects(touched: &Touched, policy: &GitTree<'_>) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for source in &touched.sources {
        let SourceAddress { team, source: name } = &source.address;
        let (before, after) = resolve_touched(source, policy);
        let (mut before, mut after) = (Side::of(before), Side::of(after));
        subjects.extend(source.workflows.iter().map(|(workflow, found)| {
            let TouchedWorkflow { file_before, file_after, manifests, successor, waiting } = found;
            Subject {
                address: WorkflowAddress { team: team.clone(), workflow: workflow.clone() },
                source: name.clone(),
                before: before.version(workflow, file_before.is_some()),
                after: after.version(workflow, file_after.is_some()),
                uses: [before.blueprints(workflow), after.blueprints(workflow)],
                is_compiled_anew: !manifests.is_empty(),
                successor: successor.clone(),
                waiting: waiting.clone(),
            }
        }));
    }
    subjects
}

/// Workflows of one side, to be taken out one by one.
pub(super) struct Side {
    resolved: HashMap<WorkflowName, ir::Workflow>,
    hand_written: BTreeSet<WorkflowName>,
    blueprints: BTreeMap<WorkflowName, BTreeSet<BlueprintReference>>,
}

impl Side {
    pub(super) fn of(Foreseen { resolved, hand_written, blueprints }: Foreseen) -> Self {
        let resolved = resolved.into_iter().map(|workflow| (workflow.name.clone(), workflow)).collect();
        Self { resolved, hand_written, blueprints }
    }

    /// The blueprints that a workflow is made from on this side.
    pub(super) fn blueprints(&mut self, name: &WorkflowName) -> BTreeSet<BlueprintReference> {
        self.blueprints.remove(name).unwrap_or_default()
    }

    /// One workflow as it is on this side; `is_there` says whether it is when nothing is known of it.
    pub(super) fn version(&mut self, name: &WorkflowName, is_there: bool) -> Version {
        match self.resolved.remove(name) {
            Some(workflow) => Version::Resolved(Box::new(workflow)),
            None if self.hand_written.contains(name) => Version::HandWritten,
            None if is_there => Version::Unresolved,
            None => Version::Absent,
        }
    }
}

/// Compiled files of the first workflows.
fn manifests(repository: &Repository, delta: &Delta, touched: &Touched, prefetch: &Prefetch<'_>) -> Result<Vec<Manifest>, GitError> {
    let mut files: Vec<(String, TouchedFile)> = Vec::new();
    for change in delta.workflows.iter().take(MANIFESTS) {
        let mut found = BTreeSet::new();
        for (team, source, workflow) in names(change) {
            let is_source = |address: &SourceAddress| address.team.as_str() == team && address.source.as_str() == source;
            let sources = touched.sources.iter().filter(|touched| is_source(&touched.address));
            let own = sources.flat_map(|source| &source.workflows).filter(|(name, _)| name.as_str() == workflow);
            found.extend(own.flat_map(|(_, workflow)| &workflow.manifests));
        }
        let found: Vec<TouchedFile> = found.into_iter().cloned().collect();
        files.extend(joined(found).into_iter().map(|file| (change.address(), file)));
    }
    prefetch(&contents(files.iter().map(|(_, file)| file)))?;
    files.into_iter().map(|(workflow, file)| Ok(Manifest { workflow, file: compared(repository, file)? })).collect()
}

/// Files that belong to no workflow, the first of them with what they hold.
fn others(repository: &Repository, files: Vec<(Role, TouchedFile)>, prefetch: &Prefetch<'_>) -> Result<Vec<OtherFile>, GitError> {
    prefetch(&contents(files.iter().take(OTHERS).map(|(_, file)| file)))?;
    let read = |(at, (role, file)): (usize, (Role, TouchedFile))| {
        let what = match role {
            Role::Platform => "the platform's policy",
            Role::Grant => "a team's grant",
            Role::Override if file.after.is_none() => "a record that lifts a rule for this change, and goes with it",
            Role::Override => "a record that lifts a rule",
            Role::Blueprint => "a blueprint",
            Role::Other => "",
        };
        let file = if at < OTHERS { compared(repository, file)? } else { ComparedFile { path: file.path, contents: None } };
        Ok(OtherFile { what, file })
    };
    files.into_iter().enumerate().map(read).collect()
}

fn contents<'a>(files: impl Iterator<Item = &'a TouchedFile>) -> Vec<&'a ObjectId> {
    files.filter(|file| file.is_regular).flat_map(|file| [&file.before, &file.after]).flatten().collect()
}

fn compared(repository: &Repository, file: TouchedFile) -> Result<ComparedFile, GitError> {
    let text = |bytes: Option<Vec<u8>>| String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
    let contents = file.contents(repository, LARGEST)?.map(|sides| sides.map(text));
    Ok(ComparedFile { path: file.path, contents })
}

/// A file that goes and one that comes in its place, as one that changes.
fn joined(files: Vec<TouchedFile>) -> Vec<TouchedFile> {
    match files.as_slice() {
        [new @ TouchedFile { before: None, .. }, old @ TouchedFile { after: None, .. }]
        | [old @ TouchedFile { after: None, .. }, new @ TouchedFile { before: None, .. }] => {
            vec![TouchedFile { before: old.before.clone(), is_regular: old.is_regular && new.is_regular, ..new.clone() }]
        }
        _ => files,
    }
}

/// Team, source and workflow of what changes, and of what it was before it moved.
fn names(change: &WorkflowChange) -> Vec<(&str, &str, &str)> {
    let from = change.from.as_ref().map(|from| (from.team.as_str(), from.source.as_str(), from.workflow.as_str()));
    from.into_iter().chain([(change.team.as_str(), change.source.as_str(), change.workflow.as_str())]).collect()
}
