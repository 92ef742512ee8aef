//! When a day is stored, what a crash loses, and when the day is deleted.

use concierge_proxy::storage::StorageOps;
use concierge_proxy::usage::{Batch, Keeper, Range, report};
use proptest::prelude::*;

use super::{DAY, FACTS, MIDNIGHT, SECOND, T0, chat, json};
use crate::support::cases;

const INTERVAL: u64 = SECOND;

/// A batch of one chat.
fn batch(at: u64) -> Vec<u8> {
    let mut batch = Batch::default();
    batch.note(&chat(), at);
    batch.take(None).unwrap().bytes
}

fn add(keeper: &mut Keeper, now: u64) -> StorageOps {
    keeper.report(&batch(now), now).expect("a good batch")
}

/// How many chats these bytes count.
fn chats(bytes: &[u8], now: u64) -> u64 {
    let report = report(Range::Day, &[bytes.to_vec()], &FACTS, now);
    json(&report)["chats"]["total"].as_u64().unwrap()
}

#[test]
fn the_first_batch_is_stored_at_once_and_sets_the_alarm() {
    let mut keeper = Keeper::default();
    let ops = add(&mut keeper, T0);
    assert_eq!(ops.write.as_deref(), Some(&*keeper.read()));
    // 31 days after the end of the day.
    assert_eq!(ops.wake_at, Some(MIDNIGHT + 32 * DAY));
    assert_eq!((ops.flush_in, ops.clear), (None, false));
}

#[test]
fn further_batches_within_a_second_ask_for_one_flush() {
    let mut keeper = Keeper::default();
    add(&mut keeper, T0);
    let flush = StorageOps {
        flush_in: Some(700),
        ..StorageOps::default()
    };
    assert_eq!(add(&mut keeper, T0 + 300), flush);
    assert_eq!(add(&mut keeper, T0 + 400), StorageOps::default());
    let ops = keeper.flush(T0 + INTERVAL);
    assert_eq!(chats(&ops.write.expect("a write"), T0), 3);
    assert_eq!(
        (ops.wake_at, ops.flush_in),
        (None, None),
        "the alarm is set"
    );
    assert_eq!(keeper.flush(T0 + INTERVAL), StorageOps::default());
    assert!(add(&mut keeper, T0 + 2 * INTERVAL).write.is_some());
}

#[test]
fn a_clock_that_was_set_back_stops_no_write() {
    let mut keeper = Keeper::default();
    add(&mut keeper, T0);
    let ops = add(&mut keeper, T0 - 5 * SECOND);
    assert_eq!(ops.flush_in, Some(INTERVAL));
}

#[test]
fn a_restored_day_goes_on_and_does_not_set_the_alarm_again() {
    let mut keeper = Keeper::default();
    add(&mut keeper, T0);
    let mut keeper = Keeper::restore(&keeper.read()).expect("a snapshot");
    let ops = add(&mut keeper, T0 + SECOND);
    assert_eq!(chats(&ops.write.expect("a write"), T0), 2);
    assert_eq!(ops.wake_at, None);
}

#[test]
fn the_alarm_deletes_everything() {
    let mut keeper = Keeper::default();
    add(&mut keeper, T0);
    add(&mut keeper, T0 + 300);
    let cleared = StorageOps {
        clear: true,
        ..StorageOps::default()
    };
    assert_eq!(keeper.alarm(), cleared);
    assert!(keeper.read().is_empty());
    assert_eq!(keeper.flush(T0 + INTERVAL), StorageOps::default());
}

#[test]
fn a_batch_of_another_day_or_of_nothing_is_not_taken() {
    let mut keeper = Keeper::default();
    assert_eq!(keeper.report(&[], T0), None);
    assert!(keeper.read().is_empty(), "a day without counts");
    add(&mut keeper, T0);
    let before = keeper.read();
    assert_eq!(keeper.report(&batch(T0 + DAY), T0), None);
    assert_eq!(keeper.report(b"no batch", T0), None);
    assert_eq!(keeper.read(), before);
}

proptest! {
    #![proptest_config(cases(128))]

    /// However batches come in: a row at most every second, and a crash loses no more than that second.
    #[test]
    fn a_second_lies_between_two_writes_and_a_crash_loses_no_more(
        gaps in prop::collection::vec(0..1_500_u64, 1..60),
    ) {
        let (mut keeper, mut now) = (Keeper::default(), T0);
        let (mut stored, mut written, mut flush_at) = (Vec::new(), None, None::<u64>);
        let mut counted: Vec<u64> = Vec::new();
        for gap in gaps {
            now += gap;
            let due = flush_at.filter(|at| *at <= now);
            let flushed = due.map(|at| (keeper.flush(at), at));
            if due.is_some() {
                flush_at = None;
            }
            counted.push(now);
            let added = (add(&mut keeper, now), now);
            for (ops, at) in flushed.into_iter().chain([added]) {
                if let Some(ms) = ops.flush_in {
                    prop_assert_eq!(flush_at, None, "one timer");
                    flush_at = Some(at + ms);
                }
                if let Some(snapshot) = ops.write {
                    let since = written.map(|written| at - written);
                    prop_assert!(since.is_none_or(|since| since >= INTERVAL), "{:?}", since);
                    (stored, written) = (snapshot, Some(at));
                }
            }
        }
        let must = counted.iter().filter(|at| **at + INTERVAL <= now).count() as u64;
        prop_assert!(chats(&stored, T0) >= must);
    }
}
