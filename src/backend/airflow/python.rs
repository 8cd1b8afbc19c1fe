//! Python expressions as data, and the one place that writes them.
//!
//! A user's text can only get into a file as [`Expression::Text`], which is written as an ASCII string literal; a name
//! can only be an [`Identifier`], which is checked when it is made. So no value can become code. Lines are broken as
//! `ruff format` breaks them, at 88 columns.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use crate::name::is_python_keyword;

/// The line length of `ruff format` and `black`.
pub(super) const WIDTH: usize = 88;
const STEP: usize = 4;

/// A Python name, or names joined by dots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Identifier(Cow<'static, str>);

impl Identifier {
    /// A name of ours.
    pub(super) const fn fixed(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// A name made from a user's; `None` when Python would not read it as one ASCII name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let well_formed = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let starts_well = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
        (well_formed && starts_well && !is_python_keyword(name)).then(|| Self(Cow::Owned(name.to_owned())))
    }

    /// A module or a class of a user's, with dots; `None` when a part of it is no name.
    pub(super) fn dotted(path: &str) -> Option<Self> {
        path.split('.').all(|part| Self::parse(part).is_some()).then(|| Self(Cow::Owned(path.to_owned())))
    }

    /// `self as alias`, in an import.
    pub(super) fn renamed(&self, alias: &Self) -> Self {
        Self(Cow::Owned(format!("{} as {}", self.0, alias.0)))
    }

    /// `self.attribute`.
    pub(super) fn attribute(&self, attribute: &'static str) -> Self {
        Self(Cow::Owned(format!("{}.{attribute}", self.0)))
    }

    /// The name as text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A Python expression of a generated file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Expression {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A number, spelt as JSON and Python both spell it.
    Number(String),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A dict with string keys, in order.
    Dict(Vec<(String, Self)>),
    /// A name.
    Name(Identifier),
    /// `name["key"]`.
    Item(Identifier, String),
    /// Strings joined by `+`: at least two.
    Join(Vec<Self>),
    /// A call.
    Call(Identifier, Vec<Self>, Vec<(Identifier, Self)>),
}

impl Expression {
    /// A string.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub(super) fn number(number: impl std::fmt::Display) -> Self {
        Self::Number(format!("{number}"))
    }

    /// A name of ours.
    pub(super) fn name(name: &'static str) -> Self {
        Self::Name(Identifier::fixed(name))
    }

    /// A call of a function of ours with keyword arguments only.
    pub(super) fn call(function: &'static str, keywords: Vec<(&'static str, Self)>) -> Self {
        let keywords = keywords.into_iter().map(|(name, value)| (Identifier::fixed(name), value)).collect();
        Self::Call(Identifier::fixed(function), Vec::new(), keywords)
    }
}

impl Expression {
    /// Whether it refers to a variable of the file.
    pub(super) fn has_names(&self) -> bool {
        match self {
            Self::None | Self::Bool(_) | Self::Number(_) | Self::Text(_) => false,
            Self::Name(_) | Self::Item(..) | Self::Join(_) => true,
            Self::List(items) => items.iter().any(Self::has_names),
            Self::Dict(entries) => entries.iter().any(|(_, value)| value.has_names()),
            Self::Call(_, positional, keywords) => {
                positional.iter().any(Self::has_names) || keywords.iter().any(|(_, value)| value.has_names())
            }
        }
    }
}

impl From<&serde_json::Value> for Expression {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::None,
            serde_json::Value::Bool(flag) => Self::Bool(*flag),
            serde_json::Value::Number(number) => Self::number(number),
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(map) => Self::Dict(map.iter().map(|(key, value)| (key.clone(), Self::from(value))).collect()),
        }
    }
}

/// An expression and where on the page it stands.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// The argument's name when it is a keyword argument of a call.
    pub(super) keyword: Option<Identifier>,
    /// What.
    pub(super) expression: Expression,
    /// Columns that its line is indented by.
    pub(super) indent: usize,
    /// Columns before it on its line, the indent among them.
    pub(super) before: usize,
    /// Columns behind it on its line.
    pub(super) after: usize,
    /// Columns that there are.
    pub(super) width: usize,
}

impl Placed {
    /// One that no line break can help.
    pub(super) fn short(expression: Expression) -> Self {
        Self { keyword: None, expression, indent: 0, before: 0, after: 0, width: WIDTH }
    }
}

impl fmt::Display for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(keyword) = &self.keyword {
            f.write_str(keyword.as_str())?;
            f.write_str("=")?;
        }
        write_placed(f, &self.expression, Place { indent: self.indent, before: self.before, after: self.after, width: self.width })
    }
}

#[derive(Clone, Copy)]
struct Place {
    indent: usize,
    before: usize,
    after: usize,
    width: usize,
}

impl Place {
    /// The place of an item of a list that stands here, behind `key` columns on its own line and before a comma.
    fn inner(self, key: usize) -> Self {
        Self { indent: self.indent + STEP, before: self.indent + STEP + key, after: 1, width: self.width }
    }
}

fn write_placed(out: &mut impl Write, expression: &Expression, place: Place) -> fmt::Result {
    let room = place.width.saturating_sub(place.before + place.after);
    if take(expression, room).is_some() {
        return write_flat(out, expression);
    }
    match expression {
        Expression::List(items) if !items.is_empty() => {
            broken(out, place, '[', ']', items, |out, item, inner| write_placed(out, item, inner(0)))
        }
        Expression::Dict(items) if !items.is_empty() => broken(out, place, '{', '}', items, |out, (key, value), inner| {
            write_string(out, key)?;
            out.write_str(": ")?;
            write_placed(out, value, inner(string_width(key) + 2))
        }),
        Expression::Call(function, positional, keywords) if !positional.is_empty() || !keywords.is_empty() => {
            out.write_str(function.as_str())?;
            let arguments: Vec<_> =
                positional.iter().map(|value| (None, value)).chain(keywords.iter().map(|(name, value)| (Some(name), value))).collect();
            broken(out, place, '(', ')', &arguments, |out, (name, value), inner| match name {
                Some(name) => {
                    write!(out, "{}=", name.as_str())?;
                    write_placed(out, value, inner(name.as_str().len() + 1))
                }
                None => write_placed(out, value, inner(0)),
            })
        }
        Expression::Join(parts) => write_joined(out, parts, &format!("\n{:1$}+ ", "", place.indent)),
        Expression::None
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::Text(_)
        | Expression::List(_)
        | Expression::Dict(_)
        | Expression::Name(_)
        | Expression::Item(..)
        | Expression::Call(..) => write_flat(out, expression),
    }
}

fn broken<W: Write, T>(
    out: &mut W,
    place: Place,
    open: char,
    close: char,
    items: &[T],
    mut write_item: impl FnMut(&mut W, &T, &dyn Fn(usize) -> Place) -> fmt::Result,
) -> fmt::Result {
    let inner = |key| place.inner(key);
    writeln!(out, "{open}")?;
    for item in items {
        write!(out, "{:1$}", "", place.indent + STEP)?;
        write_item(out, item, &inner)?;
        out.write_str(",\n")?;
    }
    write!(out, "{:1$}{close}", "", place.indent)
}

fn write_joined(out: &mut impl Write, parts: &[Expression], joint: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.write_str(joint)?;
        }
        write_flat(out, part)?;
    }
    Ok(())
}

/// Writes on one line.
fn write_flat(out: &mut impl Write, expression: &Expression) -> fmt::Result {
    let comma = |out: &mut _, index: usize| if index > 0 { Write::write_str(out, ", ") } else { Ok(()) };
    match expression {
        Expression::None => out.write_str("None"),
        Expression::Bool(flag) => out.write_str(if *flag { "True" } else { "False" }),
        Expression::Number(number) => out.write_str(number),
        Expression::Text(text) => write_string(out, text),
        Expression::Name(name) => out.write_str(name.as_str()),
        Expression::Item(name, key) => {
            write!(out, "{}[", name.as_str())?;
            write_string(out, key)?;
            out.write_char(']')
        }
        Expression::Join(parts) => write_joined(out, parts, " + "),
        Expression::List(items) => {
            out.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                comma(out, index)?;
                write_flat(out, item)?;
            }
            out.write_char(']')
        }
        Expression::Dict(items) => {
            out.write_char('{')?;
            for (index, (key, value)) in items.iter().enumerate() {
                comma(out, index)?;
                write_string(out, key)?;
                out.write_str(": ")?;
                write_flat(out, value)?;
            }
            out.write_char('}')
        }
        Expression::Call(function, positional, keywords) => {
            write!(out, "{}(", function.as_str())?;
            for (index, value) in positional.iter().enumerate() {
                comma(out, index)?;
                write_flat(out, value)?;
            }
            for (index, (name, value)) in keywords.iter().enumerate() {
                comma(out, index + positional.len())?;
                write!(out, "{}=", name.as_str())?;
                write_flat(out, value)?;
            }
            out.write_char(')')
        }
    }
}

/// What is left of `room` columns behind the expression on one line; `None` when it does not fit.
fn take(expression: &Expression, room: usize) -> Option<usize> {
    let separators = |count: usize| 2 * count.saturating_sub(1);
    match expression {
        Expression::None => room.checked_sub(4),
        Expression::Bool(flag) => room.checked_sub(if *flag { 4 } else { 5 }),
        Expression::Number(number) => room.checked_sub(number.len()),
        Expression::Text(text) => room.checked_sub(string_width(text)),
        Expression::Name(name) => room.checked_sub(name.as_str().len()),
        Expression::Item(name, key) => room.checked_sub(name.as_str().len() + 2 + string_width(key)),
        Expression::Join(parts) => {
            parts.iter().try_fold(room.checked_sub(3 * parts.len().saturating_sub(1))?, |room, part| take(part, room))
        }
        Expression::List(items) => items.iter().try_fold(room.checked_sub(2 + separators(items.len()))?, |room, item| take(item, room)),
        Expression::Dict(items) => items.iter().try_fold(room.checked_sub(2 + separators(items.len()))?, |room, (key, value)| {
            take(value, room.checked_sub(string_width(key) + 2)?)
        }),
        Expression::Call(function, positional, keywords) => {
            let room = room.checked_sub(function.as_str().len() + 2 + separators(positional.len() + keywords.len()))?;
            let room = positional.iter().try_fold(room, |room, value| take(value, room))?;
            keywords.iter().try_fold(room, |room, (name, value)| take(value, room.checked_sub(name.as_str().len() + 1)?))
        }
    }
}

/// Double quotes, or single ones when that saves backslashes.
fn quote_of(text: &str) -> char {
    let count = |quote: u8| text.bytes().filter(|byte| *byte == quote).count();
    if count(b'"') > count(b'\'') { '\'' } else { '"' }
}

/// Writes an ASCII string literal.
pub(super) fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    let quote = quote_of(text);
    out.write_char(quote)?;
    let mut plain = 0;
    for (index, character) in text.char_indices() {
        if is_plain(character, quote) {
            continue;
        }
        out.write_str(&text[plain..index])?;
        plain = index + character.len_utf8();
        write_escaped(out, character)?;
    }
    out.write_str(&text[plain..])?;
    out.write_char(quote)
}

fn is_plain(character: char, quote: char) -> bool {
    matches!(character, ' '..='~') && character != '\\' && character != quote
}

fn write_escaped(out: &mut impl Write, character: char) -> fmt::Result {
    match (character, u32::from(character)) {
        ('\\' | '"' | '\'', _) => write!(out, "\\{character}"),
        ('\n', _) => out.write_str("\\n"),
        ('\r', _) => out.write_str("\\r"),
        ('\t', _) => out.write_str("\\t"),
        (_, code @ 0..=0xff) => write!(out, "\\x{code:02x}"),
        (_, code @ 0x100..=0xffff) => write!(out, "\\u{code:04x}"),
        (_, code) => write!(out, "\\U{code:08x}"),
    }
}

fn string_width(text: &str) -> usize {
    let quote = quote_of(text);
    let width = |character: char| match u32::from(character) {
        _ if is_plain(character, quote) => 1,
        0x09 | 0x0a | 0x0d | 0x22 | 0x27 | 0x5c => 2,
        0..=0xff => 4,
        0x100..=0xffff => 6,
        _ => 10,
    };
    2 + text.chars().map(width).sum::<usize>()
}
