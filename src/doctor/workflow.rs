//! GitHub's workflows as they are written: <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>.

use super::command;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// Events by which a change asks to land.
pub(super) const PULL: [&str; 2] = ["pull_request", "pull_request_target"];

/// A file of `.github/workflows`.
pub(super) struct Workflow {
    pub(super) path: String,
    pub(super) node: Node,
}

/// One of a workflow's jobs.
#[derive(Clone, Copy)]
pub(super) struct Job<'a> {
    pub(super) id: &'a Spanned<String>,
    pub(super) node: &'a Node,
}

/// One of a job's steps.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) node: &'a Node,
}

impl Workflow {
    /// What starts it, and where that is written.
    pub(super) fn events(&self) -> Vec<(&str, Span)> {
        let Some(on) = self.node.get("on") else { return Vec::new() };
        match &on.value {
            Value::String(event) => vec![(event, on.span)],
            Value::List(events) => events.iter().filter_map(|event| Some((event.as_str()?, event.span))).collect(),
            Value::Map(entries) => entries.iter().map(|entry| (entry.key.value.as_str(), entry.key.span)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
        }
    }

    /// Where an event is written that starts it; `None` when that does not.
    pub(super) fn event(&self, name: &str) -> Option<Span> {
        self.events().into_iter().find(|(event, _)| *event == name).map(|(_, span)| span)
    }

    pub(super) fn jobs(&self) -> impl Iterator<Item = Job<'_>> {
        let entries = self.node.get("jobs").map(Node::entries).unwrap_or_default();
        entries.iter().map(|entry| Job { id: &entry.key, node: &entry.value })
    }

    /// Jobs that judge what a pull request brings.
    pub(super) fn judges(&self) -> impl Iterator<Item = (Job<'_>, Step<'_>)> {
        let asked = PULL.iter().any(|event| self.event(event).is_some());
        self.jobs().filter(move |_| asked).filter_map(|job| Some((job, job.steps().find(|step| step.judges())?)))
    }
}

impl<'a> Job<'a> {
    pub(super) fn steps(&self) -> impl Iterator<Item = Step<'a>> + use<'a> {
        self.node.get("steps").map(Node::items).unwrap_or_default().iter().map(|node| Step { node })
    }

    /// What the host calls it, in a list of checks.
    pub(super) fn name(&self) -> &'a str {
        self.node.get("name").and_then(Node::as_str).unwrap_or(&self.id.value)
    }
}

impl<'a> Step<'a> {
    /// The script that it runs.
    pub(super) fn script(&self) -> Option<&'a Node> {
        self.node.get("run")
    }

    /// The action that it uses.
    pub(super) fn action(&self) -> Option<&'a str> {
        self.node.get("uses").and_then(Node::as_str)
    }

    /// What it hands to the action.
    pub(super) fn with(&self, key: &str) -> Option<&'a Node> {
        self.node.get("with").and_then(|with| with.get(key))
    }

    /// Whether it judges a change: by the command, or by an action of this name that is told so.
    fn judges(&self) -> bool {
        let in_script = self.line().is_some();
        let is_ours = self.action().is_some_and(|action| action.split('@').next().unwrap_or_default().ends_with("freehold"));
        let entries = self.node.get("with").map(Node::entries).unwrap_or_default();
        in_script || (is_ours && entries.iter().any(|entry| entry.value.as_str() == Some("verify")))
    }

    /// The line of its script that judges.
    pub(super) fn line(&self) -> Option<String> {
        command::lines(self.script()?.as_str()?).into_iter().find(|line| command::runs(line, &["verify"]))
    }
}

/// Every text below a node, keys left out.
pub(super) fn texts<'a>(node: &'a Node, found: &mut Vec<(&'a str, Span)>) {
    match &node.value {
        Value::String(text) => found.push((text, node.span)),
        Value::List(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Map(entries) => entries.iter().for_each(|entry| texts(&entry.value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
