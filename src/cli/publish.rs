//! `freehold publish`: from a team's repository into the central one.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::asking::{Asking, AskingOptions};
use super::output::Output;
use super::plan::tell_changes;
use super::{Ending, Failure};
use crate::central::{self, Outcome, Via};

/// Publish a project: compile, plan, verify, commit and push, in one step or not at all
///
/// When somebody else publishes at the same moment, it plans again on what they left. Publishing the same again changes nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold publish\n  freehold publish --dry-run\n  freehold publish --repository-id 1001 --repository acme/churn-model"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    asking: AskingOptions,
    /// Show what would change, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where it lands: on the branch itself, or on `publish/<team>/<source>`, from where `freehold integrate` takes it.
    #[arg(long, value_enum, default_value = "direct")]
    via: Way,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Way {
    /// The branch itself.
    Direct,
    /// A branch of the source's own, for teams that may not push to the other one.
    Branch,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Some(asking) = Asking::read(&arguments.asking, output)? else { return Ok(Ending::Refused) };
    let via = match arguments.via {
        Way::Direct => Via::Direct,
        Way::Branch => Via::Branch,
    };
    let Outcome { plan, commit, tries } = if arguments.dry_run {
        let plan = asking.request(|request| central::plan(&asking.branch, request, &asking.compiler, &asking.sources))?;
        Outcome { plan, commit: None, tries: 0 }
    } else {
        asking.request(|request| central::publish(&asking.branch, via, request, &asking.compiler, &asking.sources))?
    };
    let ending = asking.tell(&plan, output)?;
    if output.format.is_general() && !output.format.is_for_people() {
        let mut document = asking.json(&plan);
        document["published"] = (commit.is_some() && via == Via::Direct).into();
        let id = |is_meant: bool| commit.as_ref().filter(|_| is_meant).map(ToString::to_string);
        document["commit"] = json!(id(via == Via::Direct));
        let branch = format!("publish/{}/{}", plan.team, plan.source);
        document["waiting"] = json!(id(via == Via::Branch).map(|commit| json!({ "branch": branch, "commit": commit })));
        document["tries"] = tries.into();
        output.product(&format!("{document:#}\n"))?;
        return Ok(ending);
    }
    if ending == Ending::Clean {
        tell_changes(&plan, output)?;
        match commit {
            Some(commit) if via == Via::Branch => {
                output.note(&format!("waits as {commit} on publish/{}/{} for `freehold integrate`", plan.team, plan.source));
            }
            Some(commit) if plan.changes.is_empty() => output.note(&format!("recorded as {commit} that a later commit is the same again")),
            Some(commit) => output.note(&format!("published as {commit} to {}{}", asking.branch.central, in_tries(tries))),
            None if arguments.dry_run => output.note("a dry run: nothing was published"),
            None => output.note("nothing was published"),
        }
    }
    Ok(ending)
}

fn in_tries(tries: u32) -> String {
    if tries > 1 { format!(", in {tries} tries: others published at the same time") } else { String::new() }
}
