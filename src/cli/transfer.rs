//! `freehold transfer`: takes over workflows of another source.

use std::path::PathBuf;

use clap::Args;

use super::output::Output;
use super::{Ending, Failure, bring};
use crate::central::{self, Compiler, Held, SourceFiles};
use crate::name::{DagId, SourceAddress, TeamName, WorkflowAddress};
use crate::pipeline::TeamCompiler;

/// Take over workflows of another source: bring their files into this project, each with a `taken_from`
///
/// They change hands with the next publish, in one commit, when their owner has published its consent (`give` in its `freehold.yaml`).
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold transfer churn/weekly-report\n  freehold transfer 'churn/*'      # all that the team has")]
pub(super) struct Arguments {
    /// `<team>/<workflow>`, or `<team>/*` for all that the team has.
    #[arg(required = true)]
    workflows: Vec<String>,
    /// The project that takes them.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The central repository: a work tree, a bare repository or a Git URL.
    #[arg(long, value_name = "DIR|URL")]
    central: Option<String>,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { workflows, dir, central } = arguments;
    let (root, project, branch) = bring::project(dir, central.as_deref(), output)?;
    let to = SourceAddress { team: project.team.value, source: project.source.value };
    let mut held = Vec::new();
    for text in workflows {
        let (team, workflow) = parse(text)?;
        let found = central::held(&branch, &team, workflow.as_ref().map(|address| &address.workflow), &TeamCompiler::default())?;
        let others = |held: &Held| held.address.team != to.team || held.source != to.source;
        let found: Vec<Held> = found.into_iter().filter(others).collect();
        if found.is_empty() {
            let failure = Failure::new(format!("no other source has published `{text}`"));
            return Err(failure.help("name it `<team>/<workflow>`, as its file and team say"));
        }
        held.extend(found);
    }
    let mut files = SourceFiles::new();
    for held in &held {
        for (path, bytes) in &held.files {
            let bytes = if *path == held.file { with_origin(held)? } else { bytes.clone() };
            if files.insert(path.clone(), bytes.clone()).is_some_and(|other| other != bytes) {
                return Err(Failure::new(format!("two of these workflows have a file `{path}`")).help("take them over one after another"));
            }
        }
    }
    bring::write(&root, &files, output)?;
    for held in held.iter().filter(|held| !is_given(held, &to)) {
        let Held { address, source, .. } = held;
        output.note(&format!(
            "team {} has to publish this in the `freehold.yaml` of {source}:\n  give: [{{ workflows: [{}], to: {to} }}]",
            address.team, address.workflow
        ));
    }
    tell_ids(&held, &to.team, output);
    output.note("next: `freehold check`, `freehold plan`; `freehold publish` moves them");
    Ok(Ending::Clean)
}

/// What the platform grants so that the workflows keep their DAG ids; a hand-written file is nobody's workflow without it.
fn tell_ids(held: &[Held], team: &TeamName, output: &Output) {
    let (adopted, compiled): (Vec<&Held>, Vec<&Held>) = held.iter().partition(|held| held.adoption.is_some());
    let ids = |held: &Held| held.dag_ids.iter().map(DagId::as_str).collect::<Vec<_>>().join(", ");
    if !compiled.is_empty() {
        let ids: Vec<String> = compiled.iter().map(|held| format!("{}: {}", held.address.workflow, ids(held))).collect();
        output.note(&format!(
            "each gets the DAG id `{team}__<workflow>`, and Airflow starts it without its runs; to keep ids and runs, have the platform land this in\n\
             `teams/{team}.yaml` first, and take the line out of the giver's grant when that has one:\n  dag_ids: {{ {} }}",
            ids.join(", ")
        ));
    }
    for held in adopted {
        let Held { address: WorkflowAddress { team: giver, workflow }, adoption, .. } = held;
        let sha256 = adoption.as_ref().map_or("", |adoption| adoption.sha256.as_str());
        output.note(&format!(
            "`{workflow}` is a hand-written file: have the platform move it in one change from `adopt` in `teams/{giver}.yaml` to `teams/{team}.yaml`:\n  \
             adopt: {{ {workflow}: {{ sha256: {sha256}, dag_ids: [{}] }} }}",
            ids(held)
        ));
    }
}

fn parse(text: &str) -> Result<(TeamName, Option<WorkflowAddress>), Failure> {
    let wrong = |reason| Failure::new(format!("`{text}` names no workflow: {reason}")).help("write `<team>/<workflow>`, or `<team>/*`");
    if let Some(team) = text.strip_suffix("/*") {
        return Ok((TeamName::parse(team).map_err(wrong)?, None));
    }
    let address = WorkflowAddress::parse(text).map_err(wrong)?;
    Ok((address.team.clone(), Some(address)))
}

fn is_given(held: &Held, to: &SourceAddress) -> bool {
    TeamCompiler::default().departures(&held.project).gives(held.address.workflow.as_str(), to)
}

/// The workflow's file with a line that says where it comes from, below the one that names it.
fn with_origin(held: &Held) -> Result<Vec<u8>, Failure> {
    let Held { address, file, files, .. } = held;
    let text = String::from_utf8(files.get(file).cloned().unwrap_or_default()).unwrap_or_default();
    let named = |line: &&str| line.starts_with("workflow:");
    let Some(line) = text.lines().find(named) else {
        let failure = Failure::new(format!("`{file}` of `{address}` has no line that starts with `workflow:`"));
        return Err(failure.help(format!("copy the file by hand, and add `taken_from: {address}`")));
    };
    let kept: String = text.split_inclusive('\n').filter(|line| !line.starts_with("taken_from:")).collect();
    Ok(kept.replacen(line, &format!("{line}\ntaken_from: {address}"), 1).into_bytes())
}
