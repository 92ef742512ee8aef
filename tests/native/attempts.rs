//! What is tried again upstream, where, and with which key.

use concierge_proxy::attempts::{Attempts, DEADLINE_MS, Ending, FIRST_PAUSE_MS, SHORTEST_MS};
use concierge_proxy::keys::Slot;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::routes::Route;
use concierge_proxy::refusal::{Refusal, StoreLimit};
use proptest::prelude::*;

use crate::support::cases;

const T0: u64 = 1_800_000_000_000;
const HALF: u16 = u16::MAX / 2;

fn store_limited() -> Ending {
    Ending::StoreLimited(StoreLimit {
        window: None,
        retry_after: 18,
    })
}

/// Every kind of ending.
fn endings() -> Vec<Ending> {
    vec![
        Ending::NoConnection,
        Ending::GatewayFailed,
        Ending::GatewayThrottled,
        Ending::KeyRefused,
        store_limited(),
        Ending::EngineFailed(Refusal::UpstreamFunctionError),
        Ending::EngineError,
        Ending::Lost,
        Ending::Broken,
        Ending::TimedOut,
        Ending::Refused(Refusal::MissingPrompt),
    ]
}

fn begin(most: u32, has_fallback: bool, has_next_key: bool) -> Attempts {
    Attempts::begin(most, has_fallback, has_next_key, &mut Memory::default(), T0)
}

fn after(attempts: &mut Attempts, ending: Ending) -> Option<u64> {
    attempts.after(ending, None, HALF, T0)
}

/// How many requests go out where every one ends alike.
fn requests(most: u32, ending: &Ending, has_fallback: bool, has_next_key: bool) -> u32 {
    let mut attempts = begin(most, has_fallback, has_next_key);
    let mut requests = 1;
    while after(&mut attempts, ending.clone()).is_some() {
        requests += 1;
    }
    requests
}

#[test]
fn what_may_have_been_a_turn_is_not_tried_again() {
    for ending in [
        Ending::Lost,
        Ending::Broken,
        Ending::TimedOut,
        Ending::Refused(Refusal::UpstreamError),
        store_limited(),
    ] {
        assert_eq!(requests(4, &ending, true, true), 1, "{ending:?}");
    }
}

#[test]
fn what_the_contract_wants_retried_is_retried_within_the_budget() {
    for ending in [
        Ending::NoConnection,
        Ending::GatewayFailed,
        Ending::GatewayThrottled,
        Ending::EngineFailed(Refusal::UpstreamInvokeError),
    ] {
        for most in 1..=4 {
            assert_eq!(requests(most, &ending, false, false), most, "{ending:?}");
        }
    }
}

#[test]
fn an_error_of_the_engines_own_is_retried_once() {
    assert_eq!(requests(4, &Ending::EngineError, true, true), 2);
}

#[test]
fn a_refused_key_gives_way_to_the_other_once_and_at_once() {
    assert_eq!(requests(4, &Ending::KeyRefused, true, false), 1);
    assert_eq!(requests(4, &Ending::KeyRefused, true, true), 2);
    let mut attempts = begin(3, false, true);
    assert_eq!(attempts.slot, Slot::Next);
    assert_eq!(after(&mut attempts, Ending::KeyRefused), Some(0));
    assert_eq!(attempts.slot, Slot::Current);
}

#[test]
fn only_a_way_that_failed_is_left_for_the_other() {
    for (ending, other) in [
        (Ending::NoConnection, true),
        (Ending::GatewayFailed, true),
        (Ending::GatewayThrottled, true),
        (Ending::EngineFailed(Refusal::UpstreamFunctionError), false),
        (Ending::EngineError, false),
    ] {
        let mut attempts = begin(3, true, false);
        after(&mut attempts, ending.clone()).expect("another attempt");
        assert_eq!(attempts.route == Route::Fallback, other, "{ending:?}");
        let mut attempts = begin(3, false, false);
        after(&mut attempts, ending).expect("another attempt");
        assert_eq!(attempts.route, Route::Primary, "there is no other");
    }
}

#[test]
fn a_pause_is_never_shorter_than_the_upstream_asks_for_nor_past_the_deadline() {
    let mut attempts = begin(3, false, false);
    assert_eq!(
        attempts.after(Ending::GatewayFailed, Some(2), 0, T0),
        Some(2_000)
    );
    let mut attempts = begin(3, false, false);
    let too_long = u32::try_from((DEADLINE_MS - SHORTEST_MS) / 1_000).unwrap() + 1;
    assert_eq!(
        attempts.after(Ending::GatewayFailed, Some(too_long), 0, T0),
        None
    );
    // An attempt has to have time for an answer.
    let late = T0 + DEADLINE_MS - SHORTEST_MS;
    let after = |now| begin(3, false, false).after(Ending::GatewayFailed, None, 0, now);
    assert_eq!(after(late), Some(0));
    assert_eq!(after(late + 1), None);
}

#[test]
fn a_chat_has_reached_the_engine_where_any_attempt_may_have() {
    for ending in endings() {
        let mut attempts = begin(4, true, true);
        after(&mut attempts, Ending::NoConnection);
        assert!(!attempts.reached());
        after(&mut attempts, ending.clone());
        let missed = matches!(
            ending,
            Ending::NoConnection
                | Ending::GatewayThrottled
                | Ending::KeyRefused
                | Ending::StoreLimited(_)
        );
        assert_eq!(attempts.reached(), !missed, "{ending:?}");
        after(&mut attempts, Ending::NoConnection);
        assert_eq!(attempts.reached(), !missed, "once reached, for good");
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_order_of_endings_breaks_the_budget_the_deadline_or_the_backoff(
        most in 1..=4_u32,
        has_fallback: bool,
        has_next_key: bool,
        steps in prop::collection::vec((0..11_usize, any::<u16>(), 0..9_000_u64), 1..12),
    ) {
        let mut attempts = begin(most, has_fallback, has_next_key);
        let (mut requests, mut now, mut longest) = (1, T0, FIRST_PAUSE_MS);
        for (kind, chance, took) in steps {
            now += took;
            let ending = endings().swap_remove(kind);
            let Some(pause) = attempts.after(ending, None, chance, now) else {
                break;
            };
            requests += 1;
            prop_assert!(pause <= longest, "{} ms", pause);
            longest = longest.max(pause) * 2;
            now += pause;
            prop_assert!(now + SHORTEST_MS <= T0 + DEADLINE_MS);
            prop_assert!(has_fallback || attempts.route == Route::Primary);
            prop_assert!(has_next_key || attempts.slot == Slot::Current);
        }
        prop_assert!(requests <= most);
    }
}

#[test]
fn a_wait_that_one_gateway_asks_for_does_not_hold_back_the_other() {
    let mut attempts = begin(3, true, false);
    let pause = attempts.after(Ending::GatewayFailed, Some(60), u16::MAX, T0);
    assert_eq!(pause, Some(FIRST_PAUSE_MS));
    assert_eq!(attempts.route, Route::Fallback);
}

#[test]
fn a_wait_is_kept_while_the_other_url_is_tried() {
    let mut attempts = begin(4, true, false);
    attempts.after(Ending::GatewayFailed, Some(5), 0, T0);
    assert_eq!(attempts.route, Route::Fallback);
    let pause = attempts.after(Ending::GatewayFailed, Some(9), 0, T0 + 1_000);
    assert_eq!((attempts.route, pause), (Route::Primary, Some(4_000)));
    let pause = attempts.after(Ending::GatewayFailed, None, 0, T0 + 6_000);
    assert_eq!((attempts.route, pause), (Route::Fallback, Some(4_000)));
}
