//! What the platform's own rules see.

use crate::cli::Failure;
use crate::cli::workspace::Compilation;
use crate::ir::Workflow;
use crate::policy::{RuleInputs, rule_inputs};

/// For each workflow what a rule over workflows sees, then what a rule over tasks sees of each of its tasks.
pub(super) fn show(done: &Compilation, chosen: &[&Workflow]) -> Result<String, Failure> {
    let mut inputs = Vec::new();
    for team in &done.teams {
        let policy = team.policy.policy();
        for workflow in team.compiled.workflows.iter().filter(|workflow| chosen.iter().any(|chosen| std::ptr::eq(*chosen, *workflow))) {
            inputs.extend(rule_inputs(&policy, workflow));
        }
    }
    let printed = serde_json::to_string_pretty(&RuleInputs { schema_version: 1, inputs });
    printed.map(|text| format!("{text}\n")).map_err(|error| Failure::new(error.to_string()))
}
