//! `freehold plan`: what a publish would change.

use clap::Args;

use super::asking::{Asking, AskingOptions};
use super::output::Output;
use super::{Ending, Failure};
use crate::central::{self, Action, Change, Plan};

/// Show what `publish` would change, and why something is refused
///
/// Reads the central repository and changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  freehold plan\n  freehold plan --exit-code\n  freehold plan --format json")]
pub(super) struct Arguments {
    #[command(flatten)]
    asking: AskingOptions,
    /// Exit with 3 when there are changes.
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Some(asking) = Asking::read(&arguments.asking, output)? else { return Ok(Ending::Refused) };
    let plan = asking.request(|request| central::plan(&asking.branch, request, &asking.compiler, &asking.sources))?;
    let ending = asking.tell(&plan, output)?;
    if output.format.is_general() && !output.format.is_for_people() {
        output.product(&format!("{:#}\n", asking.json(&plan)))?;
    } else if ending == Ending::Clean {
        tell_changes(&plan, output)?;
    }
    let has_changes = ending == Ending::Clean && !plan.changes.is_empty() && arguments.exit_code;
    Ok(if has_changes { Ending::Changes } else { ending })
}

/// Writes a plan for people: as the product, or beside it when that is a document of diagnostics.
pub(super) fn tell_changes(plan: &Plan, output: &Output) -> Result<(), Failure> {
    if output.format.is_for_people() {
        return output.product(&describe(plan));
    }
    output.note(describe(plan).trim_end());
    Ok(())
}

/// A plan in words: a line for each workflow, and one for the files that only come along.
pub(super) fn describe(plan: &Plan) -> String {
    let mut text = format!("{}/{} against {}\n", plan.team, plan.source, plan.base.to_string().get(..12).unwrap_or_default());
    if plan.changes.is_empty() {
        text.push_str("  nothing to do: the central repository holds exactly this\n");
        return text;
    }
    let (workflows, along): (Vec<&Change>, Vec<&Change>) = plan.changes.iter().partition(|change| change.is_workflow());
    workflows.iter().for_each(|change| text.push_str(&line(change)));
    if workflows.is_empty() {
        along.iter().for_each(|change| text.push_str(&line(change)));
    } else if !along.is_empty() {
        let (entries, files): (Vec<&Change>, Vec<&Change>) = along.into_iter().partition(|change| change.compiled);
        let count = |some: &[&Change], one: &str| match some.len() {
            0 => None,
            1 => Some(format!("1 {one}")),
            more => Some(format!("{more} {one}s")),
        };
        let counts: Vec<String> = [count(&files, "source file"), count(&entries, "index file")].into_iter().flatten().collect();
        text.push_str(&format!("  and {}\n", counts.join(", ")));
    }
    text
}

fn line(change: &Change) -> String {
    let (sign, why) = match change.action {
        Action::Create => ("+", "new"),
        Action::Update => ("~", "changed"),
        Action::Delete => ("-", "no longer in the project"),
        Action::Repair => ("!", "was edited in the central repository, and is put back"),
        Action::Transfer => (">", "its owner gives it, and it goes from there"),
        Action::Recreate => ("!", "is missing in the central repository, and is put back"),
        Action::Adopt => ("<", "hand-written, and taken in where it is, byte for byte"),
    };
    let moved = change.from.as_ref().filter(|from| **from != change.path);
    let moved = moved.map(|from| format!("adopts {from}, byte for byte"));
    let why = moved.as_deref().unwrap_or(why);
    let name = change.workflow.as_deref().unwrap_or(&change.path);
    format!("  {sign} {:<9} {name} ({why})\n      {}\n", change.action.as_str(), change.path)
}
