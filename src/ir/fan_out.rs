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

/// One item of a static fan-out.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What the item's tasks or groups are called: `[A-Za-z0-9_-]+`, once in the fan-out.
    pub key: String,
    /// An object from each variable to its item: a text, a number, a boolean, or an object of those.
    pub value: serde_json::Value,
}

impl Row {
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
