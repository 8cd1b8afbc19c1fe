//! A task that cleans up.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::decode::{Context, Decode};
use crate::name::TaskName;
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// Whether a task cleans up, and after whom.
#[derive(Debug, Clone)]
pub struct Teardown {
    /// Whether it does.
    pub is_on: bool,
    /// The tasks that set up what it takes away.
    pub setups: Vec<Spanned<TaskName>>,
    /// Where that is said.
    pub span: Span,
}

impl Decode for Teardown {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        if let Value::Bool(is_on) = node.value {
            return Some(Self { is_on, setups: Vec::new(), span });
        }
        Some(Self { is_on: true, setups: Vec::decode(node, context)?, span })
    }
}

impl JsonSchema for Teardown {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Teardown".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Vec::<TaskName>::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["boolean", "array"]));
        schema.insert("minItems".to_owned(), 1.into());
        schema.insert("x-expects".to_owned(), "`true`, or a list of the tasks that set up what it takes away".into());
        schema
    }
}
