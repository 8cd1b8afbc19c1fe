//! JSON Schemas that a team writes: are they any, and are their keywords spelt as JSON Schema has them.

use jsonschema::{ValidationError, Validator};

use crate::diag::{Code, Diagnostic, Sink};
use crate::spec::{NoSchema, is_bounded, misspelt_keywords};
use crate::yaml::Node;

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
        for (written, near) in misspelt_keywords(node) {
            let fault = Diagnostic::error(self.code, format!("JSON Schema has no keyword `{}`", written.value)).at(written.span, "");
            sink.push(fault.help(format!("did you mean `{near}`?")));
        }
    }

    /// What holds values to it; `None` when it is none, which has been told. `schema` is the same as JSON.
    pub(super) fn validator(&self, schema: &serde_json::Value, sink: &mut Sink) -> Option<Validator> {
        if !is_bounded(schema) {
            let fault =
                Diagnostic::error(self.code, format!("the schema of {} leads to itself, or to too much", self.what)).at(self.node.span, "");
            sink.push(fault.help(ENDLESS));
            return None;
        }
        // Airflow looks at formats too.
        let options = jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
        options.build(schema).map_err(|error| sink.push(self.no_schema(&error))).ok()
    }

    fn no_schema(&self, error: &ValidationError<'_>) -> Diagnostic {
        let NoSchema { place, why, help } = NoSchema::of(self.node, error);
        let fault = Diagnostic::error(self.code, format!("{} is no JSON Schema", self.what)).at(place, why);
        fault.help(help.unwrap_or_else(|| format!("write `{}`", self.example)))
    }
}

/// What to do about references that lead in a circle, or to too much.
const ENDLESS: &str = "write what `$ref` leads to in its place; it may lead to `#/$defs/…` of the same schema, not back to where it stands";
