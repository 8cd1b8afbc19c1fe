//! Each key of the fixtures' workflows misspelt, and each value of a type that nothing takes: that is told, and nothing that follows from it.

use freehold::diag::{Diagnostic, Sink};
use freehold::io::Memory;
use freehold::source::Sources;
use freehold::yaml;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::{features, laid_out, support};

/// Maps whose keys authors choose: to misspell one of these is to choose another one.
const OPEN: [&str; 16] = [
    "env",
    "labels",
    "annotations",
    "params",
    "vars",
    "with",
    "properties",
    "volumes",
    "requests",
    "limits",
    "filter",
    "tasks",
    "groups",
    "environments",
    "for_each",
    "schema",
];

/// One of so many is made: all of them were, and take a minute.
const STEP: usize = 4;

/// A slip: where the map is, its key, and what is written in its place.
struct Slip {
    pointer: String,
    key: String,
    value: Option<Value>,
}

#[test]
fn a_slip_anywhere_in_a_workflow_is_told_and_nothing_that_follows_from_it() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for feature in features() {
        let files = support::files(laid_out(&feature, "3.3").path());
        let is_workflow = |path: &str| path.starts_with("workflows/") && path.ends_with(".yaml");
        for (path, bytes) in files.iter().filter(|(path, _)| is_workflow(path)) {
            // The others are not asked: what is wrong is so in this file alone.
            let others = files.iter().filter(|(path, _)| !is_workflow(path));
            let alone = Memory { files: others.map(|(path, bytes)| (path.clone(), bytes.clone())).collect() };
            let text = std::str::from_utf8(bytes).expect("text");
            let id = Sources::new().add(path, text);
            let document = yaml::parse(id, text, &mut Sink::new()).expect("it is YAML").to_json();
            let slips = if document.is_object() { slips(&document) } else { Vec::new() };
            seen += slips.len();
            let told = slips.into_par_iter().filter_map(|slip| {
                let mut tree = alone.clone();
                tree.files.insert(path.clone(), slip.made_in(document.clone()).to_string().into_bytes());
                let mut told = support::compile_tree(&tree).diagnostics;
                // JSON keeps no comments: not those that allow something either.
                told.retain(|found| !text.contains(found.code.id));
                let row = |Diagnostic { code, title, .. }: &Diagnostic| format!("  {} {title}\n", code.id);
                let place = format!("{} {path} {}/{}", feature.display(), slip.pointer, slip.key);
                (told.len() != 1).then(|| format!("{place}\n{}", told.iter().map(row).collect::<String>()))
            });
            wrong.par_extend(told);
        }
    }
    assert!(seen > 2000 / STEP, "{seen} slips");
    assert!(wrong.is_empty(), "{} of {seen} are told otherwise than once:\n{}", wrong.len(), wrong.join("\n"));
}

fn slips(document: &Value) -> Vec<Slip> {
    let mut found = Vec::new();
    collect(document, "", &mut found);
    found.into_iter().step_by(STEP).collect()
}

fn collect(value: &Value, pointer: &str, found: &mut Vec<Slip>) {
    let last = pointer.rsplit('/').next().unwrap_or_default();
    // What is below is Kubernetes', or a schema, or an operator's: other stages judge that.
    if ["pod", "schema", "with", "params", "matrix"].contains(&last) {
        return;
    }
    for (key, inner) in value.as_object().into_iter().flatten() {
        let slip = |value| Slip { pointer: pointer.to_owned(), key: key.clone(), value };
        if key == "uses" {
            found.push(slip(Some("no-such-blueprint".into())));
        }
        found.push(slip(Some(serde_json::json!([[0]]))));
        if !OPEN.contains(&last) {
            found.push(slip(None));
        }
        collect(inner, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
    }
    for (at, inner) in value.as_array().into_iter().flatten().enumerate() {
        collect(inner, &format!("{pointer}/{at}"), found);
    }
}

impl Slip {
    fn made_in(&self, mut document: Value) -> Value {
        let map = document.pointer_mut(&self.pointer).and_then(Value::as_object_mut).expect("it was there");
        let made: Map<String, Value> = std::mem::take(map)
            .into_iter()
            .map(|(key, value)| match &self.value {
                _ if key != self.key => (key, value),
                Some(other) => (key, other.clone()),
                None => (format!("{key}x"), value),
            })
            .collect();
        *map = made;
        document
    }
}
