//! Stored bytes: what was written is read, and nothing else does harm.

use concierge_proxy::usage::{Keeper, Range, Sample, blocks, metrics, report};
use proptest::prelude::*;
use proptest::sample::Index;

use super::model::{deliveries, rows};
use super::{FACTS, MIDNIGHT, Objects, SLOT, T0, chat, failed};
use crate::support::cases;

/// Whatever reads a day does so without a panic.
fn look_at(bytes: &[u8]) {
    let days = [bytes.to_vec()];
    for range in Range::ALL {
        report(range, &days, &FACTS, T0);
    }
    metrics(bytes, &FACTS, T0);
    blocks(&days, None, T0);
    if let Some(mut keeper) = Keeper::restore(bytes) {
        keeper.report(bytes, T0).expect("what was read");
        assert!(Keeper::restore(&keeper.read()).is_some());
    }
    Keeper::default().report(bytes, T0);
}

/// A day of some samples.
fn some_day(rows: &[super::model::Row]) -> Vec<u8> {
    let objects = deliveries(rows);
    let keeper = objects.0.values().next().expect("a day");
    keeper.read()
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_restored_day_is_the_one_that_was_stored(rows in rows()) {
        let stored = some_day(&rows);
        let restored = Keeper::restore(&stored).expect("a snapshot");
        prop_assert_eq!(restored.read(), stored);
    }

    #[test]
    fn a_day_that_was_cut_off_is_none(rows in rows(), cut in any::<Index>()) {
        let stored = some_day(&rows);
        let cut = &stored[..cut.index(stored.len())];
        prop_assert!(Keeper::restore(cut).is_none());
        look_at(cut);
    }

    #[test]
    fn a_day_with_something_behind_it_is_none(rows in rows(), more in any::<u8>()) {
        let mut stored = some_day(&rows);
        stored.push(more);
        prop_assert!(Keeper::restore(&stored).is_none());
    }

    #[test]
    fn no_changed_byte_does_harm(rows in rows(), place in any::<Index>(), byte in any::<u8>()) {
        let mut stored = some_day(&rows);
        let place = place.index(stored.len());
        stored[place] = byte;
        look_at(&stored);
    }

    #[test]
    fn no_bytes_do_harm(mut bytes in prop::collection::vec(any::<u8>(), 0..400), good_start in any::<bool>()) {
        if good_start && !bytes.is_empty() {
            bytes[0] = 1;
        }
        look_at(&bytes);
    }
}

#[test]
fn slots_in_no_order_or_beyond_the_day_are_none() {
    let mut objects = Objects::default();
    // The same chat in the slots 47 and 143.
    for slot in [47, 143] {
        objects.count(&chat(), MIDNIGHT + slot * SLOT);
    }
    let stored = objects.days(Range::Day, MIDNIGHT)[0].clone();
    let first = stored.iter().position(|byte| *byte == 47).unwrap();
    // The second one is 0x8f, 1.
    let second = first
        + stored[first..]
            .iter()
            .position(|byte| *byte == 0x8f)
            .unwrap();
    assert_eq!(stored[second + 1], 1);
    let with = |place: [u8; 2]| {
        let mut changed = stored.clone();
        changed[second..second + 2].copy_from_slice(&place);
        Keeper::restore(&changed).is_some()
    };
    assert!(with([0x8f, 1]));
    // 48, 47, 46 and 144, each in two bytes as well.
    assert!(with([0x80 | 48, 0]));
    assert!(!with([0x80 | 47, 0]));
    assert!(!with([0x80 | 46, 0]));
    assert!(!with([0x80 | 16, 1]));
}

#[test]
fn another_format_is_none() {
    let mut objects = Objects::default();
    objects.count(&chat(), T0);
    let mut stored = objects.days(Range::Day, T0)[0].clone();
    assert!(Keeper::restore(&stored).is_some());
    stored[0] += 1;
    assert!(Keeper::restore(&stored).is_none());
    assert!(Keeper::restore(&[]).is_none());
    look_at(&stored);
}

/// A later version has more outcomes, and may be rolled back.
#[test]
fn what_a_later_version_has_counted_is_counted_as_other() {
    let last = Sample {
        outcome: "usage_unavailable",
        upstream_requests: 0,
        ..chat()
    };
    let mut objects = Objects::default();
    objects.count(&last, T0);
    let mut days = objects.days(Range::Day, T0);
    // After 34 zeros, one count of 1, and then zeros to the end.
    let counters = days[0].windows(3).position(|bytes| bytes == [34, 1, 1]);
    let counters = &mut days[0][counters.expect("the counters")..];
    counters[0] += 6;
    counters[3] -= 6;
    let chats = &super::json(&report(Range::Day, &days, &FACTS, T0))["chats"];
    assert_eq!((&chats["total"], &chats["refused"]), (&1.into(), &1.into()));
    assert_eq!(chats["by_outcome"], serde_json::json!({"other": 1}));
}

#[test]
fn a_day_that_cannot_be_read_counts_nothing_in_a_report_and_the_others_count() {
    let mut objects = Objects::default();
    objects.count(&failed(1), T0);
    let mut days = objects.days(Range::Day, T0);
    days[1] = vec![1, 2, 3];
    let report = super::json(&report(Range::Day, &days, &FACTS, T0));
    assert_eq!(report["chats"]["total"], 1);
}

#[test]
fn a_length_that_lies_takes_no_memory() {
    // The format, the day, no store; then 2^63 slots.
    let mut lie = vec![1, 0, 0, 0, 0];
    lie.extend([0x80; 9]);
    lie.push(1);
    assert!(Keeper::restore(&lie).is_none());
}
