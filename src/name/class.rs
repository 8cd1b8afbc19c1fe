//! Paths of Python classes.

use std::fmt;

use super::{InvalidName, is_python_keyword};

/// The path of a Python class: `airflow.providers.standard.sensors.filesystem.FileSensor`.
///
/// Modules are as PEP 8 writes them, and the class in CapWords, so that none can be taken for a variable or a constant of a file.
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
    pub const PATTERN: &'static str = "^([a-z_][a-z0-9_]*\\.)+[A-Z][A-Za-z0-9]*$";

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
        let (module, class) = (&text[..dot], &text[dot + 1..]);
        let is_module = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
                && part.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
                && !is_python_keyword(part)
        };
        if !module.split('.').all(is_module) {
            return Err(InvalidName::Grammar("its modules may hold lower-case letters, digits and `_`, and no words of Python"));
        }
        let is_class = class.starts_with(|first: char| first.is_ascii_uppercase())
            && class.chars().all(|letter| letter.is_ascii_alphanumeric())
            && !is_python_keyword(class);
        if !is_class {
            return Err(InvalidName::Grammar("its last part is no class: a capital, letters and digits"));
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
        for text in
            ["", "BashOperator", "os.system", "a.B()", "a.B\n", "a..B", ".B", "a.b.c", "a.class.B", "a.None", "a b.C", "é.B", "a.B.C"]
        {
            assert!(ClassPath::parse(text).is_err(), "{text:?}");
        }
    }
}
