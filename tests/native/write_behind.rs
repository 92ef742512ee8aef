//! When a limiter's ledger is stored, and what is lost when its memory is.

mod cost;
mod lifts;

use concierge_proxy::limits::Limits;
use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::write_behind::WriteBehind;
use concierge_proxy::storage::StorageOps;
use proptest::prelude::*;

use crate::support::{cases, limits};
use crate::windows::{T0, bytes, later, small_limits, steps};

const MINUTE: u64 = 60_000;

/// The longest window is a minute.
fn wide() -> Limits {
    limits("1000/minute", "1000/minute", "1000/minute")
}

fn admit(write_behind: &mut WriteBehind, now: u64) -> StorageOps {
    let (decision, ops) = write_behind.admit(&wide(), 1, false, 0, now);
    assert_eq!(decision.exceeded, None);
    ops
}

fn flush_in(millis: u64) -> StorageOps {
    StorageOps {
        flush_in: Some(millis),
        ..StorageOps::default()
    }
}

/// Only a write: its snapshot.
fn written(ops: StorageOps) -> Vec<u8> {
    let snapshot = ops.write.expect("a write");
    assert_eq!((ops.wake_at, ops.flush_in, ops.clear), (None, None, false));
    snapshot
}

#[test]
fn the_first_admission_is_written_at_once_and_sets_the_alarm() {
    let ops = admit(&mut WriteBehind::default(), T0);
    assert!(ops.write.is_some());
    assert_eq!(ops.wake_at, Some(T0 + MINUTE));
    assert_eq!((ops.flush_in, ops.clear), (None, false));
}

#[test]
fn further_admissions_within_a_second_ask_for_one_flush() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    assert_eq!(admit(&mut write_behind, T0 + 300), flush_in(700));
    for later in [301, 500, 999] {
        assert_eq!(
            admit(&mut write_behind, T0 + later),
            StorageOps::default(),
            "{later}"
        );
    }
    written(write_behind.flush(MINUTE, T0 + 1_000));
    // The next second begins with the flush.
    assert_eq!(admit(&mut write_behind, T0 + 1_001), flush_in(999));
}

#[test]
fn a_second_after_a_write_the_next_one_is_written_at_once() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    assert_eq!(admit(&mut write_behind, T0 + 999), flush_in(1));
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    written(admit(&mut write_behind, T0 + 1_000));
}

#[test]
fn a_flush_that_nobody_asked_for_does_nothing() {
    let mut write_behind = WriteBehind::default();
    assert_eq!(write_behind.flush(MINUTE, T0), StorageOps::default());
    admit(&mut write_behind, T0);
    assert_eq!(
        write_behind.flush(MINUTE, T0 + 1_000),
        StorageOps::default()
    );
    admit(&mut write_behind, T0 + 1_100);
    admit(&mut write_behind, T0 + 1_200);
    written(write_behind.flush(MINUTE, T0 + 2_100));
    assert_eq!(
        write_behind.flush(MINUTE, T0 + 2_100),
        StorageOps::default()
    );
}

#[test]
fn a_refusal_leaves_no_storage_ops() {
    let limits = limits("1/minute", "1/minute", "1/minute");
    for wait in [0, 500, 1_000, 5_000, 59_999] {
        let mut write_behind = WriteBehind::default();
        write_behind.admit(&limits, 1, false, 0, T0);
        let (decision, ops) = write_behind.admit(&limits, 1, false, 0, T0 + wait);
        assert!(decision.exceeded.is_some());
        assert_eq!(ops, StorageOps::default(), "after {wait}");
    }
}

#[test]
fn a_refusal_does_not_swallow_the_flush_that_is_due() {
    let limits = limits("2/minute", "2/minute", "2/minute");
    let mut write_behind = WriteBehind::default();
    write_behind.admit(&limits, 1, false, 0, T0);
    assert_eq!(
        write_behind.admit(&limits, 1, false, 0, T0 + 100).1,
        flush_in(900)
    );
    assert_eq!(
        write_behind.admit(&limits, 1, false, 0, T0 + 200).1,
        StorageOps::default()
    );
    written(write_behind.flush(MINUTE, T0 + 1_000));
}

#[test]
fn the_alarm_clears_what_is_stored_when_nothing_is_left() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    let ops = write_behind.alarm(MINUTE, T0 + MINUTE);
    let cleared = StorageOps {
        clear: true,
        ..StorageOps::default()
    };
    assert_eq!(ops, cleared);
    // The next chat is again the first one.
    let ops = admit(&mut write_behind, T0 + MINUTE + 1);
    assert!(ops.write.is_some());
    assert_eq!(ops.wake_at, Some(T0 + 2 * MINUTE + 1));
}

#[test]
fn the_alarm_keeps_what_a_window_needs_and_comes_back_for_it() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    admit(&mut write_behind, T0 + 20_000);
    admit(&mut write_behind, T0 + 30_000);
    let ops = write_behind.alarm(MINUTE, T0 + MINUTE);
    assert_eq!(ops.wake_at, Some(T0 + 30_000 + MINUTE));
    assert_eq!((ops.flush_in, ops.clear), (None, false));
    let mut restored = WriteBehind::restore(&ops.write.expect("a write")).unwrap();
    // One of the three is forgotten, in storage as in memory.
    let three = limits("3/minute", "3/minute", "3/minute");
    for write_behind in [&mut write_behind, &mut restored] {
        assert_eq!(
            write_behind
                .admit(&three, 1, false, 0, T0 + MINUTE)
                .0
                .exceeded,
            None
        );
        assert!(
            write_behind
                .admit(&three, 1, false, 0, T0 + MINUTE)
                .0
                .exceeded
                .is_some()
        );
    }
}

#[test]
fn a_flush_after_the_clearing_does_nothing() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    assert_eq!(admit(&mut write_behind, T0 + 500), flush_in(500));
    assert!(write_behind.alarm(MINUTE, T0 + 500 + MINUTE).clear);
    assert_eq!(
        write_behind.flush(MINUTE, T0 + 501 + MINUTE),
        StorageOps::default()
    );
}

#[test]
fn a_flush_after_an_alarm_that_wrote_does_nothing() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    admit(&mut write_behind, T0 + 59_500);
    assert_eq!(admit(&mut write_behind, T0 + 59_900), flush_in(600));
    assert!(write_behind.alarm(MINUTE, T0 + MINUTE).write.is_some());
    assert_eq!(
        write_behind.flush(MINUTE, T0 + 60_500),
        StorageOps::default()
    );
}

#[test]
fn an_alarm_that_was_lost_is_set_again() {
    let mut write_behind = WriteBehind::default();
    assert_eq!(admit(&mut write_behind, T0).wake_at, Some(T0 + MINUTE));
    assert_eq!(admit(&mut write_behind, T0 + 30_000).wake_at, None);
    // An alarm that is a little late is not lost.
    assert_eq!(admit(&mut write_behind, T0 + MINUTE + 999).wake_at, None);
    let now = T0 + MINUTE + 5_000;
    assert_eq!(admit(&mut write_behind, now).wake_at, Some(now + MINUTE));
}

#[test]
fn a_restored_write_behind_does_not_set_the_alarm_twice() {
    let mut write_behind = WriteBehind::default();
    let snapshot = admit(&mut write_behind, T0).write.unwrap();
    let mut restored = WriteBehind::restore(&snapshot).unwrap();
    let snapshot = written(admit(&mut restored, T0 + 30_000));
    // Nor does it after the alarm has gone off in another instance.
    let mut restored = WriteBehind::restore(&snapshot).unwrap();
    let ops = restored.alarm(MINUTE, T0 + MINUTE);
    assert_eq!(ops.wake_at, Some(T0 + 30_000 + MINUTE));
    let mut restored = WriteBehind::restore(&ops.write.unwrap()).unwrap();
    written(admit(&mut restored, T0 + MINUTE + 10_000));
    assert!(restored.alarm(MINUTE, T0 + 2 * MINUTE + 10_000).clear);
}

#[test]
fn a_clock_that_is_set_back_delays_no_flush_by_more_than_a_second() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0);
    assert_eq!(admit(&mut write_behind, T0 - 500_000), flush_in(1_000));
    let ops = write_behind.flush(MINUTE, T0 - 499_000);
    assert!(ops.write.is_some());
}

#[test]
fn a_clock_that_ran_ahead_freezes_no_limiter_however_often_it_restarts() {
    let limits = limits("1/minute", "9/minute", "9/minute");
    let mut write_behind = WriteBehind::default();
    let (_, ops) = write_behind.admit(&limits, 1, false, 0, T0 + 86_400_000);
    let mut stored = ops.write.expect("a write");
    // The clock is right again. Each chat meets an object that has just been restored.
    let mut now = T0;
    for _ in 0..20 {
        let mut write_behind = WriteBehind::restore(&stored).expect("its own snapshot");
        let (decision, ops) = write_behind.admit(&limits, 1, false, 0, now);
        stored = ops.write.unwrap_or(stored);
        if decision.exceeded.is_none() {
            break;
        }
        now += 11_000;
    }
    // A minute until the clock is believed, and the minute of the window.
    assert_eq!(now, T0 + 132_000);
}

#[test]
fn the_alarm_of_a_clock_that_ran_ahead_is_set_anew() {
    let mut write_behind = WriteBehind::default();
    admit(&mut write_behind, T0 + 86_400_000);
    let mut alarm = None;
    for later in [0, 30_000, 60_000, 62_000] {
        let (_, ops) = write_behind.admit(&wide(), 1, false, 0, T0 + later);
        alarm = ops.wake_at.or(alarm);
        let ops = write_behind.flush(MINUTE, T0 + later + 1_000);
        alarm = ops.wake_at.or(alarm);
    }
    let alarm = alarm.expect("an alarm");
    assert!(alarm <= T0 + 62_000 + MINUTE, "{}", alarm - T0);
}

#[test]
fn only_a_snapshot_that_doubts_the_clock_has_another_format() {
    let mut write_behind = WriteBehind::default();
    let (_, ops) = write_behind.admit(&wide(), 1, false, 0, T0);
    assert_eq!(ops.write.expect("a write")[0], 2);
    write_behind.admit(&wide(), 1, false, 0, T0 - 5_000);
    let stored = write_behind
        .flush(MINUTE, T0 - 4_000)
        .write
        .expect("a write");
    assert_eq!(stored[0], 3);
    // The usual format is back when the clock is right again.
    let mut write_behind = WriteBehind::restore(&stored).expect("a write_behind");
    let (_, ops) = write_behind.admit(&wide(), 1, false, 0, T0 + 1);
    assert_eq!(ops.write.expect("a write")[0], 2);
}

#[test]
fn refunds_work_after_a_clock_that_ran_ahead() {
    let mut write_behind = WriteBehind::default();
    for receipt in 0..10 {
        write_behind.admit(&wide(), 1, false, receipt, T0 + 86_400_000);
        let given = write_behind.refund(&wide(), 1, receipt, T0 + 86_400_000).0;
        assert!(given.is_some());
    }
    for later in [0, 60_000] {
        write_behind.admit(&wide(), 1, false, 20, T0 + later);
    }
    write_behind.admit(&wide(), 1, false, 21, T0 + 60_001);
    assert!(write_behind.refund(&wide(), 1, 21, T0 + 60_002).0.is_some());
}

#[test]
fn a_retry_is_stored_like_a_chat() {
    let mut write_behind = WriteBehind::default();
    let (counted, ops) = write_behind.admit_retry(&wide(), T0);
    assert!(counted && ops.write.is_some());
    assert_eq!(
        write_behind.admit_retry(&wide(), T0 + 300),
        (true, flush_in(700))
    );
    let mut full = WriteBehind::default();
    let one = limits("9/minute", "9/minute", "1/minute");
    full.admit_retry(&one, T0);
    assert_eq!(
        full.admit_retry(&one, T0 + 5_000),
        (false, StorageOps::default())
    );
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_restored_write_behind_decides_as_the_ledger_it_stored(limits in small_limits(), steps in steps()) {
        let horizon = limits.horizon().millis();
        let (mut write_behind, mut mirror) = (WriteBehind::default(), Ledger::default());
        let mut now = T0;
        let mut flush_at = None;
        for (wait, shopper, newcomer) in steps {
            now = now.max(later(now, wait));
            let mut snapshots = Vec::new();
            if flush_at.is_some_and(|time| time <= now) {
                snapshots.extend(write_behind.flush(horizon, flush_at.take().unwrap()).write);
            }
            let stored_before = bytes(&mirror);
            let (decision, ops) = write_behind.admit(&limits, shopper, newcomer, 0, now);
            for snapshot in snapshots {
                prop_assert_eq!(decisions(&snapshot, &limits, now), mirrored(&stored_before, &limits, now));
            }
            prop_assert_eq!(decision, mirror.admit(&limits, shopper, newcomer, now));
            if let Some(millis) = ops.flush_in {
                prop_assert!((1..=1_000).contains(&millis));
                flush_at = Some(now + millis);
            }
            if let Some(snapshot) = ops.write {
                prop_assert_eq!(decisions(&snapshot, &limits, now), mirrored(&bytes(&mirror), &limits, now));
            }
        }
    }
}

/// What a write-behind restored from this snapshot decides for one shopper after the other.
fn decisions(snapshot: &[u8], limits: &Limits, now: u64) -> Vec<Vec<u32>> {
    let mut write_behind = WriteBehind::restore(snapshot).expect("its own snapshot");
    probes()
        .map(|(shopper, newcomer)| {
            write_behind
                .admit(limits, shopper, newcomer, 0, now)
                .0
                .to_words()
        })
        .collect()
}

fn mirrored(stored: &[u8], limits: &Limits, now: u64) -> Vec<Vec<u32>> {
    let mut ledger = Ledger::read(stored).unwrap();
    probes()
        .map(|(shopper, newcomer)| ledger.admit(limits, shopper, newcomer, now).to_words())
        .collect()
}

fn probes() -> impl Iterator<Item = (u32, bool)> {
    [(0, false), (1, true), (2, false), (3, true), (0, true)].into_iter()
}
