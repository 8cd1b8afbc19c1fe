//! The final pods.

use serde_json::json;

use crate::backend::{Backend, FinalPod};
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::cli::workspace::Compilation;
use crate::diag::{quoted_list, suggest};
use crate::ir::{Node, Workflow};
use crate::pipeline;
use crate::report::Language;

pub(super) fn show(done: &Compilation, chosen: &[&Workflow], task: Option<&str>, output: &Output) -> Result<String, Failure> {
    let mut pods = Vec::new();
    for team in &done.teams {
        let Some(target) = pipeline::backend_of(&team.policy.platform) else { continue };
        for workflow in team.compiled.workflows.iter().filter(|workflow| chosen.iter().any(|chosen| std::ptr::eq(*chosen, *workflow))) {
            pods.extend(match task {
                Some(asked) => pods_of(asked, workflow, target.as_ref()),
                None => target.final_pods(workflow),
            });
        }
    }
    if let Some(asked) = task.filter(|_| pods.is_empty()) {
        return Err(no_pod(asked, chosen));
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

/// The pods of a task, `task` or `group.task`, whatever it is repeated for; or the one pod of that name.
fn pods_of(asked: &str, workflow: &Workflow, target: &dyn Backend) -> Vec<FinalPod> {
    let mut only = workflow.clone();
    retain(&mut only.nodes, "", &|path| is_meant(path, asked));
    if only.nodes.is_empty() {
        return target.final_pods(workflow).into_iter().filter(|pod| pod.task_id == asked).collect();
    }
    target.final_pods(&only)
}

fn is_meant(path: &str, asked: &str) -> bool {
    path == asked || path.rsplit('.').next() == Some(asked)
}

/// Leaves the tasks of some paths, and the groups around them.
fn retain(nodes: &mut Vec<Node>, prefix: &str, is_kept: &dyn Fn(&str) -> bool) {
    nodes.retain_mut(|node| {
        let path = format!("{prefix}{}", node.name());
        match node {
            Node::Task(_) => is_kept(&path),
            Node::Group(group) => {
                retain(&mut group.nodes, &format!("{path}."), is_kept);
                !group.nodes.is_empty()
            }
        }
    });
}

/// Why a task has no pod: there is none of that name, or it needs none.
fn no_pod(asked: &str, chosen: &[&Workflow]) -> Failure {
    let mut known = Vec::new();
    chosen.iter().for_each(|workflow| paths(&workflow.nodes, "", &mut known));
    if known.iter().any(|path| is_meant(path, asked)) {
        return Failure::new(format!("task `{asked}` runs in no pod of its own")).help("see what it is: `--what manifest`");
    }
    let names = || known.iter().map(String::as_str);
    let near = suggest(asked, names()).or_else(|| suggest(asked.rsplit('.').next().unwrap_or(asked), names()));
    let help = near.map_or_else(|| format!("there are {}", quoted_list(names())), |near| format!("did you mean `{near}`?"));
    Failure::new(format!("there is no task `{asked}`")).help(help)
}

fn paths(nodes: &[Node], prefix: &str, found: &mut Vec<String>) {
    for node in nodes {
        let path = format!("{prefix}{}", node.name());
        match node {
            Node::Task(_) => found.push(path),
            Node::Group(group) => paths(&group.nodes, &format!("{path}."), found),
        }
    }
}

/// A pod as one writes it.
pub(super) fn yaml(pod: &FinalPod) -> Result<String, Failure> {
    let options = serde_yaml::ser_options! { prefer_block_scalars: false };
    serde_yaml::to_string_with_options(&pod.pod, options).map_err(|error| Failure::new(error.to_string()))
}
