//! Over what a task or a group is repeated.

use crate::name::TaskName;

/// Over what a task or a group is repeated.
#[derive(Debug, Clone, PartialEq)]
pub enum FanOut {
    /// Over rows that are known when compiling.
    Static {
        /// The name behind `each.`.
        variable: String,
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
    /// The item: a text, a number, a boolean, or an object of those.
    pub value: serde_json::Value,
}

impl Row {
    /// The text of `each.<variable>.<path>` for this row; `None` when there is no such key, or it is no scalar.
    #[must_use]
    pub fn text(&self, path: &[String]) -> Option<String> {
        let found = path.iter().try_fold(&self.value, |value, key| value.get(key))?;
        match found {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            serde_json::Value::Bool(flag) => Some(flag.to_string()),
            serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
        }
    }
}
