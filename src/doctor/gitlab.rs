//! GitLab's pipeline, as far as one file shows it: <https://docs.gitlab.com/ci/yaml/>.

use super::command;
use crate::source::Span;
use crate::yaml::{Node, Value};

/// `.gitlab-ci.yml`.
pub(super) struct Pipeline {
    pub(super) path: String,
    pub(super) node: Node,
}

impl Pipeline {
    /// The job that judges a change, and the line that does.
    pub(super) fn judge(&self) -> Option<(Span, String)> {
        self.node.entries().iter().find_map(|entry| {
            let script = entry.value.get("script")?;
            let texts: Vec<&str> = match &script.value {
                Value::String(text) => vec![text],
                Value::List(items) => items.iter().filter_map(Node::as_str).collect(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Map(_) => Vec::new(),
            };
            let mut lines = texts.into_iter().flat_map(command::lines);
            Some((entry.key.span, lines.find(|line| command::runs(line, &["verify"]))?))
        })
    }
}
