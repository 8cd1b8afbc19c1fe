//! The order within each layer, so that few arrows cross.

use super::{Item, Layers};

/// How often each direction is swept. The best order found is kept.
const SWEEPS: usize = 12;

/// Orders the layers: again and again each item goes to the middle of its neighbours in the layer before, or behind.
pub(super) fn order(layers: &mut Layers) {
    let Layers { items, layers, ways: _ } = layers;
    let mut places = vec![0_usize; items.len()];
    layers.iter().for_each(|layer| number(layer, &mut places));
    let mut best = layers.clone();
    let mut fewest = crossings(layers, items, &places);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let is_forward = sweep % 2 == 0;
        for step in 1..layers.len() {
            let at = if is_forward { step } else { layers.len() - 1 - step };
            let neighbours = |item: usize| if is_forward { &items[item].before } else { &items[item].behind };
            sort(&mut layers[at], neighbours, &mut places);
        }
        let found = crossings(layers, items, &places);
        if found < fewest {
            fewest = found;
            best.clone_from(layers);
        }
    }
    *layers = best;
}

fn number(layer: &[usize], places: &mut [usize]) {
    layer.iter().enumerate().for_each(|(place, item)| places[*item] = place);
}

/// By the middle of the neighbours' places; what has none there keeps its own.
fn sort<'a>(layer: &mut [usize], neighbours: impl Fn(usize) -> &'a Vec<usize>, places: &mut [usize]) {
    #[expect(clippy::cast_precision_loss, reason = "places are small")]
    let middle = |item: usize| match neighbours(item).as_slice() {
        [] => places[item] as f64,
        near => near.iter().map(|near| places[*near] as f64).sum::<f64>() / near.len() as f64,
    };
    let mut keyed: Vec<(f64, usize)> = layer.iter().map(|item| (middle(*item), *item)).collect();
    // Stable: equal ones stay as the author wrote them.
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    keyed.iter().zip(layer.iter_mut()).for_each(|((_, item), place)| *place = *item);
    number(layer, places);
}

/// How many pairs of arrows between neighbouring layers cross.
fn crossings(layers: &[Vec<usize>], items: &[Item], places: &[usize]) -> usize {
    let mut crossings = 0;
    for layer in layers {
        let mut ends: Vec<(usize, usize)> = Vec::new();
        for item in layer {
            ends.extend(items[*item].behind.iter().map(|behind| (places[*item], places[*behind])));
        }
        ends.sort_unstable();
        crossings += inversions(ends.iter().map(|(_, end)| *end));
    }
    crossings
}

/// How many pairs stand the wrong way round: each number asks a Fenwick tree how many larger ones came before it.
fn inversions(numbers: impl Iterator<Item = usize>) -> usize {
    let numbers: Vec<usize> = numbers.collect();
    let mut tree = vec![0_usize; numbers.iter().max().map_or(0, |most| most + 2)];
    let (mut inversions, mut seen) = (0, 0);
    for number in numbers {
        let (mut at, mut smaller) = (number + 1, 0);
        while at > 0 {
            smaller += tree[at];
            at &= at - 1;
        }
        inversions += seen - smaller;
        seen += 1;
        at = number + 1;
        while at < tree.len() {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    inversions
}

#[cfg(test)]
mod tests {
    use super::inversions;

    #[test]
    fn pairs_the_wrong_way_round_are_counted() {
        assert_eq!(inversions([0, 1, 2].into_iter()), 0);
        assert_eq!(inversions([2, 1, 0].into_iter()), 3);
        assert_eq!(inversions([1, 1, 0, 3].into_iter()), 2);
        assert_eq!(inversions([].into_iter()), 0);
    }
}
