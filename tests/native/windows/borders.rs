//! Times on the very border, budgets side by side, and the most that is remembered.

use concierge_proxy::limits::Limits;
use concierge_proxy::limits::ledger::Ledger;

use super::{T0, bytes};
use crate::support::limits;

const FREE: &str = "20000/day";

/// Nothing where it is admitted, else `tier count/window wait`.
fn ask(ledger: &mut Ledger, limits: &Limits, shopper: u32, newcomer: bool, now: u64) -> String {
    match ledger.admit(limits, shopper, newcomer, now).exceeded {
        None => String::new(),
        Some(exceeded) => format!(
            "{} {}/{} {}s",
            exceeded.tier.name(),
            exceeded.cap.count,
            exceeded.cap.window.name(),
            exceeded.retry_after
        ),
    }
}

#[test]
fn a_window_ends_on_the_millisecond() {
    for (cap, window) in [
        ("second", 1_000),
        ("minute", 60_000),
        ("hour", 3_600_000),
        ("day", 86_400_000),
    ] {
        let limits = limits(&format!("1/{cap}"), FREE, FREE);
        let mut ledger = Ledger::default();
        assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
        let whole = format!("shopper 1/{cap} {}s", window / 1_000);
        assert_eq!(ask(&mut ledger, &limits, 1, false, T0), whole);
        let last = format!("shopper 1/{cap} 1s");
        assert_eq!(ask(&mut ledger, &limits, 1, false, T0 + window - 1), last);
        assert_eq!(ask(&mut ledger, &limits, 1, false, T0 + window), "");
    }
}

#[test]
fn a_wait_is_rounded_up_to_the_second() {
    let limits = limits("1/minute", FREE, FREE);
    let mut ledger = Ledger::default();
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
    for (later, told) in [
        (1, "60s"),
        (999, "60s"),
        (1_000, "59s"),
        (1_001, "59s"),
        (59_000, "1s"),
        (59_001, "1s"),
    ] {
        let refused = ask(&mut ledger, &limits, 1, false, T0 + later);
        assert_eq!(
            refused,
            format!("shopper 1/minute {told}"),
            "after {later} ms"
        );
    }
}

#[test]
fn a_window_rolls_and_has_no_fixed_start() {
    let limits = limits("2/minute", FREE, FREE);
    let mut ledger = Ledger::default();
    // Two around a full minute do not let two more in at once.
    let minute = T0 - T0 % 60_000 + 60_000;
    assert_eq!(ask(&mut ledger, &limits, 1, false, minute - 100), "");
    assert_eq!(ask(&mut ledger, &limits, 1, false, minute - 50), "");
    assert_eq!(
        ask(&mut ledger, &limits, 1, false, minute + 50),
        "shopper 2/minute 60s"
    );
    assert_eq!(ask(&mut ledger, &limits, 1, false, minute + 59_900), "");
    assert_eq!(
        ask(&mut ledger, &limits, 1, false, minute + 59_900),
        "shopper 2/minute 1s"
    );
    assert_eq!(ask(&mut ledger, &limits, 1, false, minute + 59_950), "");
}

#[test]
fn shoppers_of_one_network_are_counted_apart_and_together() {
    let limits = limits("1/minute", FREE, "2/minute");
    let mut ledger = Ledger::default();
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
    assert_eq!(
        ask(&mut ledger, &limits, 1, false, T0 + 1_000),
        "shopper 1/minute 59s"
    );
    assert_eq!(ask(&mut ledger, &limits, 2, false, T0 + 2_000), "");
    assert_eq!(
        ask(&mut ledger, &limits, 3, false, T0 + 3_000),
        "network 2/minute 57s"
    );
}

#[test]
fn a_chat_that_one_budget_refuses_counts_in_no_other() {
    let limits = limits("1/minute", "1/minute", "3/minute");
    let mut ledger = Ledger::default();
    assert_eq!(ask(&mut ledger, &limits, 1, true, T0), "");
    // Refused as newcomers, and by the shopper's own cap: neither is counted for the network.
    for _ in 0..5 {
        assert_eq!(
            ask(&mut ledger, &limits, 2, true, T0),
            "newcomer 1/minute 60s"
        );
        assert_eq!(
            ask(&mut ledger, &limits, 1, false, T0),
            "shopper 1/minute 60s"
        );
    }
    assert_eq!(ask(&mut ledger, &limits, 2, false, T0), "");
    assert_eq!(ask(&mut ledger, &limits, 3, false, T0), "");
    // Refused by the network: not counted for the shopper either.
    assert_eq!(
        ask(&mut ledger, &limits, 4, false, T0 + 1_000),
        "network 3/minute 59s"
    );
    assert_eq!(ask(&mut ledger, &limits, 4, false, T0 + 60_000), "");
}

#[test]
fn only_newcomers_count_in_the_newcomers_budget() {
    let limits = limits(FREE, "1/hour", FREE);
    let mut ledger = Ledger::default();
    for _ in 0..5 {
        assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
    }
    assert_eq!(ask(&mut ledger, &limits, 2, true, T0), "");
    assert_eq!(
        ask(&mut ledger, &limits, 3, true, T0),
        "newcomer 1/hour 3600s"
    );
    assert_eq!(ask(&mut ledger, &limits, 2, false, T0), "");
}

#[test]
fn of_several_full_caps_the_one_that_frees_last_is_reported() {
    let limits = limits("1/second, 2/hour", "2/day", "3/minute");
    let mut ledger = Ledger::default();
    assert_eq!(ask(&mut ledger, &limits, 1, true, T0), "");
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0 + 1_000), "");
    assert_eq!(ask(&mut ledger, &limits, 8, true, T0 + 1_000), "");
    // The second, the hour, the minute and, for a newcomer, the day are full.
    assert_eq!(
        ask(&mut ledger, &limits, 9, true, T0 + 1_500),
        "newcomer 2/day 86399s"
    );
    assert_eq!(
        ask(&mut ledger, &limits, 1, false, T0 + 1_500),
        "shopper 2/hour 3599s"
    );
    assert_eq!(
        ask(&mut ledger, &limits, 2, false, T0 + 1_500),
        "network 3/minute 59s"
    );
}

#[test]
fn equal_caps_in_several_windows_are_each_kept() {
    let limits = limits("2/minute, 2/hour", FREE, FREE);
    let mut ledger = Ledger::default();
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0 + 70_000), "");
    assert_eq!(
        ask(&mut ledger, &limits, 1, false, T0 + 140_000),
        "shopper 2/hour 3460s"
    );
}

#[test]
fn a_clock_that_is_set_back_is_believed_after_a_minute_and_frees_nothing_before() {
    for behind in [1_001, 60_000, 86_400_000, T0 - 1] {
        let limits = limits("1/hour", FREE, FREE);
        let mut ledger = Ledger::default();
        let now = T0 - behind;
        assert_eq!(ask(&mut ledger, &limits, 1, false, T0 - 20_000), "");
        for later in [0, 1, 30_000, 59_999] {
            let told = ask(&mut ledger, &limits, 1, false, now + later);
            let full = told.starts_with("shopper 1/hour");
            assert!(full, "{behind} {later}: {told}");
        }
        // What the future held is counted now, and not when it will be.
        let told = ask(&mut ledger, &limits, 1, false, now + 60_000);
        assert!(told.starts_with("shopper 1/hour"), "{behind}: {told}");
        assert_eq!(ask(&mut ledger, &limits, 1, false, now + 3_660_000), "");
    }
}

#[test]
fn one_wrong_reading_of_the_clock_frees_nothing() {
    let limits = limits("1/hour", FREE, FREE);
    for wrong in [T0 - 3_600_000, T0 - 1_001, 0] {
        let mut ledger = Ledger::default();
        assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
        ask(&mut ledger, &limits, 1, false, wrong);
        assert_eq!(
            ask(&mut ledger, &limits, 1, false, T0 + 61_000),
            "shopper 1/hour 3539s",
            "{wrong}"
        );
    }
    // Two clocks in turn, two seconds apart.
    let mut ledger = Ledger::default();
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
    for turn in 1..1_700 {
        let now = T0 + turn * 2_000 + (turn % 2) * 2_000;
        let told = ask(&mut ledger, &limits, 1, false, now);
        assert!(told.starts_with("shopper 1/hour"), "{turn}: {told}");
    }
}

#[test]
fn a_clock_that_falls_a_little_behind_counts_at_the_latest_time_seen() {
    let limits = limits("1/minute", FREE, FREE);
    let mut ledger = Ledger::default();
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0), "");
    assert_eq!(ask(&mut ledger, &limits, 2, false, T0 - 1_000), "");
    assert_eq!(
        ask(&mut ledger, &limits, 2, false, T0 + 59_999),
        "shopper 1/minute 1s"
    );
    assert_eq!(ask(&mut ledger, &limits, 2, false, T0 + 60_000), "");
}

#[test]
fn a_limiter_remembers_50000_admissions_and_refuses_more() {
    // Caps that would allow 20,000 a second for a whole day.
    let limits = limits("20000/second", FREE, "20000/second");
    let mut ledger = Ledger::default();
    for number in 0..50_000_u32 {
        let now = T0 + u64::from(number / 20_000) * 1_000;
        assert_eq!(
            ask(&mut ledger, &limits, number, false, now),
            "",
            "{number}"
        );
    }
    let full = bytes(&ledger);
    assert_eq!(
        ask(&mut ledger, &limits, 1, false, T0 + 4_000),
        "network 50000/day 86396s"
    );
    assert_eq!(bytes(&ledger), full);
    assert_eq!(
        ask(&mut ledger, &limits, 1, false, T0 + 86_399_999),
        "network 50000/day 1s"
    );
    assert_eq!(ask(&mut ledger, &limits, 1, false, T0 + 86_400_000), "");
}

#[test]
fn remaining_and_reset_are_those_of_the_hour() {
    let limits = limits("6/minute, 3/hour, 9/day", FREE, "3/minute");
    let mut ledger = Ledger::default();
    let mut standing = |shopper, now| {
        let standing = ledger.admit(&limits, shopper, false, now).standing;
        (standing.remaining, standing.reset)
    };
    assert_eq!(standing(1, T0), (2, 3_600));
    assert_eq!(standing(1, T0 + 600_000), (1, 3_000));
    assert_eq!(standing(2, T0 + 600_000), (2, 3_600));
    assert_eq!(standing(1, T0 + 600_500), (0, 3_000));
    // Refused: by the hour, and somebody new by the network.
    assert_eq!(standing(1, T0 + 601_000), (0, 2_999));
    assert_eq!(standing(3, T0 + 601_000), (3, 0));
    assert_eq!(standing(1, T0 + 3_600_000), (0, 600));
}
