//! What a publish would do to the project's workflows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cli::Failure;
use crate::cli::change::{Side, moment};
use crate::cli::output::Output;
use crate::cli::policy::Tip;
use crate::cli::workspace::{Compilation, CompiledTeam, Workspace};
use crate::delta::{Subject, Version, delta};
use crate::diag::Sink;
use crate::io::git::GitTree;
use crate::io::{Disk, ReadError, ReadTree};
use crate::ir::Workflow;
use crate::name::{SourceName, TeamName, WorkflowAddress, WorkflowName};
use crate::pipeline::{Foreseen, ParsedSource, PolicyFiles, load_project, resolve_published};
use crate::report::change::terminal;
use crate::source::{Sources, Spanned};

pub(super) fn show(
    done: &Compilation,
    chosen: &[&Workflow],
    workspace: &Workspace,
    (central, from): (Option<&str>, Option<&str>),
    output: &Output,
) -> Result<String, Failure> {
    let Workspace::Project(root) = workspace else {
        let failure = Failure::new("what a central work tree changes is told by `freehold verify`");
        return Err(failure.help("run `freehold verify --base main --head HEAD --platform --format markdown`"));
    };
    let tip = tip(root, central)?;
    let mut subjects = Vec::new();
    let tip = tip.as_ref().map(Tip::files);
    for team in &done.teams {
        for (name, source) in &team.sources {
            subjects.extend(compared(team, (name, source), tip.as_ref())?);
            subjects.extend(tip.as_ref().map(|tip| taken(team, source, tip)).transpose()?.into_iter().flatten());
        }
    }
    let is_chosen = |address: &WorkflowAddress| chosen.iter().any(|workflow| workflow.name == address.workflow);
    // Without a choice all are chosen but those that go.
    let is_all = done.teams.iter().map(|team| team.compiled.workflows.len()).sum::<usize>() == chosen.len();
    subjects.retain(|subject| is_all || is_chosen(&subject.address) || subject.successor.as_ref().is_some_and(is_chosen));
    let delta = delta(subjects, moment(from)?);
    if output.format.is_for_people() {
        return Ok(terminal(&delta, output.is_product_coloured()));
    }
    serde_json::to_string_pretty(&delta).map(|text| format!("{text}\n")).map_err(|error| Failure::new(error.to_string()))
}

/// The central repository's tip; `None` where none is at hand, and everything is new.
fn tip(root: &Path, central: Option<&str>) -> Result<Option<Tip>, Failure> {
    let project = load_project(&Disk::new(root), "", &Sources::new(), &mut Sink::new());
    project.map_or(Ok(None), |project| Tip::at_hand(root, &project, central, None))
}

/// The workflows of a source that are not as they were published.
fn compared(team: &CompiledTeam, (name, source): (&SourceName, &ParsedSource), tip: Option<&GitTree<'_>>) -> Result<Vec<Subject>, Failure> {
    let team_name = &team.policy.grant.team.value;
    let address = |workflow: &WorkflowName| WorkflowAddress { team: team_name.clone(), workflow: workflow.clone() };
    let read = |tip: &GitTree<'_>| resolve_published(tip, &team.policy, name).map_err(|error| Failure::new(error.to_string()));
    let own = team.compiled.workflows.iter().filter(|workflow| workflow.source == *name);
    let new = Foreseen { resolved: own.cloned().collect(), ..Foreseen::of(&source.workflows) };
    let old = tip.map(read).transpose()?.unwrap_or_default();
    let names = differing(&old, &new);
    let (mut old, mut new) = (Side::of(old), Side::of(new));
    let renamed: BTreeMap<&WorkflowName, &WorkflowName> = source
        .workflows
        .iter()
        .filter_map(|workflow| Some((&workflow.spec.renamed_from.as_ref()?.value, &workflow.spec.workflow.value)))
        .collect();
    let mut subjects = Vec::new();
    for workflow in names {
        let waiting = tip.map(|tip| waiting(tip, &address(&workflow))).transpose()?.unwrap_or_default();
        subjects.push(Subject {
            address: address(&workflow),
            source: name.clone(),
            before: old.version(&workflow, false),
            after: new.version(&workflow, false),
            uses: [old.blueprints(&workflow), new.blueprints(&workflow)],
            is_compiled_anew: true,
            successor: renamed.get(&workflow).map(|name| address(name)),
            waiting,
        });
    }
    Ok(subjects)
}

/// The names of the workflows that are not alike on both sides. Of a hand-written file it is not looked whether its bytes are.
fn differing(old: &Foreseen, new: &Foreseen) -> BTreeSet<WorkflowName> {
    let (before, after) = (by_name(old), by_name(new));
    let resolved = before.keys().chain(after.keys()).copied().filter(|name| before.get(name) != after.get(name));
    resolved.chain(old.hand_written.symmetric_difference(&new.hand_written)).cloned().collect()
}

fn by_name(side: &Foreseen) -> BTreeMap<&WorkflowName, &Workflow> {
    side.resolved.iter().map(|workflow| (&workflow.name, workflow)).collect()
}

/// The workflows that a source takes over, as those who give them have published them: they go from there.
fn taken(team: &CompiledTeam, source: &ParsedSource, tip: &GitTree<'_>) -> Result<Vec<Subject>, Failure> {
    let taking = source.workflows.iter().filter_map(|workflow| Some((&workflow.spec.workflow.value, workflow.spec.taken_from.as_ref()?)));
    let mut published: BTreeMap<TeamName, Vec<Workflow>> = BTreeMap::new();
    let mut subjects = Vec::new();
    for (workflow, from) in taking {
        let giver = &from.value.team;
        if !published.contains_key(giver) {
            published.insert(giver.clone(), published_by(&Spanned::new(giver.clone(), from.span), tip)?);
        }
        let given = published.get(giver).into_iter().flatten().find(|given| given.name == from.value.workflow);
        // One that has been taken before is not there any more.
        let Some(given) = given else { continue };
        subjects.push(Subject {
            address: from.value.clone(),
            source: given.source.clone(),
            before: Version::Resolved(Box::new(given.clone())),
            after: Version::Absent,
            uses: Default::default(),
            is_compiled_anew: true,
            successor: Some(WorkflowAddress { team: team.policy.grant.team.value.clone(), workflow: workflow.clone() }),
            waiting: waiting(tip, &from.value)?,
        });
    }
    Ok(subjects)
}

/// Every workflow that a team has published.
fn published_by(team: &Spanned<TeamName>, tip: &GitTree<'_>) -> Result<Vec<Workflow>, Failure> {
    let unreadable = |error: ReadError| Failure::new(error.to_string());
    let policy = PolicyFiles::read_in(tip, team, &Sources::new(), &mut Sink::new()).map_err(unreadable)?;
    let Some(policy) = policy else { return Ok(Vec::new()) };
    let folder = format!("sources/{}/", team.value);
    let files = tip.list(folder.trim_end_matches('/')).map_err(unreadable)?;
    let source = |path: &String| SourceName::parse(path.strip_prefix(&folder)?.split('/').next()?).ok();
    let sources: BTreeSet<SourceName> = files.iter().filter_map(source).collect();
    let resolved = sources.iter().map(|source| resolve_published(tip, &policy, source).map_err(unreadable));
    Ok(resolved.collect::<Result<Vec<_>, _>>()?.into_iter().flat_map(|source| source.resolved).collect())
}

/// Who waits for a workflow: the files `<team>/<workflow>.yaml` of its folder.
fn waiting(tip: &GitTree<'_>, WorkflowAddress { team, workflow }: &WorkflowAddress) -> Result<Vec<WorkflowAddress>, Failure> {
    let folder = format!("references/{team}/{workflow}/");
    let files = tip.list(folder.trim_end_matches('/')).map_err(|error| Failure::new(error.to_string()))?;
    let parse = |path: &String| WorkflowAddress::parse(path.strip_prefix(&folder)?.strip_suffix(".yaml")?).ok();
    Ok(files.iter().filter_map(parse).collect())
}
