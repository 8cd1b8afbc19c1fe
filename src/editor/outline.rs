//! What a workflow's file has in it, and where in it something is named.

use super::cursor::{Spot, locate};
use super::define::{Target, define};
use super::names::Names;
use crate::source::Span;
use crate::yaml::{Entry, Node};

/// What an entry of an outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The workflow.
    Workflow,
    /// A group.
    Group,
    /// A task.
    Task,
}

/// An entry of an outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What it is.
    pub part: Part,
    /// Its name.
    pub name: String,
    /// All of it.
    pub span: Span,
    /// Its name's place.
    pub named: Span,
    /// What is in it.
    pub below: Vec<Symbol>,
}

/// A workflow's file that was read to `root`, as an outline. `None` when it has no name.
#[must_use]
pub fn outline(root: &Node) -> Option<Symbol> {
    let entry = root.entries().iter().find(|entry| entry.key.value == "workflow")?;
    let name = entry.value.as_str()?.to_owned();
    Some(Symbol { part: Part::Workflow, name, span: root.span, named: entry.value.span, below: members(root) })
}

fn members(parent: &Node) -> Vec<Symbol> {
    let part = |table: &'static str, part: Part| {
        let entries = parent.get(table).map(Node::entries).unwrap_or_default();
        entries.iter().map(move |Entry { key, value }| Symbol {
            part,
            name: key.value.clone(),
            span: Span { end: key.span.end.max(value.span.end), ..key.span },
            named: key.span,
            below: if part == Part::Group { members(value) } else { Vec::new() },
        })
    };
    part("tasks", Part::Task).chain(part("groups", Part::Group)).collect()
}

/// Where a text, read to `root`, names what stands at a byte offset: where that is defined first, and only in this file.
#[must_use]
pub fn references(text: &str, root: &Node, offset: usize, names: &Names) -> Vec<Span> {
    let own = locate(root, offset).and_then(|cursor| match cursor.spot {
        Spot::Key(span) => Some(span),
        Spot::Value(_) => match define(text, root, offset, names)? {
            Target::Here(span) => Some(span),
            Target::File(..) | Target::Beside(_) => None,
        },
    });
    let written = own.and_then(|own| Some((own, text.get(own.start as usize..own.end as usize)?.trim_matches(['"', '\'']))));
    let Some((own, name)) = written.filter(|(_, name)| !name.is_empty()) else { return Vec::new() };
    let mut found = vec![own];
    leaves(root, &mut |leaf| {
        let (start, end) = (leaf.start as usize, leaf.end as usize);
        for (at, _) in text.get(start..end).unwrap_or_default().match_indices(name) {
            let here = narrow(start + at);
            if define(text, root, start + at, names) == Some(Target::Here(own)) && found.last().is_none_or(|last| last.start != here) {
                found.push(Span { start: here, end: narrow(start + at + name.len()), ..leaf });
            }
        }
    });
    found
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// The values that hold no others.
fn leaves(node: &Node, visit: &mut impl FnMut(Span)) {
    if node.entries().is_empty() && node.items().is_empty() {
        visit(node.span);
    }
    node.entries().iter().for_each(|entry| leaves(&entry.value, visit));
    node.items().iter().for_each(|item| leaves(item, visit));
}
