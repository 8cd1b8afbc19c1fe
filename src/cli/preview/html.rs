//! One page that shows workflows to whoever opens it in a browser.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;

use super::layers::{self, Given};
use super::{manifest, pods};
use crate::cli::Failure;
use crate::cli::file::replace;
use crate::cli::output::Output;
use crate::cli::workspace::{Compilation, CompiledTeam};
use crate::diag::{Diagnostic, Label, Severity};
use crate::ir::{FanOut, Node, TaskKind, Workflow};
use crate::name::{TeamName, WorkflowName};
use crate::page::{File, Finding, LayeredValue, MOST, Origin, Page, Pod, Subject, render};
use crate::pipeline;

/// Standard output, in place of a file.
const STANDARD_OUTPUT: &str = "-";
/// Characters of a value as it is written; the whole of a longer one is in the file that is named beside it.
const VALUE: usize = 300;

/// What a page needs to know beside the workflows.
pub(super) struct Asked<'a> {
    pub(super) file: &'a Path,
    pub(super) environment: Option<&'a str>,
    pub(super) from: Timestamp,
}

/// Refuses what cannot be written to, before any work is done.
pub(super) fn refuse(file: &Path) -> Result<(), Failure> {
    if file == Path::new(STANDARD_OUTPUT) {
        return Ok(());
    }
    let shown = file.display();
    if file.is_dir() {
        return Err(Failure::new(format!("`{shown}` is a folder"))
            .help(format!("name a file in it: `--html {}`", file.join("preview.html").display())));
    }
    match file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        Some(folder) => {
            Err(Failure::new(format!("there is no folder `{}`", folder.display())).help("make it first, or name a file elsewhere"))
        }
        None => Ok(()),
    }
}

pub(super) fn write(done: &Compilation, chosen: &[&Workflow], asked: &Asked<'_>, output: &Output) -> Result<(), Failure> {
    let page = Page {
        title: title(done, chosen),
        environment: asked.environment.map(str::to_owned),
        from: asked.from,
        subjects: subjects(done, &chosen[..chosen.len().min(MOST)])?,
        left_out: chosen.len().saturating_sub(MOST),
        findings: done.diagnostics.iter().map(|diagnostic| finding(diagnostic, done)).collect(),
    };
    let text = render(page).map_err(|error| Failure::new(error.to_string()))?;
    if asked.file == Path::new(STANDARD_OUTPUT) {
        return output.product(&text);
    }
    replace(asked.file, text.as_bytes())?;
    let size = text.len().div_ceil(1024);
    output.note(&format!("wrote {} ({size} KiB): open it in a browser", asked.file.display()));
    Ok(())
}

/// The one workflow's name; what they have in common, where they are several.
fn title(done: &Compilation, chosen: &[&Workflow]) -> String {
    let sources: Vec<String> = done
        .teams
        .iter()
        .flat_map(|team| team.sources.iter().map(|(source, _)| format!("{} · {source}", team.policy.grant.team.value)))
        .collect();
    match (chosen, sources.as_slice(), done.teams.first()) {
        ([only], _, _) => format!("{}/{}", only.team, only.name),
        (_, [source], _) => source.clone(),
        (_, _, Some(team)) => team.policy.platform.platform.value.to_string(),
        (_, _, None) => "no workflow".to_owned(),
    }
}

fn subjects<'a>(done: &Compilation, chosen: &[&'a Workflow]) -> Result<Vec<Subject<'a>>, Failure> {
    let mut files: HashMap<(&TeamName, &WorkflowName), Vec<File>> = HashMap::new();
    for artifact in manifest::artifacts(done) {
        let file = File { path: artifact.path.to_string(), text: manifest::text(artifact) };
        files.entry((&artifact.owner.team, &artifact.workflow)).or_default().push(file);
    }
    let teams: HashMap<&TeamName, &CompiledTeam> = done.teams.iter().map(|team| (&team.policy.grant.team.value, team)).collect();
    let mut subjects = Vec::with_capacity(chosen.len());
    for workflow in chosen {
        let Some(team) = teams.get(&workflow.team) else { continue };
        let layers = layers::given_to_all(team, workflow, &done.sources);
        subjects.push(Subject {
            workflow,
            file: file_of(team, workflow, done),
            layers: layers.into_iter().map(|(task, values)| (task, values.into_iter().map(layered).collect())).collect(),
            pods: first_pods(team, workflow)?,
            files: files.remove(&(&workflow.team, &workflow.name)).unwrap_or_default(),
        });
    }
    Ok(subjects)
}

/// The file of a workflow, as diagnostics name it.
fn file_of(team: &CompiledTeam, workflow: &Workflow, done: &Compilation) -> String {
    let parsed = team.sources.iter().flat_map(|(_, source)| &source.workflows).find(|parsed| parsed.spec.workflow.value == workflow.name);
    parsed.map(|parsed| done.sources.file(parsed.spec.workflow.span.source).path.clone()).unwrap_or_default()
}

fn layered(Given { key, by }: Given) -> LayeredValue {
    let short = |value: String| match value.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value,
    };
    LayeredValue { key, by: by.into_iter().map(|(value, layer, place)| Origin { value: short(value), layer, place }).collect() }
}

/// For each task that runs a pod the first of its pods: those of a fan-out's other items differ in the item alone.
fn first_pods(team: &CompiledTeam, workflow: &Workflow) -> Result<Vec<Pod>, Failure> {
    let Some(target) = pipeline::backend_of(&team.policy.platform) else { return Ok(Vec::new()) };
    let mut first = workflow.clone();
    first.nodes.iter_mut().for_each(keep_first);
    let found = target.final_pods(&first).into_iter();
    found.map(|pod| Ok(Pod { text: pods::yaml(&pod)?, id: pod.task_id, pod: pod.pod })).collect()
}

/// Takes away all items of fan-outs but the first.
fn keep_first(node: &mut Node) {
    let fan_out = match node {
        Node::Group(group) => {
            group.nodes.iter_mut().for_each(keep_first);
            group.fan_out.as_mut()
        }
        Node::Task(task) => match &mut task.kind {
            TaskKind::Container(container) => container.fan_out.as_mut(),
            TaskKind::Operator(operator) => operator.fan_out.as_mut(),
            TaskKind::Wait(_) => None,
        },
    };
    match fan_out {
        Some(FanOut::Static { variables: _, rows }) => rows.truncate(1),
        Some(FanOut::Mapped { .. }) | None => {}
    }
}

fn finding(diagnostic: &Diagnostic, done: &Compilation) -> Finding {
    let Diagnostic { code, severity, title, labels, help, allowed: _ } = diagnostic;
    let severity = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Allowed => "allowed",
    };
    let place = |label: &Label| {
        let path = label.place.path(&done.sources);
        let start = label.place.span().map(|span| done.sources.file(span.source).positions(span).0);
        let start = start.map(|start| format!(":{}:{}", start.line, start.column)).unwrap_or_default();
        format!("{path}{start} {}", label.text)
    };
    let files = labels.iter().map(|label| label.place.path(&done.sources)).collect();
    Finding { code: code.id, severity, title: title.clone(), help: help.clone(), places: labels.iter().map(place).collect(), files }
}
