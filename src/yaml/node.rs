//! The tree.

use crate::source::{Span, Spanned};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where: for a scalar its text with its quotes, for a list or map all of it.
    pub span: Span,
    /// What.
    pub value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer or a float; never infinite, never not-a-number.
    Number(serde_json::Number),
    /// A text.
    String(String),
    /// A list.
    List(Vec<Node>),
    /// A map; keys are texts, none twice, in the order written.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key and where it stands.
    pub key: Spanned<String>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// Where a text stands first in it.
    #[must_use]
    pub fn place_of_text(&self, text: &str) -> Option<Span> {
        match &self.value {
            Value::String(written) => (written == text).then_some(self.span),
            Value::List(items) => items.iter().find_map(|item| item.place_of_text(text)),
            Value::Map(entries) => entries.iter().find_map(|entry| entry.value.place_of_text(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    /// Where the value of a key stands first in it, however deep.
    #[must_use]
    pub fn place_of_key(&self, key: &str) -> Option<Span> {
        match &self.value {
            Value::List(items) => items.iter().find_map(|item| item.place_of_key(key)),
            Value::Map(entries) => entries.iter().find_map(|entry| {
                let is_key = entry.key.value == key;
                if is_key { Some(entry.value.span) } else { entry.value.place_of_key(key) }
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }

    /// Where a JSON pointer leads to, as far as it does.
    #[must_use]
    pub fn place_of_pointer(&self, pointer: &str) -> Span {
        let mut found = self;
        for step in pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")) {
            let inner = step.parse().ok().and_then(|index: usize| found.items().get(index)).or_else(|| found.get(&step));
            let Some(inner) = inner else { break };
            found = inner;
        }
        found.span
    }

    /// A map's entries; none for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => &[],
        }
    }

    /// A list's items; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) => &[],
        }
    }

    /// A map's entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key.value == key)
    }

    /// A map's value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The same data without places.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => serde_json::Value::Bool(*flag),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String(text) => serde_json::Value::String(text.clone()),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(entries) => entries.iter().map(|entry| (entry.key.value.clone(), entry.value.to_json())).collect(),
        }
    }
}
