//! What the Git host enforces on a branch, as its API answers.
//!
//! GitHub has three documents of it, and each may be handed in: the rules of a branch (`rules/branches/main`), a ruleset
//! (`rulesets/1`, which knows who may go around it), and the older branch protection (`branches/main/protection`).
//! <https://docs.github.com/rest/repos/rules>, <https://docs.github.com/rest/branches/branch-protection>.

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::source::{Sources, Span};
use crate::yaml::{self, Node, Value};

/// What the documents say together.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// The first document, for what none of them says.
    pub(super) path: String,
    /// Changes come by pull request.
    pub(super) asks_pull_request: bool,
    /// Code owners have to agree.
    pub(super) asks_owners: bool,
    /// Checks that have to pass.
    pub(super) checks: Vec<RequiredCheck>,
    /// They pass on the newest state of the branch.
    pub(super) is_strict: bool,
    /// Changes land one after another, each tried on those before it.
    pub(super) has_queue: bool,
    /// The branch cannot be moved back.
    pub(super) refuses_force: bool,
    /// The branch cannot be deleted.
    pub(super) refuses_deletion: bool,
    /// A workflow of another repository is required.
    pub(super) outside: Option<Span>,
    /// Who may go around all of this.
    pub(super) bypass: Vec<(String, Span)>,
    /// Rulesets that are only tried out.
    pub(super) idle: Vec<Span>,
}

/// A check that has to pass.
#[derive(Debug)]
pub(super) struct RequiredCheck {
    pub(super) name: String,
    pub(super) span: Span,
    /// Whether only one app may report it.
    pub(super) has_app: bool,
}

/// Reads the documents; `None` when there are none. What cannot be understood is told.
pub(super) fn read(answers: &[(String, Vec<u8>)], sources: &Sources, sink: &mut Sink) -> Option<Rules> {
    let mut rules = Rules { path: answers.first()?.0.clone(), ..Rules::default() };
    for (path, bytes) in answers {
        let text = match yaml::decode(path, bytes.clone()) {
            Ok(text) => text,
            Err(fault) => {
                sink.push(*fault);
                continue;
            }
        };
        let id = sources.add(&**path, text);
        // JSON is YAML too, and so its places are known.
        let Some(node) = yaml::parse(id, &sources.file(id).text, sink) else { continue };
        if !take(&node, &mut rules) {
            let fault = Diagnostic::error(&code::HOST_RULES, format!("`{path}` is no answer about a branch's rules"));
            sink.push(fault.at_file(&**path, "").help("gh api repos/OWNER/NAME/rules/branches/main > rules.json"));
        }
    }
    Some(rules)
}

/// Takes in a document, or a list of them; whether it is one.
fn take(node: &Node, rules: &mut Rules) -> bool {
    match &node.value {
        Value::List(items) => items.iter().all(|item| take(item, rules)),
        Value::Map(_) if node.get("type").is_some() => {
            take_rule(node, rules);
            true
        }
        Value::Map(_) if node.get("rules").is_some() => {
            take_ruleset(node, rules);
            true
        }
        Value::Map(_) if ["required_status_checks", "enforce_admins", "allow_force_pushes"].iter().any(|key| node.get(key).is_some()) => {
            take_protection(node, rules);
            true
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) => false,
    }
}

fn is_true(node: Option<&Node>) -> bool {
    node.is_some_and(|node| node.value == Value::Bool(true))
}

fn take_rule(rule: &Node, rules: &mut Rules) {
    let parameter = |key: &str| rule.get("parameters").and_then(|parameters| parameters.get(key));
    match rule.get("type").and_then(Node::as_str).unwrap_or_default() {
        "pull_request" => {
            rules.asks_pull_request = true;
            rules.asks_owners |= is_true(parameter("require_code_owner_review"));
        }
        "required_status_checks" => {
            rules.is_strict |= is_true(parameter("strict_required_status_checks_policy"));
            let checks = parameter("required_status_checks").map(Node::items).unwrap_or_default();
            rules.checks.extend(checks.iter().filter_map(|check| required(check, "integration_id")));
        }
        "merge_queue" => rules.has_queue = true,
        "non_fast_forward" => rules.refuses_force = true,
        "deletion" => rules.refuses_deletion = true,
        "workflows" => rules.outside = Some(rule.span),
        _ => {}
    }
}

/// A check with the app that reports it; GitHub writes -1 or nothing for any.
fn required(check: &Node, app: &str) -> Option<RequiredCheck> {
    let context = check.get("context")?;
    let has_app = matches!(check.get(app).map(|app| &app.value), Some(Value::Number(number)) if number.as_i64() != Some(-1));
    Some(RequiredCheck { name: context.as_str()?.to_owned(), span: context.span, has_app })
}

fn take_ruleset(ruleset: &Node, rules: &mut Rules) {
    if let Some(enforcement) = ruleset.get("enforcement").filter(|word| word.as_str() != Some("active")) {
        rules.idle.push(enforcement.span);
        return;
    }
    ruleset.get("rules").map(Node::items).unwrap_or_default().iter().for_each(|rule| take_rule(rule, rules));
    for actor in ruleset.get("bypass_actors").map(Node::items).unwrap_or_default() {
        let who = match actor.get("actor_type").and_then(Node::as_str).unwrap_or_default() {
            // Publishing takes one of these: it pushes, and is verified before that.
            "Integration" | "DeployKey" => continue,
            "OrganizationAdmin" => "every administrator of the organisation",
            "RepositoryRole" => "everybody with some role in the repository",
            "Team" => "everybody in some team",
            _ => "somebody",
        };
        rules.bypass.push((who.to_owned(), actor.span));
    }
}

fn take_protection(protection: &Node, rules: &mut Rules) {
    let is_enabled = |key: &str| is_true(protection.get(key).and_then(|flag| flag.get("enabled")));
    if let Some(reviews) = protection.get("required_pull_request_reviews") {
        rules.asks_pull_request = true;
        rules.asks_owners |= is_true(reviews.get("require_code_owner_reviews"));
    }
    if let Some(checks) = protection.get("required_status_checks") {
        rules.is_strict |= is_true(checks.get("strict"));
        match checks.get("checks") {
            Some(list) => rules.checks.extend(list.items().iter().filter_map(|check| required(check, "app_id"))),
            None => {
                let contexts = checks.get("contexts").map(Node::items).unwrap_or_default().iter();
                let named = contexts.filter_map(|context| Some((context.as_str()?.to_owned(), context.span)));
                rules.checks.extend(named.map(|(name, span)| RequiredCheck { name, span, has_app: false }));
            }
        }
    }
    rules.refuses_force |= !is_enabled("allow_force_pushes");
    rules.refuses_deletion |= !is_enabled("allow_deletions");
    if !is_enabled("enforce_admins") {
        let span = protection.get("enforce_admins").map_or(protection.span, |flag| flag.span);
        rules.bypass.push(("every administrator of the repository".to_owned(), span));
    }
}
