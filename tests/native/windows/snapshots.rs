//! What is stored of a ledger.

use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::write_behind::WriteBehind;
use proptest::prelude::*;

use super::{Step, T0, bytes, later, small_limits, steps};
use crate::support::{cases, limits};

/// A ledger after these steps, and the last time.
fn after(limits: &concierge_proxy::limits::Limits, steps: &[Step]) -> (Ledger, u64) {
    let mut ledger = Ledger::default();
    let mut now = T0;
    for (wait, shopper, newcomer) in steps {
        now = now.max(later(now, *wait));
        ledger.admit(limits, *shopper, *newcomer, now);
    }
    (ledger, now)
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_ledger_reads_back_what_it_wrote(limits in small_limits(), steps in steps(), more in steps()) {
        let (mut ledger, mut now) = after(&limits, &steps);
        let stored = bytes(&ledger);
        let mut read = Ledger::read(&stored).expect("its own bytes");
        prop_assert_eq!(bytes(&read), stored);
        for (wait, shopper, newcomer) in more {
            now = now.max(later(now, wait));
            prop_assert_eq!(
                read.admit(&limits, shopper, newcomer, now),
                ledger.admit(&limits, shopper, newcomer, now)
            );
        }
        prop_assert_eq!(read, ledger);
    }

    #[test]
    fn garbage_never_breaks_the_reading_of_a_ledger(garbage: Vec<u8>, limits in small_limits()) {
        if let Some(mut ledger) = Ledger::read(&garbage) {
            ledger.admit(&limits, 1, true, T0);
            ledger.expire(limits.horizon().millis(), T0);
            let stored = bytes(&ledger);
            prop_assert!(Ledger::read(&stored).is_some());
        }
    }

    #[test]
    fn garbage_never_breaks_the_reading_of_a_snapshot(
        format in prop_oneof![3 => 2..=3_u8, 1 => any::<u8>()],
        alarm in prop_oneof![any::<u64>(), T0..T0 + 86_400_000],
        garbage: Vec<u8>,
        limits in small_limits(),
    ) {
        let snapshot = [&[format][..], &alarm.to_be_bytes(), &garbage].concat();
        if let Some(mut write_behind) = WriteBehind::restore(&snapshot) {
            prop_assert!(matches!(format, 2 | 3));
            let horizon = limits.horizon().millis();
            write_behind.admit(&limits, 1, true, 0, T0);
            write_behind.flush(horizon, T0 + 1_000);
            write_behind.alarm(horizon, T0 + horizon);
        }
    }

    #[test]
    fn a_snapshot_that_breaks_off_is_refused_or_shorter(limits in small_limits(), steps in steps()) {
        let (ledger, _) = after(&limits, &steps);
        let stored = bytes(&ledger);
        for length in 0..stored.len() {
            if let Some(read) = Ledger::read(&stored[..length]) {
                prop_assert_eq!(bytes(&read), &stored[..length]);
            }
        }
    }
}

#[test]
fn a_stored_alarm_at_the_end_of_time_never_breaks_a_limiter() {
    let limits = limits("1/minute", "1/minute", "1/minute");
    for alarm in [u64::MAX, u64::MAX - 999, 8_640_000_000_000_001] {
        let snapshot = [&[1][..], &alarm.to_be_bytes()].concat();
        if let Some(mut write_behind) = WriteBehind::restore(&snapshot) {
            write_behind.admit(&limits, 1, true, 0, T0);
        }
    }
}

#[test]
fn what_never_was_a_snapshot_is_none() {
    for garbage in [
        &[][..],
        &[2],
        &[2, 0, 0, 0, 0, 0, 0, 0],
        &[0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[1, 0, 0, 0, 0, 0, 0, 0, 0],
        &[3, 0, 0, 0, 0, 0, 0, 0, 0],
        b"{\"version\":1}",
    ] {
        assert_eq!(WriteBehind::restore(garbage), None, "{garbage:?}");
    }
    for garbage in [
        // A number without an end, one without a shopper, and one past the end of time.
        &[0x80][..],
        &[0x02],
        &[0x02, 0, 0, 0],
        &[
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0, 0, 0,
        ],
        &[
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0, 0, 0, 0,
        ],
    ] {
        assert_eq!(Ledger::read(garbage), None, "{garbage:?}");
    }
}

#[test]
fn an_admission_takes_a_few_bytes() {
    let limits = limits("20000/day", "20000/day", "20000/day");
    let mut ledger = Ledger::default();
    for number in 0..10_000 {
        ledger.admit(
            &limits,
            number,
            number % 2 == 0,
            T0 + u64::from(number) * 4_000,
        );
    }
    // 50,000 of them have to fit into a row of 2 MB.
    assert!(
        bytes(&ledger).len() <= 8 * 10_000,
        "{}",
        bytes(&ledger).len()
    );
}
