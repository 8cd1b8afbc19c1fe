//! `freehold compile`: manifests on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::prelude::*;

use super::central;
use super::file::replace;
use super::output::Output;
use super::workspace::{Workspace, compile, teams};
use super::{Ending, Failure};
use crate::central::regenerate;
use crate::diag::Sink;
use crate::io::Disk;
use crate::io::git::{ObjectFormat, Repository};
use crate::name::RepoPath;
use crate::pipeline::{DAG_IDS, Keep, REFERENCES, TeamCompiler, USES};
use crate::report::Summary;
use crate::source::Sources;

/// Compile workflows to manifests
///
/// Writes only what changed, and deletes what an earlier run wrote into the same folder and is no longer made. In a central work
/// tree it compiles all teams, in place, and deletes hand-written files that have become workflows.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold compile -o out\n  freehold compile --check")]
pub(super) struct Arguments {
    /// The project, or the central work tree.
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Where to write; `.freehold/out` in the project, or the central work tree itself.
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing, and tell whether what is there is current (exit code 1 when it is not).
    #[arg(long)]
    check: bool,
    /// The central repository whose policy holds: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
}

/// What an earlier run wrote into a folder.
const MANIFEST: &str = ".freehold-out";

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let workspace = Workspace::find(&arguments.dir)?;
    let (out, found) = match (&arguments.out, &workspace) {
        (None, Workspace::Central(root)) => (root.clone(), in_place(root, output)?),
        (None, Workspace::Project(root)) => {
            central::hide(&root.join(".freehold"))?;
            let out = root.join(".freehold/out");
            let found = into_folder(&workspace, arguments.central.as_deref(), &out, output)?;
            (out, found)
        }
        (Some(out), _) => (out.clone(), into_folder(&workspace, arguments.central.as_deref(), out, output)?),
    };
    let Some(changes) = found else { return Ok(Ending::Refused) };
    if arguments.check {
        for path in changes.write.iter().map(|(path, _)| path).chain(&changes.delete) {
            output.note(&format!("not current: {path}"));
        }
        return Ok(if changes.is_empty() { Ending::Clean } else { Ending::Refused });
    }
    changes.apply(&out)?;
    let (written, deleted, kept) = (changes.write.len(), changes.delete.len(), changes.kept);
    output.note(&format!("{}: {written} written, {deleted} deleted, {kept} already current", out.display()));
    Ok(Ending::Clean)
}

/// What a folder of its own needs; `None` when something is refused, which has been told.
fn into_folder(workspace: &Workspace, central: Option<&str>, out: &Path, output: &Output) -> Result<Option<Changes>, Failure> {
    let mut done = compile([workspace], (central, None), Keep::Artifacts, None)?;
    done.demand_policy()?;
    output.diagnostics(&done.diagnostics, &done.sources, &done.summary)?;
    if done.has_errors() {
        return Ok(None);
    }
    let artifacts = done.teams.into_iter().flat_map(|team| team.compiled.artifacts.into_files()).collect();
    let earlier = fs_err::read_to_string(out.join(MANIFEST)).unwrap_or_default();
    let changes = Changes::of(artifacts, earlier.lines().map(str::to_owned), out)?;
    Ok(Some(Changes { has_manifest: true, ..changes }))
}

/// What a central work tree needs: compiled files and locks of all teams.
fn in_place(root: &Path, output: &Output) -> Result<Option<Changes>, Failure> {
    let (sources, tree) = (Sources::new(), Disk::new(root));
    let objects = Repository::open(root).map_or(ObjectFormat::Sha1, |repository| repository.format());
    let (mut files, mut gone, mut sink) = (BTreeMap::new(), BTreeSet::new(), Sink::new());
    for team in teams(root)? {
        let made =
            regenerate(&tree, &team, objects, &TeamCompiler::default(), &sources).map_err(|error| Failure::new(error.to_string()))?;
        files.extend(made.files);
        gone.extend(made.gone);
        sink.extend(made.diagnostics);
    }
    let refused = output.diagnostics(&sink.into_sorted(), &sources, &Summary { files: sources.len(), ..Summary::default() })?;
    if refused { Ok(None) } else { Changes::of(files, gone, root).map(Some) }
}

/// What has to be done to a folder so that it holds exactly what was compiled.
struct Changes {
    write: Vec<(String, Vec<u8>)>,
    delete: Vec<String>,
    kept: usize,
    all: BTreeSet<String>,
    /// Whether the folder remembers what was written into it; a central work tree has its locks for that.
    has_manifest: bool,
}

impl Changes {
    fn of(files: BTreeMap<String, Vec<u8>>, earlier: impl IntoIterator<Item = String>, out: &Path) -> Result<Self, Failure> {
        let all: BTreeSet<String> = files.keys().cloned().collect();
        let is_compiled = |path: &str| path.split('/').next().is_some_and(|folder| ["dags", REFERENCES, DAG_IDS, USES].contains(&folder));
        let is_ours = |path: &String| !all.contains(path) && is_compiled(path) && RepoPath::parse(path).is_ok() && out.join(path).is_file();
        let delete = earlier.into_iter().filter(is_ours).collect();
        let is_current = |path: &str, bytes: &[u8]| fs_err::read(out.join(path)).is_ok_and(|found| found == bytes);
        let write: Vec<_> = files.into_par_iter().filter(|(path, bytes)| !is_current(path, bytes)).collect();
        let kept = all.len() - write.len();
        Ok(Self { write, delete, kept, all, has_manifest: false })
    }

    fn is_empty(&self) -> bool {
        self.write.is_empty() && self.delete.is_empty()
    }

    fn apply(&self, out: &Path) -> Result<(), Failure> {
        self.write.iter().map(|(path, _)| path).chain(&self.delete).try_for_each(|path| refuse_links(out, path))?;
        let folders: BTreeSet<PathBuf> = self.write.iter().filter_map(|(path, _)| out.join(path).parent().map(Path::to_path_buf)).collect();
        folders.iter().try_for_each(fs_err::create_dir_all)?;
        // One after another: several threads that create files in one folder only wait for each other.
        self.write.iter().try_for_each(|(path, bytes)| replace(&out.join(path), bytes))?;
        for path in &self.delete {
            fs_err::remove_file(out.join(path))?;
        }
        if self.has_manifest && !self.is_empty() {
            let list: String = self.all.iter().map(|path| format!("{path}\n")).collect();
            fs_err::create_dir_all(out)?;
            replace(&out.join(MANIFEST), list.as_bytes())?;
        }
        Ok(())
    }
}

/// A link below the folder would carry a write, or a deletion, to somewhere else.
fn refuse_links(out: &Path, path: &str) -> Result<(), Failure> {
    let mut full = out.to_path_buf();
    for part in path.split('/') {
        full.push(part);
        if full.is_symlink() {
            return Err(Failure::new(format!("{} is a link, and nothing is written through it", full.display())).help("delete it"));
        }
    }
    Ok(())
}
