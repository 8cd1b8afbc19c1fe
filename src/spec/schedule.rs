//! When a workflow runs.

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::decode::{Context, Decode};
use super::leaf::Timespan;
use super::record::{inline_schema, record};
use crate::source::Spanned;
use crate::yaml::{Node, Value};

/// When a workflow runs.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// `none`: only when somebody starts it.
    None,
    /// A map; exactly one of `cron`, `preset` and `every` is to be there.
    Fields(ScheduleFields),
}

record! {
    /// When a workflow runs: exactly one of `cron`, `preset` and `every`.
    pub struct ScheduleFields {
        /// Five fields: minute, hour, day of month, month, day of week.
        cron: Option<Spanned<String>>,
        /// A common one: `hourly`, `daily`, `weekly`, `monthly` or `yearly`.
        preset: Option<Spanned<Preset>>,
        /// A fixed distance: `6h`.
        every: Option<Spanned<Timespan>>,
        /// Zone in which `cron` and `preset` are read, by its IANA name: `Europe/Prague`. UTC unless you say otherwise.
        timezone: Option<Spanned<String>>,
    }
}

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
                ScheduleFields::decode(node, context).map(Self::Fields)
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
        schema.insert("x-expects".to_owned(), "`{cron: \"0 3 * * *\"}`, `{preset: daily}`, `{every: 6h}` or `none`".into());
        schema.insert("if".to_owned(), serde_json::json!({ "type": "string" }));
        schema.insert("then".to_owned(), serde_json::json!({ "const": "none" }));
        schema
    }
}
