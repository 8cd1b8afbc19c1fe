//! Over what a task or a group is repeated.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Context, Decode};
use super::record::record;
use super::template::{Part, Reference, Template};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// Over what a task or a group is repeated.
#[derive(Debug, Clone)]
pub struct ForEach {
    /// The name behind `each.`.
    pub variable: Spanned<String>,
    /// The items.
    pub items: Items,
    /// Where the whole of it stands.
    pub span: Span,
}

/// Where the items of a fan-out come from.
#[derive(Debug, Clone)]
pub enum Items {
    /// Written here.
    Values(Vec<Node>, Span),
    /// Rows of a data file beside the workflow.
    File(FileItems),
    /// Another task's output, at run time.
    Output {
        /// The task.
        task: Spanned<String>,
        /// Keys that lead from its output to the list.
        path: Vec<String>,
    },
}

record! {
    /// Rows of a data file.
    pub struct FileItems {
        /// Path of a CSV, JSON or YAML file, relative to the workflow's file.
        file: Spanned<String>,
        /// The column, or key, whose value names an item; `id` unless you say otherwise. A list of texts needs none.
        key: Option<Spanned<String>>,
    }
}

impl Decode for ForEach {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let entry = match node.value {
            Value::Map(mut entries) if entries.len() == 1 => entries.pop(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) | Value::Map(_) => None,
        };
        let Some(Entry { key, value }) = entry else {
            context.invalid(span, "exactly one variable is expected here", "write `for_each: { customer: [a, b] }`");
            return None;
        };
        let items = decode_items(value, context)?;
        Some(Self { variable: key, items, span })
    }
}

fn decode_items(node: Node, context: &mut Context<'_>) -> Option<Items> {
    let span = node.span;
    match node.value {
        Value::List(items) => Some(Items::Values(items, span)),
        Value::Map(_) => FileItems::decode(node, context).map(Items::File),
        Value::String(ref text) => {
            let template = Template::parse(text, span, context)?;
            if let [Part::Reference(Spanned { value: Reference::Output { task, path }, span })] = template.parts.as_slice() {
                return Some(Items::Output { task: Spanned::new(task.clone(), *span), path: path.clone() });
            }
            context.invalid(
                span,
                format!("`{text}` is no list to repeat over"),
                "write a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`",
            );
            None
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            context.invalid(
                span,
                "a list is expected here",
                "write a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`",
            );
            None
        }
    }
}

impl JsonSchema for ForEach {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ForEach".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut items = FileItems::json_schema(generator);
        items.insert("type".to_owned(), serde_json::json!(["object", "array", "string"]));
        items.insert("x-expects".to_owned(), "a list, `{file: customers.csv, key: id}`, or `${{ tasks.NAME.output }}`".into());
        items.insert("items".to_owned(), serde_json::json!({ "type": ["string", "number", "boolean", "object"] }));
        items.insert("minItems".to_owned(), 1.into());
        json_schema!({
            "type": "object",
            "x-expects": "one variable and its items: `{customer: [a, b]}`, `{customer: {file: customers.csv, key: id}}` or `{customer: \"${{ tasks.NAME.output }}\"}`",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": items,
        })
    }
}
