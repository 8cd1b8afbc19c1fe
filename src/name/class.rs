//! Paths of Python classes.

use std::fmt;

use super::{InvalidName, is_python_name};

/// The path of a Python class: `airflow.providers.standard.sensors.filesystem.FileSensor`.
///
/// All that Python takes in ASCII, because a company's own packages need not follow PEP 8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassPath {
    path: String,
    /// Where the dot before the class is.
    dot: usize,
}

impl ClassPath {
    /// The most characters of one.
    pub const LIMIT: usize = 250;
    /// What every one looks like, as a regular expression for JSON Schemas.
    pub const PATTERN: &'static str = "^([A-Za-z_][A-Za-z0-9_]*\\.)+[A-Za-z_][A-Za-z0-9_]*$";

    /// Reads one.
    ///
    /// # Errors
    /// [`InvalidName`] says what the grammar has against it.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        if text.len() > Self::LIMIT {
            return Err(InvalidName::TooLong { length: text.chars().count(), limit: Self::LIMIT });
        }
        let dot = text.rfind('.').ok_or(InvalidName::Grammar("it has no module before the class"))?;
        if !text.split('.').all(is_python_name) {
            return Err(InvalidName::Grammar("each part of it is a name in Python: letters, digits and `_`, and no word of Python's own"));
        }
        Ok(Self { path: text.to_owned(), dot })
    }

    /// The whole path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// What is before the class.
    #[must_use]
    pub fn module(&self) -> &str {
        &self.path[..self.dot]
    }

    /// The class.
    #[must_use]
    pub fn class(&self) -> &str {
        &self.path[self.dot + 1..]
    }
}

impl fmt::Display for ClassPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_modules_before_it_and_nothing_else() {
        let path = ClassPath::parse("airflow.providers.standard.operators.bash.BashOperator").expect("a class");
        assert_eq!((path.module(), path.class()), ("airflow.providers.standard.operators.bash", "BashOperator"));
        let own = ClassPath::parse("Acme.alerts_v2.post_message").expect("a class");
        assert_eq!((own.module(), own.class()), ("Acme.alerts_v2", "post_message"));
        let wrong = ["", "Post", "a.B()", "a.B\n", "a..B", ".B", "a.", "a.class.B", "a.None", "a b.C", "é.B", "a.Pöst", "1a.B", "a.1B"];
        for text in wrong {
            assert!(ClassPath::parse(text).is_err(), "{text:?}");
        }
    }
}
