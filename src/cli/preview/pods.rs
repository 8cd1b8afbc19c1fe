//! The final pods.

use serde_json::json;

use crate::backend::FinalPod;
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::cli::workspace::Compilation;
use crate::ir::Workflow;
use crate::pipeline;
use crate::report::Language;

pub(super) fn show(done: &Compilation, chosen: &[&Workflow], output: &Output) -> Result<String, Failure> {
    let mut pods = Vec::new();
    for team in &done.teams {
        let Some(target) = pipeline::backend_of(&team.policy.platform) else { continue };
        for workflow in team.compiled.workflows.iter().filter(|workflow| chosen.iter().any(|chosen| std::ptr::eq(*chosen, *workflow))) {
            pods.extend(target.final_pods(workflow));
        }
    }
    if !output.format.is_for_people() {
        let list: Vec<_> =
            pods.into_iter().map(|pod| json!({ "dag_id": pod.dag_id.as_str(), "task_id": pod.task_id, "pod": pod.pod })).collect();
        return Ok(format!("{:#}\n", json!({ "schema_version": 1, "pods": list })));
    }
    let mut text = String::new();
    for pod in pods {
        text.push_str(&format!("---\n# {} · {}\n{}", pod.dag_id, pod.task_id, yaml(&pod)?));
    }
    Ok(output.code(&text, Language::Yaml))
}

/// A pod as one writes it.
pub(super) fn yaml(pod: &FinalPod) -> Result<String, Failure> {
    let options = serde_yaml::ser_options! { prefer_block_scalars: false };
    serde_yaml::to_string_with_options(&pod.pod, options).map_err(|error| Failure::new(error.to_string()))
}
