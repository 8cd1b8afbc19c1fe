//! What a workflow says for one environment, laid over the rest.

use super::overlay::lay_over;
use super::uses::Call;
use super::{Expansion, Holes, Shape, take, written_near};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// Keys of a workflow that are the same in every environment.
const ALIKE: [&str; 8] = ["workflow", "uses", "with", "environments", "renamed_from", "taken_from", "protect", "adopted"];

/// Lays the environment's part over the workflow. An environment changes values, and takes the tasks and groups as they are: a slip in a
/// name would be a task that nobody meant.
pub(super) fn lay_environment(expansion: &mut Expansion<'_>, root: Node, environments: Entry, environment: &str, chain: &[Call]) -> Node {
    let Value::Map(entries) = environments.value.value else {
        let fault = Diagnostic::error(&code::WRONG_TYPE, "`environments` is no map").at(environments.value.span, "");
        expansion.sink.push(fault.help("write `environments: { staging: { schedule: none } }`"));
        expansion.holes.add_map(Shape::Workflow, root.span);
        return root;
    };
    let Some(Entry { key: _, value: mut overlay }) = entries.into_iter().find(|entry| entry.key.value == environment) else {
        return root;
    };
    if !matches!(overlay.value, Value::Map(_)) {
        let fault = Diagnostic::error(&code::WRONG_TYPE, format!("what `{environment}` says is no map")).at(overlay.span, "");
        expansion.sink.push(fault.help(format!("write `{environment}: {{ schedule: none }}`")));
        expansion.holes.add_map(Shape::Workflow, root.span);
        return root;
    }
    for key in ALIKE {
        if let Some(entry) = take(&mut overlay, key) {
            let fault = Diagnostic::error(&code::UNKNOWN_FIELD, format!("`{key}` is the same in every environment")).at(entry.key.span, "");
            expansion.sink.push(fault.help("write it at the top of the workflow"));
        }
    }
    let mut nothing = Sink::new();
    let mut plain = Expansion::new(expansion.shelf, expansion.sources, &mut nothing);
    let node = plain.inside(root.clone(), Shape::Workflow, chain);
    let names = Names { environment, open: [&plain.holes, &expansion.holes] };
    let unknown = names.check(&node, &overlay, Shape::Workflow, expansion.sink);
    // What it was meant to change has more keys than are written here.
    unknown.into_iter().for_each(|map| expansion.holes.add_map(Shape::Task, map));
    lay_over(root, overlay, Shape::Workflow)
}

/// The names of tasks and groups that an environment may speak of.
struct Names<'a> {
    environment: &'a str,
    /// Maps that may have more of them than are known.
    open: [&'a Holes; 2],
}

impl Names<'_> {
    /// Tells of tasks and groups that the workflow does not have, and gives what is said of them.
    fn check(&self, plain: &Node, overlay: &Node, shape: Shape, sink: &mut Sink) -> Vec<Span> {
        let mut unknown = Vec::new();
        for Entry { key, value } in overlay.entries() {
            let Some(inner @ (Shape::Tasks | Shape::Groups)) = shape.inner(&key.value) else { continue };
            let all = plain.get(&key.value);
            // What is no map is told as that.
            if all.is_some_and(|all| !matches!(all.value, Value::Map(_) | Value::Null)) {
                continue;
            }
            for Entry { key: name, value } in value.entries() {
                match (all.and_then(|all| all.get(&name.value)), inner.inner(&name.value)) {
                    (Some(plain), Some(shape)) => unknown.extend(self.check(plain, value, shape, sink)),
                    (Some(_), None) => {}
                    (None, _) if all.is_none() && written_near(plain, &key.value) => {}
                    (None, _) if self.open.iter().any(|holes| holes.has_map(plain.span)) => {}
                    (None, _) => {
                        sink.push(self.unknown(inner, name, all));
                        unknown.push(value.span);
                    }
                }
            }
        }
        unknown
    }

    fn unknown(&self, shape: Shape, name: &Spanned<String>, all: Option<&Node>) -> Diagnostic {
        let what = if shape == Shape::Tasks { "task" } else { "group" };
        let known: Vec<&str> = all.into_iter().flat_map(Node::entries).map(|entry| entry.key.value.as_str()).collect();
        let title = format!("`{}` speaks of {what} `{}`, which the workflow does not have", self.environment, name.value);
        let fault = Diagnostic::error(&code::ENVIRONMENT_ADDS, title).at(name.span, "an environment changes values only");
        fault.help(match suggest(&name.value, known.iter().copied()) {
            Some(near) => format!("write `{near}`"),
            None if known.is_empty() => format!("write the {what} at the top of the workflow"),
            None => format!("write one of {}, or the {what} at the top of the workflow", quoted_list(known)),
        })
    }
}
