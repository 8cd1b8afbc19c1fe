//! JSON-like data whose strings are [`Text`]s.

use indexmap::IndexMap;

use super::{Row, Text};

/// Data of a pod: as JSON, but every string may hold references. Keys are plain and keep their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A string.
    Text(Text),
    /// A list.
    List(Vec<Self>),
    /// A map.
    Map(IndexMap<String, Self>),
}

impl Value {
    /// A map's value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// A map's value of a key, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Map(map) => map.get_mut(key),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// A list's item, to change it.
    pub fn get_index_mut(&mut self, index: usize) -> Option<&mut Self> {
        match self {
            Self::List(items) => items.get_mut(index),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Map(_) => None,
        }
    }

    /// The items of a list; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Map(_) => &[],
        }
    }

    /// Whether any text in it refers to the item of the fan-out around it.
    #[must_use]
    pub fn has_each(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => false,
            Self::Text(text) => text.has_each(),
            Self::List(items) => items.iter().any(Self::has_each),
            Self::Map(map) => map.values().any(Self::has_each),
        }
    }

    /// The data for one row of the static fan-out around it.
    #[must_use]
    pub fn instantiate(&self, row: &Row) -> Self {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) => self.clone(),
            Self::Text(text) => Self::Text(text.instantiate(row)),
            Self::List(items) => Self::List(items.iter().map(|item| item.instantiate(row)).collect()),
            Self::Map(map) => Self::Map(map.iter().map(|(key, value)| (key.clone(), value.instantiate(row))).collect()),
        }
    }
}
