//! Assets: what a task produces, and what starts a run.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Context, Decode};
use super::record::record;
use super::wait::WorkflowReference;
use crate::name::AssetUri;
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

impl Decode for AssetUri {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        let parsed = Self::parse(&text);
        if let Err(reason) = &parsed {
            let bare = text.trim_end_matches('/');
            let help = match Self::parse(bare) {
                Ok(_) => format!("write `{bare}`"),
                Err(_) => "write a URI with a scheme and a path, such as `s3://acme/features` or `x-acme://features/daily`".to_owned(),
            };
            context.invalid(span, format!("`{text}` is no asset: {reason}"), help);
        }
        parsed.ok()
    }
}

impl JsonSchema for AssetUri {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AssetUri".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": Self::PATTERN,
            "maxLength": Self::LIMIT,
            "x-expects": "the URI of an asset, such as `s3://acme/features`",
        })
    }
}

/// Which assets must have been produced since the last run.
#[derive(Debug, Clone)]
pub enum Assets {
    /// One.
    Asset(AwaitedAsset),
    /// All of them: a list, or `{all: […]}`.
    All(Vec<Self>, Span),
    /// One of them: `{any: […]}`.
    Any(Vec<Self>, Span),
}

record! {
    /// An asset and the workflow that produces it.
    pub struct AwaitedAsset {
        /// The asset's URI: `s3://acme/features`.
        asset: Spanned<AssetUri>,
        /// The workflow that produces it: `features/refresh`, or `refresh` for one of the own team. It cannot be deleted then before this one lets go of it.
        from: Option<Spanned<WorkflowReference>>,
    }
}

impl Assets {
    /// The assets, in the order written.
    #[must_use]
    pub fn assets(&self) -> Vec<&AwaitedAsset> {
        match self {
            Self::Asset(asset) => vec![asset],
            Self::All(inner, _) | Self::Any(inner, _) => inner.iter().flat_map(Self::assets).collect(),
        }
    }

    /// Where the whole of it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Asset(asset) => asset.span,
            Self::All(_, span) | Self::Any(_, span) => *span,
        }
    }
}

impl Decode for Assets {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        match node.value {
            Value::List(_) => Some(Self::All(Vec::decode(node, context)?, span)),
            Value::Map(ref entries) => match entries.as_slice() {
                [Entry { key, value }] if key.value == "all" => Some(Self::All(Vec::decode(value.clone(), context)?, span)),
                [Entry { key, value }] if key.value == "any" => Some(Self::Any(Vec::decode(value.clone(), context)?, span)),
                _ => AwaitedAsset::decode(node, context).map(Self::Asset),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let asset = Spanned::<AssetUri>::decode(node, context)?;
                Some(Self::Asset(AwaitedAsset { asset, from: None, span }))
            }
        }
    }
}

impl JsonSchema for Assets {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Assets".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let inner = generator.subschema_for::<Self>();
        let list = |description: &str| json_schema!({ "type": "array", "items": inner, "minItems": 1, "description": description });
        let mut schema = AwaitedAsset::json_schema(generator);
        if let Some(properties) = schema.get_mut("properties").and_then(serde_json::Value::as_object_mut) {
            properties.insert("all".to_owned(), list("All of these, in a list: URIs, `{any: [...]}` and `{all: [...]}`.").to_value());
            properties.insert("any".to_owned(), list("One of these, in a list: URIs, `{any: [...]}` and `{all: [...]}`.").to_value());
        }
        schema.remove("required");
        schema.insert("type".to_owned(), serde_json::json!(["string", "array", "object"]));
        schema.insert("x-expects".to_owned(), "a URI such as `s3://acme/features`, a list of them, or `{any: [...]}`".into());
        schema.insert("description".to_owned(), "Assets that start a run: a URI, a list of which all must be new, `{all: [...]}`, `{any: [...]}`, or `{asset: s3://acme/features, from: features/refresh}`.".into());
        schema.insert("items".to_owned(), inner.clone().to_value());
        for (key, value) in [("pattern", AssetUri::PATTERN.into()), ("maxLength", AssetUri::LIMIT.into()), ("minItems", 1.into())] {
            schema.insert(key.to_owned(), value);
        }
        let alone = serde_json::json!({ "minProperties": 1, "maxProperties": 1 });
        schema
            .insert("if".to_owned(), serde_json::json!({ "type": "object", "anyOf": [{ "required": ["any"] }, { "required": ["all"] }] }));
        schema.insert("then".to_owned(), alone);
        schema.insert("else".to_owned(), serde_json::json!({ "if": { "type": "object" }, "then": { "required": ["asset"] } }));
        schema
    }
}
