//! A task that is an operator of the target's own.

use std::time::Duration;

use super::{FanOut, Moment, Text};
use crate::name::{AssetUri, ClassPath};

/// An operator of the target's own, with arguments that are data.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// Its class, as this version of the target calls it.
    pub class: ClassPath,
    /// Its arguments, in the order written.
    pub arguments: Vec<OperatorArgument>,
    /// Over what the task is repeated.
    pub fan_out: Option<FanOut>,
    /// How many of its items run at once within one run.
    pub max_parallel: Option<u32>,
    /// The longest that a try may take.
    pub execution_timeout: Option<Duration>,
    /// Whether others use what it returns.
    pub output: bool,
}

/// An argument of an operator.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorArgument {
    /// Its name: a Python identifier that the target does not set itself.
    pub name: String,
    /// Whether the operator renders its texts as templates. If not, they have only literal pieces and items of a static fan-out, and
    /// nothing that a template engine would change.
    pub is_templated: bool,
    /// Its value.
    pub value: Literal,
}

/// Data of an argument: what JSON has, and what Python has beside it.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A text.
    Text(Text),
    /// A list.
    List(Vec<Self>),
    /// A map, in the order written.
    Map(Vec<(String, Self)>),
    /// A length of time.
    Duration(Duration),
    /// A moment.
    Moment(Moment),
    /// An asset.
    Asset(AssetUri),
}

impl Literal {
    /// Every text in it.
    pub fn texts(&self) -> Vec<&Text> {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Duration(_) | Self::Moment(_) | Self::Asset(_) => Vec::new(),
            Self::Text(text) => vec![text],
            Self::List(items) => items.iter().flat_map(Self::texts).collect(),
            Self::Map(entries) => entries.iter().flat_map(|(_, value)| value.texts()).collect(),
        }
    }
}
