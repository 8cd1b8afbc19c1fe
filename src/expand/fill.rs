//! Arguments put into the body of a blueprint.

use super::Expansion;
use super::arguments::Arguments;
use super::expression;
use crate::diag::{Diagnostic, codes as code, quoted_list, suggest};
use crate::source::Texts;
use crate::yaml::{Entry, Node, Value};

/// The body with the arguments in it. `None` when that is more than a file may hold, which has been told.
pub(super) fn fill(body: &Node, arguments: &Arguments, expansion: &mut Expansion<'_>) -> Option<Node> {
    let node = Filling { arguments, expansion: &mut *expansion }.node(body);
    if expansion.may_give(0) {
        return node;
    }
    if !std::mem::replace(&mut expansion.is_spent, true) {
        let fault = Diagnostic::error(&code::BUDGET, "the blueprints of this file give more than a file may hold");
        expansion.sink.push(fault.at(arguments.call, "with this one it is too much").help("hand over less, or divide the workflow"));
    }
    None
}

struct Filling<'a, 'e, 's> {
    arguments: &'a Arguments,
    expansion: &'e mut Expansion<'s>,
}

impl<'a> Filling<'a, '_, '_> {
    /// `None` for what an argument takes away, and when there is no room any more.
    fn node(&mut self, node: &Node) -> Option<Node> {
        if !self.expansion.may_give(0) {
            return None;
        }
        let value = match &node.value {
            Value::String(text) => return self.text(text, node),
            Value::List(items) => Value::List(items.iter().filter_map(|item| self.node(item)).collect()),
            Value::Map(entries) => {
                let entry = |entry: &Entry| Some(Entry { key: entry.key.clone(), value: self.node(&entry.value)? });
                Value::Map(entries.iter().filter_map(entry).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => node.value.clone(),
        };
        Some(Node { span: node.span, value })
    }

    fn text(&mut self, text: &str, node: &Node) -> Option<Node> {
        let found = expression::arguments(text);
        if let [only] = found.as_slice()
            && only.range == (0..text.len())
        {
            return self.whole(only, node);
        }
        let mut filled = String::new();
        let mut at = 0;
        for argument in &found {
            let Some(value) = self.look_up(argument, node) else { return Some(self.expansion.holes.value(node.span)) };
            let Some(written) = self.as_text(value) else {
                let title = format!("`with.{}` is a list, a map or nothing, and stands inside a text", argument.name);
                let fault = Diagnostic::error(&code::BLUEPRINT_ARGUMENT, title).at(node.span, "").at(value.span, "what is handed over");
                self.expansion.sink.push(fault.help("hand over a text, a number or a boolean"));
                return Some(self.expansion.holes.value(node.span));
            };
            filled.push_str(&text[at..argument.range.start]);
            filled.push_str(&written);
            at = argument.range.end;
        }
        filled.push_str(&text[at..]);
        self.expansion.may_give(filled.len());
        Some(Node { span: node.span, value: Value::String(filled) })
    }

    /// A plain value as it was written: `1.10` is not `1.1`.
    fn as_text(&self, node: &Node) -> Option<String> {
        match &node.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(_) | Value::Bool(_) => Some(Texts::of(self.expansion.sources, [node.span.source]).slice(node.span).to_owned()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A whole value keeps its type and its place; nothing at all takes the key away.
    fn whole(&mut self, argument: &expression::Argument, node: &Node) -> Option<Node> {
        let Some(value) = self.look_up(argument, node).cloned() else { return Some(self.expansion.holes.value(node.span)) };
        if matches!(value.value, Value::Null) {
            return None;
        }
        self.expansion.origins.handed_over(value.span, node.span);
        self.charge(&value);
        Some(value)
    }

    fn charge(&mut self, node: &Node) {
        self.expansion.may_give(node.as_str().map_or(0, str::len));
        node.items().iter().for_each(|item| self.charge(item));
        node.entries().iter().for_each(|entry| self.charge(&entry.value));
    }

    /// `None` for what is not known, which has been told.
    fn look_up(&mut self, argument: &expression::Argument, place: &Node) -> Option<&'a Node> {
        let arguments = self.arguments;
        let mut value = arguments.value(&argument.name)?;
        for key in &argument.path {
            match value.get(key) {
                Some(inner) => value = inner,
                None => {
                    let known: Vec<&str> = value.entries().iter().map(|entry| entry.key.value.as_str()).collect();
                    let title = format!("`with.{}` has no `{key}`", argument.name);
                    let fault = Diagnostic::error(&code::BLUEPRINT_ARGUMENT, title)
                        .at(value.span, "handed over here")
                        .at(place.span, "asked for here");
                    let near = suggest(key, known.iter().copied());
                    self.expansion.sink.push(fault.help(match near {
                        Some(near) => format!("write `{key}` in place of `{near}`"),
                        None if known.is_empty() => format!("hand over a map with `{key}`"),
                        None => format!("add `{key}`; it has {}", quoted_list(known)),
                    }));
                    return None;
                }
            }
        }
        Some(value)
    }
}
