//! `freehold compile`: manifests on disk.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::Output;
use super::workspace::{Compilation, Workspace, compile};
use super::{Ending, Failure};

/// Compile workflows to manifests
///
/// Writes only what changed, and deletes what an earlier run wrote into the same folder and is no longer made. In a central work
/// tree it compiles all teams, in place.
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
    let done = compile(&workspace, arguments.central.as_deref())?;
    output.diagnostics(&done.diagnostics, &done.sources, &done.summary)?;
    if done.has_errors() {
        return Ok(Ending::Refused);
    }
    let out = match (&arguments.out, &workspace) {
        (Some(out), _) => out.clone(),
        (None, Workspace::Project(root)) => root.join(".freehold/out"),
        (None, Workspace::Central(root)) => root.clone(),
    };
    let changes = Changes::of(&done, &out)?;
    if arguments.check {
        for path in changes.write.iter().map(|(path, _)| path).chain(&changes.delete) {
            output.note(&format!("not current: {path}"));
        }
        return Ok(if changes.is_empty() { Ending::Clean } else { Ending::Refused });
    }
    let (written, deleted) = (changes.write.len(), changes.delete.len());
    changes.apply(&out)?;
    output.note(&format!("compiled {} workflows into {}: {written} written, {deleted} deleted", done.summary.workflows, out.display()));
    Ok(Ending::Clean)
}

/// What has to be done to a folder so that it holds exactly what was compiled.
struct Changes<'a> {
    write: Vec<(String, &'a [u8])>,
    delete: Vec<String>,
    all: BTreeSet<String>,
}

impl<'a> Changes<'a> {
    fn of(done: &'a Compilation, out: &Path) -> Result<Self, Failure> {
        let artifacts: Vec<_> = done.teams.iter().flat_map(|team| team.compiled.artifacts.iter()).collect();
        let mut write = Vec::new();
        for artifact in &artifacts {
            let full = out.join(artifact.path.as_str());
            let is_current = full.is_file() && fs_err::read(&full)? == artifact.bytes;
            if !is_current {
                write.push((artifact.path.to_string(), artifact.bytes.as_slice()));
            }
        }
        let all: BTreeSet<String> = artifacts.iter().map(|artifact| artifact.path.to_string()).collect();
        let earlier = fs_err::read_to_string(out.join(MANIFEST)).unwrap_or_default();
        let delete = earlier
            .lines()
            .filter(|path| !all.contains(*path) && crate::name::RepoPath::parse(path).is_ok())
            .filter(|path| out.join(path).is_file());
        Ok(Self { write, delete: delete.map(str::to_owned).collect(), all })
    }

    fn is_empty(&self) -> bool {
        self.write.is_empty() && self.delete.is_empty()
    }

    fn apply(&self, out: &Path) -> Result<(), Failure> {
        let folders: BTreeSet<PathBuf> = self.write.iter().filter_map(|(path, _)| out.join(path).parent().map(Path::to_path_buf)).collect();
        folders.iter().try_for_each(fs_err::create_dir_all)?;
        for (path, bytes) in &self.write {
            replace(&out.join(path), bytes)?;
        }
        for path in &self.delete {
            fs_err::remove_file(out.join(path))?;
        }
        if !self.is_empty() {
            let list: String = self.all.iter().map(|path| format!("{path}\n")).collect();
            fs_err::create_dir_all(out)?;
            replace(&out.join(MANIFEST), list.as_bytes())?;
        }
        Ok(())
    }
}

/// Writes a file so that a reader sees the old one or the new one, and never a part.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let fresh = path.with_file_name(format!(".{name}.new"));
    fs_err::write(&fresh, bytes)?;
    Ok(fs_err::rename(&fresh, path)?)
}
