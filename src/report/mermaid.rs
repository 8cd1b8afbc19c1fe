//! A graph as Mermaid, with what changes marked (mermaid.js.org/syntax/flowchart.html): in a report, and for an author's own page.

use std::collections::{HashMap, HashSet};

use super::shortened;
use crate::delta::{Edge, Graph, GraphNode, Mark, grouped};

/// How much of a graph is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Tasks and groups.
    pub nodes: usize,
    /// Lines between them.
    pub edges: usize,
}

impl Bounds {
    /// What somebody reads beside a change.
    pub const OF_A_REPORT: Self = Self { nodes: 60, edges: 200 };
    /// What Mermaid draws: it refuses more than 500 edges, or 50,000 characters.
    pub const OF_MERMAID: Self = Self { nodes: 500, edges: 500 };
}

/// Characters of a name, and of what stands beside it.
const LABEL: usize = 60;

/// How each mark looks: fill, line, and whether it is dashed. Dark enough for a white page and light enough for a dark one.
const CLASSES: [(&str, &str); 3] = [
    ("added", "fill:#dafbe1,stroke:#1a7f37,stroke-width:2px,color:#1f2328"),
    ("changed", "fill:#fff8c5,stroke:#9a6700,stroke-width:2px,color:#1f2328"),
    ("removed", "fill:#ffebe9,stroke:#cf222e,stroke-width:2px,stroke-dasharray:4,color:#1f2328"),
];

/// The source of a drawing.
#[must_use]
pub fn mermaid(graph: &Graph, bounds: Bounds) -> String {
    let shown = shown(graph, bounds.nodes);
    // Names may be words of Mermaid's own, such as `end`: nodes go by their numbers.
    let ids: HashMap<&str, String> = shown.iter().enumerate().map(|(at, node)| (node.id.as_str(), format!("n{at}"))).collect();
    let mut lines = vec!["flowchart LR".to_owned()];
    let mut inside: HashMap<Option<&str>, Vec<&GraphNode>> = HashMap::new();
    shown.iter().for_each(|node| inside.entry(node.group.as_deref()).or_default().push(node));
    draw(None, 1, &inside, &ids, &mut lines);
    let ends = |edge: &Edge| Some((ids.get(edge.from.as_str())?, ids.get(edge.to.as_str())?));
    let edges: Vec<String> = graph.edges.iter().filter_map(|edge| Some(line(ends(edge)?, edge.mark))).collect();
    let undrawn = edges.len().saturating_sub(bounds.edges);
    lines.extend(edges.into_iter().take(bounds.edges));
    let left_out = graph.nodes.len() - shown.len();
    if left_out > 0 || undrawn > 0 {
        lines.push(format!("  more[\"… and {} more tasks\"]", grouped(left_out as u64)));
    }
    lines.extend(classes(&shown, &ids));
    lines.join("\n") + "\n"
}

/// Draws the tasks and groups of a group, or those at the top.
fn draw(
    group: Option<&str>,
    depth: usize,
    inside: &HashMap<Option<&str>, Vec<&GraphNode>>,
    ids: &HashMap<&str, String>,
    lines: &mut Vec<String>,
) {
    let indent = "  ".repeat(depth);
    for node in inside.get(&group).into_iter().flatten() {
        let id = &ids[node.id.as_str()];
        if node.is_group {
            lines.push(format!("{indent}subgraph {id}[\"{}\"]", label(node)));
            draw(Some(&node.id), depth + 1, inside, ids, lines);
            lines.push(format!("{indent}end"));
        } else {
            lines.push(format!("{indent}{id}[\"{}\"]", label(node)));
        }
    }
}

/// What is drawn: all of a small graph; of a large one what changes, what that waits for and what waits for it, and then the rest.
fn shown(graph: &Graph, most: usize) -> Vec<&GraphNode> {
    if graph.nodes.len() <= most {
        return graph.nodes.iter().collect();
    }
    let is_marked: HashMap<&str, bool> = graph.nodes.iter().map(|node| (node.id.as_str(), node.mark != Mark::Same)).collect();
    let marked = |id: &str| is_marked.get(id).copied().unwrap_or_default();
    let beside: HashSet<&str> = graph
        .edges
        .iter()
        .filter(|edge| marked(&edge.from) || marked(&edge.to))
        .flat_map(|edge| [edge.from.as_str(), edge.to.as_str()])
        .collect();
    let rank = |node: &GraphNode| match (node.mark, beside.contains(node.id.as_str())) {
        (Mark::Added | Mark::Changed | Mark::Removed, _) => 0,
        (Mark::Same, true) => 1,
        (Mark::Same, false) => 2,
    };
    let mut ranked: Vec<&GraphNode> = graph.nodes.iter().collect();
    ranked.sort_by_key(|node| rank(node));
    let mut chosen: HashSet<&str> = ranked.into_iter().take(most).map(|node| node.id.as_str()).collect();
    // A task is drawn within its groups, which stand before it.
    for node in graph.nodes.iter().rev() {
        if chosen.contains(node.id.as_str()) {
            chosen.extend(node.group.as_deref());
        }
    }
    graph.nodes.iter().filter(|node| chosen.contains(node.id.as_str())).collect()
}

fn line((from, to): (&String, &String), mark: Mark) -> String {
    let arrow = match mark {
        Mark::Same | Mark::Changed => "-->",
        Mark::Added => "==>",
        Mark::Removed => "-.->",
    };
    format!("  {from} {arrow} {to}")
}

fn classes(shown: &[&GraphNode], ids: &HashMap<&str, String>) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, look) in CLASSES {
        let of: Vec<&str> = shown.iter().filter(|node| node.mark.as_str() == name).map(|node| ids[node.id.as_str()].as_str()).collect();
        if !of.is_empty() {
            lines.push(format!("  classDef {name} {look}"));
            lines.push(format!("  class {} {name}", of.join(",")));
        }
    }
    lines
}

fn label(node: &GraphNode) -> String {
    let note = if node.note.is_empty() { String::new() } else { format!(" {}", node.note) };
    // Not every reader sees colours. At the start of a label a sign would begin a list.
    let mark = match node.mark {
        Mark::Same => String::new(),
        Mark::Added | Mark::Changed | Mark::Removed => format!(" · {}", node.mark.as_str()),
    };
    escaped(&(shortened(&format!("{}{note}", node.name), LABEL) + &mark))
}

/// A text between quotes: whatever could end it, or mean something to Mermaid, Markdown or HTML, is written as its number.
fn escaped(text: &str) -> String {
    let one = |character: char| match character {
        ' ' | '-' | '_' | '.' | ',' | '/' | '(' | ')' | '+' | '~' | '×' | '…' | '·' => character.to_string(),
        character if character.is_alphanumeric() => character.to_string(),
        character => format!("#{};", u32::from(character)),
    };
    text.chars().map(one).collect()
}
