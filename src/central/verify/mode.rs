//! MODES: regular files only.

use super::case::Case;
use super::place::Place;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, Mode};

pub(super) fn check(case: &Case<'_>, sink: &mut Sink) -> Result<(), GitError> {
    for change in &case.changes {
        let Some(after) = &change.after else { continue };
        // The platform's own files may be scripts, and so may hand-written ones.
        let allowed = match after.mode {
            Mode::File => true,
            Mode::Executable => matches!(change.place, Place::Platform | Place::Unmanaged),
            Mode::Link | Mode::Submodule | Mode::Folder | Mode::Other => false,
        };
        if !allowed {
            let fault = Diagnostic::error(&code::MODE, format!("`{}` is {}", change.path, after.mode.describe()));
            let help = if after.mode == Mode::Executable {
                format!("run `git update-index --chmod=-x {}`", change.path)
            } else {
                "put a regular file there, or nothing".to_owned()
            };
            sink.push(fault.at_file(&*change.path, "only regular files that cannot be run may be here").help(help));
        }
    }
    Ok(())
}
