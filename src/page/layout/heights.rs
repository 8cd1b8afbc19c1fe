//! The height at which each item of a layer stands.

use super::{BESIDE, Item, Layers};

/// How often the layers are swept, forwards and backwards in turn.
const SWEEPS: usize = 8;
/// How much more an arrow that passes a layer pulls than a box does: it is the long arrows that should be straight.
const STRAIGHT: f64 = 4.0;

/// The middle of each item, from 0 down. Each sweep moves the items of a layer as near to their neighbours as their order and their
/// heights let them, by least squares.
pub(super) fn heights(layers: &Layers) -> Vec<f64> {
    let Layers { items, layers, ways: _ } = layers;
    let mut middles = vec![0.0; items.len()];
    for layer in layers {
        let wanted: Vec<(f64, f64)> = layer.iter().map(|_| (0.0, 1.0)).collect();
        settle(layer, &wanted, items, &mut middles);
    }
    for sweep in 0..SWEEPS {
        let is_forward = sweep % 2 == 0;
        for step in 0..layers.len() {
            let layer = &layers[if is_forward { step } else { layers.len() - 1 - step }];
            let wanted: Vec<(f64, f64)> = layer.iter().map(|item| wanted(&items[*item], middles[*item], is_forward, &middles)).collect();
            settle(layer, &wanted, items, &mut middles);
        }
    }
    let top = layers.iter().flatten().map(|item| middles[*item] - items[*item].height / 2.0).fold(f64::INFINITY, f64::min);
    layers.iter().flatten().for_each(|item| middles[*item] -= top);
    middles
}

/// Where an item would stand if it were alone in its layer, and how much it wants that.
#[expect(clippy::cast_precision_loss, reason = "neighbours are few")]
fn wanted(item: &Item, own: f64, is_forward: bool, middles: &[f64]) -> (f64, f64) {
    let (first, second) = if is_forward { (&item.before, &item.behind) } else { (&item.behind, &item.before) };
    let near = if first.is_empty() { second } else { first };
    let wanted = if near.is_empty() { own } else { near.iter().map(|near| middles[*near]).sum::<f64>() / near.len() as f64 };
    (wanted, if item.node.is_none() { STRAIGHT } else { 1.0 })
}

/// Neighbours that stand as close as they may, and move together.
struct Pool {
    weight: f64,
    /// The weighted sum of where its members want its top to be.
    sum: f64,
    members: usize,
}

/// Moves the items of a layer to the nearest places to the wanted ones that keep order and distance: pool adjacent violators.
fn settle(layer: &[usize], wanted: &[(f64, f64)], items: &[Item], middles: &mut [f64]) {
    let mut pools: Vec<Pool> = Vec::new();
    let (mut offsets, mut offset) = (Vec::with_capacity(layer.len()), 0.0);
    for (at, item) in layer.iter().enumerate() {
        if at > 0 {
            offset += (items[layer[at - 1]].height + items[*item].height) / 2.0 + BESIDE;
        }
        offsets.push(offset);
        let (place, weight) = wanted[at];
        let mut pool = Pool { weight, sum: (place - offset) * weight, members: 1 };
        while let Some(above) = pools.pop_if(|above| above.sum / above.weight >= pool.sum / pool.weight) {
            pool = Pool { weight: above.weight + pool.weight, sum: above.sum + pool.sum, members: above.members + pool.members };
        }
        pools.push(pool);
    }
    let mut at = 0;
    for Pool { weight, sum, members } in pools {
        for place in at..at + members {
            middles[layer[place]] = sum / weight + offsets[place];
        }
        at += members;
    }
}
