//! The graph for a terminal: layer by layer, every task and group behind all that it waits for.

use crate::delta::{self, grouped};
use crate::ir::{Node, Task, TriggerRule, Workflow, all_of, ranks, waits};
use crate::report::paint::{BLUE, BOLD, CYAN, DIM, YELLOW};
use crate::report::{Paint, shortened};

/// Tasks and groups that are told of one layer, and layers that are told of a workflow or a group: more are not read.
const MOST_NODES: usize = 10;
const MOST_LAYERS: usize = 30;
/// Layers at the end that are told when those before them are too many.
const LAST_LAYERS: usize = 5;
/// Lines within groups; a group that has more than are left is told in one.
const MOST_INSIDE: usize = 150;

/// How it is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) paint: Paint,
    /// Columns of the terminal.
    pub(super) width: usize,
    /// Whether nothing is left out, however large it is.
    pub(super) is_whole: bool,
}

pub(super) fn text(workflow: &Workflow, look: Look) -> String {
    let layers = Layers::of(&workflow.nodes, 0);
    let name = look.paint.with(BOLD, &format!("{}/{}", workflow.team, workflow.name));
    let amount = amount(workflow.members().len(), layers.0.len());
    let mut lines = vec![format!("{name} {}", look.paint.with(DIM, &format!("· {amount}")))];
    Drawing { look, left: MOST_INSIDE }.draw(&layers, 0, &mut lines);
    lines.join("\n") + "\n"
}

fn amount(tasks: usize, layers: usize) -> String {
    let counted = |count: usize, what: &str| format!("{} {what}{}", grouped(count as u64), if count == 1 { "" } else { "s" });
    format!("{} in {}", counted(tasks, "task"), counted(layers, "layer"))
}

/// Tasks and groups beside each other, by their layers, in the order written.
struct Layers<'a>(Vec<Vec<&'a Node>>);

impl<'a> Layers<'a> {
    /// Of nodes that are `depth` groups deep.
    fn of(nodes: &'a [Node], depth: usize) -> Self {
        let ranks = ranks(nodes.len(), &waits(nodes, depth));
        let mut layers = vec![Vec::new(); ranks.iter().max().map_or(0, |last| last + 1)];
        nodes.iter().zip(ranks).for_each(|(node, rank)| layers[rank].push(node));
        Self(layers)
    }
}

struct Drawing {
    look: Look,
    /// Lines within groups that may still be written.
    left: usize,
}

impl Drawing {
    fn draw(&mut self, Layers(layers): &Layers<'_>, depth: usize, lines: &mut Vec<String>) {
        let digits = layers.len().to_string().len();
        let indent = " ".repeat(depth * INDENT);
        let too_many = !self.look.is_whole && layers.len() > MOST_LAYERS;
        let left_out = if too_many { MOST_LAYERS - LAST_LAYERS..layers.len() - LAST_LAYERS } else { 0..0 };
        for (at, layer) in layers.iter().enumerate() {
            if left_out.contains(&at) {
                if at == left_out.start {
                    let tasks = layers[left_out.clone()].iter().flatten().map(|node| node.tasks().len()).sum();
                    lines.push(self.more(&format!("{indent}{:digits$}  ", ""), &format!("{} more", amount(tasks, left_out.len()))));
                }
                continue;
            }
            let shown = if self.look.is_whole || layer.len() <= MOST_NODES + 1 { layer.len() } else { MOST_NODES };
            for (place, node) in layer.iter().take(shown).enumerate() {
                let number = if place == 0 { format!("{:>digits$}", at + 1) } else { " ".repeat(digits) };
                self.node(node, depth, &format!("{indent}{number}  "), lines);
            }
            if shown < layer.len() {
                let rest = grouped((layer.len() - shown) as u64);
                lines.push(self.more(&format!("{indent}{:digits$}  ", ""), &format!("{rest} more in this layer")));
            }
        }
    }

    fn more(&self, margin: &str, what: &str) -> String {
        format!("{margin}{}", self.look.paint.with(DIM, &format!("… {what} (-v shows all)")))
    }

    fn node(&mut self, node: &Node, depth: usize, margin: &str, lines: &mut Vec<String>) {
        let Node::Group(group) = node else {
            lines.push(self.line(node, margin, None));
            return;
        };
        let layers = Layers::of(&group.nodes, depth + 1);
        let own: usize = layers.0.iter().map(Vec::len).sum();
        let is_open = self.look.is_whole || own.min(MOST_INSIDE) <= self.left;
        if is_open {
            self.left = self.left.saturating_sub(own);
            lines.push(self.line(node, margin, None));
            self.draw(&layers, depth + 1, lines);
        } else {
            lines.push(self.line(node, margin, Some(&amount(node.tasks().len(), layers.0.len()))));
        }
    }

    /// One task or group: its name, over what it is repeated, when it starts, and what it waits for.
    fn line(&self, node: &Node, margin: &str, folded: Option<&str>) -> String {
        let paint = self.look.paint;
        let (name, starts, code) = match node {
            Node::Task(task) => (task.name.to_string(), starts(task, self.look.is_whole), ""),
            Node::Group(group) => (format!("{}/", group.name), Vec::new(), BLUE),
        };
        let parts = [
            (name, code),
            (delta::note(node), CYAN),
            (folded.map(|amount| format!("({amount}, -v shows them)")).unwrap_or_default(), DIM),
            (starts.join(" "), YELLOW),
        ];
        let parts: Vec<&(String, &str)> = parts.iter().filter(|(text, _)| !text.is_empty()).collect();
        let taken = margin.len() + parts.iter().map(|(text, _)| text.chars().count() + 1).sum::<usize>();
        let painted: Vec<String> =
            parts.iter().map(|(text, code)| if code.is_empty() { text.clone() } else { paint.with(code, text) }).collect();
        let needs = self.needs(node, self.look.width.saturating_sub(taken + 3));
        let needs = if needs.is_empty() { needs } else { format!("  {}", paint.with(DIM, &format!("← {needs}"))) };
        format!("{}{}{needs}", paint.with(DIM, margin), painted.join(" "))
    }

    /// What a task or a group waits for, as it is written: at least the first, and as many as there is room for.
    fn needs(&self, node: &Node, room: usize) -> String {
        let mut text = String::new();
        for (at, need) in node.needs().iter().enumerate() {
            let rest = node.needs().len() - at;
            let end = if rest > 1 { format!(" and {} more", grouped(rest as u64 - 1)).len() } else { 0 };
            if at > 0 && !self.look.is_whole && text.len() + need.name.as_str().len() + 2 + end > room {
                return format!("{text} and {} more", grouped(rest as u64));
            }
            text = if at == 0 { need.name.to_string() } else { format!("{text}, {}", need.name) };
        }
        text
    }
}

/// Columns that a group's insides stand further right.
const INDENT: usize = 3;

/// Characters of a condition that are shown where not all is.
const MOST_OF_A_CONDITION: usize = 50;

/// When a task starts, unless that is as soon as all that it needs has succeeded: `[if params.mode is full]`.
fn starts(task: &Task, is_whole: bool) -> Vec<String> {
    let rule = (task.trigger_rule != TriggerRule::AllSuccess).then(|| format!("[{}]", task.trigger_rule.as_str()));
    let words = all_of(&task.run_if).replace("${{ ", "").replace(" }}", "");
    let words = if is_whole { words } else { shortened(&words, MOST_OF_A_CONDITION) };
    rule.into_iter().chain((!words.is_empty()).then(|| format!("[if {words}]"))).collect()
}
