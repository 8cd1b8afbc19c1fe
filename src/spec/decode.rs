//! Nodes to typed values.

use std::num::NonZeroU16;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::{
    BlueprintName, ClassPath, DagId, InvalidName, ProfileName, SourceAddress, SourceName, TaskName, TeamName, WorkflowAddress, WorkflowName,
};
use crate::source::{Span, Spanned, Texts};
use crate::yaml::{Entry, Node, Value};

/// What decoding needs beside the node: the texts that it was written in, to point inside a scalar, and a place for diagnostics.
pub struct Context<'a> {
    /// The texts of the file, and of what was put into it.
    pub texts: &'a Texts,
    /// Takes what is wrong.
    pub sink: &'a mut Sink,
}

impl Context<'_> {
    /// The text that a span covers; empty when it covers none.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.texts.slice(span)
    }

    /// Tells that a value which has the right shape has no meaning.
    pub fn invalid(&mut self, span: Span, title: impl Into<String>, help: impl Into<String>) {
        self.sink.push(Diagnostic::error(&code::INVALID_VALUE, title).at(span, "").help(help));
    }
}

/// A type that can be read from a node.
pub trait Decode: Sized {
    /// The type whose schema describes the value when it is there: the type itself, or what an `Option` may hold.
    type Described: JsonSchema;

    /// Reads it. `None` when it has no meaning, which has been told.
    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self>;

    /// What a missing key stands for; `None` when the key is required.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }
}

/// Told when a schema let through what the types don't take.
fn mismatch<T>(node: &Node, expected: &str, context: &mut Context<'_>) -> Option<T> {
    context.invalid(node.span, format!("{expected} is expected here"), format!("write {expected}"));
    None
}

impl<T: Decode> Decode for Option<T> {
    type Described = T::Described;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        T::decode(node, context).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Decode> Decode for Spanned<T> {
    type Described = T::Described;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        T::decode(node, context).map(|value| Self::new(value, span))
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: Decode + JsonSchema> Decode for Vec<T> {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let Value::List(items) = node.value else { return mismatch(&node, "a list", context) };
        let count = items.len();
        let decoded: Self = items.into_iter().filter_map(|item| T::decode(item, context)).collect();
        (decoded.len() == count).then_some(decoded)
    }
}

impl Decode for String {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::String(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => mismatch(&node, "a text", context),
        }
    }
}

impl Decode for bool {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::Bool(flag) => Some(flag),
            Value::Null | Value::String(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => {
                mismatch(&node, "`true` or `false`", context)
            }
        }
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Decode for $integer {
            type Described = Self;

            fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
                let number = match &node.value {
                    Value::Number(number) => number.as_i64().and_then(|number| Self::try_from(number).ok()),
                    Value::Null | Value::String(_) | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
                };
                number.or_else(|| mismatch(&node, &format!("a whole number from {} to {}", Self::MIN, Self::MAX), context))
            }
        }
    )*};
}

integers! { u16 u32 u64 i32 }

impl Decode for NonZeroU16 {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let number = Self::new(u16::decode(node, context)?);
        if number.is_none() {
            context.invalid(span, "`0` is too small", "write 1 or more");
        }
        number
    }
}

/// A map's key.
pub trait Key: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`InvalidName`] says what the grammar has against it.
    fn parse_key(text: &str) -> Result<Self, InvalidName>;

    /// The key as text.
    fn as_key(&self) -> &str;

    /// What such a key looks like, as the end of "write …".
    fn expects() -> &'static str {
        "lower-case letters, digits and single `-` between them"
    }
}

impl Key for String {
    fn parse_key(text: &str) -> Result<Self, InvalidName> {
        Ok(text.to_owned())
    }

    fn as_key(&self) -> &str {
        self
    }
}

macro_rules! names {
    ($($name:ident $what:literal $expects:literal)*) => {$(
        impl Key for $name {
            fn parse_key(text: &str) -> Result<Self, InvalidName> {
                Self::parse(text)
            }

            fn as_key(&self) -> &str {
                self.as_str()
            }
        }

        impl Decode for $name {
            type Described = Self;

            fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
                let span = node.span;
                let text = String::decode(node, context)?;
                match Self::parse(&text) {
                    Ok(name) => Some(name),
                    Err(reason) => {
                        invalid_name(&text, $what, &reason, span, context);
                        None
                    }
                }
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": Self::PATTERN,
                    "maxLength": Self::LIMIT,
                    "x-expects": $expects,
                })
            }
        }
    )*};
}

names! {
    TeamName "team" "a team name: lower-case letters, digits and single `-` between them"
    SourceName "source" "a source name: lower-case letters, digits and single `-` between them"
    WorkflowName "workflow" "a workflow name: lower-case letters, digits and single `-` between them"
    TaskName "task" "a task name: lower-case letters, digits and single `-` between them"
    ProfileName "profile" "a profile name: lower-case letters, digits and single `-` between them"
    DagId "DAG" "a DAG id: letters, digits, `_`, `-` and `.`, at most 250 characters"
    BlueprintName "blueprint" "a blueprint name: lower-case letters, digits and single `-` between them"
}

macro_rules! addresses {
    ($($name:ident $before:literal $what:literal $example:literal)*) => {$(
        impl Decode for $name {
            type Described = Self;

            fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
                let span = node.span;
                let text = String::decode(node, context)?;
                let parsed = Self::parse(&text);
                if let Err(reason) = &parsed {
                    context.invalid(span, format!("`{text}` names no {}: {reason}", $what), concat!("write it as `", $example, "`"));
                }
                parsed.ok()
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "pattern": Self::PATTERN,
                    "maxLength": Self::LIMIT,
                    "x-expects": concat!($before, $what, ", such as `", $example, "`"),
                })
            }
        }
    )*};
}

addresses! {
    SourceAddress "a team and a " "source" "churn/churn-model"
    WorkflowAddress "a team and a " "workflow" "churn/daily-retrain"
    ClassPath "the full name of a Python " "class" "airflow.providers.standard.operators.bash.BashOperator"
}

impl Key for ClassPath {
    fn expects() -> &'static str {
        "the path of the class, such as `airflow.providers.standard.operators.bash.BashOperator`"
    }

    fn parse_key(text: &str) -> Result<Self, InvalidName> {
        Self::parse(text)
    }

    fn as_key(&self) -> &str {
        self.as_str()
    }
}

/// A key that is no name, with the one that was most probably meant.
fn invalid_key<K: Key>(text: &str, reason: &InvalidName, span: Span, context: &mut Context<'_>) {
    let joined = |text: &str, joiner: char| -> String {
        text.chars().map(|letter| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { joiner }).collect()
    };
    let meant =
        [joined(&text.to_lowercase(), '-'), joined(text, '_')].into_iter().find(|meant| meant != text && K::parse_key(meant).is_ok());
    let help = match (reason, meant) {
        (InvalidName::Reserved(_), _) => format!("choose another name, such as `{text}-data`"),
        (InvalidName::TooLong { .. }, _) => "shorten it: nothing is ever cut, because two cut names can be one".to_owned(),
        (InvalidName::Empty | InvalidName::Grammar(_), Some(meant)) => format!("write `{meant}`"),
        (InvalidName::Empty | InvalidName::Grammar(_), None) => format!("write {}", K::expects()),
    };
    context.invalid(span, format!("`{text}` is no valid name: {reason}"), help);
}

fn invalid_name(text: &str, what: &str, reason: &InvalidName, span: Span, context: &mut Context<'_>) {
    let lowered: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' }).collect();
    let help = match reason {
        InvalidName::Reserved(_) => format!("choose another {what} name, such as `{text}-data`"),
        InvalidName::TooLong { .. } => "shorten it: nothing is ever cut, because two cut names can be one".to_owned(),
        InvalidName::Grammar(_) if WorkflowName::parse(&lowered).is_ok() => format!("write `{lowered}`"),
        InvalidName::Empty | InvalidName::Grammar(_) => "write lower-case letters, digits and single `-` between them".to_owned(),
    };
    context.invalid(span, format!("`{text}` is no {what} name: {reason}"), help);
}

/// A map in the order written, every key with its place.
#[derive(Debug, Clone)]
pub struct Table<K, V> {
    /// Keys and values.
    pub entries: Vec<(Spanned<K>, V)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Key, V> Table<K, V> {
    /// Keys and values, in the order written.
    pub fn iter(&self) -> impl Iterator<Item = (&Spanned<K>, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The keys as texts, in the order written.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.value.as_key())
    }

    /// The key and value of a key.
    #[must_use]
    pub fn entry(&self, name: &str) -> Option<(&Spanned<K>, &V)> {
        self.iter().find(|(key, _)| key.value.as_key() == name)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        self.entry(name).map(|(_, value)| value)
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<K: Key, V: Decode + JsonSchema> Decode for Table<K, V> {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let Value::Map(map) = node.value else { return mismatch(&node, "a map", context) };
        let mut entries = Vec::with_capacity(map.len());
        for Entry { key, value } in map {
            match K::parse_key(&key.value) {
                Ok(name) => {
                    if let Some(value) = V::decode(value, context) {
                        entries.push((Spanned::new(name, key.span), value));
                    }
                }
                Err(reason) => invalid_key::<K>(&key.value, &reason, key.span, context),
            }
        }
        Some(Self { entries })
    }
}

impl<K: Key, V: JsonSchema> JsonSchema for Table<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Table_of_{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<V>() })
    }
}
