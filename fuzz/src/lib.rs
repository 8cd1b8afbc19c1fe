//! What must hold for any bytes whatever: nothing panics, every message can be shown, and what compiles is Python.
//!
//! The three functions are what `cargo fuzz` feeds, and what `tests/fuzz.rs` feeds with the corpus that is kept.

use std::collections::{BTreeMap, BTreeSet};

use freehold::diag::{Diagnostic, Place, Sink};
use freehold::io::Memory;
use freehold::pipeline::{Keep, Library, PolicyFiles, Rest, Unit, compile_team, load_source, read_config};
use freehold::report::{Format, Style, Summary, render};
use freehold::schema::Kind;
use freehold::source::Sources;
use freehold::spec::{Gaps, Workflow};
use freehold::{check as meaning, yaml};

/// Reads bytes as YAML: every place is inside the file, and reading twice says the same.
pub fn parse(bytes: &[u8]) {
    let read = || {
        let (sources, mut sink) = (Sources::new(), Sink::new());
        if let Ok(text) = yaml::decode("fuzz.yaml", bytes.to_vec()) {
            let file = sources.add("fuzz.yaml", text);
            let text = sources.file(file).text.clone();
            if let Some(node) = yaml::parse(file, &text, &mut sink) {
                assert!(text.get(node.span.start as usize..node.span.end as usize).is_some(), "a span cuts a character");
            }
        }
        told(&sink.into_sorted(), &sources)
    };
    assert_eq!(read(), read());
}

/// Reads bytes as one workflow and judges what it means.
pub fn check(bytes: &[u8]) {
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let Ok(text) = yaml::decode("fuzz.yaml", bytes.to_vec()) else { return };
    let file = sources.add("fuzz.yaml", text);
    if let Some(workflow) = read_config::<Workflow>(Kind::Workflow, file, &sources, &mut sink) {
        meaning::check(&workflow, &Gaps::default(), &mut sink);
    }
    told(&sink.into_sorted(), &sources);
}

/// Compiles bytes as a project for the oldest and the newest Airflow: what comes out is Python, the same each time.
///
/// Lines `#=== PATH` begin a file each; what comes before the first is `workflows/fuzz.yaml`. What is below `central/` is the central
/// repository's: `central/platform.yaml`, `central/teams/fuzz.yaml`, `central/blueprints/…`.
pub fn compile(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for version in ["2.11", "3.3"] {
        let made = compiled(text, version);
        assert_eq!(made, compiled(text, version));
        for (path, content) in made.iter().filter(|(path, _)| path.ends_with(".py")) {
            let python = String::from_utf8(content.clone()).expect("Python is text");
            assert!(ruff_python_parser::parse_module(&python).is_ok(), "{path} is no Python:\n{python}");
        }
    }
}

fn compiled(bundle: &str, version: &str) -> BTreeMap<String, Vec<u8>> {
    let (mut central, mut project) = (BTreeMap::new(), BTreeMap::new());
    for (path, bytes) in unpacked(bundle) {
        match path.strip_prefix("central/") {
            Some(path) => central.insert(path.to_owned(), bytes),
            None => project.insert(path, bytes),
        };
    }
    let platform = || format!("platform: fuzz\ntarget: {{ airflow: \"{version}\" }}\n").into_bytes();
    let platform = central.entry("platform.yaml".to_owned()).or_insert_with(platform).clone();
    let grant = central.remove("teams/fuzz.yaml").unwrap_or_else(|| b"team: fuzz\n".to_vec());
    project.entry("freehold.yaml".to_owned()).or_insert_with(|| b"team: fuzz\nsource: fuzz\n".to_vec());
    let (central, project) = (Memory { files: central }, Memory { files: project });
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let mut made = BTreeMap::new();
    if let Some(source) = load_source(&project, "", &Library::of(&central), &sources, &mut sink) {
        let team = &source.project.team.value;
        if let Some(policy) = PolicyFiles::read(Some(&platform), Some(&grant), team, None, &sources, &mut sink) {
            let units = [Unit { name: &source.project.source.value, source: &source, stands: None }];
            let output = compile_team(&policy, &units, &Rest::Known(BTreeSet::new()), Keep::Artifacts, &mut sink);
            made = output.artifacts.iter().map(|artifact| (artifact.path.to_string(), artifact.bytes.clone())).collect();
        }
    }
    told(&sink.into_sorted(), &sources);
    made
}

fn unpacked(bundle: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut path = "workflows/fuzz.yaml".to_owned();
    for line in bundle.split_inclusive('\n') {
        match line.strip_prefix("#=== ") {
            Some(next) => next.trim().clone_into(&mut path),
            None => files.entry(path.clone()).or_default().extend_from_slice(line.as_bytes()),
        }
    }
    files
}

/// Shows every message in every format; the text for people.
fn told(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    for label in diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
        if let Place::Span(span) = &label.place {
            let file = sources.file(span.source);
            assert!(file.text.get(span.start as usize..span.end as usize).is_some(), "a label cuts a character");
        }
    }
    let style = Style { colour: false, width: 100 };
    let shown = Format::names().into_iter().filter_map(Format::parse);
    let mut texts: Vec<String> = shown.map(|format| render(format, diagnostics, sources, &Summary::default(), style)).collect();
    texts.swap_remove(0)
}
