//! DAG ids that a publish makes new are nobody else's: Airflow would show whichever of two it read last.

use std::collections::BTreeSet;

use super::compiler::{TeamOutput, WorkflowFile};
use super::layout;
use super::lock::Lock;
use super::request::Request;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::io::git::{GitError, ObjectId, Repository};
use crate::name::{DagId, WorkflowAddress};

/// A publish at the point where its compiled files are known.
pub(crate) struct Claiming<'a> {
    pub(crate) repository: &'a Repository,
    /// The tree of the tip.
    pub(crate) tree: &'a ObjectId,
    pub(crate) request: &'a Request<'a>,
    pub(crate) last: Option<&'a Lock>,
    pub(crate) desired: &'a Lock,
    /// DAG ids of hand-written files, in lower case.
    pub(crate) unmanaged_ids: &'a BTreeSet<String>,
    /// Compiled files that other sources give to this one.
    pub(crate) given: &'a BTreeSet<String>,
}

impl Claiming<'_> {
    /// Refuses ids that another workflow has. Costs what is new in the publish.
    pub(crate) fn check(&self, output: &TeamOutput, sink: &mut Sink) -> Result<(), GitError> {
        for found in output.workflows.iter().filter(|found| found.source == self.request.source && self.is_new(found)) {
            for id in &found.dag_ids {
                if let Some((holder, path)) = self.holder(found, id)? {
                    sink.push(self.refusal(found, id, &holder, path));
                }
                if self.unmanaged_ids.contains(&id.folded()) && !found.adopted {
                    sink.push(by_hand(found, id));
                }
            }
        }
        Ok(())
    }

    /// Whether the last publish left the workflow without these ids.
    fn is_new(&self, found: &WorkflowFile) -> bool {
        let compiled = |lock: &Lock| lock.workflows.get(found.workflow.as_str()).map(|workflow| workflow.compiled.clone());
        self.last.and_then(compiled) != compiled(self.desired)
    }

    /// Another workflow that has the id, and the file by which it has it.
    fn holder(&self, found: &WorkflowFile, id: &DagId) -> Result<Option<(WorkflowAddress, String)>, GitError> {
        let own = WorkflowAddress { team: self.request.team.clone(), workflow: found.workflow.clone() };
        let folder = layout::dag_id(id);
        let claims = self.repository.below(self.tree, &folder)?.into_keys().filter_map(|name| {
            let holder = WorkflowAddress::parse(name.strip_suffix(".yaml")?).ok()?;
            Some((holder, format!("{folder}/{name}")))
        });
        let joined = DagId::split(&id.folded()).map(|(team, workflow)| {
            let path = format!("{}/{workflow}.py", layout::compiled(&team));
            (WorkflowAddress { team, workflow }, path)
        });
        let mut stays = claims.chain(joined).filter(|(holder, path)| *holder != own && !self.goes(path));
        stays
            .find_map(|(holder, path)| self.repository.entry(self.tree, &path).map(|entry| entry.map(|_| (holder, path))).transpose())
            .transpose()
    }

    /// Whether this very publish takes a compiled file away.
    fn goes(&self, path: &str) -> bool {
        let was_own = self.last.is_some_and(|lock| lock.compiled.contains_key(path));
        self.given.contains(path) || (was_own && !self.desired.compiled.contains_key(path))
    }

    fn refusal(&self, found: &WorkflowFile, id: &DagId, holder: &WorkflowAddress, path: String) -> Diagnostic {
        let (team, workflow) = (&self.request.team, &found.workflow);
        let fault = Diagnostic::error(&code::DAG_ID_TAKEN, format!("DAG id `{id}` of `{workflow}` is `{holder}`'s"));
        let fault =
            fault.at_file(&*found.file, "Airflow would show whichever of the two it read last").at_file(path, "it is there by this");
        if *id == DagId::join(team, workflow) {
            return fault.help("give the workflow another name");
        }
        fault.help(format!("take it over, `freehold transfer {holder}`, or ask the platform for another id in `teams/{team}.yaml`"))
    }
}

fn by_hand(found: &WorkflowFile, id: &DagId) -> Diagnostic {
    let fault = Diagnostic::error(&code::DAG_ID_TAKEN, format!("DAG id `{id}` of `{}` is a hand-written file's", found.workflow));
    let fault = fault.at_file(&*found.file, "Airflow would show whichever of the two it read last");
    let fault = fault.at_file(layout::PLATFORM, "`unmanaged` says that the file has it");
    fault.help("adopt the file, `freehold adopt`; or give the workflow another name")
}
