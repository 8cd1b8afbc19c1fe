//! One project as the editor has it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lsp_types::Url;

use crate::cli::Failure;
use crate::cli::central;
use crate::cli::policy::Tip;
use crate::cli::workspace::{Compilation, compile_edited};
use crate::diag::Sink;
use crate::io::git::Address;
use crate::io::{Disk, Edited, Memory};
use crate::pipeline::load_project;
use crate::source::Sources;

/// A file as the editor has it.
pub(super) struct Document {
    /// What the editor calls it.
    pub(super) url: Url,
    pub(super) text: String,
}

/// The files that the editor has open, by their paths without links.
pub(super) type Documents = BTreeMap<PathBuf, Document>;

/// A project, the policy that holds for it, and what compiling it gave last.
pub(super) struct Project {
    pub(super) root: PathBuf,
    tip: Option<Tip>,
    /// The central repository's work tree, when it has one on this machine.
    pub(super) central: Option<PathBuf>,
    pub(super) done: Option<Compilation>,
}

impl Project {
    /// Looks for the project's central repository. One that cannot be read is as none: `plan` tells.
    pub(super) fn open(root: &Path) -> Self {
        let mut project = Self { root: root.to_path_buf(), tip: None, central: None, done: None };
        project.look_for_policy();
        project
    }

    /// Reads the policy anew, from where the project's file on disk says.
    pub(super) fn look_for_policy(&mut self) {
        let Some(project) = load_project(&Disk::new(&self.root), "", &Sources::new(), &mut Sink::new()) else { return };
        self.tip = Tip::at_hand(&self.root, &project, None, None).ok().flatten();
        let found = central::find(&self.root, &project, None).ok().flatten();
        self.central = found.and_then(|found| match found.address {
            Address::Folder(folder) => folder.join("platform.yaml").is_file().then(|| fs_err::canonicalize(&folder).unwrap_or(folder)),
            Address::Url(_) => None,
        });
    }

    pub(super) fn tip(&self) -> Option<&Tip> {
        self.tip.as_ref()
    }

    /// What stands before the paths of its files, so that they are whole.
    pub(super) fn prefix(&self) -> String {
        format!("{}/", self.root.display())
    }

    /// Its files, with what is open in the editor.
    pub(super) fn tree(&self, open: &Documents) -> Edited {
        let inside = |(path, document): (&PathBuf, &Document)| {
            let path = path.strip_prefix(&self.root).ok()?.to_str()?.replace('\\', "/");
            Some((path, document.text.clone().into_bytes()))
        };
        Edited { disk: Disk::new(&self.root), files: open.iter().filter_map(inside).collect::<Memory>() }
    }

    /// Compiles it as the editor has it.
    pub(super) fn compile(&self, open: &Documents) -> Result<Compilation, Failure> {
        compile_edited(&self.tree(open), &self.prefix(), self.tip())
    }
}
