//! Waits of a team's workflows for each other: is the awaited one there, can it ever be done, are both ever due together.
//!
//! What belongs to another team is not at hand here; publishing looks for it in the central repository.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, Zoned};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::due::{Due, timestamp};
use super::schedule::{floats, timetable_of};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::ir::Timetable;
use crate::name::{SourceName, TeamName, WorkflowName};
use crate::policy::Usage;
use crate::source::Span;
use crate::spec::{Schedule, Timespan, WaitFor, Workflow};

/// The team's workflows beside those that are looked at.
#[derive(Debug, Clone)]
pub enum Rest {
    /// These; none, where all of the team's sources are looked at.
    Known(BTreeSet<WorkflowName>),
    /// Nobody knows: the other sources are not at hand, or a file of them has a fault.
    Unknown,
    /// These, in files that cannot be read any more: what was published last says it.
    Standing(Vec<StandingWorkflow>),
}

/// A workflow that is there as it was published last, and whose file cannot be read any more.
#[derive(Debug, Clone)]
pub struct StandingWorkflow {
    /// Its name.
    pub name: WorkflowName,
    /// Its source.
    pub source: SourceName,
    /// The path of its file in the central repository.
    pub file: String,
    /// The team's workflows that it has something from.
    pub awaits: BTreeSet<WorkflowName>,
    /// What it takes of the team's quotas, where that is known.
    pub usage: Option<Usage>,
}

impl Rest {
    /// The names, when they are known.
    pub(super) fn names(&self) -> Option<BTreeSet<&WorkflowName>> {
        match self {
            Self::Known(names) => Some(names.iter().collect()),
            Self::Standing(workflows) => Some(workflows.iter().map(|workflow| &workflow.name).collect()),
            Self::Unknown => None,
        }
    }

    /// Those that are known by what was published last.
    #[must_use]
    pub fn standing(&self) -> &[StandingWorkflow] {
        match self {
            Self::Standing(workflows) => workflows,
            Self::Known(_) | Self::Unknown => &[],
        }
    }
}

/// One workflow's wait for another one of the team.
struct Pair<'a> {
    waiting: &'a Workflow,
    wait: &'a WaitFor,
    awaited: &'a WorkflowName,
}

/// Checks what a team's workflows wait for.
pub fn check_waits<'a>(team: &TeamName, workflows: impl IntoIterator<Item = &'a Workflow>, rest: &Rest, sink: &mut Sink) {
    let by_name: BTreeMap<&WorkflowName, &Workflow> = workflows.into_iter().map(|workflow| (&workflow.workflow.value, workflow)).collect();
    let mut pairs = Vec::new();
    for waiting in by_name.values() {
        for (_, wait) in waiting.waits() {
            let reference = &wait.workflow.value;
            if reference.team.as_ref().is_none_or(|named| named == team) {
                pairs.push(Pair { waiting, wait, awaited: &reference.workflow });
            }
        }
    }
    let in_cycle = tell_cycles(&pairs, rest.standing(), sink);
    for pair in &pairs {
        match by_name.get(pair.awaited) {
            // When a hand-written file is due stands in the file.
            Some(awaited) if awaited.adopted.is_some() || in_cycle.contains(&pair.wait.span) => {}
            Some(awaited) => sink.extend(never_due(pair, awaited)),
            None => sink.extend(unknown(team, pair, by_name.keys().copied(), rest)),
        }
    }
}

fn unknown<'a>(team: &TeamName, pair: &Pair<'_>, here: impl Iterator<Item = &'a WorkflowName>, rest: &'a Rest) -> Option<Diagnostic> {
    let Pair { waiting: _, wait, awaited } = pair;
    let elsewhere = rest.names();
    if elsewhere.as_ref().is_some_and(|names| names.contains(awaited)) {
        return None;
    }
    let known: Vec<&str> = here.chain(elsewhere.iter().flatten().copied()).map(WorkflowName::as_str).collect();
    let near = suggest(awaited.as_str(), known.iter().copied());
    let prefix = if wait.workflow.value.team.is_some() { format!("{team}/") } else { String::new() };
    let title = format!("team `{team}` has no workflow `{awaited}`");
    match (elsewhere, near) {
        (Some(_), Some(near)) => Some(Diagnostic::error(&code::UNKNOWN_AWAITED, title).help(format!("write `{prefix}{near}`"))),
        (Some(_), None) => Some(
            Diagnostic::error(&code::UNKNOWN_AWAITED, title)
                .help("write the name behind `workflow:` in its file; another team's stands before it: `team/workflow`"),
        ),
        (None, Some(near)) => {
            let title = format!("there is no workflow `{awaited}` in this source");
            let help = format!("write `{prefix}{near}`, unless another source of the team has a `{awaited}`");
            Some(Diagnostic::warning(&code::UNKNOWN_AWAITED, title).help(help))
        }
        (None, None) => None,
    }
    .map(|fault| fault.at(wait.workflow.span, ""))
}

/// A wait of a workflow for another one: as it is written, or as it was published last.
#[derive(Clone, Copy)]
enum Edge<'a> {
    Written(&'a Pair<'a>),
    Published(&'a StandingWorkflow),
}

/// Tells every ring of waits; gives where its waits stand.
fn tell_cycles(pairs: &[Pair<'_>], standing: &[StandingWorkflow], sink: &mut Sink) -> BTreeSet<Span> {
    let mut graph: DiGraph<&WorkflowName, Edge<'_>> = DiGraph::new();
    let mut nodes: BTreeMap<&WorkflowName, NodeIndex> = BTreeMap::new();
    let written = pairs.iter().map(|pair| ([&pair.waiting.workflow.value, pair.awaited], Edge::Written(pair)));
    let published =
        standing.iter().flat_map(|stands| stands.awaits.iter().map(move |name| ([&stands.name, name], Edge::Published(stands))));
    for (ends, edge) in written.chain(published) {
        let [from, to] = ends.map(|name| *nodes.entry(name).or_insert_with(|| graph.add_node(name)));
        graph.add_edge(from, to, edge);
    }
    let mut told = BTreeSet::new();
    for component in petgraph::algo::tarjan_scc(&graph) {
        let is_inside = |node| component.contains(&node);
        let inside = graph.edge_references().filter(|edge| is_inside(edge.source()) && is_inside(edge.target()));
        let (mut written, mut published) = (Vec::new(), Vec::new());
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for edge in inside {
            names.insert(graph[edge.target()].as_str());
            match *edge.weight() {
                Edge::Written(pair) => written.push(pair),
                Edge::Published(stands) => published.push(stands),
            }
        }
        written.sort_unstable_by_key(|pair: &&Pair<'_>| pair.wait.span);
        if written.is_empty() {
            continue;
        }
        let title = match names.iter().collect::<Vec<_>>().as_slice() {
            [only] => format!("`{only}` waits for itself"),
            _ => format!("{} wait for each other", quoted_list(names)),
        };
        let mut fault = Diagnostic::error(&code::WAIT_CYCLE, title);
        for pair in written {
            fault = fault.at(pair.wait.workflow.span, format!("`{}` waits for `{}`", pair.waiting.workflow.value, pair.awaited));
            told.insert(pair.wait.span);
        }
        for stands in published {
            fault = fault.at_file(&*stands.file, format!("`{}` waits too, as it was published last", stands.name));
        }
        sink.push(fault.help("delete one of these waits: the first run would wait for one that never was"));
    }
    told
}

/// Runs of the waiting workflow that are looked at: two months of a daily one, a year of a weekly one.
const LOOKED_AT: usize = 60;
/// One in so many may lack its counterpart: an hour that summer time skips is no reason to call two schedules different.
const ONE_IN: usize = 20;

/// A warning when runs of the waiting workflow would wait for runs that the awaited one never has.
fn never_due(pair: &Pair<'_>, awaited: &Workflow) -> Option<Diagnostic> {
    let Pair { waiting, wait, awaited: name } = pair;
    let fault = |title: String| Diagnostic::warning(&code::NEVER_DUE, title).at(wait.workflow.span, "");
    let (Some(ours), Some(theirs)) = (timetable_of(waiting), timetable_of(awaited)) else {
        let why = format!("no run of `{}` finds one of `{name}` to wait for", waiting.workflow.value);
        let (title, help) = never_scheduled([waiting, awaited], &why);
        return Some(fault(title).help(help));
    };
    // Nobody knows when it is due, which is told where it is written.
    if [*waiting, awaited].into_iter().any(|workflow| floats(workflow).is_some()) {
        return None;
    }
    let looked = Looked::at(waiting, (&ours, awaited, &theirs), wait.offset.as_ref().map(|offset| offset.value.0).unwrap_or_default())?;
    let (example, due) = looked.lacking.clone()?;
    let shown = |moment: &Zoned| moment.strftime("%a %Y-%m-%d %H:%M %Z").to_string();
    let which = if looked.found == 0 { "no" } else { "not every" };
    let label = format!("the run of {} waits for one of {}", shown(&example), shown(&due));
    let fault =
        Diagnostic::warning(&code::NEVER_DUE, format!("{which} run of `{}` finds one of `{name}` to wait for", waiting.workflow.value))
            .at(wait.workflow.span, label)
            .at_if(span_of(awaited), "when it is due");
    Some(match looked.fitting {
        Some(offset) => fault.help(format!("write `offset: {}`", Timespan(offset.unsigned_abs()))),
        None => fault.help("give both the same schedule"),
    })
}

/// When a workflow is started by something else than time.
fn never_scheduled(pair: [&Workflow; 2], fault: &str) -> (String, String) {
    let by = pair.into_iter().find(|workflow| timetable_of(workflow).is_none());
    let name = by.map_or("", |workflow| workflow.workflow.value.as_str());
    if by.is_some_and(|workflow| !workflow.awaited_assets().is_empty()) {
        let help = format!("give `{name}` a `cron` beside its `assets`, or have both run when assets are new");
        return (format!("{fault}: `{name}` is started by assets"), help);
    }
    (format!("{fault}: `{name}` has no schedule"), format!("give `{name}` a schedule, or do its work in the same workflow"))
}

fn span_of(workflow: &Workflow) -> Option<Span> {
    match &workflow.schedule {
        Some(Schedule::Fields(fields)) => Some(fields.span),
        Some(Schedule::None) | None => None,
    }
}

/// What comes of looking at the first runs of the waiting workflow.
struct Looked {
    /// Those that find what they wait for.
    found: usize,
    /// The first that does not and when that would have been due; `None` when it is nearly none.
    lacking: Option<(Zoned, Zoned)>,
    /// An offset with which nearly all would find it.
    fitting: Option<SignedDuration>,
}

impl Looked {
    /// `None` when a schedule is read by Airflow only, or there is no start to count from.
    fn at(waiting: &Workflow, (ours, awaited, theirs): (&Timetable, &Workflow, &Timetable), offset: std::time::Duration) -> Option<Self> {
        let [our_start, their_start] = [waiting, awaited].map(|workflow| workflow.start_date.as_ref().map(|date| date.value.0));
        let (ours, theirs) = (Due::of(ours, our_start?).ok()?, Due::of(theirs, their_start?).ok()?);
        let offset = SignedDuration::try_from(offset).ok()?;
        let from = timestamp(our_start?).ok()?.max(timestamp(their_start?).ok()?.checked_add(offset).ok()?);
        let runs: Vec<Zoned> = ours.after(from).take(LOOKED_AT).collect();
        let is_found = |run: &Zoned, offset: SignedDuration| {
            let due = run.timestamp().checked_sub(offset).ok();
            due.is_some_and(|due| theirs.last(due) == Some(due))
        };
        let count = |offset| runs.iter().filter(|run| is_found(run, offset)).count();
        let is_nearly_all = |found: usize| (runs.len() - found) * ONE_IN <= runs.len();
        let found = count(offset);
        if is_nearly_all(found) {
            return Some(Self { found, lacking: None, fitting: None });
        }
        let run = runs.iter().find(|run| !is_found(run, offset))?;
        let since = |moment: Timestamp| theirs.last(moment).map(|last| moment.duration_since(last));
        let fitting = since(run.timestamp()).filter(|offset| is_nearly_all(count(*offset)));
        Some(Self { found, lacking: Some((run.clone(), run.checked_sub(offset).ok()?)), fitting })
    }
}
