//! The platform's file and a team's grant, and what they say about a workflow.
//!
//! In go the two files as written, out comes a [`Policy`] that can be asked whether this team may use that image, profile or
//! pool. A refusal shows both places: the team's line and the policy's. All grants together go to [`lint_grants`].

mod adoption;
mod bound;
mod dag_id;
mod environment;
mod image;
mod lint;
mod names;
mod operator;
mod platform;
mod quota;
mod rule;
mod suppression;
mod task;
mod workflow;

use std::path::Path;

pub use adoption::{check_adopted, check_awaited_file, sha256};
pub use dag_id::DagIds;
pub use environment::check_environments;
pub use image::check_image;
pub use lint::lint_grants;
pub use names::{check_notifier, check_pool, check_profile};
pub use operator::{check_arguments, check_operator};
pub use platform::{check_grant, check_platform, check_together};
pub use quota::{Usage, check_quotas, has_quotas};
pub use rule::{RuleInput, RuleInputs, Rules, check_rules, rule_inputs};
pub use suppression::leave;
pub use task::{TaskCase, check_task};
pub use workflow::{WorkflowCase, check_workflow};

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::TeamName;
use crate::source::Span;
use crate::spec::{Allowed, Grant, Part, Platform, PodSecurity, Reference, Template, Templating};

/// What holds for one team: the platform's file and the team's grant.
#[derive(Debug)]
pub struct Policy<'a> {
    /// The platform's file.
    pub platform: &'a Platform,
    /// The team's grant.
    pub grant: &'a Grant,
    /// The DAG ids of the team's workflows and of those that they wait for.
    pub dag_ids: &'a DagIds,
    /// Whether they are only assumed: then no name is refused because they do not define it.
    pub is_assumed: bool,
    /// The platform's own rules.
    pub rules: Rules<'a>,
}

impl<'a> Policy<'a> {
    /// The environment that the central branch is.
    #[must_use]
    pub fn environment(&self) -> &'a str {
        self.platform.environment.as_ref().map_or("production", |environment| environment.value.as_str())
    }

    /// The team.
    #[must_use]
    pub fn team(&self) -> &'a TeamName {
        &self.grant.team.value
    }

    /// The Kubernetes namespace in which the team's pods run.
    #[must_use]
    pub fn namespace(&self) -> &'a str {
        self.grant.kubernetes_namespace.as_ref().map_or(self.grant.team.value.as_str(), |namespace| namespace.value.0.as_str())
    }

    /// Whether a target's own templating may be used.
    #[must_use]
    pub fn allows_templating(&self) -> bool {
        match self.platform.templating.as_ref().map(|word| word.value).unwrap_or_default() {
            Templating::Allowed => true,
            Templating::Forbidden => false,
        }
    }

    /// The level of Kubernetes' Pod Security Standards that the team's pods must keep, and where it is written.
    fn pod_security(&self) -> (PodSecurity, Option<Span>) {
        let written = self.grant.pod_security.as_ref().or(self.platform.pod_security.as_ref());
        written.map_or((PodSecurity::default(), None), |level| (level.value, Some(level.span)))
    }

    /// A list of names that the team may use: the grant's own, or the platform's. `None` where neither has one.
    fn allowed(&self, list: impl Fn(&'a Allowed) -> Option<&'a Vec<Template>>) -> Option<&'a Vec<Template>> {
        let of = |allowed: &'a Option<Allowed>| allowed.as_ref().and_then(&list);
        of(&self.grant.allow).or_else(|| of(&self.platform.allow))
    }

    /// A pattern of the platform's with what it refers to put in. Other references were refused when the file was read.
    fn fill(&self, pattern: &Template) -> String {
        let piece = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Native(text) => text.value.clone(),
            Part::Reference(reference) => match &reference.value {
                Reference::Environment => self.environment().to_owned(),
                Reference::Team => self.team().to_string(),
                Reference::Source
                | Reference::Workflow
                | Reference::Task
                | Reference::Variable(_)
                | Reference::Each { .. }
                | Reference::Run(_)
                | Reference::Param(_)
                | Reference::Output { .. } => String::new(),
            },
        };
        pattern.parts.iter().map(piece).collect()
    }
}

/// Tells when a grant's file is not called after its team.
pub fn check_grant_path(grant: &Grant, path: &str, sink: &mut Sink) {
    let stem = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let team = grant.team.value.as_str();
    if stem != team {
        let fault = Diagnostic::error(&code::GRANT_NAME, format!("`{path}` grants to team `{team}`"));
        sink.push(fault.at(grant.team.span, "").help(format!("write `team: {stem}`, or rename the file to `teams/{team}.yaml`")));
    }
}

/// Tells when a team has more workflows than its grant allows.
pub fn check_workflow_count(grant: &Grant, count: usize, sink: &mut Sink) {
    let Some(limit) = grant.limits.as_ref().and_then(|limits| limits.workflows.as_ref()) else { return };
    if count > limit.value as usize {
        let title = format!("team `{}` has {count} workflows and may have {}", grant.team.value, limit.value);
        sink.push(
            Diagnostic::error(&code::TOO_MANY_WORKFLOWS, title)
                .at(limit.span, "the limit")
                .help("delete some, or ask the platform to raise `limits.workflows`"),
        );
    }
}
