//! What a workflow says for one environment, laid over the rest.

use std::collections::BTreeSet;

use super::overlay::lay_over;
use super::uses::Call;
use super::{Expansion, Origins, Shape};
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::yaml::{Entry, Node, Value};

/// Lays the environment's part over the workflow. An environment changes values, and takes the tasks and groups as they are: a slip in a
/// name would be a task that nobody meant.
pub(super) fn lay_environment(
    expansion: &mut Expansion<'_>,
    root: Node,
    environments: Entry,
    environment: &str,
    chain: &[Call],
) -> Option<Node> {
    let Value::Map(entries) = environments.value.value else {
        let fault = Diagnostic::error(&code::WRONG_TYPE, "`environments` is no map").at(environments.value.span, "");
        expansion.sink.push(fault.help("write `environments: { staging: { schedule: none } }`"));
        return None;
    };
    let Some(overlay) = entries.into_iter().find(|entry| entry.key.value == environment) else { return Some(root) };
    if !matches!(overlay.value.value, Value::Map(_)) {
        let fault = Diagnostic::error(&code::WRONG_TYPE, format!("what `{environment}` says is no map")).at(overlay.value.span, "");
        expansion.sink.push(fault.help(format!("write `{environment}: {{ schedule: none }}`")));
        return None;
    }
    for key in ["workflow", "uses", "with", "environments", "renamed_from", "taken_from", "protect", "adopted"] {
        if let Some(entry) = overlay.value.entry(key) {
            let fault = Diagnostic::error(&code::UNKNOWN_FIELD, format!("`{key}` is the same in every environment")).at(entry.key.span, "");
            expansion.sink.push(fault.help("write it at the top of the workflow"));
            return None;
        }
    }
    let mut nothing = Sink::new();
    let mut plain = Expansion {
        shelf: expansion.shelf,
        sources: expansion.sources,
        sink: &mut nothing,
        origins: Origins::default(),
        blueprints: BTreeSet::new(),
        nodes: 0,
        bytes: 0,
    };
    if let Some(plain) = plain.inside(root.clone(), Shape::Workflow, chain) {
        check_names(&plain, &overlay.value, Shape::Workflow, environment, expansion.sink);
    }
    Some(lay_over(root, overlay.value, Shape::Workflow))
}

fn check_names(plain: &Node, overlay: &Node, shape: Shape, environment: &str, sink: &mut Sink) {
    for Entry { key, value } in overlay.entries() {
        let Some(inner @ (Shape::Tasks | Shape::Groups)) = shape.inner(&key.value) else { continue };
        let known: Vec<&str> = plain.get(&key.value).into_iter().flat_map(Node::entries).map(|entry| entry.key.value.as_str()).collect();
        for Entry { key: name, value } in value.entries() {
            let what = if inner == Shape::Tasks { "task" } else { "group" };
            match plain.get(&key.value).and_then(|all| all.get(&name.value)) {
                Some(plain) => inner.inner(&name.value).into_iter().for_each(|shape| check_names(plain, value, shape, environment, sink)),
                None => {
                    let title = format!("`{environment}` speaks of {what} `{}`, which the workflow does not have", name.value);
                    let fault = Diagnostic::error(&code::ENVIRONMENT_ADDS, title).at(name.span, "an environment changes values only");
                    sink.push(fault.help(match suggest(&name.value, known.iter().copied()) {
                        Some(near) => format!("write `{near}`"),
                        None if known.is_empty() => format!("write the {what} at the top of the workflow"),
                        None => format!("write one of {}, or the {what} at the top of the workflow", quoted_list(known.iter().copied())),
                    }));
                }
            }
        }
    }
}
