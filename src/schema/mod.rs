//! The published JSON Schemas, run over nodes.
//!
//! In goes a node, out come diagnostics at its spans. The schemas in `schemas/` are what editors use too, so an editor and the
//! compiler refuse the same. They are compiled once for a run; no network is asked.

mod bad_value;
mod explain;
mod lookup;
mod meant;
mod misfit;
mod pod;
#[cfg(test)]
mod tests;
mod timetable;
mod unindented;
mod wrong_names;

use std::sync::LazyLock;

use jsonschema::{Registry, Resource, Validator};
use serde_json::Value;

pub use misfit::{Misfit, misfits};
pub use pod::pod_schema;

use crate::diag::Sink;
use crate::source::Texts;
use crate::yaml::Node;

/// A kind of file that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `freehold.yaml`.
    Project,
    /// A workflow.
    Workflow,
    /// `platform.yaml`.
    Platform,
    /// `teams/<team>.yaml`.
    Grant,
    /// `overrides/<team>/<name>.yaml`.
    Override,
    /// `blueprints/<name>/<version>.yaml`, or a team's `blueprints/<name>.yaml`.
    Blueprint,
}

macro_rules! schemas {
    ($($file:literal)*) => {
        /// Every published schema: its file's name and its text.
        static PUBLISHED: &[(&str, &str)] = &[$(($file, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/", $file)))),*];
    };
}

schemas! {
    "adopt.v1.json" "blueprint.v1.json" "blueprints.v1.json" "delta.v1.json" "diagnostics.v1.json" "grant.v1.json" "hand-written.v1.json" "integrate.v1.json" "layers.v1.json" "override.v1.json" "plan.v1.json" "platform.v1.json" "pod.v1.json" "pods.v1.json" "project.v1.json"
    "publish.v1.json" "rule-input.v1.json" "workflow.v1.json"
}

/// Every published schema: its file's name and its text.
#[must_use]
pub fn published() -> &'static [(&'static str, &'static str)] {
    PUBLISHED
}

/// A base for references between the schemas; nothing is ever fetched from it.
const BASE: &str = "freehold:///";

static DOCUMENTS: LazyLock<Vec<(&'static str, Value)>> = LazyLock::new(|| {
    PUBLISHED.iter().map(|(file, text)| (*file, serde_json::from_str(text).expect("the embedded schemas are JSON"))).collect()
});

static REGISTRY: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let pod = Resource::from_contents(document("pod.v1.json").clone());
    let registry = Registry::new().add(format!("{BASE}pod.v1.json"), pod).expect("the embedded schemas have sound addresses");
    registry.prepare().expect("the embedded schemas refer to each other only")
});

static PROJECT: LazyLock<Validator> = LazyLock::new(|| compile(Kind::Project.file()));
static WORKFLOW: LazyLock<Validator> = LazyLock::new(|| compile(Kind::Workflow.file()));
static PLATFORM: LazyLock<Validator> = LazyLock::new(|| compile(Kind::Platform.file()));
static GRANT: LazyLock<Validator> = LazyLock::new(|| compile(Kind::Grant.file()));
static BLUEPRINT: LazyLock<Validator> = LazyLock::new(|| compile(Kind::Blueprint.file()));
static OVERRIDE: LazyLock<Validator> = LazyLock::new(|| compile(Kind::Override.file()));

/// A published schema, by its file's name; `null` for none.
#[must_use]
pub fn published_document(file: &str) -> &'static Value {
    document(file)
}

fn document(file: &str) -> &'static Value {
    DOCUMENTS.iter().find(|(name, _)| *name == file).map_or(&Value::Null, |(_, document)| document)
}

fn compile(file: &str) -> Validator {
    let options = jsonschema::options().with_base_uri(format!("{BASE}{file}")).with_registry(&REGISTRY);
    options.build(document(file)).expect("the embedded schemas are valid")
}

impl Kind {
    /// Its schema's file.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Project => "project.v1.json",
            Self::Workflow => "workflow.v1.json",
            Self::Platform => "platform.v1.json",
            Self::Grant => "grant.v1.json",
            Self::Override => "override.v1.json",
            Self::Blueprint => "blueprint.v1.json",
        }
    }

    fn validator(self) -> &'static Validator {
        match self {
            Self::Project => &PROJECT,
            Self::Workflow => &WORKFLOW,
            Self::Platform => &PLATFORM,
            Self::Grant => &GRANT,
            Self::Override => &OVERRIDE,
            Self::Blueprint => &BLUEPRINT,
        }
    }
}

/// Runs the schema of a kind of file over a node that was written in these texts. `false` when something is wrong, which has been told.
pub fn validate(kind: Kind, node: &Node, texts: &Texts, sink: &mut Sink) -> bool {
    let instance = node.to_json();
    if kind.validator().is_valid(&instance) {
        return true;
    }
    explain::explain(kind.validator().iter_errors(&instance), node, texts, sink);
    false
}
