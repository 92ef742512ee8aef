//! Whom a sketch names, and how wrong its counts can be.

use std::collections::BTreeMap;

use concierge_proxy::usage::sketch::Sketch;
use proptest::prelude::*;

use super::who;
use crate::support::cases;

/// What a sketch has to keep to: counts that are at most a k-th of all too high and never too low.
fn check(sketch: &Sketch, capacity: usize, stream: &[u32]) {
    let mut truth = BTreeMap::<u32, u32>::new();
    for asker in stream {
        *truth.entry(*asker).or_default() += 1;
    }
    let entries = sketch.top(usize::MAX);
    assert!(entries.len() <= capacity);
    let bound = stream.len() as u32 / capacity as u32;
    for entry in &entries {
        let asker = truth.iter().find(|(asker, _)| who(**asker, 0) == entry.key);
        let asked = asker.map_or(0, |(_, asked)| *asked);
        assert!(
            (entry.count - entry.too_many..=entry.count).contains(&asked),
            "{entry:?}: {asked}"
        );
        assert!(entry.too_many <= bound, "{entry:?} of {}", stream.len());
    }
    for (asker, asked) in truth {
        let is_named = entries.iter().any(|entry| entry.key == who(asker, 0));
        assert!(is_named || asked <= bound, "{asked} of {}", stream.len());
    }
    let counts: Vec<_> = entries
        .iter()
        .map(|entry| entry.count - entry.too_many)
        .collect();
    assert!(counts.is_sorted_by(|a, b| a >= b));
}

fn sketch(capacity: usize, stream: &[u32]) -> Sketch {
    let mut sketch = Sketch::new(capacity);
    for asker in stream {
        sketch.note(who(*asker, 0));
    }
    sketch
}

/// A stream of askers, all alike or few of them most of it.
fn stream() -> impl Strategy<Value = Vec<u32>> {
    let alike = 0..200u32;
    // Every other one is half as busy as the one before.
    let skewed = any::<u32>().prop_map(u32::trailing_zeros);
    let asker = prop_oneof![1 => alike, 2 => skewed];
    prop::collection::vec(asker, 0..400)
}

#[test]
fn who_took_the_place_of_somebody_busy_is_not_shown_as_busy() {
    let (busy, regular) = (who(0, 0), who(1, 1));
    let mut sketch = Sketch::new(2);
    for key in [busy, busy, busy, regular, regular] {
        sketch.note(key);
    }
    // It takes the regular's place, and their count.
    let stranger = who(9, 9);
    sketch.note(stranger);
    let top: Vec<_> = sketch
        .top(2)
        .iter()
        .map(|entry| (entry.key, entry.count, entry.too_many))
        .collect();
    assert_eq!(top, [(busy, 3, 0), (stranger, 3, 2)]);
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_count_is_never_too_low_and_at_most_a_kth_of_all_too_high(
        stream in stream(), capacity in prop::sample::select(&[1, 2, 16, 64]),
    ) {
        check(&sketch(capacity, &stream), capacity, &stream);
    }

    #[test]
    fn merging_keeps_to_the_same_bound(
        streams in prop::collection::vec(stream(), 1..12), capacity in prop::sample::select(&[1, 2, 16, 64]),
    ) {
        let mut all = Sketch::new(capacity);
        for stream in &streams {
            all.merge(&sketch(capacity, stream));
        }
        check(&all, capacity, &streams.concat());
    }

    /// As slots are merged for a report, and batches into slots.
    #[test]
    fn sketches_of_other_capacities_keep_to_the_bound_of_the_smallest(
        streams in prop::collection::vec(stream(), 1..12), more in stream(),
    ) {
        let (mut large, mut small) = (Sketch::new(64), Sketch::new(16));
        for stream in &streams {
            large.merge(&sketch(16, stream));
            small.merge(&sketch(64, stream));
        }
        let mut all = streams.concat();
        for sketch in [&large, &small] {
            for entry in sketch.top(usize::MAX) {
                let asked = all.iter().filter(|asker| who(**asker, 0) == entry.key).count() as u32;
                prop_assert!((entry.count - entry.too_many..=entry.count).contains(&asked));
                prop_assert!(entry.too_many <= all.len() as u32 / 16);
            }
        }
        check(&small, 16, &all);
        // A merged sketch counts on.
        for asker in &more {
            small.note(who(*asker, 0));
        }
        all.extend(more);
        check(&small, 16, &all);
    }

    #[test]
    fn counts_are_exact_while_everybody_has_an_entry(stream in prop::collection::vec(0..16u32, 0..400)) {
        for entry in sketch(16, &stream).top(usize::MAX) {
            prop_assert_eq!(entry.too_many, 0);
        }
    }
}
