//! Resolved workflows, with what `preview` knows of them → one page of HTML that shows them, and needs nothing beside it.
//!
//! In go a [`Page`] of [`Subject`]s, out comes text. It does no I/O and knows no clock. What a workflow says can never run: it is data in the
//! page, which its script puts into place as text, and the page's own policy lets run and be loaded nothing but that script and that style.
//! The script, the style and the frame around them are in `templates/page`.

mod calendar;
mod drawing;
mod facts;
mod fold;
mod layout;
mod render;
mod room;
mod workflow;

use jiff::Timestamp;
use serde_json::Value as Json;

use crate::ir;

pub use render::render;
pub use room::WORKFLOWS as MOST;

/// What a page is about.
#[derive(Debug)]
pub struct Page<'a> {
    /// Whose workflows they are: a project's name, or the one workflow's.
    pub title: String,
    /// The environment that is shown, where another one than the central branch's was asked for.
    pub environment: Option<String>,
    /// The moment after which the runs are that are shown.
    pub from: Timestamp,
    /// The workflows, in their order; [`MOST`] at the most.
    pub subjects: Vec<Subject<'a>>,
    /// How many more there are.
    pub left_out: usize,
    /// What `check` says of them.
    pub findings: Vec<Finding>,
}

/// One workflow, with all that is known of it.
#[derive(Debug)]
pub struct Subject<'a> {
    /// It.
    pub workflow: &'a ir::Workflow,
    /// The file that it is written in, as findings name it.
    pub file: String,
    /// For each task as it is written, by its path, every value with who gave it.
    pub layers: Vec<(String, Vec<LayeredValue>)>,
    /// For each task that runs a pod, in their order, the first of its pods.
    pub pods: Vec<Pod>,
    /// What is generated.
    pub files: Vec<File>,
}

/// A value of a task, and who wrote it.
#[derive(Debug)]
pub struct LayeredValue {
    /// Its key.
    pub key: String,
    /// All who wrote it, the strongest first.
    pub by: Vec<Origin>,
}

/// Who wrote a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The value as it is written, in one line.
    pub value: String,
    /// The layer.
    pub layer: &'static str,
    /// The file and the line: `workflows/retrain.yaml:12`.
    pub place: String,
}

/// A final pod.
#[derive(Debug)]
pub struct Pod {
    /// The task's id in the target.
    pub id: String,
    /// The pod.
    pub pod: Json,
    /// The same as YAML.
    pub text: String,
}

/// A generated file.
#[derive(Debug)]
pub struct File {
    /// Its path in the central repository.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// What `check` says.
#[derive(Debug, serde::Serialize)]
pub struct Finding {
    /// The diagnostic's id: `FH0301`.
    pub code: &'static str,
    /// `error`, `warning` or `allowed`.
    pub severity: &'static str,
    /// What is wrong.
    pub title: String,
    /// What to type.
    pub help: Option<String>,
    /// Where, and why there: `workflows/retrain.yaml:12:3 it stands here`.
    pub places: Vec<String>,
    /// The files of these places.
    pub files: Vec<String>,
}

#[cfg(test)]
mod tests;
