//! The commit message of a publish.

use std::fmt::Write as _;

use super::lock::Published;
use super::plan::{Action, Plan};
use super::request::Consent;
use crate::io::git::ObjectId;

const ACTIONS: [Action; 7] =
    [Action::Adopt, Action::Create, Action::Update, Action::Recreate, Action::Repair, Action::Transfer, Action::Delete];
/// The trailer that says what the asker said explicitly.
const CONSENT: &str = "Freehold-Consent";
/// Workflows that a message lists; a thousand lines tell nobody anything.
const LISTED: usize = 50;

/// Subject, workflows, and where they came from as trailers.
pub(crate) fn message(plan: &Plan, published: Option<&Published>, consent: Consent) -> String {
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
    let compiled = plan.changes.iter().filter(|change| change.is_workflow());
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
    for word in words(consent) {
        text.push_str(if text.ends_with("\n\n") { "" } else { "\n" });
        let _ = writeln!(text, "{CONSENT}: {word}");
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

/// The trailer by which an identity token waits with its publish. It never lands: what lands gets a message of its own.
const TOKEN: &str = "Freehold-Token: ";

/// A message with a token that waits.
pub(crate) fn with_token(message: &str, token: &str) -> String {
    format!("{message}{TOKEN}{}\n", token.trim())
}

/// The token that waits with a message.
pub(crate) fn token_in(message: &str) -> Option<&str> {
    message.lines().find_map(|line| line.strip_prefix(TOKEN))
}

/// The trailer that says on which branch a publish has waited, and at which commit.
const WAITED: &str = "Freehold-Waiting: ";

/// A message with the branch on which its publish has waited.
pub(crate) fn with_waiting(message: &str, (branch, commit): (&str, &ObjectId)) -> String {
    format!("{message}{WAITED}{branch} {commit}\n")
}

/// The branches that a message says have waited, each with its commit, as they are written.
pub(crate) fn waiting_in(message: &str) -> Vec<(String, String)> {
    let named = message.lines().filter_map(|line| line.strip_prefix(WAITED));
    named.map(|rest| rest.split_once(' ').map_or((rest.to_owned(), String::new()), |(name, at)| (name.to_owned(), at.to_owned()))).collect()
}

fn words(consent: Consent) -> impl Iterator<Item = &'static str> {
    let Consent { rollback, repair } = consent;
    [rollback.then_some("rollback"), repair.then_some("repair")].into_iter().flatten()
}

/// What the trailers of a message say that the asker said.
pub(crate) fn consent_in(message: &str) -> Consent {
    let said = |word: &str| message.lines().any(|line| line.strip_prefix(CONSENT).is_some_and(|rest| rest == format!(": {word}")));
    Consent { rollback: said("rollback"), repair: said("repair") }
}

/// The message of a commit that lands several publishes: their subjects, and their trailers under each.
pub(crate) fn integrating(messages: &[String]) -> String {
    let publishes = if messages.len() == 1 { "publish" } else { "publishes" };
    let mut text = format!("integrate {} {publishes}\n", messages.len());
    for message in messages {
        let _ = writeln!(text, "\n{}", message.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_read_back() {
        for (rollback, repair) in [(false, false), (true, false), (false, true), (true, true)] {
            let consent = Consent { rollback, repair };
            let lines: Vec<String> = words(consent).map(|word| format!("{CONSENT}: {word}")).collect();
            let read = consent_in(&format!("churn/model: update 1\n\n{}\nFreehold-Ref: x\n", lines.join("\n")));
            assert_eq!((read.rollback, read.repair), (rollback, repair));
        }
    }
}
