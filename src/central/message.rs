//! The commit message of a publish.

use std::fmt::Write as _;

use super::lock::Published;
use super::plan::{Action, Plan};

const ACTIONS: [Action; 6] = [Action::Create, Action::Update, Action::Recreate, Action::Repair, Action::Transfer, Action::Delete];
/// Workflows that a message lists; a thousand lines tell nobody anything.
const LISTED: usize = 50;

/// Subject, workflows, and where they came from as trailers.
pub(crate) fn message(plan: &Plan, published: Option<&Published>) -> String {
    let counts: Vec<String> = ACTIONS
        .iter()
        .filter(|action| plan.count(**action) > 0)
        .map(|action| format!("{} {}", action.as_str(), plan.count(*action)))
        .collect();
    let what = match counts.as_slice() {
        [] if plan.changes.is_empty() => "record a later commit".to_owned(),
        [] => "update sources".to_owned(),
        counts => counts.join(", "),
    };
    let mut text = format!("{}/{}: {what}\n\n", plan.team, plan.source);
    let compiled = plan.changes.iter().filter(|change| change.compiled);
    for change in compiled.clone().take(LISTED) {
        let name = change.workflow.as_deref().unwrap_or(&change.path);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {name}", change.action.as_str());
    }
    if let Some(rest) = compiled.count().checked_sub(LISTED + 1) {
        let _ = writeln!(text, "and {} more", rest + 1);
    }
    for path in &plan.overrides {
        text.push_str(if text.ends_with("\n\n") { "" } else { "\n" });
        let _ = writeln!(text, "Freehold-Override: {path}");
    }
    if let Some(published) = published {
        text.push_str(if text.ends_with("\n\n") { "" } else { "\n" });
        let _ = writeln!(text, "Freehold-Repository: {} ({})", published.repository.name, published.repository.id);
        let _ = writeln!(text, "Freehold-Ref: {}", published.r#ref);
        if let Some(commit) = &published.commit {
            let _ = writeln!(text, "Freehold-Commit: {commit}");
        }
    }
    text
}
