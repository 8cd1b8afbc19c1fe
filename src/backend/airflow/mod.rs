//! Workflows → static Python for Airflow: one file a workflow, `dags/<team>/<workflow>.py`.
//!
//! `jinja` makes texts into what Airflow's Jinja turns back into them, `view` decides what the file says, `python` writes
//! values, and the templates in `templates/airflow` hold the layout. `run.date` is the day on which a run is due, in the
//! schedule's time zone (UTC without one), in every version: timetables that fire at a time are written out, because a
//! bare cron string means the day before in Airflow 2.

mod edges;
mod jinja;
mod limits;
mod names;
mod pod;
mod python;
mod render;
mod table;
mod version;
mod view;

#[cfg(test)]
mod tests;

use super::{Backend, FinalPod, Finding};
use crate::{
    artifact::{Artifact, Owner},
    diag::Severity,
    ir,
    name::RepoPath,
};

pub(super) use version::VERSIONS;
use version::Version;

/// The backend for a version such as `3.1`.
pub(super) fn backend(version: &str) -> Option<Box<dyn Backend>> {
    Version::parse(version).map(|version| Box::new(Airflow { version }) as Box<dyn Backend>)
}

struct Airflow {
    version: Version,
}

impl Backend for Airflow {
    fn compile(&self, workflow: &ir::Workflow, found: &mut Vec<Finding>) -> Vec<Artifact> {
        let own = limits::check(workflow, self.version);
        let is_refused = own.iter().any(|finding| finding.diagnostic.severity == Severity::Error);
        found.extend(own);
        let Some(path) = self.path(workflow).filter(|_| !is_refused) else { return Vec::new() };
        let text = render::render(view::view(workflow, self.version));
        let owner = Owner { team: workflow.team.clone(), source: workflow.source.clone() };
        vec![Artifact { path, bytes: text.into_bytes(), owner, workflow: workflow.name.clone() }]
    }

    fn path(&self, workflow: &ir::Workflow) -> Option<RepoPath> {
        RepoPath::parse(&format!("dags/{}/{}.py", workflow.team, workflow.name)).ok()
    }

    fn final_pods(&self, workflow: &ir::Workflow) -> Vec<FinalPod> {
        pod::final_pods(workflow)
    }
}
