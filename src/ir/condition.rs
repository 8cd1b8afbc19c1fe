//! On what condition a task runs.

use std::fmt;

use super::Text;

/// A value that only the run knows, and what must be so of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    /// The value.
    pub value: Text,
    /// How it is compared.
    pub test: Test,
    /// With what: with one thing, unless the test takes several.
    pub wanted: Vec<Text>,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Test {
    /// It is one of several texts.
    OneOf,
    /// It is none of several texts.
    NoneOf,
    /// It is a greater number.
    Above,
    /// It is the same number or a greater one.
    AtLeast,
    /// It is a smaller number.
    Below,
    /// It is the same number or a smaller one.
    AtMost,
}

impl Test {
    /// Whether it compares numbers.
    #[must_use]
    pub fn is_of_numbers(self) -> bool {
        match self {
            Self::OneOf | Self::NoneOf => false,
            Self::Above | Self::AtLeast | Self::Below | Self::AtMost => true,
        }
    }
}

impl Condition {
    /// Every text in it.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        std::iter::once(&self.value).chain(&self.wanted)
    }
}

/// Conditions that must all hold, in words.
#[must_use]
pub fn all_of(conditions: &[Condition]) -> String {
    conditions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", and ")
}

impl fmt::Display for Condition {
    /// `${{ params.mode }} is full`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, test, wanted } = self;
        let words = match (test, wanted.len()) {
            (Test::OneOf, 1) => "is",
            (Test::OneOf, _) => "is one of",
            (Test::NoneOf, 1) => "is not",
            (Test::NoneOf, _) => "is none of",
            (Test::Above, _) => "is above",
            (Test::AtLeast, _) => "is at least",
            (Test::Below, _) => "is below",
            (Test::AtMost, _) => "is at most",
        };
        let wanted = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        write!(f, "{value} {words} {wanted}")
    }
}
