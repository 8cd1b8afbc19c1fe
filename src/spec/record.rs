//! Declares a map with known keys once, and gets from it the type, the way to read it and its JSON Schema.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use super::decode::Context;
use crate::source::Span;
use crate::yaml::Entry;

/// A map with known keys.
pub(crate) trait Record: Sized {
    /// Reads it from the entries of a map.
    fn from_entries(span: Span, entries: Vec<Entry>, context: &mut Context<'_>) -> Option<Self>;

    /// Adds its keys to a schema.
    fn describe(fields: &mut Fields, generator: &mut SchemaGenerator);
}

/// The keys of a map, as a JSON Schema states them.
#[derive(Default)]
pub(crate) struct Fields {
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl Fields {
    /// Adds a key with the sentences that an editor shows when hovering over it.
    pub(crate) fn add<T: JsonSchema>(&mut self, key: &str, doc: &[&str], required: bool, generator: &mut SchemaGenerator) {
        let mut schema = generator.subschema_for::<T>();
        schema.insert("description".to_owned(), paragraph(doc).into());
        self.properties.insert(key.to_owned(), schema.to_value());
        if required {
            self.required.push(key.into());
        }
    }

    /// The schema of a closed map with these keys.
    pub(crate) fn into_schema(self, doc: &[&str]) -> schemars::Schema {
        let mut schema = schemars::json_schema!({
            "type": "object",
            "description": paragraph(doc),
            "properties": self.properties,
            "additionalProperties": false,
        });
        if !self.required.is_empty() {
            schema.insert("required".to_owned(), Value::Array(self.required));
        }
        schema
    }
}

fn paragraph(doc: &[&str]) -> String {
    doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// `record! { /// what it is
/// pub struct Name { /// what the key means
/// key: Type, .. base: Base } }`: an `Option` may be left out, everything else is required; the keys of `base` stand beside the
/// record's own.
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
            $(.. $(#[doc = $base_doc:literal])* $base:ident: $base_type:ty)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone)]
        pub struct $name {
            $($(#[doc = $field_doc])* pub $field: $type,)*
            $($(#[doc = $base_doc])* pub $base: $base_type,)?
            /// Where the map stands.
            pub span: $crate::source::Span,
        }

        impl $crate::spec::record::Record for $name {
            fn from_entries(
                span: $crate::source::Span,
                entries: Vec<$crate::yaml::Entry>,
                context: &mut $crate::spec::Context<'_>,
            ) -> Option<Self> {
                $(let mut $field = None;)*
                let mut rest = Vec::new();
                for entry in entries {
                    match entry.key.value.as_str() {
                        $(stringify!($field) => $field = <$type as $crate::spec::Decode>::decode(entry.value, context),)*
                        _ => rest.push(entry),
                    }
                }
                $(let $field = $field.or_else(<$type as $crate::spec::Decode>::absent)?;)*
                $(let $base = <$base_type as $crate::spec::record::Record>::from_entries(span, std::mem::take(&mut rest), context)?;)?
                drop(rest);
                Some(Self { $($field,)* $($base,)? span })
            }

            fn describe(fields: &mut $crate::spec::record::Fields, generator: &mut schemars::SchemaGenerator) {
                $(
                    let required = <$type as $crate::spec::Decode>::absent().is_none();
                    fields.add::<<$type as $crate::spec::Decode>::Described>(stringify!($field), &[$($field_doc),*], required, generator);
                )*
                $(<$base_type as $crate::spec::record::Record>::describe(fields, generator);)?
            }
        }

        impl $crate::spec::Decode for $name {
            type Described = Self;

            fn decode(node: $crate::yaml::Node, context: &mut $crate::spec::Context<'_>) -> Option<Self> {
                let span = node.span;
                let entries = match node.value {
                    $crate::yaml::Value::Map(entries) => entries,
                    _ => {
                        context.invalid(span, "a map is expected here", "write `key: value` pairs");
                        return None;
                    }
                };
                <Self as $crate::spec::record::Record>::from_entries(span, entries, context)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mut fields = $crate::spec::record::Fields::default();
                <Self as $crate::spec::record::Record>::describe(&mut fields, generator);
                fields.into_schema(&[$($doc),*])
            }
        }
    };
}

/// `inline_schema! { Type "Name" { "type": "string" } }`: a leaf whose schema stands where it is used.
macro_rules! inline_schema {
    ($type:ident $name:literal { $($schema:tt)* }) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ $($schema)* })
            }
        }
    };
}

pub(crate) use {inline_schema, record};
