//! Boxes and arrows on a plane: a layered layout, from left to right (Sugiyama's method).
//!
//! Each box stands behind what it waits for ([`ranks`]), boxes of a layer are ordered so that few arrows cross, and each is moved to the height
//! of its neighbours. It ends for every graph in a time that is near linear in boxes and arrows, and uses neither chance nor hashes'
//! order, so that a graph is drawn alike on every machine.

mod heights;
mod order;

use crate::ir::ranks;

/// Between two boxes of a layer.
const BESIDE: f64 = 20.0;
/// Between two layers.
const BETWEEN: f64 = 52.0;
/// An arrow passes through the layers between its ends, and boxes make room for it, as long as all arrows together need no more places
/// than so many for each box: behind that it passes beneath boxes.
const PASSAGES: usize = 8;

/// How large a box is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A point, from the upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) size: Size,
    /// The upper left corner of each box.
    pub(super) boxes: Vec<Point>,
    /// Each arrow's way: it leaves the first point to the right, reaches the second, goes straight to the third, and so on in turn.
    pub(super) ways: Vec<Vec<Point>>,
}

/// What stands in a layer: a box, or the place where an arrow passes.
struct Item {
    height: f64,
    /// Which box it is.
    node: Option<usize>,
    /// Neighbours in the layer before.
    before: Vec<usize>,
    /// Neighbours in the layer behind.
    behind: Vec<usize>,
}

/// The items by layer, in their order from above.
struct Layers {
    items: Vec<Item>,
    layers: Vec<Vec<usize>>,
    /// The items that each arrow leads through, with both its ends.
    ways: Vec<Vec<usize>>,
}

/// Lays out boxes of these sizes, and arrows between them by place.
pub(super) fn place(sizes: &[Size], edges: &[(usize, usize)]) -> Layout {
    let mut is_tied = vec![false; sizes.len()];
    edges.iter().for_each(|(from, to)| (is_tied[*from], is_tied[*to]) = (true, true));
    let alone: Vec<usize> = (0..sizes.len()).filter(|node| !is_tied[*node]).collect();
    let mut layers = layered(sizes, edges, &is_tied);
    order::order(&mut layers);
    let mut layout = draw(sizes, &layers);
    beneath(&mut layout, sizes, &alone);
    layout
}

/// The layer of each box. What waits for nothing moves close to the first that waits for it.
fn near(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut found = ranks(count, edges);
    let mut is_first = vec![true; count];
    edges.iter().for_each(|(_, to)| is_first[*to] = false);
    let mut nearest = vec![usize::MAX; count];
    edges.iter().for_each(|(from, to)| nearest[*from] = nearest[*from].min(found[*to]));
    for node in (0..count).filter(|node| is_first[*node] && nearest[*node] != usize::MAX) {
        found[node] = nearest[node].saturating_sub(1);
    }
    found
}

fn layered(sizes: &[Size], edges: &[(usize, usize)], is_tied: &[bool]) -> Layers {
    let ranks = near(sizes.len(), edges);
    let item = |height, node| Item { height, node, before: Vec::new(), behind: Vec::new() };
    let mut items: Vec<Item> = sizes.iter().enumerate().map(|(node, size)| item(size.height, Some(node))).collect();
    let mut layers = vec![Vec::new(); ranks.iter().max().map_or(0, |last| last + 1)];
    (0..sizes.len()).filter(|node| is_tied[*node]).for_each(|node| layers[ranks[node]].push(node));
    let passed = |(from, to): &(usize, usize)| ranks[*to].saturating_sub(ranks[*from] + 1);
    let has_passages = edges.iter().map(passed).fold(0, usize::saturating_add) <= PASSAGES * sizes.len();
    let mut ways = Vec::with_capacity(edges.len());
    for &(from, to) in edges {
        let mut way = vec![from];
        for layer in layers[..ranks[to]].iter_mut().skip(ranks[from] + 1).filter(|_| has_passages) {
            layer.push(items.len());
            way.push(items.len());
            items.push(item(0.0, None));
        }
        way.push(to);
        for pair in way.windows(2) {
            items[pair[0]].behind.push(pair[1]);
            items[pair[1]].before.push(pair[0]);
        }
        ways.push(way);
    }
    Layers { items, layers, ways }
}

/// Turns orders into points.
fn draw(sizes: &[Size], layers: &Layers) -> Layout {
    let middles = heights::heights(layers);
    let mut boxes = vec![Point { x: 0.0, y: 0.0 }; sizes.len()];
    // Left and right end of the layer in which an item stands.
    let mut ends = vec![(0.0, 0.0); layers.items.len()];
    let (mut left, mut bottom) = (0.0, 0.0_f64);
    for layer in &layers.layers {
        let node = |item: &usize| layers.items[*item].node;
        let width = layer.iter().filter_map(node).map(|node| sizes[node].width).fold(0.0, f64::max);
        for &item in layer {
            ends[item] = (left, left + width);
            bottom = bottom.max(middles[item] + layers.items[item].height / 2.0);
            if let Some(node) = node(&item) {
                let Size { width: own, height } = sizes[node];
                boxes[node] = Point { x: left + (width - own) / 2.0, y: middles[item] - height / 2.0 };
            }
        }
        left += width + BETWEEN;
    }
    let ways = layers.ways.iter().map(|way| points(way, layers, &middles, &ends, (sizes, &boxes))).collect();
    Layout { size: Size { width: (left - BETWEEN).max(0.0), height: bottom }, boxes, ways }
}

/// The points of an arrow's way: from a box's right side over the ends of the layers that it passes to a box's left side.
fn points(way: &[usize], layers: &Layers, middles: &[f64], ends: &[(f64, f64)], (sizes, boxes): (&[Size], &[Point])) -> Vec<Point> {
    let mut points = Vec::with_capacity(way.len() * 2);
    for (at, &item) in way.iter().enumerate() {
        let (y, (left, right)) = (middles[item], ends[item]);
        let (own_left, own_right) =
            layers.items[item].node.map_or((left, right), |node| (boxes[node].x, boxes[node].x + sizes[node].width));
        if at == 0 {
            // The curve begins where its layer ends: a wider box above or beneath is not in its way.
            points.extend([own_right, right].map(|x| Point { x, y }));
        } else if at + 1 == way.len() {
            points.extend([left, own_left].map(|x| Point { x, y }));
        } else {
            points.extend([left, right].map(|x| Point { x, y }));
        }
    }
    points
}

/// What is tied to nothing stands beneath the rest, in rows.
fn beneath(layout: &mut Layout, sizes: &[Size], alone: &[usize]) {
    if alone.is_empty() {
        return;
    }
    let across = (1..).find(|across| across * across * 3 >= alone.len()).unwrap_or(1);
    let gap = if layout.size.height > 0.0 { BESIDE * 2.0 } else { 0.0 };
    let mut top = layout.size.height + gap;
    for row in alone.chunks(across) {
        let (mut left, mut height) = (0.0, 0.0_f64);
        for &node in row {
            layout.boxes[node] = Point { x: left, y: top };
            left += sizes[node].width + BESIDE;
            height = height.max(sizes[node].height);
        }
        layout.size.width = layout.size.width.max(left - BESIDE);
        layout.size.height = top + height;
        top += height + BESIDE;
    }
}

#[cfg(test)]
mod tests;
