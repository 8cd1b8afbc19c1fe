//! What waits for what, drawn.

use std::collections::BTreeMap;

use super::GraphFormat;
use crate::ir::{FanOut, Need, Node, Row, Task, TaskKind, Wait, Workflow};
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
        Some(FanOut::Static { variables, rows }) => {
            let is_batch = rows.first().is_some_and(Row::is_batch);
            format!(" × {}{} ({})", rows.len(), if is_batch { " batches" } else { "" }, variables.join(", "))
        }
        Some(FanOut::Mapped { variable, task, batch: None, .. }) => format!(" × each {variable} of {task}'s output"),
        Some(FanOut::Mapped { variable, task, batch: Some(size), .. }) => format!(" × every {size} {variable} of {task}'s output"),
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

/// What a task or a group needs, as it is written.
fn need_names(needs: &[Need]) -> Vec<&str> {
    needs.iter().map(|need| need.name.as_str()).collect()
}

fn after(needs: &[Need]) -> String {
    if needs.is_empty() { String::new() } else { format!("  ← {}", need_names(needs).join(", ")) }
}

fn text(workflow: &Workflow) -> String {
    let mut lines = vec![format!("{}/{}", workflow.team, workflow.name)];
    text_lines(&workflow.nodes, "", &mut lines);
    lines.join("\n") + "\n"
}

fn text_lines(nodes: &[Node], indent: &str, lines: &mut Vec<String>) {
    let last = nodes.len().saturating_sub(1);
    for (at, node) in nodes.iter().enumerate() {
        let (branch, bar) = if at == last { ("└─", "   ") } else { ("├─", "│  ") };
        match node {
            Node::Task(task) => lines.push(format!("{indent}{branch} {}", task_line(task))),
            Node::Group(group) => {
                lines.push(format!("{indent}{branch} {}/{}{}", group.name, times(group.fan_out.as_ref()), after(&group.needs)));
                text_lines(&group.nodes, &format!("{indent}{bar}"), lines);
            }
        }
    }
}

fn task_line(task: &Task) -> String {
    let rule = if task.trigger_rule.as_str() == "all_success" { String::new() } else { format!(" [{}]", task.trigger_rule.as_str()) };
    format!("{}{}{}{rule}", task.name, what(task), after(&task.needs))
}

/// Edges between ids of tasks and groups, `group.task` inside a group.
fn edges(workflow: &Workflow) -> Vec<(String, String)> {
    let mut edges = Vec::new();
    collect_edges(&workflow.nodes, "", &mut edges);
    edges.sort();
    edges.dedup();
    edges
}

fn collect_edges(nodes: &[Node], prefix: &str, edges: &mut Vec<(String, String)>) {
    for node in nodes {
        let own = format!("{prefix}{}", node.name());
        edges.extend(node.needs().iter().map(|need| (need.path(), own.clone())));
        edges.extend(producer(node.fan_out()).map(|producer| (producer, own.clone())));
        if let Node::Group(group) = node {
            collect_edges(&group.nodes, &format!("{own}."), edges);
        }
    }
}

/// The task over whose output something is repeated.
fn producer(fan_out: Option<&FanOut>) -> Option<String> {
    match fan_out {
        Some(FanOut::Mapped { task, .. }) => Some(task.to_string()),
        Some(FanOut::Static { .. }) | None => None,
    }
}

/// An id of Mermaid and Graphviz: names may hold `-` and `.`, which mean something else there.
fn id(name: &str) -> String {
    name.replace('-', "_h_").replace('.', "__")
}

fn mermaid(workflow: &Workflow) -> String {
    let mut lines = vec!["flowchart LR".to_owned()];
    mermaid_lines(&workflow.nodes, "", 1, &mut lines);
    lines.extend(edges(workflow).into_iter().map(|(from, to)| format!("  {} --> {}", id(&from), id(&to))));
    lines.join("\n") + "\n"
}

fn mermaid_lines(nodes: &[Node], prefix: &str, depth: usize, lines: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    for node in nodes {
        let own = format!("{prefix}{}", node.name());
        match node {
            Node::Task(task) => lines.push(format!("{indent}{}[\"{}{}\"]", id(&own), task.name, what(task))),
            Node::Group(group) => {
                lines.push(format!("{indent}subgraph {}[\"{}{}\"]", id(&own), group.name, times(group.fan_out.as_ref())));
                mermaid_lines(&group.nodes, &format!("{own}."), depth + 1, lines);
                lines.push(format!("{indent}end"));
            }
        }
    }
}

fn dot(workflow: &Workflow) -> String {
    let mut lines =
        vec![format!("digraph \"{}__{}\" {{", workflow.team, workflow.name), "  rankdir=LR; compound=true; node [shape=box];".to_owned()];
    // An edge of Graphviz leads to a node: that of a group leads to the first task in it, and ends at the group's border.
    let mut firsts = BTreeMap::new();
    dot_lines(&workflow.nodes, "", 1, &mut lines, &mut firsts);
    let anchor = |name: &str| match firsts.get(name) {
        Some(first) => (first.clone(), Some(format!("cluster_{}", id(name)))),
        None => (name.to_owned(), None),
    };
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

fn dot_lines(nodes: &[Node], prefix: &str, depth: usize, lines: &mut Vec<String>, firsts: &mut BTreeMap<String, String>) {
    let indent = "  ".repeat(depth);
    for node in nodes {
        let own = format!("{prefix}{}", node.name());
        match node {
            Node::Task(task) => lines.push(format!("{indent}\"{own}\" [label=\"{}{}\"];", task.name, what(task))),
            Node::Group(group) => {
                firsts.extend(first_task(node).map(|inside| (own.clone(), format!("{prefix}{inside}"))));
                lines.push(format!("{indent}subgraph cluster_{} {{", id(&own)));
                lines.push(format!("{indent}  label=\"{}{}\";", group.name, times(group.fan_out.as_ref())));
                dot_lines(&group.nodes, &format!("{own}."), depth + 1, lines, firsts);
                lines.push(format!("{indent}}}"));
            }
        }
    }
}

/// The first task in a node, by its name with those of the groups from there on.
fn first_task(node: &Node) -> Option<String> {
    match node {
        Node::Task(task) => Some(task.name.to_string()),
        Node::Group(group) => group.nodes.iter().find_map(first_task).map(|inside| format!("{}.{inside}", group.name)),
    }
}
