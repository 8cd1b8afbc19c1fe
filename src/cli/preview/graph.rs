//! What waits for what, drawn.

use super::GraphFormat;
use crate::ir::{FanOut, Group, Need, Node, Task, TaskKind, Wait, Workflow};
use crate::spec::Timespan;

pub(super) fn show(chosen: &[&Workflow], format: GraphFormat) -> String {
    let draw = match format {
        GraphFormat::Text => text,
        GraphFormat::Mermaid => mermaid,
        GraphFormat::Dot => dot,
    };
    chosen.iter().map(|workflow| draw(workflow)).collect::<Vec<_>>().join("\n")
}

/// `× 1000 customers.csv`, in words.
fn times(fan_out: Option<&FanOut>) -> String {
    match fan_out {
        None => String::new(),
        Some(FanOut::Static { variables, rows }) => format!(" × {} ({})", rows.len(), variables.join(", ")),
        Some(FanOut::Mapped { variable, task, .. }) => format!(" × each {variable} of {task}'s output"),
    }
}

/// What there is to say of a task beside its name.
fn what(task: &Task) -> String {
    match &task.kind {
        TaskKind::Container(container) => times(container.fan_out.as_ref()),
        TaskKind::Operator(operator) => format!("{} ({})", times(operator.fan_out.as_ref()), operator.class.class()),
        TaskKind::Wait(Wait { team, workflow, dag_id: _, offset, within: _ }) => {
            let earlier = if offset.is_zero() { String::new() } else { format!(", {} earlier", Timespan(*offset)) };
            format!(" waits for {team}/{workflow}{earlier}")
        }
    }
}

fn need_names(task: &Task) -> Vec<&str> {
    task.needs
        .iter()
        .map(|need| match need {
            Need::Sibling(name) | Need::Top(name) => name.as_str(),
        })
        .collect()
}

fn after(needs: &[&str]) -> String {
    if needs.is_empty() { String::new() } else { format!("  ← {}", needs.join(", ")) }
}

fn text(workflow: &Workflow) -> String {
    let mut lines = vec![format!("{}/{}", workflow.team, workflow.name)];
    let last = workflow.nodes.len().saturating_sub(1);
    for (at, node) in workflow.nodes.iter().enumerate() {
        let (branch, bar) = if at == last { ("└─", "  ") } else { ("├─", "│ ") };
        match node {
            Node::Task(task) => lines.push(format!("{branch} {}", task_line(task))),
            Node::Group(group) => {
                let needs: Vec<&str> = group.needs.iter().map(|need| need.as_str()).collect();
                lines.push(format!("{branch} {}/{}{}", group.name, times(group.fan_out.as_ref()), after(&needs)));
                let end = group.tasks.len().saturating_sub(1);
                for (inner, task) in group.tasks.iter().enumerate() {
                    let branch = if inner == end { "└─" } else { "├─" };
                    lines.push(format!("{bar} {branch} {}", task_line(task)));
                }
            }
        }
    }
    lines.join("\n") + "\n"
}

fn task_line(task: &Task) -> String {
    let rule = if task.trigger_rule.as_str() == "all_success" { String::new() } else { format!(" [{}]", task.trigger_rule.as_str()) };
    format!("{}{}{}{rule}", task.name, what(task), after(&need_names(task)))
}

/// Edges between ids of tasks and groups, `group.task` inside a group.
fn edges(workflow: &Workflow) -> Vec<(String, String)> {
    let mut edges = Vec::new();
    for node in &workflow.nodes {
        match node {
            Node::Task(task) => {
                edges.extend(need_names(task).into_iter().map(|need| (need.to_owned(), task.name.to_string())));
                edges.extend(producer(task.fan_out()).map(|producer| (producer, task.name.to_string())));
            }
            Node::Group(group) => {
                edges.extend(producer(group.fan_out.as_ref()).map(|producer| (producer, group.name.to_string())));
                edges.extend(group.needs.iter().map(|need| (need.to_string(), group.name.to_string())));
                edges.extend(group.tasks.iter().flat_map(|task| inner_edges(group, task)));
            }
        }
    }
    edges.sort();
    edges.dedup();
    edges
}

/// The task over whose output something is repeated.
fn producer(fan_out: Option<&FanOut>) -> Option<String> {
    match fan_out {
        Some(FanOut::Mapped { task, .. }) => Some(task.to_string()),
        Some(FanOut::Static { .. }) | None => None,
    }
}

fn inner_edges<'a>(group: &'a Group, task: &'a Task) -> impl Iterator<Item = (String, String)> + 'a {
    task.needs.iter().map(move |need| {
        let from = match need {
            Need::Sibling(name) => format!("{}.{name}", group.name),
            Need::Top(name) => name.to_string(),
        };
        (from, format!("{}.{}", group.name, task.name))
    })
}

/// An id of Mermaid and Graphviz: names may hold `-` and `.`, which mean something else there.
fn id(name: &str) -> String {
    name.replace('-', "_h_").replace('.', "__")
}

fn mermaid(workflow: &Workflow) -> String {
    let mut lines = vec!["flowchart LR".to_owned()];
    for node in &workflow.nodes {
        match node {
            Node::Task(task) => lines.push(format!("  {}[\"{}{}\"]", id(task.name.as_str()), task.name, what(task))),
            Node::Group(group) => {
                lines.push(format!("  subgraph {}[\"{}{}\"]", id(group.name.as_str()), group.name, times(group.fan_out.as_ref())));
                lines.extend(
                    group
                        .tasks
                        .iter()
                        .map(|task| format!("    {}[\"{}{}\"]", id(&format!("{}.{}", group.name, task.name)), task.name, what(task))),
                );
                lines.push("  end".to_owned());
            }
        }
    }
    lines.extend(edges(workflow).into_iter().map(|(from, to)| format!("  {} --> {}", id(&from), id(&to))));
    lines.join("\n") + "\n"
}

fn dot(workflow: &Workflow) -> String {
    let mut lines =
        vec![format!("digraph \"{}__{}\" {{", workflow.team, workflow.name), "  rankdir=LR; compound=true; node [shape=box];".to_owned()];
    let anchor = |name: &str| {
        let group = workflow.nodes.iter().find_map(|node| match node {
            Node::Group(group) if group.name.as_str() == name => group.tasks.first().map(|task| format!("{name}.{}", task.name)),
            Node::Group(_) | Node::Task(_) => None,
        });
        group.map_or_else(|| (name.to_owned(), None), |task| (task, Some(format!("cluster_{}", id(name)))))
    };
    for node in &workflow.nodes {
        match node {
            Node::Task(task) => lines.push(format!("  \"{}\" [label=\"{}{}\"];", task.name, task.name, what(task))),
            Node::Group(group) => {
                lines.push(format!("  subgraph cluster_{} {{", id(group.name.as_str())));
                lines.push(format!("    label=\"{}{}\";", group.name, times(group.fan_out.as_ref())));
                lines.extend(
                    group.tasks.iter().map(|task| format!("    \"{}.{}\" [label=\"{}{}\"];", group.name, task.name, task.name, what(task))),
                );
                lines.push("  }".to_owned());
            }
        }
    }
    for (from, to) in edges(workflow) {
        let ((from, tail), (to, head)) = (anchor(&from), anchor(&to));
        let ends: Vec<String> =
            tail.map(|tail| format!("ltail={tail}")).into_iter().chain(head.map(|head| format!("lhead={head}"))).collect();
        let options = if ends.is_empty() { String::new() } else { format!(" [{}]", ends.join(" ")) };
        lines.push(format!("  \"{from}\" -> \"{to}\"{options};"));
    }
    lines.push("}".to_owned());
    lines.join("\n") + "\n"
}
