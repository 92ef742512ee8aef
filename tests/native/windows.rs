//! Rolling windows without error.

mod borders;
mod decisions;
mod lifts;
mod model;
mod retries;
mod snapshots;

use concierge_proxy::limits::Limits;
use concierge_proxy::limits::ledger::Ledger;
use concierge_proxy::limits::protocol::Decision;
use proptest::prelude::*;

use crate::support::{cases, limits};
use model::Model;

/// A time, in milliseconds since 1970.
pub const T0: u64 = 1_800_000_000_000;

/// One chat: how long after the one before, by whom, and whether new.
pub type Step = (i64, u32, bool);

pub fn bytes(ledger: &Ledger) -> Vec<u8> {
    let mut bytes = Vec::new();
    ledger.write(&mut bytes);
    bytes
}

/// Budgets so small that every cap is met.
pub fn small_limits() -> impl Strategy<Value = Limits> {
    prop::sample::select(vec![
        limits(
            "2/second, 3/minute",
            "1/second, 2/minute",
            "4/minute, 6/hour",
        ),
        limits("1/minute, 5/hour", "2/hour", "2/second, 3/minute, 9/day"),
        limits("3/minute, 3/hour", "3/minute, 3/hour", "3/minute, 3/hour"),
        limits("9/hour", "1/day", "2/second, 8/day"),
        limits("1/second", "1/second", "2/second"),
        limits("5/day, 2/minute", "9/minute", "3/hour, 20/day"),
    ])
}

/// Chats at times that lie on, before and after the borders of windows; some clocks run backwards.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![
        6 => 0..1_500_i64,
        3 => prop::sample::select(vec![
            0, 1, 499, 999, 1_000, 1_001, 20_000, 59_000, 59_999, 60_000, 60_001, 1_200_000,
            3_540_000, 3_599_999, 3_600_000, 3_600_001, 40_000_000, 86_399_999, 86_400_000,
        ]),
        1 => -100_000..0_i64,
    ];
    prop::collection::vec((wait, 0..3_u32, any::<bool>()), 1..60)
}

pub fn later(now: u64, wait: i64) -> u64 {
    now.checked_add_signed(wait).unwrap()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn the_ledger_decides_as_counting_every_admission_would(limits in small_limits(), steps in steps()) {
        let (mut ledger, mut model) = (Ledger::default(), Model::new(&limits));
        let mut now = T0;
        for (wait, shopper, newcomer) in steps {
            now = later(now, wait);
            let Decision { exceeded, standing } = ledger.admit(&limits, shopper, newcomer, now);
            let full = model.full(shopper, newcomer, now);
            prop_assert_eq!(exceeded.is_none(), full.is_empty(), "{:?} {:?}", exceeded, full);
            match exceeded {
                None => model.record(shopper, newcomer, now),
                Some(exceeded) => {
                    prop_assert_eq!(exceeded.retry_after, model.wait(shopper, newcomer, now));
                    let named = (exceeded.tier.name(), exceeded.cap.count, exceeded.cap.window.millis());
                    let mut last = model.last_to_free(shopper, newcomer, now);
                    if newcomer && model.knows(shopper, now) {
                        // Within the second that is told, one who was known may have become new.
                        last.extend(model.last_to_free(shopper, false, now));
                    }
                    prop_assert!(last.contains(&named), "{:?}", named);
                }
            }
            prop_assert_eq!((standing.remaining, standing.reset), model.standing(shopper, now));
        }
    }

    #[test]
    fn a_refusal_changes_nothing(limits in small_limits(), steps in steps()) {
        let mut ledger = Ledger::default();
        let mut now = T0;
        for (wait, shopper, newcomer) in steps {
            now = later(now, wait);
            ledger.expire(limits.horizon().millis(), now);
            let before = bytes(&ledger);
            if ledger.admit(&limits, shopper, newcomer, now).exceeded.is_some() {
                prop_assert_eq!(bytes(&ledger), before);
            } else {
                prop_assert_ne!(bytes(&ledger), before);
            }
        }
    }

    #[test]
    fn a_chat_is_admitted_after_the_retry_after_and_not_a_second_earlier(
        limits in small_limits(),
        steps in steps(),
    ) {
        let mut ledger = Ledger::default();
        let mut now = T0;
        for (wait, shopper, newcomer) in steps {
            now = now.max(later(now, wait));
            let Some(exceeded) = ledger.admit(&limits, shopper, newcomer, now).exceeded else {
                continue;
            };
            let told = u64::from(exceeded.retry_after) * 1_000;
            let mut early = Ledger::read(&bytes(&ledger)).unwrap();
            let decision = early.admit(&limits, shopper, newcomer, now + told - 1_000);
            prop_assert!(decision.exceeded.is_some());
            let decision = early.admit(&limits, shopper, newcomer, now + told);
            prop_assert_eq!(decision.exceeded, None);
        }
    }

    #[test]
    fn no_admission_stays_in_memory_that_no_window_needs(limits in small_limits(), steps in steps()) {
        let horizon = limits.horizon().millis();
        let mut ledger = Ledger::default();
        let mut now = T0;
        for (wait, shopper, newcomer) in steps {
            now = later(now, wait);
            ledger.admit(&limits, shopper, newcomer, now);
        }
        prop_assert!(!ledger.is_empty());
        let end = ledger.expires_at(horizon).expect("an admission");
        ledger.expire(horizon, end - 1);
        prop_assert!(!ledger.is_empty());
        ledger.expire(horizon, end);
        ledger.take_clock_changed();
        let mut fresh = Ledger::default();
        fresh.expire(horizon, end);
        prop_assert_eq!(&ledger, &fresh);
        prop_assert!(ledger.is_empty());
        prop_assert_eq!(ledger.expires_at(horizon), None);
    }
}
