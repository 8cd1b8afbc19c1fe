//! Operators of Airflow's own: what the platform says of them, and the arguments that a task gives one.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value as Json;

use super::decode::{Context, Decode, Table};
use super::leaf::{Date, Timespan};
use super::record::{inline_schema, record};
use super::template::Template;
use crate::name::{AssetUri, ClassPath};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// What the platform says of an operator that tasks may name.
#[derive(Debug, Clone, Default)]
pub struct Operator {
    /// What it says, if anything.
    pub fields: Option<OperatorFields>,
}

record! {
    /// What the platform says of an operator that tasks may name.
    pub struct OperatorFields {
        /// What it is for, for the people who choose one.
        description: Option<Spanned<String>>,
        /// Its arguments whose texts it renders with Jinja: its class's `template_fields`. Only these may refer to what the run knows: `[bash_command, env]`.
        templated: Option<Vec<Spanned<String>>>,
        /// Where Airflows of other versions have it: `{"2.11": airflow.operators.bash.BashOperator}`.
        renamed: Option<Table<String, Spanned<ClassPath>>>,
        /// JSON Schema of its arguments, an object: `{required: [filepath], properties: {filepath: {type: string}}, additionalProperties: false}`.
        schema: Option<ArgumentSchema>,
    }
}

impl Decode for Operator {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        if matches!(node.value, Value::Null) {
            return Some(Self::default());
        }
        OperatorFields::decode(node, context).map(|fields| Self { fields: Some(fields) })
    }
}

impl JsonSchema for Operator {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Operator".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = OperatorFields::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["object", "null"]));
        schema
    }
}

/// A JSON Schema of a map.
#[derive(Debug, Clone)]
pub struct ArgumentSchema {
    /// The schema, as it was written.
    pub node: Node,
}

impl Decode for ArgumentSchema {
    type Described = Self;

    fn decode(node: Node, _: &mut Context<'_>) -> Option<Self> {
        Some(Self { node })
    }
}

inline_schema! { ArgumentSchema "ArgumentSchema" { "type": "object", "x-expects": "a JSON Schema of a map, such as `{required: [filepath]}`" } }

/// The arguments that a task gives its operator.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// They, in the order written.
    pub entries: Vec<(Spanned<String>, Argument)>,
    /// Where all of them stand.
    pub span: Span,
}

/// A value of an argument, and where it stands.
#[derive(Debug, Clone)]
pub struct Argument {
    /// The value.
    pub value: ArgumentValue,
    /// Where it stands.
    pub span: Span,
}

/// What an argument may be.
#[derive(Debug, Clone)]
pub enum ArgumentValue {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// A text.
    Text(Template),
    /// A list.
    List(Vec<Argument>),
    /// A map.
    Map(Vec<(Spanned<String>, Argument)>),
    /// `{duration: 5m}`.
    Duration(Timespan),
    /// `{moment: 2026-01-01T00:00:00Z}`.
    Moment(Date),
    /// `{asset: s3://bucket/key}`.
    Asset(AssetUri),
}

impl Decode for Arguments {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let Value::Map(entries) = node.value else {
            context.invalid(span, "a map is expected here", "write `with: { argument: value }`");
            return None;
        };
        decode_entries(entries, context).map(|entries| Self { entries, span })
    }
}

fn decode_entries(entries: Vec<Entry>, context: &mut Context<'_>) -> Option<Vec<(Spanned<String>, Argument)>> {
    let count = entries.len();
    let decoded: Vec<_> =
        entries.into_iter().filter_map(|Entry { key, value }| Argument::decode(value, context).map(|value| (key, value))).collect();
    (decoded.len() == count).then_some(decoded)
}

impl Decode for Argument {
    type Described = Arguments;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let value = match node.value {
            Value::Null => ArgumentValue::Null,
            Value::Bool(flag) => ArgumentValue::Bool(flag),
            Value::Number(number) => ArgumentValue::Number(number),
            Value::String(text) => ArgumentValue::Text(Template::parse(&text, span, context)?),
            Value::List(items) => {
                let count = items.len();
                let decoded: Vec<Self> = items.into_iter().filter_map(|item| Self::decode(item, context)).collect();
                (decoded.len() == count).then_some(ArgumentValue::List(decoded))?
            }
            Value::Map(entries) => decode_map(entries, context)?,
        };
        Some(Self { value, span })
    }
}

/// A map with one key may be a value that YAML has no notation for.
fn decode_map(mut entries: Vec<Entry>, context: &mut Context<'_>) -> Option<ArgumentValue> {
    let only = match entries.as_slice() {
        [only] => only.key.value.as_str(),
        _ => "",
    };
    let typed: fn(Node, &mut Context<'_>) -> Option<ArgumentValue> = match only {
        "duration" => |node, context| Timespan::decode(node, context).map(ArgumentValue::Duration),
        "moment" => |node, context| Date::decode(node, context).map(ArgumentValue::Moment),
        "asset" => |node, context| AssetUri::decode(node, context).map(ArgumentValue::Asset),
        "literal" => |node, context| match node.value {
            Value::Map(entries) => decode_entries(entries, context).map(ArgumentValue::Map),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => {
                Argument::decode(node, context).map(|argument| argument.value)
            }
        },
        _ => return decode_entries(entries, context).map(ArgumentValue::Map),
    };
    typed(entries.pop()?.value, context)
}

impl JsonSchema for Arguments {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Arguments".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "x-expects": "the operator's arguments by name, such as `{filepath: /data/ready, poke_interval: {duration: 5m}}`" })
    }
}

impl Arguments {
    /// Every text in them that may hold references.
    pub fn templates(&self) -> Vec<&Template> {
        self.entries.iter().flat_map(|(_, argument)| argument.templates()).collect()
    }

    /// They as JSON, for a schema: what stands for a length of time, a moment or an asset is its text.
    #[must_use]
    pub fn to_json(&self) -> Json {
        map_to_json(&self.entries)
    }

    /// Where a JSON pointer into them leads; as far as it goes.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Span {
        let mut span = self.span;
        let mut inner: Option<&Argument> = None;
        for step in pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")) {
            let entries = inner.map_or(Some(&self.entries), |argument| match &argument.value {
                ArgumentValue::Map(entries) => Some(entries),
                _ => None,
            });
            let next = match (entries, inner.map(|argument| &argument.value)) {
                (Some(entries), _) => entries.iter().find(|(key, _)| key.value == step).map(|(_, value)| value),
                (None, Some(ArgumentValue::List(items))) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
                (None, _) => None,
            };
            let Some(next) = next else { break };
            span = next.span;
            inner = Some(next);
        }
        span
    }
}

fn map_to_json(entries: &[(Spanned<String>, Argument)]) -> Json {
    Json::Object(entries.iter().map(|(key, argument)| (key.value.clone(), argument.to_json())).collect())
}

impl Argument {
    /// Every text in it that may hold references.
    pub fn templates(&self) -> Vec<&Template> {
        match &self.value {
            ArgumentValue::Text(template) => vec![template],
            ArgumentValue::List(items) => items.iter().flat_map(Self::templates).collect(),
            ArgumentValue::Map(entries) => entries.iter().flat_map(|(_, value)| value.templates()).collect(),
            ArgumentValue::Null
            | ArgumentValue::Bool(_)
            | ArgumentValue::Number(_)
            | ArgumentValue::Duration(_)
            | ArgumentValue::Moment(_)
            | ArgumentValue::Asset(_) => Vec::new(),
        }
    }

    fn to_json(&self) -> Json {
        match &self.value {
            ArgumentValue::Null => Json::Null,
            ArgumentValue::Bool(flag) => Json::Bool(*flag),
            ArgumentValue::Number(number) => Json::Number(number.clone()),
            ArgumentValue::Text(template) => Json::String(template.as_literal().unwrap_or("${{ … }}").to_owned()),
            ArgumentValue::List(items) => items.iter().map(Self::to_json).collect(),
            ArgumentValue::Map(entries) => map_to_json(entries),
            ArgumentValue::Duration(duration) => Json::String(duration.to_string()),
            ArgumentValue::Moment(Date(moment)) => {
                let crate::ir::Moment { year, month, day, hour, minute, second } = moment;
                Json::String(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
            }
            ArgumentValue::Asset(uri) => Json::String(uri.to_string()),
        }
    }
}
