//! A wait for another workflow.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::decode::{Context, Decode};
use super::leaf::Timespan;
use super::record::record;
use crate::name::{TeamName, WorkflowName};
use crate::source::Spanned;
use crate::yaml::Node;

record! {
    /// What a task waits for: the run of another workflow that is due at the same moment as the waiting one.
    pub struct WaitFor {
        /// The workflow: `churn/daily-retrain`, or `daily-retrain` for one of the own team.
        workflow: Spanned<WorkflowReference>,
        /// The longest that the task waits before it fails, from its start: `6h`. A day, unless you say otherwise.
        within: Option<Spanned<Timespan>>,
        /// How much earlier than the waiting run the awaited one is due: `2h` at three o'clock means the run of one o'clock.
        offset: Option<Spanned<Timespan>>,
    }
}

/// A workflow by its name, with its team's before it when it is another team's: `churn/daily-retrain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowReference {
    /// The team; the own one when it is left out.
    pub team: Option<TeamName>,
    /// The workflow.
    pub workflow: WorkflowName,
}

impl WorkflowReference {
    /// Reads `team/workflow` or `workflow`.
    fn parse(text: &str) -> Option<Self> {
        let (team, workflow) = match text.split_once('/') {
            Some((team, workflow)) => (Some(TeamName::parse(team).ok()?), workflow),
            None => (None, text),
        };
        Some(Self { team, workflow: WorkflowName::parse(workflow).ok()? })
    }
}

impl Decode for WorkflowReference {
    type Described = Self;

    fn decode(node: Node, context: &mut Context<'_>) -> Option<Self> {
        let span = node.span;
        let text = String::decode(node, context)?;
        let found = Self::parse(&text);
        if found.is_none() {
            context.invalid(
                span,
                format!("`{text}` is no workflow's name"),
                "write `team/workflow`, or `workflow` for one of your own team",
            );
        }
        found
    }
}

impl JsonSchema for WorkflowReference {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WorkflowReference".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([a-z][a-z0-9]*(-[a-z0-9]+)*/)?[a-z][a-z0-9]*([-_][a-z0-9]+)*$",
            "maxLength": TeamName::LIMIT + 1 + WorkflowName::LIMIT,
            "x-expects": "a workflow such as `churn/daily-retrain`, or `daily-retrain` for one of your own team",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workflow_is_named_with_or_without_its_team() {
        let read = |text| WorkflowReference::parse(text).map(|found| (found.team.map(|team| team.to_string()), found.workflow.to_string()));
        assert_eq!(read("churn/daily-retrain"), Some((Some("churn".to_owned()), "daily-retrain".to_owned())));
        assert_eq!(read("daily_retrain"), Some((None, "daily_retrain".to_owned())));
        for text in ["", "/", "churn/", "/daily", "a/b/c", "Churn/daily", "churn__daily", "churn/daily\n", "chu_rn/daily", "con/daily"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
