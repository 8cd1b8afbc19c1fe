//! What the platform gives to be put into workflows: its blueprints, its environment.
//!
//! It is read from a tree of the central repository, and only what is asked for: a repository may hold any number of blueprints.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::config::{PolicyFiles, add, read_config};
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::expand::{Found, Shape, check_blueprint, references};
use crate::io::ReadTree;
use crate::name::{BlueprintName, BlueprintReference, parse_version};
use crate::schema::Kind;
use crate::source::{SourceId, Sources, Spanned};
use crate::spec::{Blueprint, Platform, Scalar};

/// The folder of blueprints, in the central repository and in a project.
pub(super) const BLUEPRINTS: &str = "blueprints";

/// What the platform gives to be put into workflows.
#[derive(Default)]
pub struct Library<'a> {
    tree: Option<&'a dyn ReadTree>,
    environment: Option<String>,
    platform: OnceLock<Option<Platform>>,
    read: Mutex<BTreeMap<BlueprintReference, Found>>,
}

impl<'a> Library<'a> {
    /// What a tree of the central repository has.
    #[must_use]
    pub fn of(tree: &'a dyn ReadTree) -> Self {
        Self { tree: Some(tree), ..Self::default() }
    }

    /// Nothing: the central repository is not at hand.
    #[must_use]
    pub fn not_at_hand() -> Self {
        Self::default()
    }

    /// The same for another environment than the one that the central branch is.
    #[must_use]
    pub fn for_environment(self, environment: Option<String>) -> Self {
        Self { environment, ..self }
    }

    /// The platform's file; `None` when it is not at hand or cannot be read, which whoever reads the policy tells.
    pub(super) fn platform(&self) -> Option<&Platform> {
        let read = || {
            let bytes = self.tree?.read("platform.yaml").ok()??;
            PolicyFiles::read_platform(Some(&bytes), &Sources::new(), &mut Sink::new())
        };
        self.platform.get_or_init(read).as_ref()
    }

    /// The environment that workflows are put together for.
    #[must_use]
    pub fn environment(&self) -> String {
        let written = || self.platform()?.environment.as_ref().map(|environment| environment.value.clone());
        self.environment.clone().or_else(written).unwrap_or_else(|| "production".to_owned())
    }

    /// One of the platform's variables, for workflows that have none of that name.
    pub(super) fn variable(&self, name: &str) -> Option<&Scalar> {
        self.platform()?.vars.as_ref()?.get(name)
    }

    /// One of the platform's blueprints. What is wrong with its file is told once.
    pub(super) fn find(&self, name: &BlueprintName, version: u32, sources: &Sources, sink: &mut Sink) -> Found {
        let reference = BlueprintReference::Platform { name: name.clone(), version };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.entry(reference).or_insert_with(|| self.open(name, version, sources, sink)).clone()
    }

    fn open(&self, name: &BlueprintName, version: u32, sources: &Sources, sink: &mut Sink) -> Found {
        let Some(tree) = self.tree else { return Found::NotAtHand };
        let path = path_of(name, version);
        match tree.read(&path) {
            Ok(Some(bytes)) => read_blueprint(&path, bytes, name.as_str(), sources, sink),
            Ok(None) => Found::Nothing(tree.list(BLUEPRINTS).unwrap_or_default().iter().filter_map(|path| reference_of(path)).collect()),
            Err(error) => {
                let fault = Diagnostic::error(&code::UNREADABLE_FILE, error.to_string()).at_file(path, "");
                sink.push(fault.help("make it a regular file"));
                Found::Broken
            }
        }
    }

    /// The bytes of one of the platform's blueprints, as they are.
    pub(super) fn bytes(&self, reference: &BlueprintReference) -> Option<Vec<u8>> {
        match reference {
            BlueprintReference::Platform { name, version } => self.tree?.read(&path_of(name, *version)).ok()?,
            BlueprintReference::Own(_) => None,
        }
    }
}

fn path_of(name: &BlueprintName, version: u32) -> String {
    format!("{BLUEPRINTS}/{name}/{version}.yaml")
}

/// The blueprint that a path of the central repository is; `None` for any other path.
pub(super) fn reference_of(path: &str) -> Option<BlueprintReference> {
    let (name, file) = path.strip_prefix(BLUEPRINTS)?.strip_prefix('/')?.split_once('/')?;
    let version = parse_version(file.strip_suffix(".yaml")?)?;
    Some(BlueprintReference::Platform { name: BlueprintName::parse(name).ok()?, version })
}

/// Reads a blueprint's file; `name` is what its place calls it.
pub(super) fn read_blueprint(path: &str, bytes: Vec<u8>, name: &str, sources: &Sources, sink: &mut Sink) -> Found {
    let Some(file) = add(path.to_owned(), bytes, sources, sink) else { return Found::Broken };
    check_file(file, name, sources, sink).map_or(Found::Broken, |blueprint| Found::Whole(Arc::new(blueprint)))
}

/// Reads a blueprint that has been taken in already.
pub(super) fn check_file(file: SourceId, name: &str, sources: &Sources, sink: &mut Sink) -> Option<Blueprint> {
    let blueprint: Blueprint = read_config(Kind::Blueprint, file, sources, sink)?;
    let mut found = Sink::new();
    check_blueprint(&blueprint, name, &mut found);
    let sound = !found.has_errors();
    sink.extend(found.into_sorted());
    sound.then_some(blueprint)
}

/// What a blueprint itself uses.
pub(super) fn uses_of(blueprint: &Blueprint) -> Vec<Spanned<String>> {
    let Blueprint { blueprint: _, description: _, parameters: _, task, group, workflow, span: _ } = blueprint;
    let bodies = [
        task.as_ref().map(|body| (&body.0, Shape::Task)),
        group.as_ref().map(|body| (&body.0, Shape::Group)),
        workflow.as_ref().map(|body| (&body.0, Shape::Workflow)),
    ];
    bodies.into_iter().flatten().flat_map(|(node, shape)| references(node, shape)).collect()
}
