//! Whom to tell what becomes of a run or a task, and by what.

use super::decode::{Context, Decode, Key, Table};
use super::record::{inline_schema, record};
use super::template::Template;
use crate::name::{ClassPath, InvalidName, is_python_name};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// Names of notifiers that the platform defines.
pub type Notifiers = Vec<Spanned<String>>;

record! {
    /// Whom to tell what becomes of a task, by names of notifiers that the platform defines: `{on_failure: [ml-alerts]}`.
    pub struct Notify {
        /// Notifiers for a task that has failed its last try: `[ml-alerts]`. An empty list tells nobody, whatever the layers below say.
        on_failure: Option<Notifiers>,
        /// Notifiers for a task that has succeeded: `[ml-alerts]`.
        on_success: Option<Notifiers>,
        /// Notifiers for a try that has failed and is followed by another one: `[ml-alerts]`.
        on_retry: Option<Notifiers>,
    }
}

record! {
    /// Whom to tell what becomes of a run, by names of notifiers that the platform defines: `{on_failure: [ml-alerts]}`. It is told once for a run; what
    /// is told of each task stands in `defaults`.
    pub struct WorkflowNotify {
        /// Notifiers for a run that has failed: `[ml-alerts]`.
        on_failure: Option<Notifiers>,
        /// Notifiers for a run that has succeeded: `[ml-alerts]`.
        on_success: Option<Notifiers>,
        /// Notifiers for each task's try that is followed by another one: `[ml-alerts]`. A run is not retried, so this is what the tasks have, unless they say otherwise.
        on_retry: Option<Notifiers>,
        /// Notifiers for a run that is not done `deadline` after it was queued: `[ml-alerts]`. From Airflow 3.1 on.
        on_deadline: Option<Notifiers>,
    }
}

record! {
    /// A way to tell people something: a Python class of Airflow or one of its providers, and what it is made with.
    pub struct Notifier {
        /// The class, by its full name: `airflow.providers.slack.notifications.slack.SlackNotifier`.
        class: Spanned<ClassPath>,
        /// Its arguments: `{channel: "#ml", text: "${{ workflow }} failed: ${{ run.id }}"}`. `${{ team }}`, `${{ workflow }}`, `${{ task }}`, `${{ environment }}` and the run's values are filled in, the latter where the class fills in templates.
        with: Option<Table<ArgumentName, Data>>,
    }
}

/// The name of an argument of a Python class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgumentName(String);

impl Key for ArgumentName {
    fn expects() -> &'static str {
        "letters, digits and `_`, such as `channel`"
    }

    fn parse_key(text: &str) -> Result<Self, InvalidName> {
        if is_python_name(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidName::Grammar("an argument in Python holds letters, digits and `_`, and is no word of Python's"))
    }

    fn as_key(&self) -> &str {
        &self.0
    }
}

/// Data whose texts may have references in them.
#[derive(Debug, Clone)]
pub struct Data {
    /// What it is.
    pub value: DataValue,
    /// Where it stands.
    pub span: Span,
}

/// What [`Data`] is.
#[derive(Debug, Clone)]
pub enum DataValue {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<Data>),
    /// A map, in the order written.
    Map(Vec<(String, Data)>),
}

impl Data {
    /// Every text in it.
    #[must_use]
    pub fn templates(&self) -> Vec<&Template> {
        match &self.value {
            DataValue::Null | DataValue::Bool(_) | DataValue::Number(_) => Vec::new(),
            DataValue::Text(template) => vec![template],
            DataValue::List(items) => items.iter().flat_map(Self::templates).collect(),
            DataValue::Map(entries) => entries.iter().flat_map(|(_, value)| value.templates()).collect(),
        }
    }
}

impl Decode for Data {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let value = match node.value {
            Value::Null => DataValue::Null,
            Value::Bool(flag) => DataValue::Bool(flag),
            Value::Number(number) => DataValue::Number(number),
            Value::String(text) => DataValue::Text(Template::parse(&text, span, context)?),
            Value::List(items) => {
                let count = items.len();
                let items: Vec<Self> = items.into_iter().filter_map(|item| Self::decode(item, context)).collect();
                (items.len() == count).then_some(DataValue::List(items))?
            }
            Value::Map(entries) => {
                let count = entries.len();
                let decoded = entries.into_iter().filter_map(|entry| Some((entry.key.value, Self::decode(entry.value, context)?)));
                let decoded: Vec<(String, Self)> = decoded.collect();
                (decoded.len() == count).then_some(DataValue::Map(decoded))?
            }
        };
        Some(Self { value, span })
    }
}

inline_schema! { Data "Data" { "type": ["null", "boolean", "number", "string", "array", "object"], "x-expects": "data; `${{ … }}` in its texts is filled in" } }
