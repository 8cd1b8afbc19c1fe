//! The next runs.

use crate::cli::Failure;
use crate::cli::change::moment;
use crate::delta::{in_words, next_runs};
use crate::ir::Workflow;

pub(super) fn show(chosen: &[&Workflow], count: usize, from: Option<&str>) -> Result<String, Failure> {
    let from = moment(from)?;
    let mut text = String::new();
    for workflow in chosen {
        text.push_str(&format!("{}/{} · {}\n", workflow.team, workflow.name, in_words(workflow)));
        for run in next_runs(workflow, from, count) {
            text.push_str(&format!("  {}\n", run.strftime("%a %Y-%m-%d %H:%M %Z")));
        }
    }
    Ok(text)
}
