//! Values that a file defines: parameters of a run, and variables.

use super::decode::{Context, Decode};
use super::record::inline_schema;
use crate::source::Span;
use crate::yaml::{Node, Value};

/// A parameter of a run: a JSON Schema with a `default`.
#[derive(Debug, Clone)]
pub struct Param {
    /// The schema with its default, as it was written; a map.
    pub schema: Node,
}

impl Param {
    /// Where a JSON pointer leads to in the default; in the schema when there is none.
    #[must_use]
    pub fn place_in_default(&self, pointer: &str) -> Span {
        self.schema.get("default").unwrap_or(&self.schema).place_of_pointer(pointer)
    }
}

impl Decode for Param {
    type Described = Self;

    fn decode(node: Node, _: &mut Context<'_>) -> Option<Self> {
        Some(Self { schema: node })
    }
}

inline_schema! { Param "Param" { "type": "object", "x-expects": "a JSON Schema with a default, such as `{type: integer, default: 1000}`" } }

/// A text, a number or a boolean, as it was written.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// Its text.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Decode for Scalar {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = match node.value {
            Value::String(text) => text,
            Value::Number(_) | Value::Bool(_) => context.slice(span).to_owned(),
            Value::Null | Value::List(_) | Value::Map(_) => {
                context.invalid(span, "a text, a number or a boolean is expected here", "write one value");
                return None;
            }
        };
        Some(Self { text, span })
    }
}

inline_schema! { Scalar "Scalar" { "type": ["string", "number", "boolean"] } }
