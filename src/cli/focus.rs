//! What the paths on a command line are about: the files that they name, and the workflows that use one of those.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Failure;
use super::workspace::{Compilation, Workspace, prefix};
use crate::diag::{Diagnostic, Severity};
use crate::pipeline::{PROJECT_FILE, ParsedSource, ParsedWorkflow};
use crate::source::Sources;

/// Files and folders, by their paths as messages show them; a folder's ends with `/`, or is empty.
#[derive(Debug, Default)]
pub(super) struct Focus {
    named: BTreeSet<String>,
    /// What stands before the paths of the projects that they belong to.
    prefixes: BTreeSet<String>,
}

/// What was found, and how much more of it is not asked about.
pub(super) struct Focused {
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Errors and warnings elsewhere.
    pub(super) errors: usize,
    pub(super) warnings: usize,
}

impl Focus {
    /// Leaves nothing out.
    pub(super) fn on_everything() -> Self {
        Self { named: BTreeSet::from([String::new()]), prefixes: BTreeSet::new() }
    }

    /// Takes in a path that belongs to a workspace. A project's file is about the whole project.
    pub(super) fn add(&mut self, path: &Path, workspace: &Workspace) -> Result<(), Failure> {
        let Workspace::Project(root) = workspace else {
            self.named.extend(Self::on_everything().named);
            return Ok(());
        };
        // A link is named by where it stands, not by what it leads to.
        let whole = std::path::absolute(path)?;
        let full = match (path.is_dir(), whole.parent(), whole.file_name()) {
            (false, Some(folder), Some(name)) => fs_err::canonicalize(folder)?.join(name),
            _ => fs_err::canonicalize(path)?,
        };
        let inside = full.strip_prefix(root).unwrap_or(Path::new("")).to_string_lossy().replace('\\', "/");
        let inside = if inside == PROJECT_FILE { String::new() } else { inside };
        let end = if full.is_dir() && !inside.is_empty() { "/" } else { "" };
        let prefix = prefix(root)?;
        self.named.insert(format!("{prefix}{inside}{end}"));
        self.prefixes.insert(prefix);
        Ok(())
    }

    /// Parts what concerns the named files from the rest. What has no place in a project's files concerns everybody.
    pub(super) fn part(&self, done: &mut Compilation) -> Focused {
        let diagnostics = std::mem::take(&mut done.diagnostics);
        let read: BTreeSet<&str> = sources(done).flat_map(|source| source.files.keys()).map(String::as_str).collect();
        let is_of_project = |path: &str| {
            let inside = |prefix: &String| path.strip_prefix(prefix.as_str()).is_some_and(|inside| read.contains(inside));
            self.prefixes.iter().any(inside)
        };
        let users = self.users(done);
        let is_near = |path: &str| self.names(path) || users.contains(path);
        let is_asked = |diagnostic: &Diagnostic| {
            let paths: Vec<String> = diagnostic.labels.iter().map(|label| label.place.path(&done.sources)).collect();
            paths.iter().any(|path| is_near(path)) || paths.first().is_none_or(|path| !is_of_project(path))
        };
        let (asked, others): (Vec<_>, Vec<_>) = diagnostics.into_iter().partition(is_asked);
        let count = |severity: Severity| others.iter().filter(|other| other.severity == severity).count();
        Focused { diagnostics: asked, errors: count(Severity::Error), warnings: count(Severity::Warning) }
    }

    fn names(&self, path: &str) -> bool {
        let is_folder = |named: &String| named.is_empty() || named.ends_with('/');
        self.named.iter().any(|named| named == path || is_folder(named) && path.starts_with(named.as_str()))
    }

    /// The files of workflows that use a named file, or wait for a workflow in one.
    fn users(&self, done: &Compilation) -> BTreeSet<String> {
        let place = |workflow: &ParsedWorkflow| done.sources.file(workflow.id).path.clone();
        let places: BTreeMap<_, _> = workflows(done).map(|workflow| (&workflow.spec.workflow.value, place(workflow))).collect();
        let waits = |workflow: &ParsedWorkflow| {
            let own = workflow.spec.waits().map(|(_, wait)| &wait.workflow.value).filter(|awaited| awaited.team.is_none());
            // One that is not there may have been in a named file before.
            own.map(|awaited| &awaited.workflow).any(|name| places.get(name).is_none_or(|path| self.names(path)))
        };
        let uses = |workflow: &ParsedWorkflow| files(workflow, &done.sources).any(|path| self.names(&path));
        workflows(done).filter(|workflow| uses(workflow) || waits(workflow)).map(place).collect()
    }
}

fn sources(done: &Compilation) -> impl Iterator<Item = &ParsedSource> {
    done.teams.iter().flat_map(|team| &team.sources).map(|(_, source)| source)
}

fn workflows(done: &Compilation) -> impl Iterator<Item = &ParsedWorkflow> {
    sources(done).flat_map(|source| &source.workflows)
}

/// The files that a workflow is made of, as messages show them.
pub(super) fn files(workflow: &ParsedWorkflow, sources: &Sources) -> impl Iterator<Item = String> {
    let own = sources.file(workflow.id).path.clone();
    let before = own.strip_suffix(&workflow.file).unwrap_or_default().to_owned();
    let data = workflow.data_files().into_iter().map(move |path| format!("{before}{path}"));
    let blueprints = workflow.origins.sources().map(|id| sources.file(id).path.clone());
    std::iter::once(own).chain(data).chain(blueprints)
}
