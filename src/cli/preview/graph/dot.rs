//! The graph for Graphviz (graphviz.org/doc/info/lang.html).

use std::collections::HashMap;

use crate::delta::{Graph, GraphNode};
use crate::ir::Workflow;

/// What is drawn, by where it is. Names hold no quote, and are written between quotes, because they may be words of Graphviz's own.
struct Drawing<'a> {
    inside: HashMap<Option<&'a str>, Vec<&'a GraphNode>>,
}

pub(super) fn dot(workflow: &Workflow) -> String {
    let graph = Graph::of_workflow(workflow);
    let mut inside: HashMap<Option<&str>, Vec<&GraphNode>> = HashMap::new();
    graph.nodes.iter().for_each(|node| inside.entry(node.group.as_deref()).or_default().push(node));
    let drawing = Drawing { inside };
    let mut lines =
        vec![format!("digraph \"{}__{}\" {{", workflow.team, workflow.name), "  rankdir=LR; compound=true; node [shape=box];".to_owned()];
    drawing.draw(None, 1, &mut lines);
    // An edge of Graphviz leads to a node: that of a group leads to the first task in it, and ends at the group's border.
    let groups: HashMap<&str, &str> =
        graph.nodes.iter().filter(|node| node.is_group).map(|group| (group.id.as_str(), drawing.first_task(&group.id))).collect();
    for edge in &graph.edges {
        let (tail, head) = (groups.get(edge.from.as_str()), groups.get(edge.to.as_str()));
        let ends: Vec<String> = [("ltail", tail, &edge.from), ("lhead", head, &edge.to)]
            .into_iter()
            .filter_map(|(end, group, id)| group.map(|_| format!("{end}=\"cluster_{id}\"")))
            .collect();
        let options = if ends.is_empty() { String::new() } else { format!(" [{}]", ends.join(" ")) };
        let (from, to) = (tail.copied().unwrap_or(&edge.from), head.copied().unwrap_or(&edge.to));
        lines.push(format!("  \"{from}\" -> \"{to}\"{options};"));
    }
    lines.push("}".to_owned());
    lines.join("\n") + "\n"
}

impl<'a> Drawing<'a> {
    /// Draws the tasks and groups of a group, or those at the top.
    fn draw(&self, group: Option<&str>, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        for node in self.inside.get(&group).into_iter().flatten() {
            let label = if node.note.is_empty() { node.name.clone() } else { format!("{} {}", node.name, node.note) };
            if node.is_group {
                lines.push(format!("{indent}subgraph \"cluster_{}\" {{", node.id));
                lines.push(format!("{indent}  label=\"{label}\";"));
                self.draw(Some(&node.id), depth + 1, lines);
                lines.push(format!("{indent}}}"));
            } else {
                lines.push(format!("{indent}\"{}\" [label=\"{label}\"];", node.id));
            }
        }
    }

    /// The id of the first task in a group, or in a group in it; the group's own where there is none.
    fn first_task<'b>(&self, group: &'b str) -> &'b str
    where
        'a: 'b,
    {
        let mut first = group;
        while let Some(node) = self.inside.get(&Some(first)).and_then(|nodes| nodes.first()) {
            first = &node.id;
        }
        first
    }
}
