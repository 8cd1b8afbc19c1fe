//! Files that come from the central repository into a project: all of them or none, and nothing that is there is overwritten.

use std::path::Path;

use super::Failure;
use super::central;
use super::output::Output;
use super::policy::BRANCH;
use super::workspace::Workspace;
use crate::central::{Branch, SourceFiles};
use crate::diag::Sink;
use crate::io::Disk;
use crate::pipeline::load_project;
use crate::source::Sources;
use crate::spec::Project;

/// The project of a folder, and the branch that it publishes to.
pub(super) fn project(dir: &Path, option: Option<&str>, output: &Output) -> Result<(std::path::PathBuf, Project, Branch), Failure> {
    let Workspace::Project(root) = Workspace::find(dir)? else {
        return Err(Failure::new(format!("{} is a central repository", dir.display())).help("name a team's project"));
    };
    let (sources, mut sink) = (Sources::new(), Sink::new());
    let Some(project) = load_project(&Disk::new(&root), "", &sources, &mut sink) else {
        output.diagnostics(&sink.into_sorted(), &sources, &crate::report::Summary::default())?;
        return Err(Failure::new("the project file cannot be read").help("mend it first: `freehold check`"));
    };
    let missing = || Failure::new("there is no central repository yet").help("set `central:` in `freehold.yaml`, or add `--central`");
    let found = central::find(&root, &project, option)?.ok_or_else(missing)?;
    Ok((root, project, Branch { central: found.address, name: BRANCH.to_owned() }))
}

/// Writes files into a project. One that is there already as it would be written is left.
pub(super) fn write(root: &Path, files: &SourceFiles, output: &Output) -> Result<(), Failure> {
    let is_there = |path: &str| root.join(path).symlink_metadata().is_ok();
    if let Some((taken, _)) = files.iter().find(|(path, bytes)| is_there(path) && !is_same(&root.join(path), bytes)) {
        let failure = Failure::new(format!("`{taken}` is there already and differs, and nothing was written"));
        return Err(failure.help("move it away, and run this again"));
    }
    for (path, bytes) in files {
        let full = root.join(path);
        if is_there(path) {
            output.note(&format!("left {path} as it is: it is the same"));
            continue;
        }
        full.parent().map_or(Ok(()), fs_err::create_dir_all)?;
        fs_err::write(&full, bytes)?;
        output.note(&format!("wrote {path}"));
    }
    Ok(())
}

/// Whether a file, and no link to one, holds these bytes.
fn is_same(path: &Path, bytes: &[u8]) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file()) && fs_err::read(path).is_ok_and(|found| found == bytes)
}
