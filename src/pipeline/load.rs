//! A source's files: found, read, parsed and checked one by one.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::PROJECT_FILE;
use super::adopted::{AdoptedFile, load_adopted};
use super::assemble::{Assembled, Assembling};
use super::config::add;
use super::library::{BLUEPRINTS, Library};
use super::shelf::{Borrowed, Shelves};
use crate::check;
use crate::diag::{Allowance, Diagnostic, Sink, codes as code};
use crate::expand::{Origins, Shape, references};
use crate::io::{ReadError, ReadTree};
use crate::name::{BlueprintReference, RepoPath, TeamName};
use crate::resolve::{Rows, read_rows};
use crate::schema::Kind;
use crate::source::{SourceId, Sources, Spanned};
use crate::spec::{ForEach, Project, Workflow};
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
    /// Where what blueprints gave to it comes from.
    pub origins: Origins,
    /// The environments that it speaks of.
    pub environments: Vec<Spanned<String>>,
    /// The blueprints that it is made from.
    pub blueprints: BTreeSet<BlueprintReference>,
    /// The hand-written file that it is, in place of tasks.
    pub adopted: Option<AdoptedFile>,
}

impl ParsedWorkflow {
    /// Its data files, and the hand-written file that it is, by their path relative to the source.
    #[must_use]
    pub fn data_files(&self) -> BTreeSet<String> {
        let adopted = self.adopted.iter().map(|file| file.path.clone());
        self.data.keys().filter_map(|written| beside(&self.file, written)).chain(adopted).collect()
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
    /// What it was put together with beside its own files.
    pub borrowed: Borrowed,
}

impl ParsedSource {
    /// The other teams whose workflows its workflows wait for.
    #[must_use]
    pub fn awaited_teams(&self) -> BTreeSet<TeamName> {
        let waits = self.workflows.iter().flat_map(|workflow| workflow.spec.waits());
        let teams = waits.filter_map(|(_, wait)| wait.workflow.value.team.clone());
        teams.filter(|team| *team != self.project.team.value).collect()
    }
}

/// Reads one source, and puts in what it uses of the platform's. Paths in messages get `prefix` before them. `None` when there is no
/// project file that can be read.
pub fn load_source(tree: &dyn ReadTree, prefix: &str, library: &Library<'_>, sources: &Sources, sink: &mut Sink) -> Option<ParsedSource> {
    let mut files = BTreeMap::new();
    let project = read_project(tree, prefix, sources, &mut files, sink)?;
    let folder = workflow_folder(&project);
    if let (Some(written), Err(reason)) = (&project.workflows, RepoPath::parse(folder)) {
        let fault = Diagnostic::error(&code::WRONG_PLACE, format!("`{}` is no folder inside the project: {reason}", written.value))
            .at(written.span, "");
        sink.push(fault.help("write a folder beside this file, such as `workflows/`"));
        return None;
    }
    let paths = match workflow_paths(tree, &project) {
        Ok(paths) => paths,
        Err(error) => {
            sink.push(unreadable(&format!("{prefix}{folder}"), &error));
            return None;
        }
    };
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
    let mut shelves = Shelves::of(tree, prefix, library, sources, &mut files, sink);
    let (workflows, lists, borrowed) = load_workflow_files(tree, prefix, &paths, (&project, &mut shelves), &mut files, sink);
    check::check_departures(&project, workflows.iter().map(|workflow| &workflow.spec), sink);
    let found = paths.iter().filter(|path| !lists.contains(*path)).count();
    Some(ParsedSource { project, workflows, files, found, borrowed })
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
fn load_workflow_files(
    tree: &dyn ReadTree,
    prefix: &str,
    paths: &[String],
    (project, shelves): (&Project, &mut Shelves<'_>),
    files: &mut BTreeMap<String, Vec<u8>>,
    sink: &mut Sink,
) -> (Vec<ParsedWorkflow>, BTreeSet<String>, Borrowed) {
    let sources = shelves.sources;
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
    let read: Vec<(Sink, Option<Node>)> = ids.par_iter().map(|(_, id)| read_nodes(*id, sources)).collect();
    let mut lists = Vec::new();
    let mut written = Vec::new();
    for ((found, node), (path, id)) in read.into_iter().zip(ids) {
        match node {
            Some(node) if !matches!(node.value, Value::List(_)) => written.push((path, id, node, found)),
            Some(list) => {
                sink.extend(found.into_sorted());
                lists.push((path.clone(), list));
            }
            None => sink.extend(found.into_sorted()),
        }
    }
    shelves.look_up(written.iter().flat_map(|(_, _, node, _)| references(node, Shape::Workflow)).collect(), sink);
    let assembling = Assembling { project, library: shelves.library, shelf: &shelves.shelf, sources };
    let assembled: Vec<(Sink, Option<Assembled>)> =
        written.into_par_iter().map(|(path, id, node, found)| assembling.assemble(path, id, node, found)).collect();
    let mut borrowed = Borrowed { blueprints: shelves.borrowed(), ..Borrowed::default() };
    let mut workflows = Vec::new();
    for (found, assembled) in assembled {
        sink.extend(found.into_sorted());
        let Some(Assembled { workflow, environment, variables }) = assembled else { continue };
        borrowed.environment = environment.or(borrowed.environment);
        borrowed.variables.extend(variables);
        workflows.push(workflow);
    }
    let named = load_data(tree, prefix, &mut workflows, sources, files, sink);
    load_adopted(tree, prefix, &mut workflows, files, sink);
    let (data, strays): (Vec<_>, Vec<_>) = lists.into_iter().partition(|(path, _)| named.contains(path));
    for (path, node) in strays {
        let fault = Diagnostic::error(&code::WRONG_PLACE, format!("`{path}` is a list, and a workflow is a map")).at(node.span, "");
        sink.push(fault.help("name it in a workflow's `for_each`, or move it out of the folder of workflows"));
    }
    (workflows, data.into_iter().map(|(path, _)| path).collect(), borrowed)
}

pub(super) fn unreadable(path: &str, error: &ReadError) -> Diagnostic {
    Diagnostic::error(&code::UNREADABLE_FILE, error.to_string()).at_file(path, "").help("make it a regular file that you may read")
}

pub(super) fn read(tree: &dyn ReadTree, prefix: &str, path: &str) -> Result<Vec<u8>, Diagnostic> {
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

/// The workflows of a source as they were written, without anything put in; what cannot be read is left out.
pub(super) fn workflow_nodes(tree: &dyn ReadTree, sources: &Sources, sink: &mut Sink) -> Vec<Node> {
    let Some(project) = load_project(tree, "", sources, sink) else { return Vec::new() };
    let paths = workflow_paths(tree, &project).unwrap_or_default();
    let read = |path: String| {
        let id = add(path.clone(), tree.read(&path).ok()??, sources, sink)?;
        yaml::parse(id, &sources.file(id).text, sink)
    };
    paths.into_iter().filter_map(read).collect()
}

/// The folder of a project's workflows.
#[must_use]
pub fn workflow_folder(project: &Project) -> &str {
    project.workflows.as_ref().map_or("workflows", |folder| folder.value.trim_matches('/'))
}

fn workflow_paths(tree: &dyn ReadTree, project: &Project) -> Result<Vec<String>, ReadError> {
    let is_workflow = |path: &String| {
        let is_yaml = path.ends_with(".yaml") || path.ends_with(".yml");
        is_yaml && !path.starts_with(&format!("{BLUEPRINTS}/"))
    };
    Ok(tree.list(workflow_folder(project))?.into_iter().filter(is_workflow).collect())
}

fn read_nodes(id: SourceId, sources: &Sources) -> (Sink, Option<Node>) {
    let mut sink = Sink::new();
    let file = sources.file(id);
    check::check_secrets(id, &file.text, &mut sink);
    let node = yaml::parse(id, &file.text, &mut sink);
    (sink, node)
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
    workflow.fan_outs().flat_map(ForEach::files).map(|file| file.file.clone()).collect()
}

/// The path of `written` beside `file`, relative to the source; `None` when it leaves the source.
pub(crate) fn beside(file: &str, written: &str) -> Option<String> {
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
