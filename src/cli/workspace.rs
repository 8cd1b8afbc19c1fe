//! What a path given on the command line belongs to: a team's project or a central work tree.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use super::policy::{Tip, Unseen, read_policy};
use crate::diag::{Diagnostic, Sink, quoted_list, suggest};
use crate::io::{Disk, ReadTree, Seen};
use crate::ir::Workflow;
use crate::name::{SourceName, TeamName};
use crate::pipeline::{
    Compiled, Keep, Library, PROJECT_FILE, ParsedSource, PolicyFiles, Rest, Unit, compile_team, load_project, load_source, workflow_folder,
};
use crate::report::Summary;
use crate::source::{Sources, Spanned};
use crate::spec::Platform;

/// The platform's file in a central repository.
pub(super) const PLATFORM_FILE: &str = "platform.yaml";

/// What a path belongs to, with the folder that is its root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Workspace {
    /// A team's project.
    Project(PathBuf),
    /// A central work tree.
    Central(PathBuf),
}

impl Workspace {
    /// Looks from `path` upwards for a project file or a platform file.
    pub(super) fn find(path: &Path) -> Result<Self, Failure> {
        Self::search(path)?.ok_or_else(|| {
            let message = format!("{} belongs to no project: there is no `{PROJECT_FILE}` in it or above it", path.display());
            Failure::new(message).help("run `freehold init team` in the team's repository, or name the folder of a project")
        })
    }

    /// The same, for a path that may belong to none.
    pub(super) fn search(path: &Path) -> Result<Option<Self>, Failure> {
        let full = std::path::absolute(path)?;
        if !full.exists() {
            return Err(Failure::new(format!("{} does not exist", path.display())).help(Self::help_for_missing(path)));
        }
        // What `..` leads away from is not above the path.
        let nearest = if full.is_dir() { full.as_path() } else { full.parent().unwrap_or(&full) };
        for folder in fs_err::canonicalize(nearest)?.ancestors() {
            if folder.join(PROJECT_FILE).exists() {
                return Ok(Some(Self::of_project(folder)));
            }
            if folder.join(PLATFORM_FILE).exists() {
                return Ok(Some(Self::Central(folder.to_path_buf())));
            }
        }
        Ok(None)
    }

    /// What to type for a path that is none: the one beside it that is near, or the folder that was left out before a workflow's name.
    fn help_for_missing(path: &Path) -> String {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = fs_err::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = beside.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        if let Some(near) = suggest(&name, names.iter().map(String::as_str)) {
            return format!("did you mean `{}`?", path.with_file_name(near).display());
        }
        let file = Self::file_called(path).map(|file| format!("for the workflow, write its file: `{}`", file.display()));
        file.unwrap_or_else(|| "check the path, which counts from where you are".to_owned())
    }

    /// The file, in the project around where the user stands, that is named as the word that stands for a path.
    fn file_called(word: &Path) -> Option<PathBuf> {
        let is_word = word.components().count() == 1 && word.extension().is_none();
        let Self::Project(root) = Self::search(Path::new(".")).ok().flatten().filter(|_| is_word)? else { return None };
        let project = load_project(&Disk::new(&root), "", &Sources::new(), &mut Sink::new())?;
        let here = fs_err::canonicalize(".").ok()?;
        let file = root.join(workflow_folder(&project)).join(word);
        let file = ["yaml", "yml"].iter().map(|end| file.with_extension(end)).find(|file| file.is_file())?;
        Some(file.strip_prefix(here).map(Path::to_path_buf).unwrap_or(file))
    }

    /// What a folder belongs to, for what is done with a whole project: a file of one, or the name of a workflow, is refused.
    pub(super) fn whole(dir: &Path) -> Result<Self, Failure> {
        let file = if dir.is_file() { Some(dir.to_path_buf()) } else { Some(dir).filter(|dir| !dir.exists()).and_then(Self::file_called) };
        let Some(file) = file else { return Self::find(dir) };
        let failure = Failure::new(format!("`{}` is a part of a project, which is planned and published as a whole", dir.display()));
        let Some(Self::Project(root) | Self::Central(root)) = Self::search(&file)? else {
            return Err(failure.help("name the project's folder"));
        };
        let folder = prefix(&root)?;
        let instead = match folder.trim_end_matches('/') {
            "" => "leave it out".to_owned(),
            folder => format!("name the project's folder, `{folder}`"),
        };
        Err(failure.help(format!("{instead}; to see what this file alone becomes: `freehold preview {}`", file.display())))
    }

    /// Where a workflow of it is written.
    pub(super) fn file_of(&self, workflow: &Workflow) -> PathBuf {
        match self {
            Self::Project(root) => root.join(&workflow.file),
            Self::Central(root) => root.join("sources").join(workflow.team.as_str()).join(workflow.source.as_str()).join(&workflow.file),
        }
    }

    /// A project file below a central repository's `sources/` is a published one: the repository is what is meant.
    fn of_project(folder: &Path) -> Self {
        let above = folder.ancestors().nth(3);
        let is_published = folder.ancestors().nth(2).is_some_and(|sources| sources.ends_with("sources"));
        match above {
            Some(root) if is_published && root.join(PLATFORM_FILE).exists() => Self::Central(root.to_path_buf()),
            _ => Self::Project(folder.to_path_buf()),
        }
    }
}

/// Everything of a workspace, compiled as far as it goes.
pub(super) struct Compilation {
    pub(super) sources: Sources,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) summary: Summary,
    /// One entry for each team.
    pub(super) teams: Vec<CompiledTeam>,
    /// Why no policy was looked at, for each project of which that is so.
    pub(super) unseen: Vec<Unseen>,
}

/// One team of a workspace.
pub(super) struct CompiledTeam {
    pub(super) policy: PolicyFiles,
    pub(super) sources: Vec<(SourceName, ParsedSource)>,
    pub(super) compiled: Compiled,
}

impl Compilation {
    /// What to tell of policies that were not looked at.
    pub(super) fn unseen_notes(&self) -> BTreeSet<String> {
        self.unseen.iter().map(Unseen::note).collect()
    }

    /// The same, but where there is none at all, and nothing would be otherwise.
    pub(super) fn unseen_notes_but_unset(&self) -> BTreeSet<String> {
        self.unseen.iter().filter(|unseen| !matches!(unseen, Unseen::Unset)).map(Unseen::note).collect()
    }

    /// Stops where a policy was to be looked at that is not there: what is written without it is not what is published.
    pub(super) fn demand_policy(&mut self) -> Result<(), Failure> {
        let missing = std::mem::take(&mut self.unseen).into_iter().find_map(|unseen| match unseen {
            Unseen::Unstarted(failure) => Some(failure),
            Unseen::Unset | Unseen::Elsewhere(_) => None,
        });
        missing.map_or(Ok(()), Err)
    }

    /// Whether any diagnostic is an error.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == crate::diag::Severity::Error)
    }
}

/// Compiles workspaces, each on its own, and tells what is wrong with all of them. `central` and `environment` are the options of those
/// names. `seen` is told what is read of folders. Of a central repository that is what is committed: it changes with its branch.
pub(super) fn compile<'a>(
    workspaces: impl IntoIterator<Item = &'a Workspace>,
    (central, environment): (Option<&str>, Option<&str>),
    keep: Keep,
    seen: Option<&Arc<Seen>>,
) -> Result<Compilation, Failure> {
    let sources = Sources::new();
    let mut sink = Sink::new();
    let (mut teams, mut unseen) = (Vec::new(), Vec::new());
    for workspace in workspaces {
        match workspace {
            Workspace::Project(root) => {
                let (team, without) = compile_project(root, (central, environment), keep, (&sources, seen), &mut sink)?;
                teams.extend(team);
                unseen.extend(without);
            }
            Workspace::Central(root) => teams.extend(compile_central(root, environment, keep, (&sources, seen), &mut sink)?),
        }
    }
    let mut summary = Summary { files: sources.len(), workflows: 0, tasks: 0 };
    for team in &teams {
        summary.workflows += team.sources.iter().map(|(_, source)| source.found).sum::<usize>();
        summary.tasks += team.compiled.tasks;
    }
    Ok(Compilation { sources, diagnostics: sink.into_sorted(), summary, teams, unseen })
}

fn compile_project(
    root: &Path,
    (central, environment): (Option<&str>, Option<&str>),
    keep: Keep,
    (sources, seen): (&Sources, Option<&Arc<Seen>>),
    sink: &mut Sink,
) -> Result<(Option<CompiledTeam>, Option<Unseen>), Failure> {
    let tree = Disk::remembering(root, seen);
    let prefix = prefix(root)?;
    // Which central repository is meant is said in the project's file, which is read again, with its faults, with the rest.
    let project = load_project(&tree, &prefix, &Sources::new(), &mut Sink::new());
    let (tip, unseen) = match project.map(|project| Tip::look(root, &project, central, seen)).transpose()? {
        Some(Ok(tip)) => (Some(tip), None),
        Some(Err(unseen)) => (None, Some(unseen)),
        None => (None, None),
    };
    let team = compile_files((&tree, &prefix), tip.as_ref(), environment, keep, sources, sink)?;
    Ok((team, unseen))
}

/// Compiles a project's files as a tree has them, whose paths get a prefix in messages, under the policy of a tip.
fn compile_files(
    (tree, prefix): (&dyn ReadTree, &str),
    tip: Option<&Tip>,
    environment: Option<&str>,
    keep: Keep,
    sources: &Sources,
    sink: &mut Sink,
) -> Result<Option<CompiledTeam>, Failure> {
    let files = tip.map(Tip::files);
    let library = files.as_ref().map_or_else(Library::not_at_hand, |files| Library::of(files));
    let library = library.for_environment(environment.map(str::to_owned));
    let Some(source) = load_source(tree, prefix, &library, sources, sink) else { return Ok(None) };
    let project = &source.project;
    let Some((mut policy, rest)) = read_policy(tip, &source, sources, sink)? else { return Ok(None) };
    refuse_unspoken(&policy.platform, [&source], environment)?;
    choose_environment(&mut policy.platform, environment)?;
    let name = project.source.value.clone();
    Ok(Some(compile_one(policy, vec![(name, source)], &rest, keep, sink)))
}

/// Compiles a project as an editor has it: some files are not on disk yet.
pub(super) fn compile_edited(tree: &dyn ReadTree, prefix: &str, tip: Option<&Tip>) -> Result<Compilation, Failure> {
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let team = compile_files((tree, prefix), tip, None, Keep::Artifacts, &sources, &mut sink)?;
    let summary = Summary { files: sources.len(), workflows: 0, tasks: 0 };
    Ok(Compilation { sources, diagnostics: sink.into_sorted(), summary, teams: team.into_iter().collect(), unseen: Vec::new() })
}

/// What stands before a project's paths in messages: the way to it from where the user stands, so that an editor, or a host that
/// shows them beside the code, finds the file. Nothing inside the project.
pub(super) fn prefix(root: &Path) -> Result<String, Failure> {
    let here = std::env::current_dir()?;
    let way = root.strip_prefix(&here).unwrap_or(root);
    Ok(if here.starts_with(root) { String::new() } else { format!("{}/", way.display()) })
}

/// Takes the platform for another environment than the one that its branch is.
fn choose_environment(platform: &mut Platform, asked: Option<&str>) -> Result<(), Failure> {
    let Some(asked) = asked else { return Ok(()) };
    let this = platform.environment.as_ref().map_or("production", |this| this.value.as_str());
    let known = platform.environments.iter().flatten().map(|known| known.value.as_str()).chain([this]);
    let names: Vec<&str> = known.collect();
    if platform.environments.is_some() && !names.contains(&asked) {
        let near = suggest(asked, names.iter().copied());
        let help =
            near.map_or_else(|| format!("there are {}", quoted_list(names.iter().copied())), |near| format!("did you mean `{near}`?"));
        return Err(Failure::new(format!("the platform has no environment `{asked}`")).help(help));
    }
    platform.environment = Some(Spanned::new(asked.to_owned(), platform.span));
    Ok(())
}

/// Refuses an environment that nobody speaks of, where the platform does not say which there are: nothing would be otherwise in it.
fn refuse_unspoken<'a>(
    platform: &Platform,
    sources: impl IntoIterator<Item = &'a ParsedSource>,
    asked: Option<&str>,
) -> Result<(), Failure> {
    let this = platform.environment.as_ref().map_or("production", |this| this.value.as_str());
    let Some(asked) = asked.filter(|asked| platform.environments.is_none() && *asked != this) else { return Ok(()) };
    let mut known = BTreeSet::from([this]);
    for source in sources {
        known.extend(source.workflows.iter().flat_map(|workflow| &workflow.environments).map(|spoken| spoken.value.as_str()));
        // An expression has whatever name it is, and what could not be read may speak of it.
        if known.contains(asked)
            || source.found > source.workflows.len()
            || source.files.values().any(|bytes| has_environment_expression(bytes))
        {
            return Ok(());
        }
    }
    let help = suggest(asked, known.iter().copied())
        .map_or_else(|| format!("there are {}", quoted_list(known.iter().copied())), |near| format!("did you mean `{near}`?"));
    Err(Failure::new(format!("no workflow speaks of an environment `{asked}`")).help(help))
}

/// Whether a text has `${{ environment }}`.
fn has_environment_expression(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).split("${{").skip(1).any(|rest| rest.trim_start().starts_with("environment"))
}

fn compile_one(policy: PolicyFiles, sources: Vec<(SourceName, ParsedSource)>, rest: &Rest, keep: Keep, sink: &mut Sink) -> CompiledTeam {
    let units: Vec<Unit<'_>> = sources.iter().map(|(name, source)| Unit { name, source, stands: None }).collect();
    let compiled = compile_team(&policy, &units, rest, keep, sink);
    drop(units);
    CompiledTeam { policy, sources, compiled }
}

fn compile_central(
    root: &Path,
    environment: Option<&str>,
    keep: Keep,
    (sources, seen): (&Sources, Option<&Arc<Seen>>),
    sink: &mut Sink,
) -> Result<Vec<CompiledTeam>, Failure> {
    let tree = Disk::remembering(root, seen);
    let read = |path: &str| tree.read(path).map_err(|error| Failure::new(error.to_string()));
    let Some(own) = PolicyFiles::read_platform(read(PLATFORM_FILE)?.as_deref(), sources, sink) else { return Ok(Vec::new()) };
    let mut platform = own.clone();
    choose_environment(&mut platform, environment)?;
    let library = Library::of(&tree).for_environment(environment.map(str::to_owned));
    let mut compiled = Vec::new();
    let mut named = granted_teams(&tree)?;
    named.extend(teams(root)?);
    for team in named {
        let bytes = read(&format!("teams/{team}.yaml"))?;
        let Some(grant) = PolicyFiles::read_grant(bytes.as_deref(), &team, None, sources, sink) else { continue };
        let mut policy = PolicyFiles::of(platform.clone(), grant);
        let mut loaded = Vec::new();
        let mut rest = Rest::Known(BTreeSet::new());
        for source in folders(&root.join("sources").join(team.as_str()))? {
            let Ok(source_name) = SourceName::parse(&source) else {
                return Err(
                    Failure::new(format!("`sources/{team}/{source}` is called after no source")).help("rename or delete the folder")
                );
            };
            let prefix = format!("sources/{team}/{source}/");
            match load_source(&Disk::remembering(root.join(&prefix), seen), &prefix, &library, sources, sink) {
                Some(source) => loaded.push((source_name, source)),
                None => rest = Rest::Unknown,
            }
        }
        policy.read_awaited(&tree, loaded.iter().map(|(_, source)| source)).map_err(|error| Failure::new(error.to_string()))?;
        compiled.push(compile_one(policy, loaded, &rest, keep, sink));
    }
    refuse_unspoken(&own, compiled.iter().flat_map(|team| team.sources.iter().map(|(_, source)| source)), environment)?;
    Ok(compiled)
}

/// The teams that have a grant. A grant matters before its team has published anything.
fn granted_teams(tree: &Disk) -> Result<BTreeSet<TeamName>, Failure> {
    let files = tree.list("teams").map_err(|error| Failure::new(error.to_string()))?;
    Ok(files
        .iter()
        .filter_map(|path| path.strip_prefix("teams/")?.strip_suffix(".yaml"))
        .filter_map(|name| TeamName::parse(name).ok())
        .collect())
}

/// The teams that have sources in a central work tree.
pub(super) fn teams(root: &Path) -> Result<Vec<TeamName>, Failure> {
    let parse = |name: String| {
        let refused = |_| Failure::new(format!("`sources/{name}` is called after no team")).help("rename or delete the folder");
        TeamName::parse(&name).map_err(refused)
    };
    folders(&root.join("sources"))?.into_iter().map(parse).collect()
}

fn folders(path: &Path) -> Result<Vec<String>, Failure> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs_err::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
