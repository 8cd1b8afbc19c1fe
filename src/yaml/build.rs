//! Events to nodes.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag, options};

use super::anchor::Anchors;
use super::scalar::{Plain, resolve};
use super::{Entry, MAX_DEPTH, MAX_NODES, Node, Value, doubt, fault, merge, tag, text};
use crate::diag::{Code, Diagnostic, Sink, codes as code};
use crate::source::{SourceId, Span, Spanned};

/// Reads the text of a file. `None` when something is wrong, which has been told.
pub fn parse(file: SourceId, text: &str, sink: &mut Sink) -> Option<Node> {
    if let Err(fault) = text::screen(file, text) {
        sink.push(*fault);
        return None;
    }
    let limit = MAX_DEPTH + 1;
    let options = options! { emit_comments: false, flow_nesting_limit: limit, block_nesting_limit: limit };
    let mut builder = Builder { file, text, sink, frames: Vec::new(), anchors: Anchors::default(), nodes: 0, sound: true, root: None };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, place)) => builder.event(event, &place)?,
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
    Map { entries: Vec<Entry>, keys: HashMap<String, Span>, key: Option<Key>, merges: Vec<Node> },
}

/// What the next value of a map belongs to.
enum Key {
    Own(Spanned<String>),
    Merge,
}

struct Builder<'a> {
    file: SourceId,
    text: &'a str,
    sink: &'a mut Sink,
    frames: Vec<Frame>,
    anchors: Anchors,
    nodes: usize,
    sound: bool,
    root: Option<Node>,
}

/// Goes on, or gives up: the fault has been told.
type Step = Option<()>;

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, place: &granit_parser::Span) -> Step {
        let span = self.span(place);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let span = self.without_blank_end(span);
                // The parser says `~` for a value that is not there.
                let value = if style == ScalarStyle::Plain && span.start == span.end { "" } else { &*value };
                if value.contains('\0') {
                    return self.give_up(
                        &code::HIDDEN_CHARACTER,
                        "a zero byte is written here",
                        span,
                        "delete the `\\0`: no program takes it",
                    );
                }
                let tag = tag.as_deref().map(|tag| (tag, self.tag_span(place, span)));
                if self.wants_key() { self.key(value, style, anchor, tag, span) } else { self.scalar(value, style, anchor, tag, span) }
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", self.tag_span(place, span));
                self.open(Content::List(Vec::new()), style, anchor, span)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", self.tag_span(place, span));
                let content = Content::Map { entries: Vec::new(), keys: HashMap::new(), key: None, merges: Vec::new() };
                self.open(content, style, anchor, span)
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

    fn span(&self, place: &granit_parser::Span) -> Span {
        let place = place.byte_range().unwrap_or(0..0);
        Span::new(self.file, place.start, place.end)
    }

    fn tag_span(&self, place: &granit_parser::Span, otherwise: Span) -> Span {
        place.tag_span().map_or(otherwise, |tag| self.span(&tag))
    }

    /// Block scalars end where the next token starts, which is no part of their text.
    fn without_blank_end(&self, span: Span) -> Span {
        let written = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        Span::new(self.file, span.start as usize, span.start as usize + written.trim_end().len())
    }

    fn wants_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { content: Content::Map { key: None, .. }, .. }))
    }

    fn open(&mut self, content: Content, style: StructureStyle, anchor: usize, start: Span) -> Step {
        if self.wants_key() {
            self.sink.push(fault::of_collection_as_key(start, self.text));
            return None;
        }
        if self.frames.len() >= MAX_DEPTH {
            self.sink.push(fault::of_depth(start));
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
                for fault in merge::into(&mut entries, keys.into_keys().collect(), merges) {
                    self.fault(fault);
                }
                Value::Map(entries)
            }
        };
        self.close(Node { span: Span { end: end.max(start.end), ..start }, value }, anchor)
    }

    /// Puts a finished value where it belongs.
    fn close(&mut self, node: Node, anchor: usize) -> Step {
        self.nodes += 1;
        if self.nodes > MAX_NODES || !self.anchors.keep(anchor, &node) {
            return self.too_many(node.span);
        }
        let Some(frame) = self.frames.last_mut() else {
            self.root = Some(node);
            return Some(());
        };
        match &mut frame.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, keys: _, key, merges } => match key.take() {
                Some(Key::Own(key)) => entries.push(Entry { key, value: node }),
                // Events alternate, so that there is a key; a value without one could only be merged.
                Some(Key::Merge) | None => merges.push(node),
            },
        }
        Some(())
    }

    fn key(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<(&Tag, Span)>, span: Span) -> Step {
        self.check_tag(tag.map(|(tag, _)| tag), "str", tag.map_or(span, |(_, place)| place));
        let is_plain = style == ScalarStyle::Plain && tag.is_none();
        if is_plain && matches!(resolve(text), Plain::Value(Value::Null | Value::Bool(_) | Value::Number(_))) {
            self.fault(fault::of_key_that_is_no_text(text, span));
        }
        if !self.anchors.keep(anchor, &Node { span, value: Value::String(text.to_owned()) }) {
            return self.too_many(span);
        }
        let Some(Frame { content: Content::Map { key, keys, .. }, .. }) = self.frames.last_mut() else { return Some(()) };
        if is_plain && text == "<<" {
            *key = Some(Key::Merge);
            return Some(());
        }
        let first = keys.insert(text.to_owned(), span);
        *key = Some(Key::Own(Spanned::new(text.to_owned(), span)));
        if let Some(first) = first {
            let fault = Diagnostic::error(&code::DUPLICATE_KEY, format!("`{}` is written twice", text.escape_debug()));
            self.fault(fault.at(span, "the second").at(first, "the first").help("keep one of them"));
        }
        Some(())
    }

    fn alias(&mut self, id: usize, span: Span) -> Step {
        if self.wants_key() {
            return self.give_up(&code::YAML_SYNTAX, "an alias cannot be a key", span, "write the key out");
        }
        let Some(anchored) = self.anchors.find(id) else {
            return self.give_up(&code::YAML_SYNTAX, "an alias stands inside what it refers to", span, "write the value out");
        };
        self.nodes += anchored.nodes;
        if self.nodes > MAX_NODES || !self.anchors.may_repeat(&anchored) || self.frames.len() + anchored.depth > MAX_DEPTH {
            return self.give_up(
                &code::BUDGET,
                "aliases make the file grow without end",
                span,
                "write out what is meant, or use `defaults:`",
            );
        }
        self.close(anchored.node.clone(), 0)
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, tag: Option<(&Tag, Span)>, span: Span) -> Step {
        let value = match tag {
            Some((tag, place)) => tag::value(tag, text).unwrap_or_else(|| {
                self.fault(fault::of_tag(tag, place));
                Value::Null
            }),
            None if style == ScalarStyle::Plain => self.plain(text, span),
            None => Value::String(text.to_owned()),
        };
        self.close(Node { span, value }, anchor)
    }

    fn plain(&mut self, text: &str, span: Span) -> Value {
        match resolve(text) {
            Plain::Value(value) => {
                if let Value::String(value) = &value {
                    let is_item = matches!(self.frames.last(), Some(Frame { content: Content::List(_), is_flow: false, .. }));
                    self.sink.extend(doubt::find(value, span, self.text, is_item));
                }
                value
            }
            Plain::Ambiguous(why, meant) => {
                let fault = Diagnostic::error(&code::AMBIGUOUS_SCALAR, format!("`{text}` is read in two ways")).at(span, why);
                self.fault(fault.help(format!("write `\"{text}\"` for the text, or {meant}")));
                Value::String(text.to_owned())
            }
            Plain::NotFinite => {
                let fault = Diagnostic::error(&code::NOT_A_NUMBER, format!("`{text}` is no number that can be stored")).at(span, "");
                self.fault(fault.help(format!("write a smaller number, or `\"{text}\"` for the text")));
                Value::Null
            }
        }
    }

    fn check_tag(&mut self, tag: Option<&Tag>, kind: &str, place: Span) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema_tag(kind)) {
            self.fault(fault::of_tag(tag, place));
        }
    }

    /// Tells a fault behind which reading goes on.
    fn fault(&mut self, fault: Diagnostic) {
        self.sink.push(fault);
        self.sound = false;
    }

    fn give_up(&mut self, code: &'static Code, title: &str, span: Span, help: &str) -> Step {
        self.sink.push(Diagnostic::error(code, title).at(span, "").help(help));
        None
    }

    fn too_many(&mut self, span: Span) -> Step {
        let help = "split the file, or move long lists into a CSV file";
        self.give_up(&code::BUDGET, &format!("the file holds more than {MAX_NODES} values"), span, help)
    }

    fn finish(self) -> Option<Node> {
        match self.root {
            Some(node) if !self.sound || !matches!(node.value, Value::Null) => self.sound.then_some(node),
            Some(_) | None => {
                let span = Span::new(self.file, 0, self.text.find('\n').unwrap_or(self.text.len()));
                let fault = Diagnostic::error(&code::EMPTY_FILE, "the file is empty").at(span, "");
                self.sink.push(fault.help("write something into it, or delete it"));
                None
            }
        }
    }
}
