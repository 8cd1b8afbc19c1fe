//! When a workflow runs.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::asset::Assets;
use super::decode::{Context, Decode};
use super::leaf::Timespan;
use super::record::{inline_schema, record};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// When a workflow runs.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// `none`: only when somebody starts it.
    None,
    /// A map; one of `cron`, `preset` and `every` is to be there, or `assets`, or both.
    Fields(Box<ScheduleFields>),
}

record! {
    /// When a workflow runs: one of `cron`, `preset` and `every`, or when `assets` have been produced, or both.
    pub struct ScheduleFields {
        /// Five fields: minute, hour, day of month, month, day of week, such as `"0 3 * * *"`; or a list of such texts, from Airflow 3.0 on.
        cron: Option<Crons>,
        /// A common one: `hourly`, `daily`, `weekly`, `monthly` or `yearly`.
        preset: Option<Spanned<Preset>>,
        /// A fixed distance, counted from `start_date`: `6h`.
        every: Option<Spanned<Timespan>>,
        /// Assets that start a run once all of them have been produced anew: `[s3://acme/features]`, or `{any: [...]}` for one of them.
        assets: Option<Assets>,
        /// Zone in which `cron` and `preset` are read, by its IANA name: `Europe/Prague`. UTC unless you say otherwise.
        timezone: Option<Spanned<String>>,
    }
}

/// One cron expression, or several of which each starts runs.
#[derive(Debug, Clone)]
pub struct Crons {
    /// The expressions, at least one.
    pub expressions: Vec<Spanned<String>>,
    /// Where they stand.
    pub span: Span,
}

impl Decode for Crons {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let expressions = match node.value {
            Value::List(_) => Vec::decode(node, context)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) => {
                vec![Spanned::<String>::decode(node, context)?]
            }
        };
        Some(Self { expressions, span })
    }
}

inline_schema! { Crons "Crons" {
    "type": ["string", "array"],
    "items": { "type": "string" },
    "minItems": 1,
    "x-expects": "a cron expression such as `\"0 3 * * *\"`, or a list of them",
} }

macro_rules! presets {
    ($($(#[doc = $doc:literal])* $variant:ident $word:literal $cron:literal)*) => {
        /// A common schedule.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Preset { $($(#[doc = $doc])* $variant),* }

        impl Preset {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in YAML.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The cron expression that it stands for.
            #[must_use]
            pub fn cron(self) -> &'static str {
                match self { $(Self::$variant => $cron),* }
            }
        }
    };
}

presets! {
    /// At minute 0.
    Hourly "hourly" "0 * * * *"
    /// At midnight.
    Daily "daily" "0 0 * * *"
    /// On Sunday at midnight.
    Weekly "weekly" "0 0 * * 0"
    /// On the first at midnight.
    Monthly "monthly" "0 0 1 * *"
    /// On the first of January at midnight.
    Yearly "yearly" "0 0 1 1 *"
}

impl Decode for Preset {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        let found = Self::ALL.iter().find(|preset| preset.as_str() == text).copied();
        if found.is_none() {
            context.invalid(span, format!("`{text}` is no preset"), "write `hourly`, `daily`, `weekly`, `monthly` or `yearly`");
        }
        found
    }
}

inline_schema! { Preset "Preset" { "type": "string", "enum": Self::ALL.iter().map(|preset| preset.as_str()).collect::<Vec<_>>() } }

impl Decode for Schedule {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        match node.value {
            Value::String(_) => Some(Self::None),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => {
                ScheduleFields::decode(node, context).map(|fields| Self::Fields(Box::new(fields)))
            }
        }
    }
}

impl JsonSchema for Schedule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Schedule".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = ScheduleFields::json_schema(generator);
        schema.insert("type".to_owned(), serde_json::json!(["object", "string"]));
        schema.insert(
            "x-expects".to_owned(),
            "`{cron: \"0 3 * * *\"}`, `{preset: daily}`, `{every: 6h}`, `{assets: [s3://acme/features]}` or `none`".into(),
        );
        schema.insert("if".to_owned(), serde_json::json!({ "type": "string" }));
        schema.insert("then".to_owned(), serde_json::json!({ "const": "none" }));
        schema
    }
}
