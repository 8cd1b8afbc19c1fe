//! Over what a task or a group is repeated.

use crate::name::TaskName;

/// The most tasks of one workflow that are known beforehand. A file of 50,000 tasks is some megabytes, and far more than an Airflow
/// schedules in a day; a slip such as the product of two long lists is a hundred times as much.
pub const MOST_TASKS: usize = 50_000;

/// Over what a task or a group is repeated.
#[derive(Debug, Clone, PartialEq)]
pub enum FanOut {
    /// Over rows that are known when compiling.
    Static {
        /// The names behind `each.`, at least one.
        variables: Vec<String>,
        /// The rows, in the order written, none twice.
        rows: Vec<Row>,
    },
    /// Over the items of another task's output, known at run time: a list of at most some thousand.
    Mapped {
        /// The name behind `each.`.
        variable: String,
        /// The top-level task whose output it is.
        task: TaskName,
        /// Keys that lead from the output to the list.
        path: Vec<String>,
        /// The key of an item that names it in the user interface; empty when the item itself does.
        key: Vec<String>,
    },
}

impl FanOut {
    /// Whether a name behind `each.` is one of its variables.
    #[must_use]
    pub fn has_variable(&self, name: &str) -> bool {
        match self {
            Self::Static { variables, rows: _ } => variables.iter().any(|variable| variable == name),
            Self::Mapped { variable, .. } => variable == name,
        }
    }

    /// How many items there are; `None` when only the run knows.
    #[must_use]
    pub fn count(&self) -> Option<usize> {
        self.rows().map(<[Row]>::len)
    }

    /// Its rows; `None` when only the run knows the items.
    #[must_use]
    pub fn rows(&self) -> Option<&[Row]> {
        match self {
            Self::Static { variables: _, rows } => Some(rows),
            Self::Mapped { .. } => None,
        }
    }
}

/// One item of a static fan-out.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What the item's tasks or groups are called: `[A-Za-z0-9_-]+`, once in the fan-out.
    pub key: String,
    /// An object from each variable to its item: a text, a number, a boolean, or an object of those.
    pub value: serde_json::Value,
}

impl Row {
    /// Whether `each.<path>` is about an item of this row.
    #[must_use]
    pub fn has(&self, path: &[String]) -> bool {
        path.first().is_some_and(|variable| self.value.get(variable).is_some())
    }

    /// The text of `each.<path>` for this row; `None` when there is no such key, or it is no scalar.
    #[must_use]
    pub fn text(&self, path: &[String]) -> Option<String> {
        path.iter().try_fold(&self.value, |value, key| value.get(key)).and_then(scalar_text)
    }
}

/// The text of a text, a number or a boolean.
#[must_use]
pub fn scalar_text(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    }
}
