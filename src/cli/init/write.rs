//! Files that are made where nothing is yet.

use std::path::{Path, PathBuf};

use super::super::output::Output;
use super::Failure;

/// A file to be made.
pub(super) struct NewFile {
    /// Nothing outside of it is written to, whatever links there are in it.
    pub(super) root: PathBuf,
    /// Where in it.
    pub(super) path: String,
    pub(super) text: String,
}

/// Writes the files that are not there, and tells which were and which are.
pub(super) fn write(files: &[NewFile], output: &Output) -> Result<(), Failure> {
    if let Some(taken) = files.iter().find_map(in_the_way) {
        let failure = Failure::new(format!("{} is there already, and nothing was written", taken.display()));
        return Err(failure.help("a folder has to be there: move it away, or name another place"));
    }
    for NewFile { root, path, text } in files {
        let full = root.join(path);
        let shown = shorter(&full);
        // A symbolic link is something too, also one that leads nowhere.
        if full.symlink_metadata().is_ok() {
            output.note(&format!("left {} as it is", shown.display()));
            continue;
        }
        full.parent().map_or(Ok(()), fs_err::create_dir_all)?;
        fs_err::write(&full, text)?;
        output.note(&format!("wrote {}", shown.display()));
    }
    Ok(())
}

/// What stands where a folder has to be: a file, or a link to elsewhere.
fn in_the_way(file: &NewFile) -> Option<PathBuf> {
    let full = file.root.join(&file.path);
    let stands = |folder: &&Path| {
        let is_link = folder.starts_with(&file.root) && **folder != *file.root && folder.is_symlink();
        is_link || (folder.exists() && !folder.is_dir())
    };
    full.ancestors().skip(1).find(stands).map(Path::to_path_buf)
}

/// The way from where the user stands.
fn shorter(path: &Path) -> PathBuf {
    std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).map(Path::to_path_buf).ok()).unwrap_or_else(|| path.to_path_buf())
}
