//! On what condition a task runs.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::decode::{Context, Decode};
use super::record::{inline_schema, record};
use super::template::{Part, Template};
use crate::ir::Test;
use crate::source::Span;
use crate::yaml::{Node, Value};

/// Conditions that must all hold, or what they guard is skipped.
#[derive(Debug, Clone)]
pub struct RunIf {
    /// The conditions, in the order written.
    pub conditions: Vec<Condition>,
    /// Where the whole of it stands.
    pub span: Span,
}

/// A value, and one thing that must be so of it.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The value.
    pub value: Template,
    /// How it is compared.
    pub test: Test,
    /// With what: with one thing, unless the test takes several.
    pub wanted: Vec<Template>,
    /// Where it stands, with others of the same value.
    pub span: Span,
}

record! {
    /// A value, and what must be so of it: one or more of the other keys, of which all must hold. In a list all of them must hold; a value alone must be `true`.
    pub struct ConditionFields {
        /// The value, as a text: `${{ tasks.check.output.rows }}`.
        value: Template,
        /// It is this: `full`. Texts are compared, and what is no text as JSON: `true`, `3`.
        equals: Option<Comparand>,
        /// It is anything but this.
        not_equals: Option<Comparand>,
        /// It is one of these: `[full, delta]`.
        one_of: Option<Vec<Comparand>>,
        /// It is none of these.
        none_of: Option<Vec<Comparand>>,
        /// It is a number greater than this. A value that is no number fails the task.
        above: Option<Comparand>,
        /// It is this number or a greater one.
        at_least: Option<Comparand>,
        /// It is a number less than this.
        below: Option<Comparand>,
        /// It is this number or a smaller one.
        at_most: Option<Comparand>,
    }
}

/// What a value is compared with.
#[derive(Debug, Clone)]
pub struct Comparand(Template);

impl Decode for Comparand {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            // JSON's spelling, in which values that are no texts are compared, however YAML has it.
            Value::Bool(flag) => Some(Self(Template { parts: vec![Part::Literal(flag.to_string())], span: node.span })),
            Value::Null | Value::Number(_) | Value::String(_) | Value::List(_) | Value::Map(_) => Template::decode(node, context).map(Self),
        }
    }
}

inline_schema! { Comparand "Comparand" { "type": ["string", "number", "boolean"], "x-expects": "a text, a number, `true` or `false`" } }

impl Decode for RunIf {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let conditions = match node.value {
            Value::List(_) => Vec::<Self>::decode(node, context)?.into_iter().flat_map(|inner| inner.conditions).collect(),
            Value::Map(_) => conditions(ConditionFields::decode(node, context)?),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let wanted = vec![Template { parts: vec![Part::Literal("true".to_owned())], span }];
                vec![Condition { value: Template::decode(node, context)?, test: Test::OneOf, wanted, span }]
            }
        };
        Some(Self { conditions, span })
    }
}

fn conditions(fields: ConditionFields) -> Vec<Condition> {
    let ConditionFields { value, equals, not_equals, one_of, none_of, above, at_least, below, at_most, span } = fields;
    let said = [
        (Test::OneOf, equals.map(|one| vec![one])),
        (Test::NoneOf, not_equals.map(|one| vec![one])),
        (Test::OneOf, one_of),
        (Test::NoneOf, none_of),
        (Test::Above, above.map(|bound| vec![bound])),
        (Test::AtLeast, at_least.map(|bound| vec![bound])),
        (Test::Below, below.map(|bound| vec![bound])),
        (Test::AtMost, at_most.map(|bound| vec![bound])),
    ];
    let condition = |(test, wanted): (Test, Option<Vec<Comparand>>)| {
        let wanted = wanted?.into_iter().map(|Comparand(wanted)| wanted).collect();
        Some(Condition { value: value.clone(), test, wanted, span })
    };
    said.into_iter().filter_map(condition).collect()
}

impl RunIf {
    /// Every text in it that may hold references.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.conditions.iter().flat_map(|condition| std::iter::once(&condition.value).chain(&condition.wanted))
    }
}

impl JsonSchema for RunIf {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RunIf".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<Self>();
        let mut schema = ConditionFields::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["string", "object", "array"]));
        schema.insert("items".to_owned(), inner.to_value());
        for (key, least) in [("minItems", 1), ("minProperties", 2)] {
            schema.insert(key.to_owned(), least.into());
        }
        let expects = "a value that is `true`, or one and what must be so of it: `{value: \"${{ params.mode }}\", equals: full}`";
        schema.insert("x-expects".to_owned(), expects.into());
        schema
    }
}
