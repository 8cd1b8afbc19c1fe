//! Each folder of `fixtures/language` shows one feature; what it compiles to stands beside it, for the oldest and the newest Airflow.
//!
//! `UPDATE_GOLDEN=1 cargo test --test language` writes the golden trees anew.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests write folders, and fail by panicking")]

#[path = "language/cpython.rs"]
mod cpython;
#[path = "language/slips.rs"]
mod slips;
mod support;
#[path = "language/texts.rs"]
mod texts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use freehold::diag::Severity;
use freehold::diag::Sink;
use freehold::report::{Format, Style, Summary, render};
use freehold::schema::{Kind, validate};
use freehold::source::{Sources, Texts};
use freehold::yaml;
use serde_json::Value;

/// The versions that the golden trees are for: those that `tests/run.sh` has.
const VERSIONS: [&str; 2] = ["2.11", "3.3"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/language")
}

fn features() -> Vec<PathBuf> {
    let entries = fs_err::read_dir(root()).expect("the fixtures are there").map(|entry| entry.expect("an entry").path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.join("freehold.yaml").is_file()).collect();
    found.sort();
    found
}

/// A team's repository with the policy for one Airflow beside it, as [`support::compile`] wants it.
fn laid_out(feature: &Path, version: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    support::copy(&root().join("central"), folder.path());
    // A project has a folder of that name too.
    fs_err::create_dir_all(folder.path().join("central")).expect("made");
    fs_err::rename(folder.path().join("blueprints"), folder.path().join("central/blueprints")).expect("moved");
    support::copy(feature, folder.path());
    fs_err::remove_dir_all(folder.path().join("golden")).ok();
    let grant = fs_err::read_to_string(feature.join("grant.yaml")).expect("each has a grant");
    let team = grant.lines().find_map(|line| line.strip_prefix("team: ")).expect("a grant names its team");
    fs_err::create_dir_all(folder.path().join("teams")).expect("made");
    fs_err::rename(folder.path().join("grant.yaml"), folder.path().join(format!("teams/{team}.yaml"))).expect("moved");
    let path = folder.path().join("platform.yaml");
    let platform = fs_err::read_to_string(&path).expect("the policy is there");
    let target = platform.lines().find(|line| line.starts_with("target:")).expect("it has a target").to_owned();
    fs_err::write(&path, platform.replace(&target, &format!("target: {{ airflow: \"{version}\" }}"))).expect("written");
    folder
}

/// Where stands what is told instead, when the feature came with a later version.
fn refusal(feature: &Path, version: &str) -> PathBuf {
    feature.join("refused").join(format!("{version}.txt"))
}

/// What a feature compiles to, by path; a fault of any kind fails the test, unless the version is one that refuses the feature.
fn compiled(feature: &Path, version: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = laid_out(feature, version);
    let outcome = support::compile(folder.path());
    let style = Style { colour: false, width: 110 };
    let told = render(Format::parse("human").expect("known"), &outcome.diagnostics, &outcome.sources, &Summary::default(), style);
    if let Ok(refused) = fs_err::read_to_string(refusal(feature, version)) {
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs_err::write(refusal(feature, version), &told).expect("written");
            return BTreeMap::new();
        }
        assert!(
            told == refused && outcome.diagnostics.iter().any(|fault| fault.severity == Severity::Error),
            "{} is refused for {version} in other words:\n{told}",
            feature.display()
        );
        return BTreeMap::new();
    }
    assert!(outcome.diagnostics.iter().all(|fault| fault.severity == Severity::Allowed), "{} for {version}:\n{told}", feature.display());
    outcome.compiled.artifacts.iter().map(|artifact| (artifact.path.to_string(), artifact.bytes.clone())).collect()
}

#[test]
fn each_feature_compiles_to_its_golden_tree_twice() {
    let mut stale = Vec::new();
    for feature in features() {
        for version in VERSIONS {
            let made = compiled(&feature, version);
            assert!(!made.is_empty() || refusal(&feature, version).is_file(), "{} makes nothing", feature.display());
            assert!(made == compiled(&feature, version), "{} compiles to other bytes the second time", feature.display());
            let golden = feature.join("golden").join(version);
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs_err::remove_dir_all(&golden).ok();
                for (path, bytes) in &made {
                    let place = golden.join(path);
                    fs_err::create_dir_all(place.parent().expect("it has one")).expect("made");
                    fs_err::write(place, bytes).expect("written");
                }
            }
            if support::files(&golden) != made {
                stale.push(golden);
            }
        }
    }
    assert!(stale.is_empty(), "not what is compiled (UPDATE_GOLDEN=1 writes them anew): {stale:#?}");
}

/// An editor sees a file as it is written, with `uses` and `environments` in it; the compiler runs the schema on what it becomes.
#[test]
fn the_schemas_take_every_file_as_it_is_written() {
    let (sources, mut sink, mut seen) = (Sources::new(), Sink::new(), 0);
    let projects = features().into_iter().flat_map(|feature| ["workflows", "blueprints"].map(|folder| feature.join(folder)));
    for folder in projects.chain([root().join("central/blueprints")]) {
        for (path, bytes) in support::files(&folder) {
            let text = String::from_utf8(bytes).expect("a text");
            if !path.ends_with(".yaml") {
                continue;
            }
            let file = sources.add(path.clone(), text.clone());
            let node = yaml::parse(file, &text, &mut sink).expect("it is YAML");
            let is_blueprint = node.get("blueprint").is_some();
            let kind = if is_blueprint { Kind::Blueprint } else { Kind::Workflow };
            if is_blueprint || node.get("workflow").is_some() {
                assert!(validate(kind, &node, &Texts::of(&sources, [file]), &mut sink), "{path}: {:#?}", sink.as_slice());
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen} files are too few");
}

/// Keys that mean something to a publish only: `tests/central` performs them.
const PUBLISHED: [&str; 8] =
    ["root.adopted", "root.renamed_from", "root.taken_from", "root.central", "root.retire", "root.give", "Gift.to", "Gift.workflows"];

/// So each key is compiled, loaded in the real Airflows, and its pods are compared with those that are foretold.
#[test]
fn every_key_of_a_workflow_and_a_project_is_used_by_some_example() {
    let repositories = support::files(&root().join("../acme/repositories"));
    let written: Vec<(String, Vec<u8>)> = repositories.into_iter().chain(support::files(&root())).collect();
    let mut unused = BTreeSet::new();
    for (schema, is_one) in [("workflow", "workflow"), ("project", "source")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{schema}.v1.json"));
        let schema: Value = serde_json::from_slice(&fs_err::read(path).expect("it is committed")).expect("JSON");
        let (mut all, mut used) = (BTreeSet::new(), BTreeSet::new());
        every_key(&schema, "root", &mut all);
        for (path, bytes) in written.iter().filter(|(path, _)| path.ends_with(".yaml") && !path.contains("golden")) {
            let (sources, text) = (Sources::new(), String::from_utf8_lossy(bytes).into_owned());
            let node = yaml::parse(sources.add(path.clone(), text.clone()), &text, &mut Sink::new());
            if let Some(node) = node.filter(|node| node.get(is_one).is_some()) {
                used_keys(&schema, &schema, &node.to_json(), "root", &mut used);
            }
        }
        assert!(used.len() > 3, "{used:?}");
        unused.extend(all.difference(&used).cloned());
    }
    let unused: Vec<String> = unused.into_iter().filter(|key| !PUBLISHED.contains(&key.as_str())).collect();
    assert!(unused.is_empty(), "no workflow or project in fixtures/language or fixtures/acme has {unused:#?}");
}

/// What a key is called: by the definition that it is in. A task has the settings of every layer beside its own.
fn called(place: &str, key: &str) -> String {
    let place = if place == "Task" { "Settings" } else { place };
    format!("{place}.{key}")
}

/// `environments` holds a workflow's keys once more.
const OVERLAY: &str = "environments";

fn every_key(schema: &Value, place: &str, found: &mut BTreeSet<String>) {
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        found.insert(called(place, key));
        if key != OVERLAY {
            every_key(inner, &called(place, key), found);
        }
    }
    let inner = ["items", "additionalProperties", "then", "else"].into_iter().filter_map(|key| schema.get(key)?.as_object().map(|_| key));
    inner.for_each(|key| every_key(&schema[key], place, found));
    schema["$defs"].as_object().into_iter().flatten().for_each(|(name, inner)| every_key(inner, name, found));
}

fn used_keys(root: &Value, schema: &Value, data: &Value, place: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|target| target.strip_prefix("#/$defs/")) {
        return used_keys(root, &root["$defs"][name], data, name, found);
    }
    for (key, value) in data.as_object().into_iter().flatten() {
        if schema["properties"].get(key).is_some() {
            found.insert(called(place, key));
            used_keys(root, &schema["properties"][key], value, &called(place, key), found);
        } else {
            used_keys(root, &schema["additionalProperties"], value, place, found);
        }
    }
    data.as_array().into_iter().flatten().for_each(|item| used_keys(root, &schema["items"], item, place, found));
    ["then", "else"].iter().filter(|key| schema[**key].is_object()).for_each(|key| used_keys(root, &schema[key], data, place, found));
}
