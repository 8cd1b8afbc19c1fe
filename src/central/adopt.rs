//! Hand-written files that a publish takes in: each goes from where it is in the commit that brings it to its team's folder.

use std::collections::BTreeMap;

use super::compiler::{Adoption, Authority, TeamOutput, WorkflowFile};
use super::hand_written::look;
use super::layout;
use super::lock::Lock;
use super::request::Request;
use super::team::TeamState;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Entry, GitError, Mode, ObjectId, Repository};
use crate::name::{DagId, RepoPath};

/// A publish at the point where its compiled files are known.
pub(crate) struct Adopting<'a> {
    pub(crate) repository: &'a Repository,
    /// The tree of the tip.
    pub(crate) tree: &'a ObjectId,
    pub(crate) request: &'a Request<'a>,
    pub(crate) authority: &'a Authority,
    pub(crate) state: &'a TeamState,
    pub(crate) desired: &'a Lock,
}

impl Adopting<'_> {
    /// The hand-written files that this publish takes in, by the compiled file that each becomes. Costs what is granted to workflows of the
    /// source.
    pub(crate) fn originals(&self, output: &TeamOutput, sink: &mut Sink) -> Result<BTreeMap<String, String>, GitError> {
        let mut originals = BTreeMap::new();
        for found in output.workflows.iter().filter(|found| found.source == self.request.source) {
            let Some(Adoption { file: Some(file), .. }) = self.authority.adoptions.get(&found.workflow) else { continue };
            let (file, compiled) = (file.as_str(), format!("{}/{}.py", layout::compiled(&self.request.team), found.workflow));
            if !self.is_new(&compiled) {
                continue;
            }
            match self.repository.entry(self.tree, file)? {
                // It has moved before, and this brings it back.
                None => {}
                Some(live) if found.adopted && self.is_same(&live, &compiled) => {
                    self.warn(found, file, &compiled, output, sink)?;
                    originals.insert(compiled, file.to_owned());
                }
                // Something of Freehold's own has come to be where it was.
                Some(_) if file == compiled && self.is_published(file) => {}
                Some(live) => sink.push(self.refusal(found, file, &live)),
            }
        }
        Ok(originals)
    }

    /// Whether the branch does not hold the compiled file as a publish left it.
    fn is_new(&self, compiled: &str) -> bool {
        let live = self.state.compiled.get(compiled).map(|entry| entry.id.as_str());
        live != self.desired.compiled.get(compiled).map(String::as_str) || !self.is_published(compiled)
    }

    fn is_published(&self, compiled: &str) -> bool {
        self.state.locks().any(|(_, lock)| lock.compiled.contains_key(compiled))
    }

    fn is_same(&self, live: &Entry, compiled: &str) -> bool {
        let is_file = matches!(live.mode, Mode::File | Mode::Executable);
        is_file && self.desired.compiled.get(compiled).is_some_and(|id| id == live.id.as_str())
    }

    /// Tells what the file may not find at its new place, and what it seems to make that nobody granted.
    fn warn(&self, found: &WorkflowFile, file: &str, compiled: &str, output: &TeamOutput, sink: &mut Sink) -> Result<(), GitError> {
        let made = RepoPath::parse(compiled).ok().and_then(|path| output.artifacts.of_path(&path));
        let shown = look(&String::from_utf8_lossy(made.map_or(&[], |made| made.bytes.as_slice())));
        let is_there = |path: &str| self.repository.entry(self.tree, path).map(|entry| entry.is_some());
        sink.extend(shown.left_behind(file, compiled, is_there)?);
        let granted = found.dag_ids.iter().map(DagId::as_str);
        sink.extend(shown.not_granted(file, &layout::grant(&self.request.team), granted));
        Ok(())
    }

    fn refusal(&self, found: &WorkflowFile, file: &str, live: &Entry) -> Diagnostic {
        let (team, name) = (&self.request.team, &found.workflow);
        let grant = layout::grant(team);
        if !found.adopted {
            let fault = Diagnostic::error(&code::ORIGINAL, format!("`{file}` is to become workflow `{name}`, and is still there"));
            let fault = fault.at_file(file, "the same DAG would be there twice").at_file(grant, "granted here");
            return fault.help(format!("publish it as it is first, `freehold adopt {name}`; write it in YAML after that"));
        }
        let title = format!("`{file}` is not what the platform has granted as workflow `{name}`");
        let why = match live.mode {
            Mode::File | Mode::Executable => "it has been changed since it was granted",
            mode @ (Mode::Link | Mode::Submodule | Mode::Folder | Mode::Other) => mode.describe(),
        };
        let fault = Diagnostic::error(&code::ORIGINAL, title).at_file(file, why).at_file(grant, "these bytes are granted");
        fault.help(format!("ask the platform's people to grant it as it is now: `freehold adopt --team {team} {file}`"))
    }
}
