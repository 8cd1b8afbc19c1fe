//! A workflow's tasks and groups → drawings: one of the whole, and one of each group and of each fold, for whoever looks into it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use super::facts::{self, Fact};
use super::fold::{Item, items};
use super::layout::{Layout, Point, Size, place};
use crate::delta::{Times, grouped};
use crate::ir::{FanOut, Group, Node, Task, TaskKind, Workflow};

/// Boxes of one drawing. A group is drawn with what is in it as long as no more come together.
const OPEN: usize = 60;
/// No drawing has more; what is behind that is told in numbers.
const MOST: usize = 600;
/// Characters of a name in a box.
const NAME: usize = 24;
/// Characters of how often it is repeated.
const TIMES: usize = 16;

const TASK: Size = Size { width: 228.0, height: 52.0 };
/// Room for one more line in a box.
const LINE: f64 = 18.0;
/// Room around what is in a group.
const PADDING: f64 = 18.0;
/// Room for a group's name.
const HEAD: f64 = 34.0;

/// One drawing.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drawing {
    title: String,
    /// The drawing around it.
    #[serde(skip_serializing_if = "Option::is_none")]
    around: Option<String>,
    /// What there is to say of a group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<Fact>,
    width: i64,
    height: i64,
    boxes: Vec<DrawnBox>,
    arrows: Vec<Arrow>,
    /// Tasks and groups that are not drawn.
    #[serde(skip_serializing_if = "is_zero")]
    missing: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A task, a group or a fold, drawn.
#[derive(Debug, Serialize)]
struct DrawnBox {
    /// The path of the task or the group.
    id: String,
    kind: Kind,
    name: String,
    /// What there is to say of it in a few words.
    note: String,
    /// When it starts, unless that is once all that it needs has succeeded: `if params.mode is full`.
    #[serde(skip_serializing_if = "String::is_empty")]
    starts: String,
    /// `× 1,000`: how often it is repeated.
    #[serde(skip_serializing_if = "String::is_empty")]
    times: String,
    /// Left, top, width and height.
    at: [i64; 4],
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// A task that runs a pod.
    Container,
    /// A task that is an operator of the target's own.
    Operator,
    /// A task that waits for another workflow.
    Wait,
    /// A group, closed.
    Group,
    /// A group that is drawn with what is in it.
    Open,
    /// Many that are drawn as one.
    Fold,
}

/// One box waits for another.
#[derive(Debug, Serialize)]
struct Arrow {
    /// The places of both boxes.
    ends: [usize; 2],
    /// The way of the line, as SVG writes it.
    line: String,
}

/// What a box says of a task, by the task's path.
pub(super) type Notes = BTreeMap<String, String>;

/// The drawings of a workflow by what they show: nothing for the whole, the path of a group, and `path~number` for a fold.
pub(super) fn drawings(workflow: &Workflow, notes: &Notes) -> BTreeMap<String, Drawing> {
    let mut pen = Pen { notes, drawings: BTreeMap::new() };
    let (id, path, title) = (String::new(), String::new(), workflow.name.to_string());
    pen.draw(&workflow.nodes, &Frame { id, title, around: None, facts: Vec::new(), path, depth: 0 });
    pen.drawings
}

/// What a drawing is of.
struct Frame {
    id: String,
    title: String,
    around: Option<String>,
    facts: Vec<Fact>,
    /// The path of the groups around what is drawn, with a point at its end.
    path: String,
    depth: usize,
}

struct Pen<'a> {
    notes: &'a Notes,
    drawings: BTreeMap<String, Drawing>,
}

/// A box before it has a place, with those in it.
struct Sketch {
    drawn: DrawnBox,
    size: Size,
    inside: Option<Inside>,
}

struct Inside {
    sketches: Vec<Sketch>,
    edges: Vec<(usize, usize)>,
    layout: Layout,
}

impl Pen<'_> {
    fn draw(&mut self, nodes: &[Node], frame: &Frame) {
        let (mut found, mut edges) = items(nodes, frame.depth);
        let missing: usize = found.drain(MOST.min(found.len())..).map(|item| count(&item)).sum();
        edges.retain(|(from, to)| *from < found.len() && *to < found.len());
        let open = opened(&found, frame);
        let inside = self.sketch(&found, edges, frame, &open);
        self.finish(inside, missing, frame);
    }

    /// The members of a fold: none waits for another.
    fn draw_fold(&mut self, nodes: &[&Node], frame: &Frame) {
        let drawn: Vec<Item<'_>> = nodes.iter().take(MOST).map(|node| Item::Node(node)).collect();
        let inside = self.sketch(&drawn, Vec::new(), frame, &BTreeSet::new());
        self.finish(inside, nodes.len() - drawn.len(), frame);
    }

    fn finish(&mut self, inside: Inside, missing: usize, frame: &Frame) {
        let Frame { id, title, around, facts, path: _, depth: _ } = frame;
        let Size { width, height } = inside.layout.size;
        let (mut boxes, mut arrows) = (Vec::new(), Vec::new());
        put(inside, Point { x: 0.0, y: 0.0 }, &mut boxes, &mut arrows);
        let (title, around, facts) = (title.clone(), around.clone(), facts.clone());
        let drawing = Drawing { title, around, facts, width: whole(width), height: whole(height), boxes, arrows, missing };
        self.drawings.insert(id.clone(), drawing);
    }

    /// Sketches of what stands beside each other, and drawings of what can be looked into.
    fn sketch(&mut self, found: &[Item<'_>], edges: Vec<(usize, usize)>, frame: &Frame, open: &BTreeSet<String>) -> Inside {
        let mut sketches = Vec::with_capacity(found.len());
        for (number, item) in found.iter().enumerate() {
            sketches.push(match item {
                Item::Node(Node::Task(task)) => self.task(task, &frame.path),
                Item::Node(Node::Group(group)) => self.group(group, frame, open),
                Item::Fold(nodes) => self.fold(nodes, number, frame),
            });
        }
        let sizes: Vec<Size> = sketches.iter().map(|sketch| sketch.size).collect();
        let layout = place(&sizes, &edges);
        Inside { sketches, edges, layout }
    }

    fn task(&self, task: &Task, path: &str) -> Sketch {
        let id = format!("{path}{}", task.name);
        let kind = match task.kind {
            TaskKind::Container(_) => Kind::Container,
            TaskKind::Operator(_) => Kind::Operator,
            TaskKind::Wait(_) => Kind::Wait,
        };
        let note = self.notes.get(&id).map(String::as_str).unwrap_or_default();
        let mut sketch = sketch(id, kind, task.name.as_str(), note, times(task.fan_out()));
        sketch.drawn.starts = facts::starts(task);
        if !sketch.drawn.starts.is_empty() && !note.is_empty() {
            sketch.size.height += LINE;
        }
        sketch
    }

    fn group(&mut self, group: &Group, frame: &Frame, open: &BTreeSet<String>) -> Sketch {
        let id = format!("{}{}", frame.path, group.name);
        let inner = Frame {
            id: id.clone(),
            title: group.name.to_string(),
            around: Some(frame.id.clone()),
            facts: facts::of_group(group),
            path: format!("{id}."),
            depth: frame.depth + 1,
        };
        if !self.drawings.contains_key(&id) {
            self.draw(&group.nodes, &inner);
        }
        let note = tasks(group.nodes.iter().map(|node| node.tasks().len()).sum());
        let mut sketch = sketch(id.clone(), Kind::Group, group.name.as_str(), &note, times(group.fan_out.as_ref()));
        if open.contains(&id) {
            let (found, edges) = items(&group.nodes, inner.depth);
            let inside = self.sketch(&found, edges, &inner, open);
            let Size { width, height } = inside.layout.size;
            sketch.size = Size { width: (width + 2.0 * PADDING).max(TASK.width), height: height + HEAD + PADDING };
            sketch.drawn.kind = Kind::Open;
            sketch.inside = Some(inside);
        }
        sketch
    }

    fn fold(&mut self, nodes: &[&Node], number: usize, frame: &Frame) -> Sketch {
        let id = format!("{}~{number}", frame.path.trim_end_matches('.'));
        let (first, last) = (nodes.first().map(|node| node.name()), nodes.last().map(|node| node.name()));
        let name = first.zip(last).map(|(first, last)| format!("{first} … {last}")).unwrap_or_default();
        if !self.drawings.contains_key(&id) {
            let (around, path) = (Some(frame.id.clone()), frame.path.clone());
            self.draw_fold(nodes, &Frame { id: id.clone(), title: name.clone(), around, facts: Vec::new(), path, depth: frame.depth });
        }
        let note =
            if nodes.iter().all(|node| matches!(node, Node::Task(_))) { tasks(nodes.len()) } else { format!("{} groups", nodes.len()) };
        sketch(id, Kind::Fold, &name, &format!("{note} side by side"), String::new())
    }
}

fn sketch(id: String, kind: Kind, name: &str, note: &str, times: String) -> Sketch {
    // The mark of how often it is repeated stands in the line of the name.
    let room = if times.is_empty() { NAME } else { NAME.saturating_sub(times.chars().count() + 1) };
    let size = if matches!(kind, Kind::Fold) { Size { width: TASK.width * 1.4, ..TASK } } else { TASK };
    let room = if matches!(kind, Kind::Fold) { NAME + 10 } else { room };
    let drawn =
        DrawnBox { id, kind, name: short(name, room), note: short(note, room.max(NAME) + 8), starts: String::new(), times, at: [0; 4] };
    Sketch { drawn, size, inside: None }
}

/// A text of so many characters, with its middle left out where it has more: names that are alike differ at their end.
fn short(text: &str, most: usize) -> String {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() <= most {
        return text.to_owned();
    }
    let end = most / 2;
    let start = most - end - 1;
    characters[..start].iter().chain(&['…']).chain(&characters[characters.len() - end..]).collect()
}

fn tasks(count: usize) -> String {
    if count == 1 { "1 task".to_owned() } else { format!("{} tasks", grouped(count as u64)) }
}

fn count(item: &Item<'_>) -> usize {
    match item {
        Item::Node(_) => 1,
        Item::Fold(nodes) => nodes.len(),
    }
}

/// How often something is repeated, in a few characters.
fn times(fan_out: Option<&FanOut>) -> String {
    fan_out.map(|fan_out| short(&Times::of(fan_out).count, TIMES)).unwrap_or_default()
}

/// The paths of the groups that are drawn with what is in them, the outer ones first.
fn opened(found: &[Item<'_>], frame: &Frame) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    let mut drawn = found.len();
    let mut waiting: VecDeque<(String, &Group, usize)> = VecDeque::new();
    for item in found {
        if let Item::Node(Node::Group(group)) = item {
            waiting.push_back((format!("{}{}", frame.path, group.name), group, frame.depth + 1));
        }
    }
    while let Some((id, group, depth)) = waiting.pop_front() {
        let (inner, _) = items(&group.nodes, depth);
        if drawn + inner.len() > OPEN {
            continue;
        }
        drawn += inner.len();
        for item in &inner {
            if let Item::Node(Node::Group(group)) = item {
                waiting.push_back((format!("{id}.{}", group.name), group, depth + 1));
            }
        }
        open.insert(id);
    }
    open
}

/// Puts sketches with their upper left corner at a point, each before what is in it, in the order in which one reads them: by layer, from
/// above.
fn put(inside: Inside, corner: Point, boxes: &mut Vec<DrawnBox>, arrows: &mut Vec<Arrow>) {
    let Inside { sketches, edges, layout } = inside;
    let mut places = vec![0; sketches.len()];
    let mut read: Vec<(Point, usize, Sketch)> =
        layout.boxes.iter().zip(sketches).enumerate().map(|(at, (own, sketch))| (*own, at, sketch)).collect();
    read.sort_by(|(a, _, _), (b, _, _)| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    for (own, at, Sketch { mut drawn, size, inside }) in read {
        let Point { x, y } = Point { x: corner.x + own.x, y: corner.y + own.y };
        drawn.at = [x, y, size.width, size.height].map(whole);
        places[at] = boxes.len();
        boxes.push(drawn);
        if let Some(inside) = inside {
            // What is narrower than the group's name stands in its middle.
            let left = x + (size.width - inside.layout.size.width) / 2.0;
            put(inside, Point { x: left, y: y + HEAD }, boxes, arrows);
        }
    }
    for ((from, to), way) in edges.into_iter().zip(&layout.ways) {
        arrows.push(Arrow { ends: [places[from], places[to]], line: line(way, corner) });
    }
}

/// A way as SVG writes it: straight through layers, in a curve between them.
fn line(way: &[Point], corner: Point) -> String {
    let mut line = String::new();
    let mut last = [0, 0];
    for (at, point) in way.iter().enumerate() {
        let [x, y] = [corner.x + point.x, corner.y + point.y].map(whole);
        match at {
            0 => line.push_str(&format!("M{x} {y}")),
            at if at % 2 == 1 => line.push_str(&format!("H{x}")),
            _ => {
                let middle = i64::midpoint(last[0], x);
                line.push_str(&format!("C{middle} {} {middle} {y} {x} {y}", last[1]));
            }
        }
        last = [x, y];
    }
    line
}

/// Whole points are fine enough, and short.
#[expect(clippy::cast_possible_truncation, reason = "a drawing is far smaller than the largest number")]
fn whole(length: f64) -> i64 {
    length.round() as i64
}
