//! What holds for every layout.

use proptest::prelude::*;

use super::{Layout, Size, place};

const BOX: Size = Size { width: 200.0, height: 48.0 };

fn is_apart(layout: &Layout, sizes: &[Size], one: usize, other: usize) -> bool {
    let (a, b) = (layout.boxes[one], layout.boxes[other]);
    let (left, right) = if a.x <= b.x { ((a.x, sizes[one].width), b.x) } else { ((b.x, sizes[other].width), a.x) };
    let (upper, lower) = if a.y <= b.y { ((a.y, sizes[one].height), b.y) } else { ((b.y, sizes[other].height), a.y) };
    left.0 + left.1 <= right || upper.0 + upper.1 <= lower + 1e-6
}

#[test]
fn a_chain_is_a_straight_line() {
    let layout = place(&[BOX; 4], &[(0, 1), (1, 2), (2, 3)]);
    assert!(layout.boxes.iter().all(|corner| corner.y == 0.0), "{layout:?}");
    assert!(layout.boxes.windows(2).all(|pair| pair[0].x + BOX.width < pair[1].x));
}

#[test]
fn what_a_fan_comes_from_and_leads_to_stands_in_its_middle() {
    let layout = place(&[BOX; 5], &[(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)]);
    assert_eq!(layout.boxes[0].y, layout.boxes[2].y);
    assert_eq!(layout.boxes[4].y, layout.boxes[2].y);
}

#[test]
fn a_long_arrow_passes_beside_the_boxes_between_its_ends() {
    let layout = place(&[BOX; 3], &[(0, 1), (1, 2), (0, 2)]);
    let passage = &layout.ways[2][2..4];
    let (top, bottom) = (layout.boxes[1].y, layout.boxes[1].y + BOX.height);
    assert!(passage.iter().all(|point| point.y < top || point.y > bottom), "{layout:?}");
}

#[test]
fn what_is_tied_to_nothing_fills_rows() {
    let layout = place(&[BOX; 300], &[]);
    assert!(layout.size.width > 1_000.0 && layout.size.height > 1_000.0);
    assert_eq!(layout.boxes[0].y, layout.boxes[1].y);
}

#[test]
fn nothing_is_a_layout_too() {
    assert_eq!(place(&[], &[]).size, Size { width: 0.0, height: 0.0 });
}

#[test]
fn a_graph_that_is_wide_and_long_is_laid_out_in_time() {
    let edges: Vec<(usize, usize)> = (0..3_000).flat_map(|at| [(at, at + 1), (at, at + 100), (at, at + 2_000)]).collect();
    let layout = place(&vec![BOX; 5_001], &edges);
    assert_eq!(layout.ways.len(), 9_000);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn no_box_lies_on_another_and_all_arrows_lead_to_the_right(
        heights in prop::collection::vec(30.0..300.0_f64, 1..25),
        pairs in prop::collection::btree_set((0_usize..25, 0_usize..25), 0..60),
    ) {
        let sizes: Vec<Size> = heights.iter().map(|height| Size { width: 200.0 + height, height: *height }).collect();
        let edges: Vec<(usize, usize)> = pairs.into_iter().filter(|(from, to)| from < to && *to < sizes.len()).collect();
        let layout = place(&sizes, &edges);
        for one in 0..sizes.len() {
            prop_assert!(layout.boxes[one].x >= 0.0 && layout.boxes[one].y >= -1e-6);
            prop_assert!(layout.boxes[one].x + sizes[one].width <= layout.size.width + 1e-6);
            prop_assert!(layout.boxes[one].y + sizes[one].height <= layout.size.height + 1e-6);
            for other in 0..one {
                prop_assert!(is_apart(&layout, &sizes, one, other), "{one} and {other}: {layout:?}");
            }
        }
        for way in &layout.ways {
            prop_assert!(way.windows(2).all(|pair| pair[0].x <= pair[1].x));
        }
        prop_assert_eq!(place(&sizes, &edges), layout);
    }
}
