//! The names that a project and its platform have, for completion and definitions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::project::Project;
use crate::diag::Sink;
use crate::editor::{Known, Names};
use crate::io::{Edited, ReadTree};
use crate::pipeline::{PROJECT_FILE, beside};
use crate::resolve::read_rows;
use crate::source::{Sources, Span};
use crate::yaml::{self, Node};

/// A file read without a look at what is wrong with it.
struct Page {
    text: String,
    root: Node,
}

impl Page {
    fn read(tree: &dyn ReadTree, path: &str) -> Option<Self> {
        let text = String::from_utf8(tree.read(path).ok()??).ok()?;
        let sources = Sources::new();
        let root = yaml::parse(sources.add(path, text.clone()), &text, &mut Sink::new())?;
        Some(Self { text, root })
    }

    /// The entries of a map, each with what it says as its description.
    fn entries(&self, key: &str, path: Option<&str>) -> Vec<Known> {
        let known = |entry: &yaml::Entry| Known {
            name: entry.key.value.clone(),
            about: self.shown(entry.value.span),
            path: path.map(str::to_owned),
            span: path.and(Some(entry.key.span)),
        };
        self.root.get(key).map(Node::entries).unwrap_or_default().iter().map(known).collect()
    }

    /// A part of the text, as Markdown.
    fn shown(&self, span: Span) -> String {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        // Lines behind the first are indented as they are in the file.
        let line = &self.text[self.text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1)..span.start as usize];
        let indent = if line.trim().is_empty() { line } else { "" };
        format!("```yaml\n{indent}{}\n```", text.trim_end())
    }
}

/// What may be named in a file of a project. Data files are read where the file and its text are handed in: only a completion names what
/// is in them, and they may be large.
pub(super) fn names(project: &Project, tree: &Edited, with_columns: Option<(&Path, &str)>) -> Names {
    let central = |path: &str| project.central.as_ref().map(|folder| folder.join(path).display().to_string());
    let policy = project.tip().map(crate::cli::policy::Tip::files);
    let policy: Option<&dyn ReadTree> = policy.as_ref().map(|tree| tree as &dyn ReadTree);
    let platform = policy.and_then(|tree| Page::read(tree, "platform.yaml"));
    let place = central("platform.yaml");
    let of_platform = |key: &str| platform.as_ref().map(|page| page.entries(key, place.as_deref())).unwrap_or_default();
    let own = Page::read(tree, PROJECT_FILE);
    let own_place = format!("{}{PROJECT_FILE}", project.prefix());
    let own_vars = own.as_ref().map(|page| page.entries("vars", Some(&own_place))).unwrap_or_default();
    let listed = |folder: &str| policy.and_then(|tree| tree.list(folder).ok()).unwrap_or_default();
    let file = |name: String, about: &str, path: Option<String>| Known { name, about: about.to_owned(), path, span: None };
    let teams = listed("teams").into_iter().filter_map(|path| {
        let name = path.strip_prefix("teams/")?.strip_suffix(".yaml")?.to_owned();
        Some(file(name, "a team", central(&path)))
    });
    Names {
        profiles: of_platform("profiles"),
        pools: of_platform("pools"),
        notifiers: of_platform("notifiers"),
        operators: of_platform("operators"),
        vars: [own_vars, of_platform("vars")].concat(),
        blueprints: blueprints(project, tree, &listed("blueprints"), central),
        workflows: workflows(project),
        teams: teams.collect(),
        columns: with_columns.map(|page| columns(project, tree, page)).unwrap_or_default(),
        zones: jiff::tz::db().available().map(|zone| file(zone.to_string(), "", None)).collect(),
    }
}

/// The columns of the data files that a text names, wherever that is, because the line may not be finished.
fn columns(project: &Project, tree: &Edited, (file, text): (&Path, &str)) -> BTreeMap<String, Vec<String>> {
    let written = text.match_indices("file:").filter_map(|(at, key)| {
        let value = text[at + key.len()..].trim_start_matches(' ').trim_start_matches(['"', '\'']);
        value.split(['"', '\'', ',', '}', '\r', '\n', ' ']).next()
    });
    let folder = file.strip_prefix(&project.root).ok().and_then(Path::to_str).map(|path| path.replace('\\', "/"));
    let Some(folder) = folder else { return BTreeMap::new() };
    let read = |written: &str| {
        let path = beside(&folder, written)?;
        let text = String::from_utf8(tree.read(&path).ok()??).ok()?;
        // Of a table the header and a row are enough.
        let lines = text.split_inclusive('\n').take(if path.ends_with(".csv") { 2 } else { usize::MAX });
        let rows = read_rows(&path, Sources::new().add("", ""), &lines.collect::<String>(), &mut Sink::new())?;
        Some(rows.rows.first()?.0.as_object()?.keys().cloned().collect::<Vec<String>>())
    };
    let found: BTreeSet<&str> = written.filter(|path| !path.is_empty()).collect();
    found.into_iter().filter_map(|written| Some((written.to_owned(), read(written)?))).collect()
}

/// The project's own by their names, and the platform's with their versions.
fn blueprints(project: &Project, tree: &Edited, listed: &[String], central: impl Fn(&str) -> Option<String>) -> Vec<Known> {
    let about = |page: Option<Page>| {
        let described = page.and_then(|page| page.root.get("description").and_then(Node::as_str).map(str::to_owned));
        described.unwrap_or_else(|| "a blueprint".to_owned())
    };
    let own = tree.list("blueprints").unwrap_or_default().into_iter().filter_map(|path| {
        let name = path.strip_prefix("blueprints/")?.strip_suffix(".yaml")?.to_owned();
        let about = about(Page::read(tree, &path));
        Some(Known { name, about, path: Some(format!("{}{path}", project.prefix())), span: None })
    });
    let platform = listed.iter().filter_map(|path| {
        let (name, version) = path.strip_prefix("blueprints/")?.strip_suffix(".yaml")?.split_once('/')?;
        let files = project.tip()?.files();
        Some(Known { name: format!("platform/{name}@{version}"), about: about(Page::read(&files, path)), path: central(path), span: None })
    });
    own.chain(platform).collect()
}

fn workflows(project: &Project) -> Vec<Known> {
    let Some(done) = &project.done else { return Vec::new() };
    let sources = done.teams.iter().flat_map(|team| &team.sources);
    let known = |workflow: &crate::pipeline::ParsedWorkflow| Known {
        name: workflow.spec.workflow.value.to_string(),
        about: workflow.spec.description.as_ref().map(|text| text.value.clone()).unwrap_or_default(),
        path: Some(format!("{}{}", project.prefix(), workflow.file)),
        span: Some(workflow.spec.workflow.span),
    };
    sources.flat_map(|(_, source)| &source.workflows).map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::lsp::project::Documents;

    #[test]
    fn data_files_are_read_only_for_whoever_asks_for_columns() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs_err::write(root.join("freehold.yaml"), "team: churn\nsource: models\n").expect("written");
        fs_err::create_dir(root.join("workflows")).expect("made");
        fs_err::write(root.join("workflows/customers.csv"), "id,tier\n1,a\n").expect("written");
        let (project, text) = (Project::open(root), "tasks: { a: { for_each: { c: { file: customers.csv } } } }\n");
        let (tree, page) = (project.tree(&Documents::new()), root.join("workflows/a.yaml"));
        let columns = names(&project, &tree, Some((&page, text))).columns;
        assert_eq!(columns.get("customers.csv").map(Vec::as_slice), Some(["id".to_owned(), "tier".to_owned()].as_slice()));
        assert!(names(&project, &tree, None).columns.is_empty());
    }
}
