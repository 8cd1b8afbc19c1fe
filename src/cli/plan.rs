//! `freehold plan`: what a publish would change.

use std::collections::BTreeMap;

use clap::Args;

use super::asking::{Asking, AskingOptions};
use super::change::{Change, ReportOptions, between};
use super::output::Output;
use super::{Ending, Failure};
use crate::central::{self, Action, Draft, Plan};
use crate::report::change::{OtherFile, Report, markdown};
use crate::report::{address, counted};

/// Show what `publish` would change, and why something is refused
///
/// Reads the central repository and changes nothing. In Markdown it is a report for those who review the change: which workflows are new,
/// changed, moved or gone, when they run and what they ask for, before and after.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  freehold plan\n  freehold plan --exit-code\n  freehold plan --format json\n  freehold plan --format markdown --max-bytes 1000000 >> \"$GITHUB_STEP_SUMMARY\""
)]
pub(super) struct Arguments {
    #[command(flatten)]
    asking: AskingOptions,
    /// Exit with 3 when there are changes.
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    report: ReportOptions,
}

pub(super) fn run(arguments: &Arguments, output: &Output) -> Result<Ending, Failure> {
    let Some(asking) = Asking::read(&arguments.asking, output)? else { return Ok(Ending::Refused) };
    let draft = asking.request(|request| central::draft(&asking.branch, request, &asking.compiler, &asking.sources))?;
    let plan = &draft.plan;
    let ending = if output.format.is_report() {
        report(&asking, &draft, &arguments.report, output)?
    } else if output.format.is_general() && !output.format.is_for_people() {
        let mut document = asking.json(plan);
        let change = change(&draft, &arguments.report)?;
        document["delta"] = serde_json::to_value(change.map(|change| change.delta)).unwrap_or_default();
        output.product(&format!("{document:#}\n"))?;
        if plan.is_refused() { Ending::Refused } else { Ending::Clean }
    } else {
        asking.tell(plan, output)?
    };
    if ending == Ending::Clean && (output.format.is_for_people() || !output.format.is_general()) {
        tell_changes(plan, output)?;
    }
    let has_changes = ending == Ending::Clean && !plan.changes.is_empty() && arguments.exit_code;
    Ok(if has_changes { Ending::Changes } else { ending })
}

/// What the plan does to workflows, or would do if it were not refused; `None` when it is refused before that is known.
fn change(draft: &Draft, options: &ReportOptions) -> Result<Option<Change>, Failure> {
    if draft.is_unknown() {
        return Ok(None);
    }
    let (repository, before, after) = draft.trees()?;
    Ok(between(repository, (&before, &after), &|ids| draft.prefetch(ids), options.now()?)?)
}

/// The names of the workflows that change, also of those that go.
fn changing(change: &Change) -> impl Iterator<Item = &str> {
    change.delta.workflows.iter().map(|change| change.workflow.as_str())
}

/// Writes the report for a pull request.
fn report(asking: &Asking, draft: &Draft, options: &ReportOptions, output: &Output) -> Result<Ending, Failure> {
    let plan = &draft.plan;
    let mut change = change(draft, options)?;
    // What belongs to the source itself is in the team's own pull request already.
    let own = format!("sources/{}/", plan.team);
    let others = change.as_mut().map(|change| std::mem::take(&mut change.others)).unwrap_or_default();
    let others: Vec<OtherFile> = others.into_iter().filter(|other| !other.file.path.starts_with(&own)).collect();
    let base = asking.folder().and_then(|folder| options.link(None, &folder));
    let link = |path: &str, line: Option<usize>| base.as_ref().filter(|_| asking.has(path)).map(|base| address(base, path, line));
    let report = Report {
        subject: format!("{}/{}", plan.team, plan.source),
        base: plan.base.to_string(),
        delta: change.as_ref().map(|change| &change.delta),
        others: &others,
        manifests: change.as_ref().map_or(&[], |change| &change.manifests),
        diagnostics: &asking.told(plan),
        is_old: &|found| {
            change.as_ref().is_some_and(|change| asking.is_only_about(found, |name| !changing(change).any(|changing| changing == name)))
        },
        sources: &asking.sources,
        link: &link,
    };
    output.product(&markdown(&report, options.max_bytes))?;
    Ok(if plan.is_refused() { Ending::Refused } else { Ending::Clean })
}

/// Writes a plan for people: as the product, or beside it when that is a document of diagnostics.
pub(super) fn tell_changes(plan: &Plan, output: &Output) -> Result<(), Failure> {
    if output.format.is_for_people() {
        return output.product(&describe(plan));
    }
    // Beside a document that says all of it, the first lines are enough.
    let text = describe(plan);
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.len().min(NOTED);
    let more = if shown < lines.len() { format!("\n  … and {} more lines", lines.len() - shown) } else { String::new() };
    output.note(&format!("{}{more}", lines[..shown].join("\n")));
    Ok(())
}

/// Lines of a plan that are told beside a document.
const NOTED: usize = 50;

/// A plan in words: a line for each workflow, and one for the files that only come along.
pub(super) fn describe(plan: &Plan) -> String {
    let mut text = format!("{}/{} against {}\n", plan.team, plan.source, plan.base.to_string().get(..12).unwrap_or_default());
    if plan.changes.is_empty() {
        text.push_str("  nothing to do: the central repository holds exactly this\n");
        return text;
    }
    let (workflows, along): (Vec<&central::Change>, Vec<&central::Change>) = plan.changes.iter().partition(|change| change.is_workflow());
    let former: BTreeMap<&str, &str> = workflows.iter().filter_map(|change| renamed(change, plan)).collect();
    workflows.iter().for_each(|change| text.push_str(&line(change, &former)));
    if workflows.is_empty() {
        along.iter().for_each(|change| text.push_str(&line(change, &former)));
    } else if !along.is_empty() {
        let (entries, files): (Vec<&central::Change>, Vec<&central::Change>) = along.into_iter().partition(|change| change.compiled);
        let count = |some: &[&central::Change], one: &str| (!some.is_empty()).then(|| counted(some.len(), one));
        let counts: Vec<String> = [count(&files, "source file"), count(&entries, "index file")].into_iter().flatten().collect();
        text.push_str(&format!("  and {}\n", counts.join(", ")));
    }
    text
}

/// What a workflow that is deleted is called from now on, and what it was called.
fn renamed<'a>(change: &'a central::Change, plan: &Plan) -> Option<(&'a str, &'a str)> {
    let (team, now) = change.successor.as_deref()?.split_once('/')?;
    (team == plan.team.as_str()).then_some((now, change.workflow.as_deref()?))
}

/// One change in words. `former` is what workflows were called that are called otherwise now.
fn line(change: &central::Change, former: &BTreeMap<&str, &str>) -> String {
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
    let lives_on = change.successor.as_ref().map(|now| format!("lives on as {now}"));
    let was = change.workflow.as_deref().filter(|_| change.action == Action::Create).and_then(|name| former.get(name));
    let was = was.map(|old| format!("new, in place of {old}"));
    let why = moved.as_deref().or(lives_on.as_deref()).or(was.as_deref()).unwrap_or(why);
    let name = change.workflow.as_deref().unwrap_or(&change.path);
    format!("  {sign} {:<9} {name} ({why})\n      {}\n", change.action.as_str(), change.path)
}
