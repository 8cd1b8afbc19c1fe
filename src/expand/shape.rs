//! Which maps of a workflow merge by key, and where a blueprint may be used.

use crate::source::Spanned;
use crate::yaml::{Entry, Node};

/// What a node of a workflow's file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The file.
    Workflow,
    /// Environments by name.
    Environments,
    /// Tasks by name.
    Tasks,
    /// A task.
    Task,
    /// Groups by name.
    Groups,
    /// A group.
    Group,
    /// Settings of tasks.
    Settings,
    /// Requests and limits.
    Resources,
    /// Values by name: each is whole.
    Table,
    /// A piece of a Kubernetes object: maps merge at any depth.
    Kubernetes,
}

impl Shape {
    /// What a key's value is; `None` when it is whole, and another one takes its place.
    #[must_use]
    pub fn inner(self, key: &str) -> Option<Self> {
        match (self, key) {
            (Self::Workflow, "environments") => Some(Self::Environments),
            (Self::Environments, _) => Some(Self::Workflow),
            (Self::Workflow | Self::Group, "tasks") => Some(Self::Tasks),
            (Self::Workflow | Self::Group, "groups") => Some(Self::Groups),
            (Self::Tasks, _) => Some(Self::Task),
            (Self::Groups, _) => Some(Self::Group),
            (Self::Workflow | Self::Group, "defaults") => Some(Self::Settings),
            (Self::Workflow, "params" | "vars") => Some(Self::Table),
            (Self::Workflow | Self::Group | Self::Task, "with") => Some(Self::Table),
            (Self::Workflow | Self::Task | Self::Settings, "notify") => Some(Self::Table),
            (Self::Task | Self::Settings, "env" | "labels" | "annotations" | "volumes") => Some(Self::Table),
            (Self::Task | Self::Settings, "resources") => Some(Self::Resources),
            (Self::Resources, _) => Some(Self::Table),
            (Self::Task | Self::Settings, "pod") | (Self::Kubernetes, _) => Some(Self::Kubernetes),
            (Self::Workflow | Self::Group | Self::Task | Self::Settings | Self::Table, _) => None,
        }
    }

    /// Whether it may be made from a blueprint.
    #[must_use]
    pub fn may_use(self) -> bool {
        match self {
            Self::Workflow | Self::Task | Self::Group => true,
            Self::Environments | Self::Tasks | Self::Groups | Self::Settings | Self::Resources | Self::Table | Self::Kubernetes => false,
        }
    }

    /// Whether it, or something in it, may be made from a blueprint.
    pub(super) fn has_calls(self) -> bool {
        match self {
            Self::Environments | Self::Tasks | Self::Groups => true,
            Self::Workflow | Self::Task | Self::Group => true,
            Self::Settings | Self::Resources | Self::Table | Self::Kubernetes => false,
        }
    }
}

/// What a node, and everything in it, says behind `uses`, where that is a text.
#[must_use]
pub fn references(node: &Node, shape: Shape) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    collect(node, shape, &mut found);
    found
}

fn collect(node: &Node, shape: Shape, found: &mut Vec<Spanned<String>>) {
    if !shape.has_calls() {
        return;
    }
    if let (true, Some(uses)) = (shape.may_use(), node.get("uses")) {
        found.extend(uses.as_str().map(|text| Spanned::new(text.to_owned(), uses.span)));
    }
    for Entry { key, value } in node.entries() {
        if let Some(inner) = shape.inner(&key.value) {
            collect(value, inner, found);
        }
    }
}
