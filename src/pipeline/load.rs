//! A source's files: found, read, parsed and checked one by one.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::PROJECT_FILE;
use super::config::{add, decode};
use crate::check;
use crate::diag::{Allowance, Diagnostic, Severity, Sink, codes as code};
use crate::io::{ReadError, ReadTree};
use crate::name::RepoPath;
use crate::resolve::{Rows, read_rows};
use crate::schema::Kind;
use crate::source::{SourceId, Sources, Spanned, Texts};
use crate::spec::{ForEach, Items, Project, Workflow, read_allowances};
use crate::yaml::{self, Node, Value};

/// One workflow's file, parsed and checked.
#[derive(Debug)]
pub struct ParsedWorkflow {
    /// Its path, relative to the source.
    pub file: String,
    /// The file.
    pub id: SourceId,
    /// What it says.
    pub spec: Workflow,
    /// Rows of the data files that it names, by the path as it writes it.
    pub data: BTreeMap<String, Rows>,
    /// What its comments allow.
    pub allowances: Vec<Allowance>,
    /// Warnings of the file alone: whether its comments may allow them is for the platform to say.
    pub warnings: Vec<Diagnostic>,
}

impl ParsedWorkflow {
    /// Its data files, by their path relative to the source.
    #[must_use]
    pub fn data_files(&self) -> BTreeSet<String> {
        self.data.keys().filter_map(|written| beside(&self.file, written)).collect()
    }
}

/// A source's files, parsed and checked one by one.
#[derive(Debug)]
pub struct ParsedSource {
    /// The project file.
    pub project: Project,
    /// The workflows, ordered by file.
    pub workflows: Vec<ParsedWorkflow>,
    /// Every file that was read, by its path relative to the source, as it was: what a publish carries.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Workflow files found, those with faults too.
    pub found: usize,
}

/// Reads one source. Paths in messages get `prefix` before them. `None` when there is no project file that can be read.
pub fn load_source(tree: &dyn ReadTree, prefix: &str, sources: &Sources, sink: &mut Sink) -> Option<ParsedSource> {
    let mut files = BTreeMap::new();
    let project = read_project(tree, prefix, sources, &mut files, sink)?;
    let folder = project.workflows.as_ref().map_or("workflows", |folder| folder.value.trim_matches('/'));
    if let (Some(written), Err(reason)) = (&project.workflows, RepoPath::parse(folder)) {
        let fault = Diagnostic::error(&code::WRONG_PLACE, format!("`{}` is no folder inside the project: {reason}", written.value))
            .at(written.span, "");
        sink.push(fault.help("write a folder beside this file, such as `workflows/`"));
        return None;
    }
    let listed = match tree.list(folder) {
        Ok(listed) => listed,
        Err(error) => {
            sink.push(unreadable(&format!("{prefix}{folder}"), &error));
            return None;
        }
    };
    let paths: Vec<String> = listed.into_iter().filter(|path| path.ends_with(".yaml") || path.ends_with(".yml")).collect();
    // Who takes the last workflow away has to say so: in a folder that is only missing nothing says it.
    if paths.is_empty() && !check::has_departures(&project) {
        let fault = Diagnostic::error(&code::NO_WORKFLOWS, format!("there is no workflow in `{folder}/`"));
        let fault = match &project.workflows {
            Some(folder) => fault.at(folder.span, "looked for here"),
            None => fault.at(project.span, "`workflows/` beside this file is where they are looked for"),
        };
        sink.push(fault.help(format!("add one, such as `{folder}/hello.yaml`, or say where they are: `workflows: pipelines/`")));
        return None;
    }
    let (workflows, lists) = load_workflow_files(tree, prefix, &paths, sources, &mut files, sink);
    check::check_departures(&project, workflows.iter().map(|workflow| &workflow.spec), sink);
    let found = paths.iter().filter(|path| !lists.contains(*path)).count();
    Some(ParsedSource { project, workflows, files, found })
}

/// Reads a project file alone. `None` when there is none that can be read, which has been told.
pub fn load_project(tree: &dyn ReadTree, prefix: &str, sources: &Sources, sink: &mut Sink) -> Option<Project> {
    read_project(tree, prefix, sources, &mut BTreeMap::new(), sink)
}

fn read_project(
    tree: &dyn ReadTree,
    prefix: &str,
    sources: &Sources,
    files: &mut BTreeMap<String, Vec<u8>>,
    sink: &mut Sink,
) -> Option<Project> {
    let path = format!("{prefix}{PROJECT_FILE}");
    let bytes = match tree.read(PROJECT_FILE) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let fault = Diagnostic::error(&code::MISSING_PROJECT, "there is no project file").at_file(path, "");
            sink.push(fault.help("run `freehold init team`, or go to the folder that has a `freehold.yaml`"));
            return None;
        }
        Err(error) => {
            sink.push(unreadable(&path, &error));
            return None;
        }
    };
    let id = add(path, bytes.clone(), sources, sink)?;
    files.insert(PROJECT_FILE.to_owned(), bytes);
    check::check_secrets(id, &sources.file(id).text, sink);
    super::read_config(Kind::Project, id, sources, sink)
}

/// Reads workflow files of these paths, and the data files that they name. The second is which of the paths are data.
pub fn load_workflow_files(
    tree: &dyn ReadTree,
    prefix: &str,
    paths: &[String],
    sources: &Sources,
    files: &mut BTreeMap<String, Vec<u8>>,
    sink: &mut Sink,
) -> (Vec<ParsedWorkflow>, BTreeSet<String>) {
    let read: Vec<(Result<Vec<u8>, Diagnostic>, &String)> = paths.par_iter().map(|path| (read(tree, prefix, path), path)).collect();
    let mut ids = Vec::with_capacity(paths.len());
    for (bytes, path) in read {
        match bytes {
            Ok(bytes) => {
                check_path(path, prefix, sink);
                ids.extend(add(format!("{prefix}{path}"), bytes.clone(), sources, sink).map(|id| (path, id)));
                files.insert(path.clone(), bytes);
            }
            Err(fault) => sink.push(fault),
        }
    }
    let parsed: Vec<(Sink, Option<Parsed>)> = ids.par_iter().map(|(path, id)| parse_file(path, *id, sources)).collect();
    let mut lists = Vec::new();
    let mut workflows = Vec::new();
    for (found, parsed) in parsed {
        sink.extend(found.into_sorted());
        match parsed {
            Some(Parsed::Workflow(workflow)) => workflows.push(*workflow),
            Some(Parsed::List(path, node)) => lists.push((path, node)),
            None => {}
        }
    }
    let named = load_data(tree, prefix, &mut workflows, sources, files, sink);
    let (data, strays): (Vec<_>, Vec<_>) = lists.into_iter().partition(|(path, _)| named.contains(path));
    for (path, node) in strays {
        let fault = Diagnostic::error(&code::WRONG_PLACE, format!("`{path}` is a list, and a workflow is a map")).at(node.span, "");
        sink.push(fault.help("name it in a workflow's `for_each`, or move it out of the folder of workflows"));
    }
    (workflows, data.into_iter().map(|(path, _)| path).collect())
}

fn unreadable(path: &str, error: &ReadError) -> Diagnostic {
    Diagnostic::error(&code::UNREADABLE_FILE, error.to_string()).at_file(path, "").help("make it a regular file that you may read")
}

fn read(tree: &dyn ReadTree, prefix: &str, path: &str) -> Result<Vec<u8>, Diagnostic> {
    match tree.read(path) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => {
            let fault = Diagnostic::error(&code::DATA_FILE, format!("there is no file `{path}`"));
            Err(fault.at_file(format!("{prefix}{path}"), "").help("check the path"))
        }
        Err(error) => Err(unreadable(&format!("{prefix}{path}"), &error)),
    }
}

/// A path that could mean another file elsewhere is refused before anything is made of it.
fn check_path(path: &str, prefix: &str, sink: &mut Sink) {
    if let Err(reason) = RepoPath::parse(path) {
        let fault = Diagnostic::error(&code::WRONG_PLACE, format!("`{}` cannot be published: {reason}", path.escape_debug()));
        sink.push(fault.at_file(format!("{prefix}{path}"), "").help("rename the file"));
    }
}

enum Parsed {
    Workflow(Box<ParsedWorkflow>),
    /// A list: a data file, when a workflow names it.
    List(String, Node),
}

fn parse_file(path: &str, id: SourceId, sources: &Sources) -> (Sink, Option<Parsed>) {
    let mut sink = Sink::new();
    let file = sources.file(id);
    check::check_secrets(id, &file.text, &mut sink);
    let Some(node) = yaml::parse(id, &file.text, &mut sink) else { return (sink, None) };
    if matches!(node.value, Value::List(_)) {
        return (sink, Some(Parsed::List(path.to_owned(), node)));
    }
    let allowances = read_allowances(id, &file.text, &mut sink);
    let Some(spec) = decode::<Workflow>(Kind::Workflow, node, &Texts::of(sources, [id]), &mut sink) else { return (sink, None) };
    let mut found = Sink::new();
    check::check(&spec, &mut found);
    let sound = !found.has_errors();
    sink.extend(found.into_sorted());
    if !sound {
        return (sink, None);
    }
    let (warnings, errors): (Vec<_>, Vec<_>) = sink.into_sorted().into_iter().partition(|fault| fault.severity == Severity::Warning);
    let workflow = ParsedWorkflow { file: path.to_owned(), id, spec, data: BTreeMap::new(), allowances, warnings };
    let mut sink = Sink::new();
    sink.extend(errors);
    (sink, Some(Parsed::Workflow(Box::new(workflow))))
}

/// Reads the data files that workflows name; gives their paths.
fn load_data(
    tree: &dyn ReadTree,
    prefix: &str,
    workflows: &mut Vec<ParsedWorkflow>,
    sources: &Sources,
    files: &mut BTreeMap<String, Vec<u8>>,
    sink: &mut Sink,
) -> BTreeSet<String> {
    let mut loaded: BTreeMap<String, Option<Rows>> = BTreeMap::new();
    workflows.retain_mut(|workflow| {
        let mut sound = true;
        for written in data_files(&workflow.spec) {
            let Some(path) = beside(&workflow.file, &written.value) else {
                let fault =
                    Diagnostic::error(&code::DATA_FILE, format!("`{}` is no path inside the project", written.value)).at(written.span, "");
                sink.push(fault.help("write a path relative to this file, with `/` between its parts"));
                sound = false;
                continue;
            };
            if !loaded.contains_key(&path) {
                let rows = load_rows(tree, prefix, &path, &written, sources, files, sink);
                loaded.insert(path.clone(), rows);
            }
            match loaded.get(&path).and_then(Option::as_ref) {
                Some(rows) => drop(workflow.data.insert(written.value.clone(), rows.clone())),
                None => sound = false,
            }
        }
        sound
    });
    loaded.into_keys().collect()
}

fn load_rows(
    tree: &dyn ReadTree,
    prefix: &str,
    path: &str,
    written: &Spanned<String>,
    sources: &Sources,
    files: &mut BTreeMap<String, Vec<u8>>,
    sink: &mut Sink,
) -> Option<Rows> {
    let bytes = match tree.read(path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let fault = Diagnostic::error(&code::DATA_FILE, format!("there is no file `{path}`")).at(written.span, "");
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let beside = tree.list(folder).unwrap_or_default();
            let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            let names: Vec<String> = beside.iter().filter(|path| !files.contains_key(*path)).map(|path| name(path)).collect();
            let is_data = |name: &&str| [".csv", ".json", ".yaml", ".yml"].iter().any(|extension| name.ends_with(extension));
            let near = crate::diag::suggest(&name(path), names.iter().map(String::as_str).filter(is_data));
            sink.push(fault.help(near.map_or_else(
                || "write its path relative to this file, such as `../data/customers.csv`, and commit it".to_owned(),
                |near| format!("write `{near}`"),
            )));
            return None;
        }
        Err(error) => {
            sink.push(unreadable(&format!("{prefix}{path}"), &error).mainly_at(written.span, ""));
            return None;
        }
    };
    let id = add(format!("{prefix}{path}"), bytes.clone(), sources, sink)?;
    files.insert(path.to_owned(), bytes);
    check::check_secrets(id, &sources.file(id).text, sink);
    read_rows(path, id, &sources.file(id).text, sink)
}

fn data_files(workflow: &Workflow) -> Vec<Spanned<String>> {
    let file = |for_each: &ForEach| match &for_each.items {
        Items::File(file) => Some(file.file.clone()),
        Items::Values(..) | Items::Output { .. } => None,
    };
    workflow.fan_outs().filter_map(file).collect()
}

/// The path of `written` beside `file`, relative to the source; `None` when it leaves the source.
fn beside(file: &str, written: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in written.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    RepoPath::parse(&path).ok().map(|_| path)
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_data_file_stays_inside_the_project() {
        assert_eq!(beside("workflows/a.yaml", "customers.csv").as_deref(), Some("workflows/customers.csv"));
        assert_eq!(beside("workflows/a.yaml", "../data/c.csv").as_deref(), Some("data/c.csv"));
        assert_eq!(beside("workflows/a.yaml", "../../etc/passwd"), None);
        assert_eq!(beside("workflows/a.yaml", "/etc/passwd"), None);
    }
}
