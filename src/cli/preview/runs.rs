//! The next runs.

use jiff::{Timestamp, Zoned};

use crate::cli::Failure;
use crate::ir::{Schedule, Workflow};
use crate::resolve::{self, Due};
use crate::spec::Timespan;

pub(super) fn show(chosen: &[&Workflow], count: usize, from: Option<&str>) -> Result<String, Failure> {
    let from = match from {
        Some(text) => text
            .parse::<Timestamp>()
            .map_err(|_| Failure::new(format!("`{text}` is no moment")).help("write `--from 2026-03-28T00:00:00Z`"))?,
        None => Timestamp::now(),
    };
    let mut text = String::new();
    for workflow in chosen {
        text.push_str(&format!("{}/{} · {}\n", workflow.team, workflow.name, describe(&workflow.schedule)));
        for run in next_runs(workflow, from, count)? {
            text.push_str(&format!("  {}\n", run.strftime("%a %Y-%m-%d %H:%M %Z")));
        }
    }
    Ok(text)
}

fn describe(schedule: &Schedule) -> String {
    match schedule {
        Schedule::None => "only when somebody starts it".to_owned(),
        Schedule::Cron { expression, timezone } => format!("cron {expression} · {timezone}"),
        Schedule::Every(distance) => format!("every {}", Timespan(*distance)),
    }
}

fn next_runs(workflow: &Workflow, from: Timestamp, count: usize) -> Result<Vec<Zoned>, Failure> {
    let end = workflow.end_date.map(resolve::timestamp).transpose().map_err(|error| Failure::new(error.to_string()))?;
    let is_in = |run: &Zoned| end.is_none_or(|end| run.timestamp() <= end);
    let due = Due::of(&workflow.schedule, workflow.start_date).map_err(|error| Failure::new(error.to_string()))?;
    Ok(due.after(from).take_while(is_in).take(count).collect())
}
