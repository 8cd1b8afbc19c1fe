//! `freehold adopt`: hand-written files become workflows, byte for byte. The platform's people list and grant them, the team brings them over.

mod bring;
mod grant;
mod insert;
mod list;

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::Output;
use super::workspace::Workspace;
use super::{Ending, Failure};
use crate::diag::{Diagnostic, Severity};
use crate::name::{DagId, TeamName};
use crate::report::{self, Summary};
use crate::source::Sources;

/// Take in hand-written Airflow files as workflows, byte for byte, with their DAG ids and runs
///
/// In a work tree of the central repository, for the platform's people: grants files to a team, by writing their SHA-256 and DAG ids into
/// `teams/<team>.yaml`; without files and `--team` it lists what is still hand-written. In the team's project: brings what is granted over, each as a workflow. The team's next publish moves the files.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold adopt --team churn dags/old/train.py      # in the central repository\n  freehold adopt --team churn dags/old               # every file with a DAG below it\n  freehold adopt                                     # in the team's project; in the central repository: what is still hand-written"
)]
pub(super) struct Arguments {
    /// In the central repository: the files, or folders that hold them. In a project: workflows; all that are granted, unless some are named.
    names: Vec<String>,
    /// The team that the files are granted to; in the central repository only.
    #[arg(long, value_name = "TEAM")]
    team: Option<String>,
    /// The workflow that the file becomes, for one file; called as the file is, without this.
    #[arg(long, value_name = "NAME", requires = "team")]
    workflow: Option<String>,
    /// A DAG id in the file, for one file whose text does not show them all; may be given several times.
    #[arg(long, value_name = "ID", requires = "team")]
    dag_id: Vec<String>,
    /// The central work tree, or the project.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The central repository of a project: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL", conflicts_with = "team")]
    central: Option<String>,
    /// Show what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

/// A file that is granted, or brought over.
struct Adopted {
    workflow: String,
    file: String,
    sha256: String,
    dag_ids: Vec<DagId>,
}

/// What came of it.
struct Done {
    team: TeamName,
    adopted: Vec<Adopted>,
    /// Files that were written, from the root of the work tree; none in a dry run, or when something is refused.
    written: Vec<String>,
    diagnostics: Vec<Diagnostic>,
    sources: Sources,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    match (Workspace::find(&arguments.dir)?, &arguments.team) {
        (Workspace::Central(root), Some(team)) => grant::run(&root, team, arguments, output),
        (Workspace::Central(root), None) if arguments.names.is_empty() => list::run(&root, output),
        (Workspace::Central(_), None) => {
            Err(Failure::new("to which team the files are granted is not said").help("add `--team NAME`; in a project it is not needed"))
        }
        (Workspace::Project(_), None) => bring::run(arguments, output),
        (Workspace::Project(root), Some(_)) => {
            let failure = Failure::new(format!("{} is a project, and files are granted in the central repository", root.display()));
            Err(failure.help("run this in a work tree of that one, or leave `--team` out to bring over what is granted"))
        }
    }
}

impl Done {
    fn is_refused(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }

    /// Tells diagnostics to people, or all of it to a program; whether anything is refused.
    fn tell(&self, output: &Output) -> Result<Ending, Failure> {
        let Self { team, adopted, written, diagnostics, sources } = self;
        if !output.format.is_general() || (output.format.is_for_people() && !diagnostics.is_empty()) {
            output.diagnostics(diagnostics, sources, &Summary { files: adopted.len(), ..Summary::default() })?;
        } else if !output.format.is_for_people() {
            let adopted = |Adopted { workflow, file, sha256, dag_ids }: &Adopted| {
                let dag_ids: Vec<&str> = dag_ids.iter().map(DagId::as_str).collect();
                json!({ "workflow": workflow, "file": file, "sha256": sha256, "dag_ids": dag_ids })
            };
            let document = json!({
                "schema_version": 1,
                "team": team.as_str(),
                "adopted": self.adopted.iter().map(adopted).collect::<Vec<_>>(),
                "written": written,
                "diagnostics": report::json_list(diagnostics, sources),
            });
            output.product(&format!("{document:#}\n"))?;
        }
        Ok(if self.is_refused() { Ending::Refused } else { Ending::Clean })
    }

    /// The files, each with the workflow that it becomes.
    fn table(&self) -> String {
        let widest = self.adopted.iter().map(|adopted| adopted.workflow.len()).max().unwrap_or_default();
        let line = |Adopted { workflow, file, dag_ids, .. }: &Adopted| {
            let ids: Vec<&str> = dag_ids.iter().map(DagId::as_str).collect();
            format!("  {workflow:<widest$}  {file}  (DAG {})\n", ids.join(", "))
        };
        self.adopted.iter().map(line).collect()
    }
}
