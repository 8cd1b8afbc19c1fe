//! Which workflows are shown: those that were asked for, and of these what is good.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Asked;
use crate::cli::Failure;
use crate::cli::focus::files;
use crate::cli::workspace::{Compilation, Workspace};
use crate::diag::{Diagnostic, Severity, quoted_list, suggest};
use crate::ir::Workflow;
use crate::name::{TeamName, WorkflowName};
use crate::pipeline::{PROJECT_FILE, ParsedWorkflow};

/// What is shown, and what is told beside it.
pub(super) struct Choice<'a> {
    pub(super) shown: Vec<&'a Workflow>,
    /// What is wrong with what was asked for, or with the project itself.
    pub(super) told: Vec<Diagnostic>,
    /// How many errors are in workflows that nobody asked for.
    pub(super) elsewhere: usize,
}

pub(super) fn choose<'a>(done: &'a Compilation, asked: &Asked<'_>, workspace: &Workspace) -> Result<Choice<'a>, Failure> {
    let faults = Faults::of(done);
    let all = || done.teams.iter().flat_map(|team| &team.compiled.workflows);
    let good: Vec<&Workflow> = all().filter(|workflow| !faults.is_in(workflow)).collect();
    let file = asked.file.map(fs_err::canonicalize).transpose()?;
    let is_asked = |workflow: &&Workflow| match (asked.name, &file) {
        (Some(name), _) => workflow.name.as_str() == name || full(workflow) == name,
        (None, Some(file)) => workspace.file_of(workflow) == *file,
        (None, None) => true,
    };
    let shown: Vec<&Workflow> = good.iter().copied().filter(is_asked).collect();
    let is_all = asked.name.is_none() && file.is_none();
    if !shown.is_empty() && !is_all {
        return Ok(faults.beside(shown, |path| !faults.is_of_a_workflow(path)));
    }
    let wrong = faults.paths_of(asked.name, file.as_deref());
    if !wrong.is_empty() {
        return Ok(faults.beside(Vec::new(), |path| wrong.contains(path) || !faults.is_of_a_workflow(path)));
    }
    if let Some(name) = asked.name {
        // Where nothing is good, the workflow may be in what could not be read.
        let may_be_there = good.is_empty() && done.has_errors();
        return if may_be_there { Ok(faults.beside(Vec::new(), |_| true)) } else { Err(unknown(done, name)) };
    }
    // Another file of a project stands for all that it holds.
    Ok(faults.beside(good, |_| true))
}

/// `team/workflow`.
fn full(workflow: &Workflow) -> String {
    format!("{}/{}", workflow.team, workflow.name)
}

/// Errors, and where they are.
struct Faults<'a> {
    done: &'a Compilation,
    /// Paths of all places that errors show, as messages have them.
    places: BTreeSet<String>,
    /// Files of each workflow that could be read.
    workflows: BTreeMap<(&'a TeamName, &'a WorkflowName), Vec<&'a ParsedWorkflow>>,
}

impl<'a> Faults<'a> {
    fn of(done: &'a Compilation) -> Self {
        let errors = done.diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let places = errors.flat_map(|error| error.labels.iter().map(|label| label.place.path(&done.sources))).collect();
        let mut workflows: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for team in &done.teams {
            for parsed in team.sources.iter().flat_map(|(_, source)| &source.workflows) {
                workflows.entry((&team.policy.grant.team.value, &parsed.spec.workflow.value)).or_default().push(parsed);
            }
        }
        Self { done, places, workflows }
    }

    /// Whether an error shows a place in a file that a workflow is made of.
    fn is_in(&self, workflow: &Workflow) -> bool {
        let parsed = self.workflows.get(&(&workflow.team, &workflow.name)).into_iter().flatten();
        !self.places.is_empty() && parsed.flat_map(|parsed| files(parsed, &self.done.sources)).any(|path| self.places.contains(&path))
    }

    /// Whether a path is one of a source's files, and not what concerns all of its workflows.
    fn is_of_a_workflow(&self, path: &str) -> bool {
        let sources = self.done.teams.iter().flat_map(|team| &team.sources);
        let is_inside = |file: &String| path.strip_suffix(file.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('/'));
        sources.flat_map(|(_, source)| source.files.keys()).any(|file| file != PROJECT_FILE && is_inside(file))
    }

    /// The places of errors in the workflow that was asked for; by its file's name where it could not be read.
    fn paths_of(&self, name: Option<&str>, file: Option<&Path>) -> BTreeSet<&str> {
        let named = |path: &str| name.is_some_and(|name| Path::new(path).file_stem().is_some_and(|stem| stem == name));
        let filed = |path: &str| file.is_some_and(|file| file.ends_with(path));
        let by_name: BTreeSet<String> = self
            .workflows
            .iter()
            .filter(|((team, workflow), _)| name.is_some_and(|name| workflow.as_str() == name || format!("{team}/{workflow}") == name))
            .flat_map(|(_, parsed)| parsed.iter().flat_map(|parsed| files(parsed, &self.done.sources)))
            .collect();
        let paths = self.places.iter().map(String::as_str);
        paths.filter(|path| self.is_of_a_workflow(path) && (by_name.contains(*path) || named(path) || filed(path))).collect()
    }

    /// A choice with those errors told that show one of the paths, and everything with them where nothing is left out.
    fn beside(&self, shown: Vec<&'a Workflow>, is_told: impl Fn(&str) -> bool) -> Choice<'a> {
        let is_error = |found: &&Diagnostic| found.severity == Severity::Error;
        let is_about = |found: &&Diagnostic| {
            let mut paths = found.labels.iter().map(|label| label.place.path(&self.done.sources));
            found.labels.is_empty() || paths.any(|path| is_told(&path))
        };
        let errors = self.done.diagnostics.iter().filter(is_error);
        let (told, others): (Vec<_>, Vec<_>) = errors.partition(is_about);
        // Warnings alone are for `check`.
        let told = match (told.is_empty(), others.is_empty()) {
            (false, true) => self.done.diagnostics.clone(),
            _ => told.into_iter().cloned().collect(),
        };
        Choice { shown, told, elsewhere: others.len() }
    }
}

/// There is no workflow of a name.
fn unknown(done: &Compilation, asked: &str) -> Failure {
    let parsed = done.teams.iter().flat_map(|team| &team.sources).flat_map(|(_, source)| &source.workflows);
    let named = parsed.filter(|workflow| workflow.spec.workflow.value.as_str() == asked);
    if let Some(file) = named.filter_map(|workflow| workflow.adopted.as_ref()).next() {
        let failure = Failure::new(format!("`{asked}` is a hand-written file, and nothing but its bytes is known of it"));
        return failure.help(format!("read `{}`; to see more, write the workflow in YAML", file.path));
    }
    let all = done.teams.iter().flat_map(|team| &team.compiled.workflows);
    let names: Vec<String> = all.map(|workflow| if done.teams.len() > 1 { full(workflow) } else { workflow.name.to_string() }).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let help = suggest(asked, names.iter().copied())
        .map_or_else(|| format!("there are {}", quoted_list(names.iter().copied())), |near| format!("did you mean `{near}`?"));
    // A file that could not be read whole may say any name.
    let faulty = match done.summary.workflows.saturating_sub(names.len()) {
        0 => String::new(),
        1 => "; one more file has errors: see `freehold check`".to_owned(),
        more => format!("; {more} more files have errors: see `freehold check`"),
    };
    Failure::new(format!("there is no workflow `{asked}`")).help(help + &faulty)
}
