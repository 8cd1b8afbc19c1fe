//! The platform's own rules, in CEL.
//!
//! In go rules as written and a resolved workflow, out come violations with the platform's words. A rule that cannot be read is a
//! fault at its place in `platform.yaml`; one that cannot be judged for a workflow refuses it, so that no fault of a rule lets
//! anything through. Whoever writes a rule can neither stop nor crash the compiler: see [`cel`](self::cel).

mod cel;
mod input;

use std::collections::{BTreeSet, HashMap};

use self::cel::{Expression, Facts, Message};
use self::input::Seen;
use super::Policy;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir;
use crate::source::Span;
use crate::spec::{Platform, PlatformRule, RuleScope, RuleSeverity, Workflow};

pub use input::{RuleInput, RuleInputs, rule_inputs};

/// A platform's rules, ready to be asked.
#[derive(Debug, Default)]
pub struct Rules<'a> {
    rules: Vec<Rule<'a>>,
}

/// A rule that can be asked.
#[derive(Debug)]
struct Rule<'a> {
    written: &'a PlatformRule,
    when: Expression,
    message: Message,
    help: Option<Message>,
}

impl<'a> Rules<'a> {
    /// Reads a platform's rules; what is wrong with them is told.
    pub fn read(platform: &'a Platform, sink: &mut Sink) -> Self {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut rules = Vec::new();
        for written in platform.rules.iter().flatten() {
            let name = &written.name;
            if !names.insert(&name.value) {
                let fault =
                    Diagnostic::error(&code::RULE_FAULT, format!("two rules are called `{}`", name.value)).at(name.span, "the second");
                sink.push(fault.help("give one of them another name: a name is what a team sees"));
            }
            match read_rule(written) {
                Ok(rule) => rules.push(rule),
                Err(fault) => sink.push(*fault),
            }
        }
        Self { rules }
    }

    /// Whether there is no rule.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

fn read_rule(written: &PlatformRule) -> Result<Rule<'_>, Box<Diagnostic>> {
    let variables: &[&str] = match scope_of(written) {
        RuleScope::Task => &["environment", "source", "task", "team", "workflow"],
        RuleScope::Workflow => &["environment", "source", "team", "workflow"],
    };
    let fault = |reason: String, place: Span| {
        let fault = Diagnostic::error(&code::RULE_FAULT, format!("rule `{}` cannot be read", written.name.value)).at(place, reason);
        Box::new(fault.help(format!("write CEL over {}: `task.retries > 5`", crate::diag::quoted_list(variables.iter().copied()))))
    };
    let message = |text: &crate::source::Spanned<String>| Message::read(&text.value, variables).map_err(|reason| fault(reason, text.span));
    Ok(Rule {
        written,
        when: Expression::read(&written.when.value, variables).map_err(|reason| fault(reason, written.when.span))?,
        message: message(&written.message)?,
        help: written.help.as_ref().map(message).transpose()?,
    })
}

fn scope_of(rule: &PlatformRule) -> RuleScope {
    rule.scope.as_ref().map_or(RuleScope::Task, |scope| scope.value)
}

/// Asks the platform's rules about a resolved workflow; `written` says where its tasks stand.
pub fn check_rules(policy: &Policy<'_>, workflow: &ir::Workflow, written: &Workflow, sink: &mut Sink) {
    if policy.rules.is_empty() || policy.is_assumed {
        return;
    }
    let seen = Seen::of(policy, workflow);
    let around = Facts::of(&seen.around);
    let rules = |scope: RuleScope| policy.rules.rules.iter().filter(move |rule| scope_of(rule.written) == scope);
    if rules(RuleScope::Workflow).next().is_some() {
        let (facts, what) = (around.with(input::WORKFLOW, &seen.whole), format!("workflow `{}`", workflow.name));
        sink.extend(rules(RuleScope::Workflow).filter_map(|rule| judge(rule, &facts, &what, written.workflow.span)));
    }
    if rules(RuleScope::Task).next().is_some() {
        let places: HashMap<String, Span> = written.members().iter().map(|member| (member.path().join("."), member.name.span)).collect();
        for (member, fields) in workflow.members().iter().zip(seen.tasks()) {
            let facts = around.with(input::TASK, fields);
            let place = places.get(&member.path()).copied().unwrap_or(written.workflow.span);
            let what = format!("task `{}`", member.task.name);
            sink.extend(rules(RuleScope::Task).filter_map(|rule| judge(rule, &facts, &what, place)));
        }
    }
}

fn judge(rule: &Rule<'_>, facts: &Facts<'_, '_>, what: &str, place: Span) -> Option<Diagnostic> {
    let written = rule.written;
    let unknown = |reason: String, span: Span| {
        let title = format!("rule `{}` cannot be judged for {what}", written.name.value);
        let fault = Diagnostic::error(&code::RULE_FAULT, title).at(place, "").at(span, reason);
        fault.help("ask the platform to mend the rule; `freehold preview --what policy` shows what it sees")
    };
    match rule.when.is_true(facts) {
        Ok(false) => return None,
        Ok(true) => {}
        Err(reason) => return Some(unknown(reason, written.when.span)),
    }
    let message = match rule.message.text(facts) {
        Ok(message) => message,
        Err(reason) => return Some(unknown(reason, written.message.span)),
    };
    let help = match rule.help.as_ref().map(|help| help.text(facts)).transpose() {
        Ok(help) => help.unwrap_or_else(|| "change what the rule asks about, or ask the platform".to_owned()),
        Err(reason) => return Some(unknown(reason, written.help.as_ref().map_or(written.span, |help| help.span))),
    };
    let fault = match written.severity.as_ref().map(|severity| severity.value) {
        Some(RuleSeverity::Warning) => Diagnostic::warning(&code::RULE, message),
        Some(RuleSeverity::Error) | None => Diagnostic::error(&code::RULE, message),
    };
    Some(fault.at(place, "").at(written.name.span, "the platform's rule").help(help))
}
