//! A workflow's next runs.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ir::{Timetable, Workflow};
use crate::resolve::{self, Due};

/// A run that is known beforehand: `Sun 2026-03-29 03:30 CEST (the clock skips 02:30)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When it is, in the schedule's own time zone.
    pub at: Zoned,
    /// What the clock does at that hour.
    pub clock: Clock,
}

/// What a clock does at the hour of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// Nothing: the hour comes once.
    Plain,
    /// It skips the hour at which the schedule says that the workflow runs.
    Skips(DateTime),
    /// It shows the hour twice, and this is the first.
    First,
    /// It shows the hour twice, and this is the second.
    Second,
}

impl Clock {
    fn at(run: &Zoned, due: &Due) -> Self {
        match run.time_zone().to_ambiguous_zoned(run.datetime()).offset() {
            AmbiguousOffset::Fold { before, after: _ } if run.offset() == before => Self::First,
            AmbiguousOffset::Fold { .. } => Self::Second,
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => due.skipped(run).map_or(Self::Plain, Self::Skips),
        }
    }
}

impl Run {
    /// What there is to say of the hour: ` (the clock skips 02:30)`, nothing of a plain one.
    #[must_use]
    pub fn note(&self) -> String {
        let hour = |at: DateTime| at.strftime("%H:%M").to_string();
        match self.clock {
            Clock::Plain => String::new(),
            Clock::Skips(due) => format!(" (the clock skips {})", hour(due)),
            Clock::First => format!(" (the first {} of two)", hour(self.at.datetime())),
            Clock::Second => format!(" (the second {} of two)", hour(self.at.datetime())),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.at.strftime("%a %Y-%m-%d %H:%M %Z"), self.note())
    }
}

/// The next runs after a moment; none where they are not known beforehand.
#[must_use]
pub fn next_runs(workflow: &Workflow, from: Timestamp, count: usize) -> Vec<Run> {
    let Some(due) = due(workflow) else { return Vec::new() };
    runs(&due, workflow, from).take(count).map(|at| Run { clock: Clock::at(&at, &due), at }).collect()
}

/// How many of the runs that a workflow had come all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// All of them.
    All,
    /// Some of them.
    Some,
    /// None of them.
    None,
}

/// Runs that are compared.
const COMPARED: usize = 50;

/// How many of the next runs that a workflow had come at the same moments as another; `None` where it had none, or nobody knows when.
pub(super) fn kept(old: &Workflow, new: &Workflow, now: Timestamp) -> Option<Kept> {
    let due_before = due(old)?;
    if (&old.schedule, old.start_date, old.end_date) == (&new.schedule, new.start_date, new.end_date) {
        return Some(Kept::All);
    }
    let due_after = due(new);
    if due_after.is_none() && new.schedule.timetable().is_some() {
        return None;
    }
    let is_kept =
        |run: &Timestamp| due_after.as_ref().is_some_and(|due| due.last(*run) == Some(*run)) && end(new).is_none_or(|end| *run <= end);
    let runs: Vec<Timestamp> = runs(&due_before, old, now).map(|run| run.timestamp()).take(COMPARED).collect();
    match runs.iter().filter(|run| is_kept(run)).count() {
        _ if runs.is_empty() => None,
        0 => Some(Kept::None),
        count if count == runs.len() => Some(Kept::All),
        _ => Some(Kept::Some),
    }
}

/// Whether a workflow's end date is past.
pub(super) fn is_over(workflow: &Workflow, now: Timestamp) -> bool {
    end(workflow).is_some_and(|end| end < now)
}

/// Runs that are counted one by one.
const COUNTED: usize = 100;

/// How many runs a workflow with `catchup` has had to make up for until now: counted up to 100, and estimated by how far those reach beyond.
pub(super) fn missed_runs(workflow: &Workflow, now: Timestamp) -> u64 {
    let Some(due) = due(workflow).filter(|_| workflow.catchup) else { return 0 };
    let now = end(workflow).map_or(now, |end| end.min(now));
    let missed: Vec<Timestamp> =
        runs(&due, workflow, Timestamp::MIN).map(|run| run.timestamp()).take_while(|run| *run <= now).take(COUNTED).collect();
    let count = missed.len() as u64;
    match (missed.first(), missed.last()) {
        (Some(first), Some(last)) if missed.len() == COUNTED && last > first => {
            let seconds = |to: Timestamp| u64::try_from(to.as_second() - first.as_second()).unwrap_or_default();
            (count - 1) * seconds(now) / seconds(*last).max(1) + 1
        }
        _ => count,
    }
}

/// When a workflow is due, where that is known beforehand. What cannot be read was refused when the workflow was checked.
fn due(workflow: &Workflow) -> Option<Due> {
    let known = workflow.schedule.timetable().filter(|timetable| workflow.catchup || matches!(timetable, Timetable::Cron { .. }));
    Due::of(known?, workflow.start_date).ok()
}

/// The runs after a moment, until the workflow ends.
fn runs<'a>(due: &'a Due, workflow: &Workflow, from: Timestamp) -> impl Iterator<Item = Zoned> + use<'a> {
    let end = end(workflow);
    due.after(from).take_while(move |run| end.is_none_or(|end| run.timestamp() <= end))
}

fn end(workflow: &Workflow) -> Option<Timestamp> {
    workflow.end_date.and_then(|end| resolve::timestamp(end).ok())
}
