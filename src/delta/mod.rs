//! What a change does to workflows.
//!
//! In go resolved workflows before and after, and the moment from which runs are counted; out comes a [`Delta`]: which workflows are new,
//! changed, moved or gone, and for each when it runs, what it asks of the cluster, and which settings and tasks differ. It is plain data in
//! the words of the author's YAML, and reads nothing else. How it is shown is the business of `report`.

mod alike;
mod facts;
mod fields;
mod graph;
mod note;
mod renamed;
mod runs;
mod schedule;
mod tasks;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ir;
use crate::name::{BlueprintReference, SourceName, WorkflowAddress};

pub use alike::Alike;
pub use facts::{Facts, PerItem, Totals};
pub use graph::{Edge, Graph, GraphNode, Mark};
pub use note::{Times, kind_of, note};
pub use runs::{Kept, Run, next_runs};
pub use schedule::in_words;
pub use tasks::{FieldChange, TaskChange};

/// One workflow of a change, as it goes in.
#[derive(Debug)]
pub struct Subject {
    /// Whose, and which.
    pub address: WorkflowAddress,
    /// The team's source.
    pub source: SourceName,
    /// What it is before.
    pub before: Version,
    /// What it is after.
    pub after: Version,
    /// The blueprints that it is made from, before and after.
    pub uses: [BTreeSet<BlueprintReference>; 2],
    /// Whether its compiled files differ.
    pub is_compiled_anew: bool,
    /// For one that goes: the workflow that it lives on as.
    pub successor: Option<WorkflowAddress>,
    /// Workflows that wait for it, or for what it produces.
    pub waiting: Vec<WorkflowAddress>,
}

/// A workflow on one side of a change.
#[derive(Debug)]
pub enum Version {
    /// It is not there.
    Absent,
    /// It is there, and what it says cannot be resolved.
    Unresolved,
    /// It is there as a hand-written file, taken in byte for byte.
    HandWritten,
    /// It is there.
    Resolved(Box<ir::Workflow>),
}

impl Version {
    fn workflow(&self) -> Option<&ir::Workflow> {
        match self {
            Self::Absent | Self::Unresolved | Self::HandWritten => None,
            Self::Resolved(workflow) => Some(workflow),
        }
    }

    /// Why nothing is known of it, though it is there.
    fn unknown(&self) -> Option<Unknown> {
        match self {
            Self::Absent | Self::Resolved(_) => None,
            Self::Unresolved => Some(Unknown::Unresolved),
            Self::HandWritten => Some(Unknown::HandWritten),
        }
    }

    fn is_there(&self) -> bool {
        match self {
            Self::Absent => false,
            Self::Unresolved | Self::HandWritten | Self::Resolved(_) => true,
        }
    }
}

/// What a change does to workflows.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Delta {
    /// 1.
    pub schema_version: u32,
    /// How many workflows there are of each kind.
    pub counts: BTreeMap<Kind, usize>,
    /// What all of these workflows ask for before.
    pub before: Totals,
    /// Likewise after.
    pub after: Totals,
    /// Differences that three workflows or more have alike, that of most workflows first.
    pub alike: Vec<Alike>,
    /// The workflows that differ: those that go first, then those that are new, moved, changed, only generated anew and only worded otherwise. Of
    /// each kind those come first that differ in most besides what is alike in several.
    pub workflows: Vec<WorkflowChange>,
}

/// What happens to a workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It goes.
    Removed,
    /// It is new.
    Added,
    /// It goes on under another name, or with another owner.
    Moved,
    /// It says something else.
    Changed,
    /// It says the same, and its compiled files differ: the platform's policy or the compiler changed.
    Regenerated,
    /// It says the same in other words, and its compiled files are the same.
    Reworded,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::Regenerated => "regenerated",
            Self::Reworded => "reworded",
        }
    }
}

/// Why nothing is known of a workflow that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// It does not compile under the policy that holds now.
    Unresolved,
    /// It is a hand-written file, taken in byte for byte, and not read.
    HandWritten,
}

/// What happens to one workflow.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct WorkflowChange {
    /// What happens.
    pub kind: Kind,
    /// The team; of one that moves, the new one.
    pub team: String,
    /// The team's source.
    pub source: String,
    /// The workflow.
    pub workflow: String,
    /// For one that moves: what it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Origin>,
    /// What it asks for before; null when it is not there, or not known.
    pub before: Option<Facts>,
    /// Likewise after.
    pub after: Option<Facts>,
    /// Where it is there before and what it asks for is not known: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_before: Option<Unknown>,
    /// Likewise after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_after: Option<Unknown>,
    /// Settings of the workflow itself that differ, without its schedule.
    pub settings: Vec<FieldChange>,
    /// Tasks and groups that are new, gone or say something else.
    pub tasks: Vec<TaskChange>,
    /// Workflows that wait for it, or for what it produces: `<team>/<workflow>`.
    pub waiting: Vec<String>,
    /// How many of the runs that it had come at the same moments all the same; null where it had none, or is not known.
    pub runs_kept: Option<Kept>,
    /// For one that is new: a workflow of the same team that goes and has the same tasks and schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resembles: Option<String>,
    /// What waits for what within it, before and after in one.
    #[serde(skip)]
    pub graph: Graph,
}

/// What a workflow was that has moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Origin {
    /// The team.
    pub team: String,
    /// The team's source.
    pub source: String,
    /// The workflow.
    pub workflow: String,
}

impl WorkflowChange {
    /// `<team>/<workflow>`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}/{}", self.team, self.workflow)
    }
}

/// Compares. Runs are counted from `now`.
#[must_use]
pub fn delta(subjects: Vec<Subject>, now: Timestamp) -> Delta {
    let mut workflows: Vec<WorkflowChange> = pair(subjects).into_iter().map(|(kind, pair)| change(kind, &pair, now)).collect();
    workflows.sort_by(|a, b| (a.kind, &a.team, &a.workflow, &a.source).cmp(&(b.kind, &b.team, &b.workflow, &b.source)));
    renamed::mark(&mut workflows);
    let alike = alike::set_apart(&mut workflows);
    let mut counts = BTreeMap::new();
    workflows.iter().for_each(|change| *counts.entry(change.kind).or_default() += 1);
    let before = Totals::of(workflows.iter().filter_map(|change| change.before.as_ref()));
    let after = Totals::of(workflows.iter().filter_map(|change| change.after.as_ref()));
    Delta { schema_version: 1, counts, before, after, alike, workflows }
}

/// A workflow, and for one that moves what it was.
struct Pair {
    subject: Subject,
    old: Option<Subject>,
}

impl Pair {
    fn before(&self) -> &Version {
        self.old.as_ref().map_or(&self.subject.before, |old| &old.before)
    }

    fn used_before(&self) -> &BTreeSet<BlueprintReference> {
        &self.old.as_ref().unwrap_or(&self.subject).uses[0]
    }
}

/// Joins what goes to what it lives on as.
fn pair(subjects: Vec<Subject>) -> Vec<(Kind, Pair)> {
    let is_new = |subject: &Subject| !subject.before.is_there() && subject.after.is_there();
    let arriving: BTreeMap<WorkflowAddress, SourceName> =
        subjects.iter().filter(|subject| is_new(subject)).map(|subject| (subject.address.clone(), subject.source.clone())).collect();
    let moves = |subject: &Subject| {
        !subject.after.is_there() && subject.successor.as_ref().is_some_and(|successor| arriving.contains_key(successor))
    };
    let (leaving, staying): (Vec<Subject>, Vec<Subject>) = subjects.into_iter().partition(moves);
    let mut leaving: BTreeMap<WorkflowAddress, Subject> =
        leaving.into_iter().filter_map(|subject| Some((subject.successor.clone()?, subject))).collect();
    let joined = staying.into_iter().map(|subject| {
        let old = if is_new(&subject) { leaving.remove(&subject.address) } else { None };
        let kind = match (&old, subject.before.is_there(), subject.after.is_there()) {
            (Some(_), _, _) => Kind::Moved,
            (None, true, false) => Kind::Removed,
            (None, false, _) => Kind::Added,
            (None, true, true) => Kind::Changed,
        };
        (kind, Pair { subject, old })
    });
    joined.collect()
}

fn change(kind: Kind, pair: &Pair, now: Timestamp) -> WorkflowChange {
    let Subject { address, source, before: _, after, uses: [_, uses], is_compiled_anew, successor: _, waiting: _ } = &pair.subject;
    let (old, new) = (pair.before().workflow(), after.workflow());
    let facts = |workflow: Option<&ir::Workflow>| workflow.map(|workflow| Facts::of(workflow, now));
    let (settings, tasks) = match (old, new) {
        (Some(old), Some(new)) => {
            let used = [pair.used_before(), uses].map(fields::uses);
            let own = fields::changed(&fields::workflow_fields(old), &fields::workflow_fields(new), &[]);
            (fields::changed(&used[0], &used[1], &[]).into_iter().chain(own).collect(), tasks::changes(old, new))
        }
        (None, _) | (_, None) => (Vec::new(), Vec::new()),
    };
    let (before, facts_after) = (facts(old), facts(new));
    let schedule = |facts: &Option<Facts>| facts.as_ref().map(|facts| facts.schedule.clone());
    let says_the_same =
        old.is_some() && new.is_some() && settings.is_empty() && tasks.is_empty() && schedule(&before) == schedule(&facts_after);
    let kind = match kind {
        Kind::Changed if says_the_same && *is_compiled_anew => Kind::Regenerated,
        Kind::Changed if says_the_same => Kind::Reworded,
        kind => kind,
    };
    WorkflowChange {
        kind,
        team: address.team.to_string(),
        source: source.to_string(),
        workflow: address.workflow.to_string(),
        from: pair.old.as_ref().map(|old| Origin {
            team: old.address.team.to_string(),
            source: old.source.to_string(),
            workflow: old.address.workflow.to_string(),
        }),
        graph: Graph::of(old, new, &tasks),
        waiting: waiting_for(pair),
        runs_kept: old.zip(new).and_then(|(old, new)| runs::kept(old, new, now)),
        resembles: None,
        unknown_before: pair.before().unknown(),
        unknown_after: after.unknown(),
        before,
        after: facts_after,
        settings,
        tasks,
    }
}

/// Who waits for a workflow, or for what it was, each once.
fn waiting_for(pair: &Pair) -> Vec<String> {
    let all: BTreeSet<&WorkflowAddress> = pair.old.iter().flat_map(|old| &old.waiting).chain(&pair.subject.waiting).collect();
    all.into_iter().map(ToString::to_string).collect()
}

/// `5000` as `5,000`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod published {
    /// `UPDATE_SCHEMAS=1 cargo test` writes it anew.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test compares files of the repository")]
    fn the_committed_schemas_hold_what_a_delta_is() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/delta.v1.json");
        let title = "What a change does to workflows, as `freehold preview --what diff --format json` prints it";
        let wanted = format!("{:#}\n", crate::spec::generate::<super::Delta>(title));
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            fs_err::write(path, &wanted).expect("written");
        }
        assert!(fs_err::read_to_string(path).expect("the schema is committed") == wanted, "{path} is stale");
    }
}
