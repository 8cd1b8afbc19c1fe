//! What lets workflows go, or keeps them: the guard, handed all that it needs from the tip.

use std::collections::{BTreeMap, BTreeSet};

use super::compiler::{Authority, Compiler, Departures, TeamOutput, WorkflowFile};
use super::departure::{self, Departure};
use super::exempt::Exemptions;
use super::guard::Guard;
use super::layout;
use super::lock::Lock;
use super::request::Request;
use super::successor::Successors;
use super::team::TeamState;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{Entry, GitError, Mode, ObjectId, Repository};
use crate::name::{WorkflowAddress, WorkflowName};

/// A publish at the point where its workflows are known.
pub(crate) struct Departing<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) request: &'a Request<'a>,
    pub(crate) compiler: &'a dyn Compiler,
    /// The tree of the tip.
    pub(crate) tree: &'a ObjectId,
    /// What it holds of the team.
    pub(crate) state: &'a TeamState,
}

impl Departing<'_> {
    /// Judges the workflows that go, and has the lock remember them. Gives the records that let them go.
    pub(crate) fn judge(
        &self,
        last: Option<&Lock>,
        desired: &mut Lock,
        (output, authority): (&TeamOutput, &Authority),
        sink: &mut Sink,
    ) -> Result<Vec<String>, GitError> {
        let request = self.request;
        let own: Vec<&WorkflowFile> = output.workflows.iter().filter(|found| found.source == request.source).collect();
        let nothing = Departures::default();
        let said = output.departures.get(&request.source).unwrap_or(&nothing);
        let gone = departure::find(last, desired, &own, said);
        let (users, exemptions) = (self.users(&gone)?, self.exemptions(&gone, authority)?);
        Guard { request, last, desired, departures: &gone, authority, users: &users, exemptions: &exemptions }.check(sink);
        self.check_taken(last, &own, sink)?;
        departure::warn(request, last, &own, &gone, sink);
        desired.tombstones = departure::tombstones(last, desired, &gone);
        Ok(exemptions.into_used().into_iter().collect())
    }

    /// Refuses what another source has taken over and still has, under whatever name: it would run twice.
    fn check_taken(&self, last: Option<&Lock>, own: &[&WorkflowFile], sink: &mut Sink) -> Result<(), GitError> {
        let has = |name: &str| last.is_some_and(|lock| lock.workflows.contains_key(name));
        let names: BTreeSet<&WorkflowName> = own.iter().map(|found| &found.workflow).collect();
        let mut successors = Successors::new(self.repository, self.tree, (&self.request.team, self.state));
        for found in own.iter().filter(|found| !has(found.workflow.as_str())) {
            let itself = WorkflowAddress { team: self.request.team.clone(), workflow: found.workflow.clone() };
            let Some(lives) = successors.of(&itself)? else { continue };
            // A rename that is undone: the successor was this source's own, and may go with this very publish.
            let is_own = lives.team == itself.team && (has(lives.workflow.as_str()) || names.contains(&lives.workflow));
            // It comes back: a transfer is refused where its owner does not give it.
            let comes_back = found.life.taken_from.as_ref() == Some(&lives);
            if is_own || comes_back {
                continue;
            }
            let fault =
                Diagnostic::error(&code::TRANSFER, format!("`{}` was taken over by `{lives}`, and would run twice", found.workflow));
            let fault = fault.at_file(&*found.file, "the team that gave it still has it");
            sink.push(fault.help(format!("delete `{}` here, and the entry in `give`; or give the new one another name", found.file)));
        }
        Ok(())
    }

    /// Who waits for workflows that go, without those that go themselves.
    fn users(&self, gone: &[Departure<'_>]) -> Result<BTreeMap<String, Vec<String>>, GitError> {
        let repository = self.repository;
        let going: BTreeSet<&str> = gone.iter().flat_map(|gone| &gone.workflow.compiled).map(String::as_str).collect();
        let mut users = BTreeMap::new();
        for gone in gone {
            let folder = layout::references(&self.request.team, gone.name);
            let found = repository.below(self.tree, &folder)?.into_keys().filter(|path| !going.contains(&&*format!("{folder}/{path}")));
            users.insert(gone.name.to_owned(), found.map(|path| path.trim_end_matches(".yaml").to_owned()).collect());
        }
        Ok(users)
    }

    fn exemptions(&self, gone: &[Departure<'_>], authority: &Authority) -> Result<Exemptions, GitError> {
        let repository = self.repository;
        let folder = layout::overrides(&self.request.team);
        let mut records = Vec::new();
        let listed = if gone.is_empty() { BTreeMap::new() } else { repository.below(self.tree, &folder)? };
        // What lies deeper is no record.
        let is_record = |path: &str, entry: &Entry| entry.mode == Mode::File && !path.contains('/');
        for (path, entry) in listed.into_iter().filter(|(path, entry)| is_record(path, entry)) {
            let record = self.compiler.override_record(&repository.blob(&entry.id)?);
            records.extend(record.map(|record| (format!("{folder}/{path}"), record)));
        }
        if records.is_empty() {
            return Ok(Exemptions::default());
        }
        let administrators = self.compiler.administrators(self.state.platform.as_deref().unwrap_or_default());
        Ok(Exemptions::new(records, (&administrators, &authority.members), self.request.today))
    }
}
