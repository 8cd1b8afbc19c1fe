//! The next runs, by day, in the workflow's own zone.

use jiff::{Span, Timestamp, civil::Date};
use serde::Serialize;

use crate::delta::{Run, next_runs};
use crate::ir::Workflow;

/// Weeks that are shown.
const WEEKS: i64 = 6;
/// Runs that are shown: one an hour for six weeks.
const MOST: usize = 1_008;

/// The next runs.
#[derive(Debug, Serialize)]
pub(super) struct Calendar {
    /// The zone in which days and hours are told; nothing when no run is known beforehand.
    zone: String,
    /// The first day.
    from: String,
    /// The last day that is told whole.
    until: String,
    days: Vec<Day>,
}

#[derive(Debug, Serialize)]
struct Day {
    date: String,
    /// `CET`; nothing when it changes on that day, and then each run has its own.
    zone: String,
    runs: Vec<String>,
}

impl Calendar {
    pub(super) fn of(workflow: &Workflow, from: Timestamp) -> Self {
        let runs = next_runs(workflow, from, MOST + 1);
        let Some(first) = runs.first() else {
            return Self { zone: String::new(), from: String::new(), until: String::new(), days: Vec::new() };
        };
        let zone = first.at.time_zone().clone();
        let today = from.to_zoned(zone.clone()).date();
        let end = today.saturating_add(Span::new().days(7 * WEEKS - 1));
        // The day at which the count ends is not whole.
        let until = runs.get(MOST).map_or(end, |cut| end.min(cut.at.date().saturating_sub(Span::new().days(1)))).max(first.at.date());
        let mut days: Vec<(Date, Vec<&Run>)> = Vec::new();
        for run in runs.iter().take(MOST).filter(|run| run.at.date() <= until || run.at.date() == first.at.date()) {
            match days.last_mut() {
                Some((date, runs)) if *date == run.at.date() => runs.push(run),
                _ => days.push((run.at.date(), vec![run])),
            }
        }
        let name = zone.iana_name().unwrap_or("UTC").to_owned();
        let days = days.iter().map(|(date, runs)| Day::of(*date, runs)).collect();
        Self { zone: name, from: today.to_string(), until: until.to_string(), days }
    }
}

impl Day {
    fn of(date: Date, runs: &[&Run]) -> Self {
        let zones: Vec<String> = runs.iter().map(|run| run.at.strftime("%Z").to_string()).collect();
        let is_same = zones.windows(2).all(|pair| pair[0] == pair[1]);
        let time = |run: &&Run| format!("{}{}", run.at.strftime(if is_same { "%H:%M" } else { "%H:%M %Z" }), run.note());
        let zone = if is_same { zones.first().cloned().unwrap_or_default() } else { String::new() };
        Self { date: date.to_string(), zone, runs: runs.iter().map(time).collect() }
    }
}
