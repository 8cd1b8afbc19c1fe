//! The JSON Schemas of all files, generated from the types.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::Value;

use super::reuse::{in_blueprints, in_workflows};
use super::{Blueprint, Grant, OverrideRecord, Platform, Project, Workflow};

/// One published schema.
pub struct SchemaRow {
    /// Its file's name in `schemas/`.
    pub file: &'static str,
    /// Makes it.
    pub generate: fn() -> Value,
}

/// Every schema that is generated from a type.
pub const SCHEMAS: &[SchemaRow] = &[
    SchemaRow { file: "blueprint.v1.json", generate: || in_blueprints(generate::<Blueprint>("A blueprint")) },
    SchemaRow { file: "grant.v1.json", generate: || generate::<Grant>("A team's grant, teams/<team>.yaml") },
    SchemaRow { file: "override.v1.json", generate: || generate::<OverrideRecord>("A rule lifted once, overrides/<team>/<name>.yaml") },
    SchemaRow { file: "platform.v1.json", generate: || generate::<Platform>("The platform's file, platform.yaml") },
    SchemaRow { file: "project.v1.json", generate: || generate::<Project>("The project file of a team repository, freehold.yaml") },
    SchemaRow { file: "workflow.v1.json", generate: || in_workflows(generate::<Workflow>("A workflow")) },
];

/// The schema of a type, JSON Schema 2020-12.
#[must_use]
pub fn generate<T: JsonSchema>(title: &str) -> Value {
    let generator: SchemaGenerator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `UPDATE_SCHEMAS=1 cargo test` writes them anew.
    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test compares files of the repository")]
    fn the_committed_schemas_are_what_the_types_say() {
        for row in SCHEMAS {
            let path = format!("{}/schemas/{}", env!("CARGO_MANIFEST_DIR"), row.file);
            let wanted = format!("{}\n", serde_json::to_string_pretty(&(row.generate)()).expect("JSON can be written"));
            if std::env::var_os("UPDATE_SCHEMAS").is_some() {
                fs_err::write(&path, &wanted).expect("written");
            }
            let committed = fs_err::read_to_string(&path).expect("the schema is committed");
            assert!(committed == wanted, "{path} is stale: run UPDATE_SCHEMAS=1 cargo test");
        }
    }
}
