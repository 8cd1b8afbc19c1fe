//! Over what a task or a group is repeated.

use serde_json::Value;

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
        /// The rows, in the order written, none twice. In place of an item, a row may have a list of them: a batch.
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
        /// How many items stand together, when they don't stand alone.
        batch: Option<u32>,
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

    /// Whether only the run knows the items.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.rows().is_none()
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
    /// An object from each variable to its item, a text, a number, a boolean, or an object of those; or to a list of such items.
    pub value: Value,
}

impl Row {
    /// Whether it has a list of items in place of one.
    #[must_use]
    pub fn is_batch(&self) -> bool {
        self.value.as_object().is_some_and(|variables| variables.values().any(Value::is_array))
    }

    /// Whether `each.<path>` is about an item of this row.
    #[must_use]
    pub fn has(&self, path: &[String]) -> bool {
        path.first().is_some_and(|variable| self.value.get(variable).is_some())
    }

    /// The text of `each.<path>` for this row; `None` when there is no such key, or it is no scalar. Of a batch it is JSON: a list of what
    /// each of its items has there.
    #[must_use]
    pub fn text(&self, path: &[String]) -> Option<String> {
        let (variable, keys) = path.split_first()?;
        match self.value.get(variable)? {
            Value::Array(batch) => {
                let found: Option<Vec<&Value>> = batch.iter().map(|item| along(item, keys)).collect();
                serde_json::to_string(&found?).ok()
            }
            item @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                along(item, keys).and_then(scalar_text)
            }
        }
    }
}

fn along<'a>(item: &'a Value, keys: &[String]) -> Option<&'a Value> {
    keys.iter().try_fold(item, |value, key| value.get(key))
}

/// The text of a text, a number or a boolean.
#[must_use]
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
