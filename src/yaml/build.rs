//! Events to nodes.

use std::collections::HashMap;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag, options};

use super::scalar::{Plain, resolve};
use super::{Entry, MAX_DEPTH, MAX_NODES, MAX_REPEATED_BYTES, Node, Value, fault, text::is_hidden};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::{SourceId, Span, Spanned};

/// Reads the text of a file. `None` when something is wrong, which has been told.
pub fn parse(file: SourceId, text: &str, sink: &mut Sink) -> Option<Node> {
    if let Some((at, character)) = text.char_indices().find(|(_, character)| is_hidden(*character)) {
        let span = Span::new(file, at, at + character.len_utf8());
        let fault =
            Diagnostic::error(&code::HIDDEN_CHARACTER, format!("an invisible character, U+{:04X}, stands here", u32::from(character)));
        sink.push(fault.at(span, "it can make the text read otherwise than it is").help("delete it"));
        return None;
    }
    let limit = MAX_DEPTH + 1;
    let options = options! { emit_comments: false, flow_nesting_limit: limit, block_nesting_limit: limit };
    let mut builder =
        Builder { file, text, sink, frames: Vec::new(), anchors: HashMap::new(), nodes: 0, repeated: 0, sound: true, root: None };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                let place = span.byte_range().unwrap_or(0..0);
                builder.event(event, Span::new(file, place.start, place.end))?;
            }
            Err(error) => {
                builder.sink.push(fault::of_scan_error(&error, file, text));
                return None;
            }
        }
    }
    builder.finish()
}

/// A list or a map that is not closed yet.
struct Frame {
    start: Span,
    is_flow: bool,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, keys: HashMap<String, Span>, key: Option<Spanned<String>>, merges: Vec<Node> },
}

struct Builder<'a> {
    file: SourceId,
    text: &'a str,
    sink: &'a mut Sink,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Rc<(Node, usize, usize)>>,
    nodes: usize,
    repeated: usize,
    sound: bool,
    root: Option<Node>,
}

/// Goes on, or gives up: the fault has been told.
type Step = Option<()>;

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Step {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                self.check_tag(tag.as_deref(), span);
                let is_key = self.wants_key();
                let is_merge = is_key && style == ScalarStyle::Plain && value == "<<";
                let value = if is_key { Value::String(value.into_owned()) } else { self.scalar(&value, style, tag.as_deref(), span) };
                self.close(Node { span, value }, anchor, is_merge)
            }
            Event::SequenceStart(style, anchor, tag) => self.open(Content::List(Vec::new()), style, anchor, tag.as_deref(), span),
            Event::MappingStart(style, anchor, tag) => {
                let content = Content::Map { entries: Vec::new(), keys: HashMap::new(), key: None, merges: Vec::new() };
                self.open(content, style, anchor, tag.as_deref(), span)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(id) => self.alias(id, span),
            Event::DocumentStart(..) if self.root.is_some() => {
                let fault = Diagnostic::error(&code::YAML_SYNTAX, "the file holds several documents").at(span, "the second starts here");
                self.sink.push(fault.help("keep one in each file, and delete the `---`"));
                None
            }
            _ => Some(()),
        }
    }

    fn wants_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Map { key: None, .. }, .. }))
    }

    fn open(&mut self, content: Content, style: StructureStyle, anchor: usize, tag: Option<&Tag>, start: Span) -> Step {
        self.check_tag(tag, start);
        if self.wants_key() {
            let fault = Diagnostic::error(&code::YAML_SYNTAX, "a list or a map cannot be a key").at(start, "");
            self.sink.push(fault.help("put a text that starts with `{` or `[` in quotes: `\"${{ run.date }}\"`"));
            return None;
        }
        if self.frames.len() >= MAX_DEPTH {
            let fault = Diagnostic::error(&code::BUDGET, format!("the file is nested more than {MAX_DEPTH} levels deep")).at(start, "");
            self.sink.push(fault.help("flatten it: no workflow needs that depth"));
            return None;
        }
        self.frames.push(Frame { start, is_flow: style == StructureStyle::Flow, anchor, content });
        Some(())
    }

    fn end(&mut self, span: Span) -> Step {
        let Frame { start, is_flow, anchor, content } = self.frames.pop()?;
        let last = match &content {
            Content::List(items) => items.last().map(|item| item.span.end),
            Content::Map { entries, .. } => entries.last().map(|entry| entry.value.span.end.max(entry.key.span.end)),
        };
        let end = if is_flow { span.end } else { last.unwrap_or(start.end) };
        let value = match content {
            Content::List(items) => Value::List(items),
            Content::Map { mut entries, keys, key: _, merges } => {
                merges.into_iter().for_each(|merged| self.merge(merged, &mut entries, &keys));
                Value::Map(entries)
            }
        };
        self.close(Node { span: Span { end: end.max(start.end), ..start }, value }, anchor, false)
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node, anchor: usize, is_merge: bool) -> Step {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return self.exceeded(node.span, format!("the file holds more than {MAX_NODES} values"));
        }
        if anchor > 0 {
            let (count, bytes) = weigh(&node);
            self.anchors.insert(anchor, Rc::new((node.clone(), count, bytes)));
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Some(());
        };
        match &mut frame.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, keys: _, key, merges } => match key.take() {
                Some(found) if found.value.is_empty() && found.span.start == found.span.end => merges.push(node),
                Some(found) => entries.push(Entry { key: found, value: node }),
                None => return self.key(node, is_merge),
            },
        }
        Some(())
    }

    fn key(&mut self, node: Node, is_merge: bool) -> Step {
        let Some(Frame { content: Content::Map { key, keys, .. }, .. }) = self.frames.last_mut() else { return Some(()) };
        let Value::String(name) = node.value else { return None };
        if is_merge {
            // An empty key of no length marks the value as one to merge; no written key is like that.
            *key = Some(Spanned::new(String::new(), Span { end: node.span.start, ..node.span }));
            return Some(());
        }
        if let Some(first) = keys.insert(name.clone(), node.span) {
            let fault = Diagnostic::error(&code::DUPLICATE_KEY, format!("`{}` is written twice", name.escape_debug()));
            self.sink.push(fault.at(node.span, "the second").at(first, "the first").help("keep one of them"));
            self.sound = false;
        }
        *key = Some(Spanned::new(name, node.span));
        Some(())
    }

    /// Entries of a merged map, where the map has no such key of its own.
    fn merge(&mut self, merged: Node, entries: &mut Vec<Entry>, own: &HashMap<String, Span>) {
        match merged.value {
            Value::Map(more) => {
                for entry in more {
                    if !own.contains_key(&entry.key.value) && !entries.iter().any(|seen| seen.key.value == entry.key.value) {
                        entries.push(entry);
                    }
                }
            }
            Value::List(maps) if maps.iter().all(|map| matches!(map.value, Value::Map(_))) => {
                maps.into_iter().for_each(|map| self.merge(map, entries, own));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => {
                let fault = Diagnostic::error(&code::YAML_SYNTAX, "`<<` merges maps, and this is none").at(merged.span, "");
                self.sink.push(fault.help("write an alias of a map: `<<: *defaults`"));
                self.sound = false;
            }
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Step {
        let Some(anchored) = self.anchors.get(&id).map(Rc::clone) else {
            let fault = Diagnostic::error(&code::YAML_SYNTAX, "an alias stands inside what it refers to").at(span, "");
            self.sink.push(fault.help("write the value out"));
            return None;
        };
        let (node, count, bytes) = anchored.as_ref();
        if self.wants_key() {
            let fault = Diagnostic::error(&code::YAML_SYNTAX, "an alias cannot be a key").at(span, "");
            self.sink.push(fault.help("write the key out"));
            return None;
        }
        self.nodes += count;
        self.repeated += bytes;
        if self.nodes > MAX_NODES || self.repeated > MAX_REPEATED_BYTES || self.frames.len() + depth(node) > MAX_DEPTH {
            return self.exceeded(span, "aliases make the file grow without end".to_owned());
        }
        self.close(node.clone(), 0, false)
    }

    fn exceeded(&mut self, span: Span, title: String) -> Step {
        self.sink.push(Diagnostic::error(&code::BUDGET, title).at(span, "").help("split the file, or move long lists into a CSV file"));
        None
    }

    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) {
        let Some(tag) = tag else { return };
        let is_core = ["str", "int", "float", "bool", "null", "seq", "map"].iter().any(|suffix| tag.is_yaml_core_schema_tag(suffix));
        if !is_core {
            let fault = Diagnostic::error(&code::TAG, format!("tag `{}` is not known here", tag.original().escape_debug())).at(span, "");
            self.sink.push(fault.help("delete the tag; put a text that starts with `!` in quotes"));
            self.sound = false;
        }
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Value {
        if style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str")) {
            return Value::String(value.to_owned());
        }
        match resolve(value) {
            Plain::Value(value) => value,
            Plain::Ambiguous(why, meant) => {
                let fault = Diagnostic::error(&code::AMBIGUOUS_SCALAR, format!("`{value}` is read in two ways")).at(span, why);
                self.sink.push(fault.help(format!("write `\"{value}\"` for the text, or `{meant}`")));
                self.sound = false;
                Value::String(value.to_owned())
            }
            Plain::NotFinite => {
                let fault = Diagnostic::error(&code::NOT_A_NUMBER, format!("`{value}` is no number that can be stored")).at(span, "");
                self.sink.push(fault.help(format!("write a smaller number, or `\"{value}\"` for the text")));
                self.sound = false;
                Value::Null
            }
        }
    }

    fn finish(self) -> Option<Node> {
        let is_nothing = |node: &Node| matches!(node.value, Value::Null);
        match self.root {
            Some(node) if !is_nothing(&node) => self.sound.then_some(node),
            Some(_) | None => {
                let span = Span::new(self.file, 0, self.text.find('\n').unwrap_or(self.text.len()));
                let fault = Diagnostic::error(&code::EMPTY_FILE, "the file is empty").at(span, "");
                self.sink.push(fault.help("write something into it, or delete it"));
                None
            }
        }
    }
}

/// Nodes and bytes of text that a copy adds.
fn weigh(node: &Node) -> (usize, usize) {
    let add = |(count, bytes): (usize, usize), (more, longer): (usize, usize)| (count + more, bytes + longer);
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) => (1, 8),
        Value::String(text) => (1, text.len() + 8),
        Value::List(items) => items.iter().map(weigh).fold((1, 8), add),
        Value::Map(entries) => entries.iter().map(|entry| add(weigh(&entry.value), (0, entry.key.value.len()))).fold((1, 8), add),
    }
}

fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        Value::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Map(entries) => 1 + entries.iter().map(|entry| depth(&entry.value)).max().unwrap_or(0),
    }
}
