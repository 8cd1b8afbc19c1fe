//! The committed schemas and the compiler refuse the same files, so that an editor shows what the compiler will.

use std::collections::BTreeMap;
use std::path::Path;

use freehold::diag::{Diagnostic, Place, Sink};
use freehold::schema;
use freehold::source::{Sources, Texts};
use freehold::yaml::{self, Value};
use jsonschema::{Registry, Resource, Validator};

use crate::support;

const BASE: &str = "https://freehold.example/";

/// The kind of a file and the schema's name, by its path.
fn kind(path: &str) -> Option<(schema::Kind, &'static str)> {
    let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
    let name = path.rsplit('/').next()?;
    let found = match path {
        _ if !is_yaml => return None,
        _ if name == "freehold.yaml" => (schema::Kind::Project, "project"),
        _ if name == "platform.yaml" => (schema::Kind::Platform, "platform"),
        _ if path.contains("blueprints/") => (schema::Kind::Blueprint, "blueprint"),
        _ if path.starts_with("teams/") || path.contains("/teams/") => (schema::Kind::Grant, "grant"),
        _ if path.contains("workflows/") => (schema::Kind::Workflow, "workflow"),
        _ => return None,
    };
    Some(found)
}

/// The committed schemas as a stranger reads them: by name, with references between them resolved.
fn validators() -> BTreeMap<&'static str, Validator> {
    let documents: BTreeMap<&str, serde_json::Value> =
        schema::published().iter().map(|(file, text)| (*file, serde_json::from_str(text).expect("it is JSON"))).collect();
    let mut registry = Registry::new();
    for (file, document) in &documents {
        jsonschema::meta::validate(document).unwrap_or_else(|error| panic!("{file} is no schema of draft 2020-12: {error}"));
        assert_eq!(document["$schema"], "https://json-schema.org/draft/2020-12/schema", "{file}");
        registry = registry.add(format!("{BASE}{file}"), Resource::from_contents(document.clone())).expect("a sound address");
    }
    let registry = registry.prepare().expect("the schemas refer to each other only");
    ["project", "platform", "blueprint", "grant", "workflow"]
        .map(|name| {
            let file = format!("{name}.v1.json");
            let options = jsonschema::options().with_base_uri(format!("{BASE}{file}")).with_registry(&registry);
            (name, options.build(&documents[file.as_str()]).expect("a sound schema"))
        })
        .into()
}

/// Lines that a fault of the schema's stage is told in; nothing for a file that it takes, or that is no YAML or no map.
fn told(kind: schema::Kind, path: &str, text: &str) -> Option<(serde_json::Value, Vec<usize>)> {
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let file = sources.add(path, text);
    let node = yaml::parse(file, text, &mut sink)?;
    if matches!(node.value, Value::List(_)) {
        return None;
    }
    let mut found = Sink::new();
    schema::validate(kind, &node, &Texts::of(&sources, [file]), &mut found);
    let line = |fault: Diagnostic| match fault.labels.first().map(|label| label.place.clone()) {
        Some(Place::Span(span)) => sources.file(span.source).positions(span).0.line,
        Some(Place::File(_)) | None => panic!("a fault of shape has a place: {fault:?}"),
    };
    Some((node.to_json(), found.into_sorted().into_iter().map(line).collect()))
}

#[test]
fn what_a_schema_refuses_the_compiler_refuses_at_the_same_line() {
    let validators = validators();
    let (mut seen, mut refused, mut wrong) = (0, 0, Vec::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["fixtures/faults", "fixtures/language", "fixtures/acme"] {
        for (path, bytes) in support::files(&root.join(folder)) {
            let Ok(text) = String::from_utf8(bytes) else { continue };
            // What stands before it is the fixture's name.
            let Some((kind, name)) = path.split_once('/').and_then(|(_, inside)| kind(inside)) else { continue };
            let Some((json, lines)) = told(kind, &path, &text) else { continue };
            seen += 1;
            refused += usize::from(!lines.is_empty());
            if validators[name].is_valid(&json) != lines.is_empty() {
                wrong.push(format!("{folder}/{path}: the compiler and the committed schema differ; it tells of lines {lines:?}"));
            }
            if folder == "fixtures/language" && !lines.is_empty() {
                wrong.push(format!("{folder}/{path}: the language is refused in lines {lines:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 500 && refused > 25, "{seen} files, {refused} of them refused");
}

/// Codes of the schema's stage.
const SHAPE: [&str; 4] = ["FH0201", "FH0202", "FH0203", "FH0204"];

#[test]
fn a_fault_of_shape_is_one_that_an_editor_shows_too() {
    let validators = validators();
    let mut wrong = Vec::new();
    let mut shown = 0;
    let faults = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/faults");
    for entry in fs_err::read_dir(&faults).expect("the fixtures are there") {
        let fixture = entry.expect("an entry").path();
        let mut files: BTreeMap<String, Vec<u8>> =
            support::DEFAULTS.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        files.extend(support::files(&fixture));
        let tree = freehold::io::Memory { files };
        let outcome = support::compile_tree(&tree);
        let place = |fault: &Diagnostic| fault.labels.first().and_then(|label| label.place.span());
        let told_in = |path: &str, of_shape: bool| -> Vec<usize> {
            let faults = outcome.diagnostics.iter().filter(|fault| !of_shape || SHAPE.contains(&fault.code.id));
            let files = faults.filter_map(place).map(|span| (outcome.sources.file(span.source), span));
            files.filter(|(file, _)| file.path == path).map(|(file, span)| file.positions(span).0.line).collect()
        };
        for (path, bytes) in &tree.files {
            let (Ok(text), Some((kind, name))) = (std::str::from_utf8(bytes), kind(path)) else { continue };
            let Some((json, lines)) = told(kind, path, text) else { continue };
            let compiled = told_in(path, true);
            // What is put in from elsewhere, and laid over, has its shape when it is whole.
            let is_put_together = ["uses", "environments"].iter().any(|key| text.contains(key));
            let refused = told_in(path, false);
            if !lines.iter().all(|line| refused.contains(line)) {
                wrong.push(format!("{}: {path}: the schema refuses lines {lines:?}, the compiler {refused:?}", fixture.display()));
            }
            if !compiled.is_empty() && !is_put_together && validators[name].is_valid(&json) {
                wrong.push(format!("{}: {path}: the schema takes what the compiler refuses in lines {compiled:?}", fixture.display()));
            }
            shown += usize::from(!compiled.is_empty());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(shown > 25, "{shown} files with a fault of shape");
}
