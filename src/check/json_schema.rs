//! JSON Schemas that a team writes: are they any, and are their keywords spelt as JSON Schema has them.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};

use crate::diag::{Code, Diagnostic, Sink, quoted_list, suggest};
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

/// A JSON Schema as it was written.
pub(super) struct WrittenSchema<'a> {
    /// The schema.
    pub(super) node: &'a Node,
    /// Of what it is, for people.
    pub(super) what: String,
    /// The code of what is wrong with it.
    pub(super) code: &'static Code,
    /// What one looks like.
    pub(super) example: &'static str,
}

impl WrittenSchema<'_> {
    /// Tells misspelt keywords of the schema, or of one inside it: JSON Schema passes over what it does not know, so that nothing would be checked.
    pub(super) fn check_keywords(&self, node: &Node, sink: &mut Sink) {
        for key in node.entries().iter().map(|entry| &entry.key) {
            if KEYWORDS.contains(&key.value.as_str()) {
                continue;
            }
            if let Some(near) = suggest(&key.value, KEYWORDS) {
                let fault = Diagnostic::error(self.code, format!("JSON Schema has no keyword `{}`", key.value)).at(key.span, "");
                sink.push(fault.help(format!("did you mean `{near}`?")));
            }
        }
    }

    /// What holds values to it; `None` when it is none, which has been told. `schema` is the same as JSON.
    pub(super) fn validator(&self, schema: &serde_json::Value, sink: &mut Sink) -> Option<Validator> {
        // Airflow looks at formats too.
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
        options.build(schema).map_err(|error| sink.push(self.no_schema(&error))).ok()
    }

    fn no_schema(&self, error: &ValidationError<'_>) -> Diagnostic {
        let pointer = error.instance_path().as_str();
        let place = self.node.place_of_pointer(pointer);
        let fault = Diagnostic::error(self.code, format!("{} is no JSON Schema", self.what));
        let Some(written) = error.instance().as_str().filter(|_| pointer.ends_with("/type")) else {
            return fault.at(place, reason(error)).help(format!("write `{}`", self.example));
        };
        let fault = fault.at(place, "JSON has no such type");
        let known = || TYPES.iter().map(|(name, _)| *name);
        let meant = TYPES.iter().find(|(_, others)| others.contains(&written)).map(|(name, _)| *name).or_else(|| suggest(written, known()));
        fault.help(meant.map_or_else(|| format!("write one of {}", quoted_list(known())), |meant| format!("write `type: {meant}`")))
    }
}

/// JSON's types, and what else they are called elsewhere.
const TYPES: [(&str, &[&str]); 7] = [
    ("string", &["str", "text"]),
    ("integer", &["int"]),
    ("number", &["float", "double"]),
    ("boolean", &["bool"]),
    ("array", &["list"]),
    ("object", &["dict", "map"]),
    ("null", &["none"]),
];

/// What is wrong, in few words.
pub(super) fn reason(error: &ValidationError<'_>) -> String {
    match error.kind() {
        Kind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(ToString::to_string).collect();
            format!("it is none of {}", quoted_list(options.iter().map(String::as_str)))
        }
        _ => error.to_string(),
    }
}
