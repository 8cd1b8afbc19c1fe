//! JSON Schemas that people write into files, and what they have against a value, in our words.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::diag::{quoted_list, suggest};
use crate::source::{Span, Spanned};
use crate::yaml::Node;

/// Keywords of JSON Schema that say something about a value. Others are let through: Airflow's form has some of its own.
const KEYWORDS: [&str; 33] = [
    "type",
    "enum",
    "const",
    "default",
    "title",
    "description",
    "examples",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "items",
    "prefixItems",
    "contains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
];

/// Misspelt keywords of a schema, each with the one that was meant: JSON Schema passes over what it does not know, so that nothing would be
/// checked.
pub fn misspelt_keywords(schema: &Node) -> impl Iterator<Item = (Spanned<&str>, &'static str)> {
    let unknown = schema.entries().iter().filter(|entry| !KEYWORDS.contains(&entry.key.value.as_str()));
    unknown.filter_map(|entry| Some((Spanned::new(entry.key.value.as_str(), entry.key.span), suggest(&entry.key.value, KEYWORDS)?)))
}

/// JSON's types, what we call them, and what else they are called elsewhere.
const TYPES: [(&str, &str, &[&str]); 7] = [
    ("string", "a text", &["str", "text"]),
    ("integer", "a whole number", &["int"]),
    ("number", "a number", &["float", "double", "decimal"]),
    ("boolean", "`true` or `false`", &["bool"]),
    ("array", "a list", &["list"]),
    ("object", "a map", &["dict", "map"]),
    ("null", "nothing", &["none"]),
];

/// Why a map is no JSON Schema.
pub struct NoSchema {
    /// Where.
    pub place: Span,
    /// What is wrong there.
    pub why: String,
    /// What to type, when that is plain.
    pub help: Option<String>,
}

impl NoSchema {
    /// Reads it from what a validator said about a schema that stands in a node.
    #[must_use]
    pub fn of(schema: &Node, error: &ValidationError<'_>) -> Self {
        let pointer = error.instance_path().as_str();
        let place = schema.place_of_pointer(pointer);
        let Some(written) = error.instance().as_str().filter(|_| pointer.ends_with("/type")) else {
            return Self { place, why: misfit(error), help: None };
        };
        let known = || TYPES.iter().map(|(name, _, _)| *name);
        let meant =
            TYPES.iter().find(|(_, _, others)| others.contains(&written)).map(|(name, _, _)| *name).or_else(|| suggest(written, known()));
        let help = meant.map_or_else(|| format!("write one of {}", quoted_list(known())), |meant| format!("write `type: {meant}`"));
        Self { place, why: "JSON has no such type".to_owned(), help: Some(help) }
    }
}

/// What a schema has against a value, in few words: "it is not a whole number".
#[must_use]
pub fn misfit(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Type { kind } => format!("it is not {}", types(kind)),
        Kind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(ToString::to_string).collect();
            format!("it is none of {}", quoted_list(options.iter().map(String::as_str)))
        }
        Kind::Constant { expected_value } => format!("it is not `{expected_value}`"),
        Kind::Minimum { limit } => format!("it is less than {limit}"),
        Kind::Maximum { limit } => format!("it is more than {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("it is not more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("it is not less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("it is no multiple of {multiple_of}"),
        Kind::MinLength { limit } => format!("it is shorter than {}", counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("it is longer than {}", counted(*limit, "character")),
        Kind::MinItems { limit } => format!("it has fewer than {}", counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("it has more than {}", counted(*limit, "item")),
        Kind::MinProperties { limit } => format!("it has fewer than {}", counted(*limit, "key")),
        Kind::MaxProperties { limit } => format!("it has more than {}", counted(*limit, "key")),
        Kind::UniqueItems => "two of its items are equal".to_owned(),
        Kind::Pattern { pattern } => format!("it does not match `{pattern}`"),
        Kind::Format { format } => of_format(format),
        Kind::Required { property } => format!("it has no `{}`", property.as_str().unwrap_or_default()),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            format!("it may not have {}", quoted_list(unexpected.iter().map(String::as_str)))
        }
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => "it fits none of the alternatives".to_owned(),
        Kind::OneOfMultipleValid { .. } => "it fits more than one of the alternatives".to_owned(),
        Kind::Not { .. } => "it is what `not` rules out".to_owned(),
        Kind::Contains => "it has no item of the kind that `contains` asks for".to_owned(),
        Kind::PropertyNames { .. } => "one of its keys may not be called so".to_owned(),
        // Keywords that only a whole schema of somebody's own has.
        _ => "it does not fit".to_owned(),
    }
}

fn types(kind: &TypeKind) -> String {
    let accepted: Vec<String> = match kind {
        TypeKind::Single(single) => vec![single.to_string()],
        TypeKind::Multiple(many) => many.iter().map(|each| each.to_string()).collect(),
    };
    let words = TYPES.iter().filter(|(name, _, _)| accepted.iter().any(|each| each == name)).map(|(_, word, _)| *word);
    words.collect::<Vec<_>>().join(" or ")
}

fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn of_format(format: &str) -> String {
    match format {
        "date" => "it is no day such as `2026-01-31`".to_owned(),
        "date-time" => "it is no moment such as `2026-01-31T05:00:00Z`".to_owned(),
        "time" => "it is no time such as `05:00:00Z`".to_owned(),
        "regex" => "it is no regular expression".to_owned(),
        other => format!("it is no `{other}`"),
    }
}

/// A schema as a help shows it, without what only describes it.
#[must_use]
pub fn shown(schema: &Value) -> String {
    let mut schema = schema.clone();
    if let Some(keywords) = schema.as_object_mut() {
        ["description", "title", "examples", "default"].iter().for_each(|key| drop(keywords.shift_remove(*key)));
    }
    format!("`{schema}`")
}
