//! `freehold restore`: brings a workflow back that was deleted.

use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::{Ending, Failure, bring};
use crate::central;
use crate::name::{SourceAddress, WorkflowName};

/// Bring back the files of a workflow that the project had published and has no more
///
/// The central repository remembers what every deleted workflow was. Without a name, lists them.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold restore\n  freehold restore weekly-report")]
pub(super) struct Arguments {
    /// The workflow.
    workflow: Option<String>,
    /// The project.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The central repository: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { workflow, dir, central } = arguments;
    let (root, project, branch) = bring::project(dir, central.as_deref(), output)?;
    let source = SourceAddress { team: project.team.value.clone(), source: project.source.value.clone() };
    let name = workflow.as_deref().map(WorkflowName::parse).transpose();
    let name = name.map_err(|reason| Failure::new(format!("no workflow name: {reason}")))?;
    let mut buried = central::buried(&branch, &source, name.as_ref())?;
    let Some(name) = name else {
        for (name, buried) in &buried {
            let lives_on = buried.successor.as_ref().map(|successor| format!(" (lives on as {successor})")).unwrap_or_default();
            output.product(&format!("{name}{lives_on}\n"))?;
        }
        if buried.is_empty() {
            output.note(&format!("the central repository remembers no deleted workflow of `{source}`"));
        }
        return Ok(Ending::Clean);
    };
    let Some((_, found)) = buried.pop() else {
        return Err(Failure::new(format!("`{source}` has no deleted workflow `{name}`")).help("see which there are: `freehold restore`"));
    };
    if let Some(successor) = &found.successor {
        output.note(&format!("note: it lives on as `{successor}`; two of them would both run"));
    }
    bring::write(&root, &found.files, output)?;
    let retired = project.retire.iter().flatten().any(|retired| retired.value == name);
    let first = if retired { format!("take `{name}` out of `retire` in `freehold.yaml`, then ") } else { String::new() };
    output.note(&format!("next: {first}`freehold check`, `freehold plan`, `freehold publish`"));
    Ok(Ending::Clean)
}
