//! What `uses` names, looked up.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Shape;
use crate::diag::{Diagnostic, Sink, codes as code, quoted_list, suggest};
use crate::name::{BlueprintName, BlueprintReference, InvalidReference};
use crate::source::{SourceId, Span};
use crate::spec::{Blueprint, Table};
use crate::yaml::{Entry, Node, Value};

/// What was found behind a reference.
#[derive(Debug, Clone)]
pub enum Found {
    /// The blueprint.
    Whole(Arc<Blueprint>),
    /// A file with faults, which have been told.
    Broken,
    /// Nothing; these are the references that there are.
    Nothing(Vec<BlueprintReference>),
    /// The central repository, which has the platform's, was not asked.
    NotAtHand,
}

/// The blueprints that the workflows of a source name, as far as they are there.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    found: BTreeMap<BlueprintReference, Found>,
}

impl Shelf {
    /// Puts in what was found behind a reference.
    pub fn put(&mut self, reference: BlueprintReference, found: Found) {
        self.found.insert(reference, found);
    }

    /// What was found behind a reference; `None` when nobody has looked.
    #[must_use]
    pub fn find(&self, reference: &BlueprintReference) -> Option<&Found> {
        self.found.get(reference)
    }

    /// Everything that was looked for.
    pub fn references(&self) -> impl Iterator<Item = &BlueprintReference> {
        self.found.keys()
    }

    /// Whether a file is one of the platform's.
    fn is_platforms(&self, file: SourceId) -> bool {
        self.found.iter().any(|(reference, found)| match (reference, found) {
            (BlueprintReference::Platform { .. }, Found::Whole(blueprint)) => blueprint.span.source == file,
            (_, Found::Whole(_) | Found::Broken | Found::Nothing(_) | Found::NotAtHand) => false,
        })
    }
}

/// A number that no version has: what is found for it is which versions there are.
pub const NO_VERSION: u32 = 0;

/// One use of a blueprint.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) reference: BlueprintReference,
    pub(super) blueprint: Arc<Blueprint>,
    /// Where the reference stands.
    pub(super) at: Span,
}

/// Looks up what `uses` says. `None` when that is nothing, which has been told.
pub(super) fn call(Entry { key, value: uses }: &Entry, shelf: &Shelf, sink: &mut Sink) -> Option<Call> {
    let reference = read(uses, key.span, shelf, sink)?;
    if let (true, BlueprintReference::Own(name)) = (shelf.is_platforms(uses.span.source), &reference) {
        let fault = Diagnostic::error(&code::UNKNOWN_BLUEPRINT, format!("a blueprint of the platform cannot use a team's `{name}`"));
        sink.push(fault.at(uses.span, "").help(format!("write `platform/{name}@1`, or another version")));
        return None;
    }
    match shelf.found.get(&reference) {
        Some(Found::Whole(blueprint)) => Some(Call { reference, blueprint: Arc::clone(blueprint), at: uses.span }),
        Some(Found::Broken) => None,
        Some(Found::Nothing(known)) => {
            sink.push(unknown(&reference, known, uses.span));
            None
        }
        Some(Found::NotAtHand) | None => {
            let title = format!("`{reference}` is in the central repository, which is not at hand");
            let fault = Diagnostic::error(&code::UNKNOWN_BLUEPRINT, title).at(uses.span, "");
            sink.push(fault.help("name it: `--central <folder or URL>`"));
            None
        }
    }
}

fn read(uses: &Node, key: Span, shelf: &Shelf, sink: &mut Sink) -> Option<BlueprintReference> {
    let Some(text) = uses.as_str() else {
        let is_empty = matches!(uses.value, Value::Null);
        let title = if is_empty { "`uses` has no value" } else { "`uses` names a blueprint, and this is no text" };
        let fault = Diagnostic::error(&code::WRONG_TYPE, title).at(if is_empty { key } else { uses.span }, "");
        sink.push(fault.help("write `uses: platform/train-model@2`, or `uses: train-model` for one of this project"));
        return None;
    };
    let invalid = match BlueprintReference::parse(text) {
        Ok(reference) => return Some(reference),
        Err(invalid) => invalid,
    };
    let (why, help) = match invalid {
        InvalidReference::Unversioned(name) => {
            ("a blueprint of the platform is named with its version".to_owned(), versions_of(&name, shelf))
        }
        InvalidReference::Version(name) => ("a version is a whole number".to_owned(), versions_of(&name, shelf)),
        InvalidReference::OwnVersion(name) => (
            "a blueprint of this project has no version: it is published with the workflow".to_owned(),
            format!("write `{name}`, or `platform/{text}` for one of the platform"),
        ),
        InvalidReference::Owner(owner) => (
            format!("blueprints are the platform's or this project's, and not `{owner}`'s"),
            "write `platform/train-model@2`, or `train-model` for one of this project".to_owned(),
        ),
        InvalidReference::Name(reason) => {
            (reason.to_string(), "write `platform/train-model@2`, or `train-model` for one of this project".to_owned())
        }
    };
    let fault = Diagnostic::error(&code::UNKNOWN_BLUEPRINT, format!("`{text}` names no blueprint: {why}"));
    sink.push(fault.at(uses.span, "").help(help));
    None
}

/// Which versions of a blueprint can be named.
fn versions_of(name: &BlueprintName, shelf: &Shelf) -> String {
    let reference = BlueprintReference::Platform { name: name.clone(), version: NO_VERSION };
    match shelf.find(&reference) {
        Some(Found::Nothing(known)) => unknown_help(&reference, known),
        Some(Found::Whole(_) | Found::Broken | Found::NotAtHand) | None => format!("write `platform/{name}@1`, or another version"),
    }
}

fn unknown_help(reference: &BlueprintReference, known: &[BlueprintReference]) -> String {
    let text = |references: &[&BlueprintReference]| references.iter().map(ToString::to_string).collect::<Vec<_>>();
    let versions: Vec<&BlueprintReference> = known.iter().filter(|other| other.name() == reference.name()).collect();
    let all = text(&known.iter().collect::<Vec<_>>());
    match reference {
        BlueprintReference::Platform { .. } if !versions.is_empty() => {
            format!("write {}", quoted_list(text(&versions).iter().map(String::as_str)).replace("`, `", "` or `"))
        }
        BlueprintReference::Platform { name, version: _ } => near_or_all(
            &format!("platform/{name}@1"),
            &all,
            &format!("blueprints/{name}/1.yaml` in the central repository, used as `platform/{name}@1"),
        ),
        BlueprintReference::Own(name) => near_or_all(name.as_str(), &all, &format!("blueprints/{name}.yaml")),
    }
}

fn unknown(reference: &BlueprintReference, known: &[BlueprintReference], at: Span) -> Diagnostic {
    let title = match reference {
        BlueprintReference::Platform { name, version } if known.iter().any(|other| other.name() == name) => {
            format!("the platform has no version {version} of blueprint `{name}`")
        }
        BlueprintReference::Platform { name, version: _ } => format!("the platform has no blueprint `{name}`"),
        BlueprintReference::Own(name) => format!("this project has no blueprint `{name}`"),
    };
    Diagnostic::error(&code::UNKNOWN_BLUEPRINT, title).at(at, "").help(unknown_help(reference, known))
}

fn near_or_all(typed: &str, known: &[String], place: &str) -> String {
    match suggest(typed, known.iter().map(String::as_str)) {
        Some(near) => format!("write `{near}`"),
        None if known.is_empty() => format!("there are none yet; it would be `{place}`"),
        None => format!("there are {}", quoted_list(known.iter().map(String::as_str))),
    }
}

impl Call {
    /// Names of the blueprint's parameters.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.blueprint.parameters.iter().flat_map(Table::keys)
    }

    /// The file of the blueprint.
    pub(super) fn source(&self) -> SourceId {
        self.blueprint.span.source
    }

    /// What it stands for, where something of that shape is wanted.
    pub(super) fn body(&self, shape: Shape, sink: &mut Sink) -> Option<Node> {
        let Blueprint { task, group, workflow, blueprint: name, .. } = &*self.blueprint;
        let bodies = [
            (Shape::Task, "a task", "tasks", task.as_ref().map(|body| &body.0)),
            (Shape::Group, "a group", "groups", group.as_ref().map(|body| &body.0)),
            (Shape::Workflow, "a workflow", "", workflow.as_ref().map(|body| &body.0)),
        ];
        let what = |shape: Shape| bodies.iter().find(|(of, ..)| *of == shape).map_or("", |(_, what, ..)| what);
        if let Some(body) = bodies.iter().find(|(of, ..)| *of == shape).and_then(|(.., body)| *body) {
            return Some(body.clone());
        }
        let (_, is, section, _) = bodies.iter().find(|(.., body)| body.is_some())?;
        let title = format!("blueprint `{}` is {is}, and {} is made here", self.reference, what(shape));
        let fault = Diagnostic::error(&code::BLUEPRINT_KIND, title).at(self.at, "").at(name.span, format!("{is} stands below"));
        let help = if section.is_empty() {
            "write `uses` at the top of a workflow's file".to_owned()
        } else {
            format!("write it below `{section}:`")
        };
        sink.push(fault.help(help));
        None
    }
}
