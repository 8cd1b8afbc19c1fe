//! `freehold blueprints`: who uses the platform's blueprints?

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::Output;
use super::{Ending, Failure};
use crate::central;
use crate::diag::suggest;
use crate::io::git::Repository;
use crate::name::{BlueprintReference, TeamName, WorkflowAddress};
use crate::report::counted;

/// Tell who uses the platform's blueprints, and which versions nobody does
///
/// Reads what is written down below `uses/` in the central repository. With a blueprint, lists the workflows that are made from it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold blueprints --repo dags.git\n  freehold blueprints platform/train-model@2 --repo dags.git")]
pub(super) struct Arguments {
    /// The blueprint, such as `platform/train-model@2`.
    blueprint: Option<String>,
    /// The central repository; it may be bare.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Where to look.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    rev: String,
}

type Uses = BTreeMap<BlueprintReference, Vec<WorkflowAddress>>;

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Arguments { blueprint, repo, rev } = arguments;
    let repository = Repository::open(repo)?;
    let mut uses = central::uses(&repository, &repository.tree_of(&repository.commit(rev)?)?)?;
    if let Some(asked) = blueprint {
        let wanted = find(asked, &uses)?;
        uses.retain(|reference, _| *reference == wanted);
    }
    if !output.format.is_for_people() {
        output.product(&format!("{:#}\n", document(&uses)))?;
    } else if uses.is_empty() {
        output.note("the platform has no blueprints: they lie in `blueprints/<name>/<version>.yaml`");
    } else if blueprint.is_some() {
        let lines = uses.values().flatten().map(|workflow| format!("{workflow}\n"));
        output.product(&lines.collect::<String>())?;
        uses.iter().for_each(|(reference, workflows)| output.note(&format!("{reference}: {}", amount(workflows))));
    } else {
        output.product(&table(&uses))?;
    }
    Ok(Ending::Clean)
}

fn find(asked: &str, uses: &Uses) -> Result<BlueprintReference, Failure> {
    let known: Vec<String> = uses.keys().map(ToString::to_string).collect();
    if let Some((reference, _)) = uses.iter().zip(&known).find_map(|(used, known)| (known == asked).then_some(used)) {
        return Ok(reference.clone());
    }
    let failure = Failure::new(format!("the platform has no blueprint `{asked}`"));
    Err(failure.help(match suggest(asked, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `freehold blueprints` for a list".to_owned(),
    }))
}

fn document(uses: &Uses) -> serde_json::Value {
    let one = |(reference, workflows): (&BlueprintReference, &Vec<WorkflowAddress>)| json!({ "blueprint": reference.to_string(), "workflows": workflows.iter().map(ToString::to_string).collect::<Vec<_>>() });
    json!({ "schema_version": 1, "blueprints": uses.iter().map(one).collect::<Vec<_>>() })
}

fn table(uses: &Uses) -> String {
    let width = uses.keys().map(|reference| reference.to_string().len()).max().unwrap_or_default();
    uses.iter().map(|(reference, workflows)| format!("  {:width$}  {}\n", reference.to_string(), amount(workflows))).collect()
}

fn amount(workflows: &[WorkflowAddress]) -> String {
    let teams: BTreeSet<&TeamName> = workflows.iter().map(|workflow| &workflow.team).collect();
    if workflows.is_empty() {
        return "used by nobody".to_owned();
    }
    format!("{} of {}", counted(workflows.len(), "workflow"), counted(teams.len(), "team"))
}
