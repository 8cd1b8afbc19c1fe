//! What a task hands over.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::decode::{Context, Decode};
use super::record::{inline_schema, record};
use crate::source::Span;
use crate::yaml::{Node, Value};

/// Whether a task hands over a value, and what the value looks like.
#[derive(Debug, Clone)]
pub struct Output {
    /// Whether it does.
    pub is_on: bool,
    /// A JSON Schema of the value, as it was written.
    pub schema: Option<Node>,
    /// Where that is said.
    pub span: Span,
}

record! {
    /// What the value looks like that a task hands over.
    pub struct OutputFields {
        /// A JSON Schema of the value: `{type: array, items: {type: object, properties: {id: {type: string}}}}`. What others take from it is held to the schema.
        schema: ValueSchema,
    }
}

/// A JSON Schema of any value.
#[derive(Debug, Clone)]
pub struct ValueSchema {
    /// The schema, as it was written.
    pub node: Node,
}

impl Decode for ValueSchema {
    type Described = Self;

    fn decode(node: Node, _: &mut Context<'_>) -> Option<Self> {
        Some(Self { node })
    }
}

inline_schema! { ValueSchema "ValueSchema" { "type": "object", "x-expects": "a JSON Schema of the value, such as `{type: array, items: {type: string}}`" } }

impl Decode for Output {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        if let Value::Bool(is_on) = node.value {
            return Some(Self { is_on, schema: None, span });
        }
        let OutputFields { schema, span } = OutputFields::decode(node, context)?;
        Some(Self { is_on: true, schema: Some(schema.node), span })
    }
}

impl JsonSchema for Output {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Output".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = OutputFields::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["boolean", "object"]));
        schema.insert("x-expects".to_owned(), "`true`, or `{schema: …}` with a JSON Schema of the value".into());
        schema
    }
}
