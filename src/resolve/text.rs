//! Templates to texts: compile-time values are put in, run-time references stay for the target.

use super::Surroundings;
use super::room::Room;
use crate::diag::{Diagnostic, Sink, codes as code};
use crate::ir::{OutputReference, Piece, Text};
use crate::name::TaskName;
use crate::policy::Policy;
use crate::spec::{Part, Reference, Scalar, Settings, Table, Template, Workflow};

/// What compile-time references become.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) workflow: &'a Workflow,
    pub(super) surroundings: &'a Surroundings<'a>,
    pub(super) task: &'a TaskName,
    pub(super) room: &'a Room,
}

impl Values<'_> {
    /// The text of a template whose references `check` has accepted; empty when the workflow has no room for it.
    pub(super) fn text(&self, template: &Template) -> Text {
        let bytes = template.parts.iter().map(|part| self.length(part)).sum();
        match self.room.take_text(bytes) {
            Some(()) => Text::new(template.parts.iter().map(|part| self.piece(part))),
            None => Text::default(),
        }
    }

    /// A text as it is; empty when the workflow has no room for it.
    pub(super) fn literal(&self, text: &str) -> Text {
        self.room.take_text(text.len()).map(|()| Text::literal(text)).unwrap_or_default()
    }

    /// The bytes that a part takes, apart from names, which are short.
    fn length(&self, part: &Part) -> usize {
        match part {
            Part::Literal(text) => text.len(),
            Part::Native(text) => text.value.len(),
            Part::Reference(reference) => match &reference.value {
                Reference::Variable(name) => self.variable(name).map_or(0, |scalar| scalar.text.len()),
                Reference::Environment
                | Reference::Team
                | Reference::Source
                | Reference::Task
                | Reference::Workflow
                | Reference::Each { .. }
                | Reference::Run(_)
                | Reference::Param(_)
                | Reference::Output { .. } => 0,
            },
        }
    }

    fn piece(&self, part: &Part) -> Piece {
        let policy = self.surroundings.policy;
        match part {
            Part::Literal(text) => Piece::Literal(text.clone()),
            // What no platform forbids and none allows: `{%` in a printf format is a text unless templates are on.
            Part::Native(text) if policy.allows_templating() => Piece::Native(text.value.clone()),
            Part::Native(text) => Piece::Literal(text.value.clone()),
            Part::Reference(reference) => match &reference.value {
                Reference::Environment => Piece::Literal(policy.environment().to_owned()),
                Reference::Team => Piece::Literal(policy.team().to_string()),
                Reference::Source => Piece::Literal(self.surroundings.source.to_string()),
                Reference::Task => Piece::Literal(self.task.to_string()),
                Reference::Workflow => Piece::Literal(self.workflow.workflow.value.to_string()),
                Reference::Variable(name) => Piece::Literal(self.variable(name).map(|scalar| scalar.text.clone()).unwrap_or_default()),
                Reference::Each { variable, path } => Piece::Each(std::iter::once(variable).chain(path).cloned().collect()),
                Reference::Run(value) => Piece::Run(*value),
                Reference::Param(name) => Piece::Param(name.clone()),
                Reference::Output { task, path } => match TaskName::parse(task) {
                    Ok(task) => Piece::Output(OutputReference { task, path: path.clone() }),
                    Err(_) => Piece::Literal(String::new()),
                },
            },
        }
    }

    fn variable(&self, name: &str) -> Option<&Scalar> {
        self.workflow.vars.as_ref().and_then(|vars: &Table<String, Scalar>| vars.get(name))
    }
}

/// Tells each place where settings use the target's own templating although the platform forbids it.
pub fn native_templates(settings: &Settings, policy: &Policy<'_>, sink: &mut Sink) {
    native_in(settings.templates(), policy, sink);
}

/// Tells each place where texts use it although the platform forbids it.
pub(super) fn native_in<'a>(templates: impl Iterator<Item = &'a Template>, policy: &Policy<'_>, sink: &mut Sink) {
    if policy.allows_templating() {
        return;
    }
    for part in templates.flat_map(|template| &template.parts) {
        if let Part::Native(native) = part
            && native.value.starts_with("{{")
        {
            sink.push(forbidden(&native.value, policy).mainly_at(native.span, ""));
        }
    }
}

/// Airflow's own names for what Freehold has a name for.
const KNOWN: [(&str, &str); 6] = [
    ("ds", "run.date"),
    ("run_id", "run.id"),
    ("dag_run.run_id", "run.id"),
    ("logical_date", "run.date"),
    ("execution_date", "run.date"),
    ("dag.dag_id", "workflow"),
];

fn forbidden(native: &str, policy: &Policy<'_>) -> Diagnostic {
    let inner = native.trim_start_matches("{{").trim_end_matches("}}").trim();
    let fault = Diagnostic::error(&code::TEMPLATING_FORBIDDEN, format!("the platform does not allow Airflow's own `{native}`"));
    let fault = match &policy.platform.templating {
        Some(word) => fault.at(word.span, "the platform's word"),
        None => fault,
    };
    let ours = KNOWN.iter().find(|(theirs, _)| *theirs == inner).map(|(_, ours)| (*ours).to_owned());
    let ours = ours.or_else(|| inner.strip_prefix("params.").map(|name| format!("params.{name}")));
    fault.help(match ours {
        Some(ours) => format!("write `${{{{ {ours} }}}}`"),
        None => "write `${{ run.date }}`, `${{ run.id }}`, `${{ params.NAME }}` or `${{ tasks.NAME.output }}`; for two braces as they are, `${{ '{{' }}`".to_owned(),
    })
}
