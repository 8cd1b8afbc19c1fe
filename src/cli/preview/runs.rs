//! The next runs.

use jiff::Timestamp;

use crate::cli::Failure;
use crate::cli::change::moment;
use crate::delta::{in_words, next_runs};
use crate::ir::Workflow;
use crate::report::one_line;
use crate::resolve::timestamp;

pub(super) fn show(chosen: &[&Workflow], count: usize, from: Option<&str>) -> Result<String, Failure> {
    let from = moment(from)?;
    Ok(chosen.iter().map(|workflow| told(workflow, from, count)).collect())
}

fn told(workflow: &Workflow, from: Timestamp, count: usize) -> String {
    let mut text = format!("{}/{} · {}\n", workflow.team, workflow.name, one_line(&in_words(workflow)));
    let runs = next_runs(workflow, from, count);
    text.extend(runs.iter().map(|run| format!("  {run}\n")));
    // Where runs are not known beforehand, none being told does not say that there are none.
    let is_over = |end: &Timestamp| *end <= from || !runs.is_empty() && runs.len() < count;
    let end = workflow.end_date.and_then(|end| timestamp(end).ok()).filter(is_over);
    text.extend(end.map(|end| format!("  no more: it ends {}\n", end.strftime("%Y-%m-%d %H:%M UTC"))));
    text
}
