//! What is tried again upstream, where, and with which key.

use concierge_proxy::attempts::{Attempts, Deadlines, FIRST_PAUSE_MS, Outcome};
use concierge_proxy::keys::KeySlot;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::endpoints::Endpoint;
use concierge_proxy::refusal::{Refusal, StoreLimit};
use proptest::prelude::*;

use crate::support::cases;

const T0: u64 = 1_800_000_000_000;
const HALF: u16 = u16::MAX / 2;

fn store_limited() -> Outcome {
    Outcome::StoreLimited(StoreLimit {
        window: None,
        retry_after: 18,
    })
}

/// Every kind of outcome.
fn outcomes() -> Vec<Outcome> {
    vec![
        Outcome::NoConnection,
        Outcome::GatewayFailed,
        Outcome::GatewayThrottled,
        Outcome::KeyRefused,
        store_limited(),
        Outcome::EngineFailed(Refusal::UpstreamFunctionError),
        Outcome::EngineError,
        Outcome::Lost,
        Outcome::Broken,
        Outcome::TimedOut,
        Outcome::Refused(Refusal::MissingPrompt),
    ]
}

fn begin(most: u32, has_fallback: bool, has_next_key: bool) -> Attempts {
    Attempts::begin(
        most,
        has_fallback,
        has_next_key,
        Deadlines::USUAL,
        &mut Memory::default(),
        T0,
    )
}

fn after(attempts: &mut Attempts, outcome: Outcome) -> Option<u64> {
    attempts.after(outcome, None, HALF, T0)
}

/// How many requests go out where every one ends alike.
fn requests(most: u32, outcome: &Outcome, has_fallback: bool, has_next_key: bool) -> u32 {
    let mut attempts = begin(most, has_fallback, has_next_key);
    let mut requests = 1;
    while after(&mut attempts, outcome.clone()).is_some() {
        requests += 1;
    }
    requests
}

#[test]
fn an_attempt_that_may_have_been_a_turn_is_not_retried() {
    for outcome in [
        Outcome::Lost,
        Outcome::Broken,
        Outcome::TimedOut,
        Outcome::Refused(Refusal::UpstreamError),
        store_limited(),
    ] {
        assert_eq!(requests(4, &outcome, true, true), 1, "{outcome:?}");
    }
}

#[test]
fn what_the_contract_wants_retried_is_retried_within_the_budget() {
    for outcome in [
        Outcome::NoConnection,
        Outcome::GatewayFailed,
        Outcome::GatewayThrottled,
        Outcome::EngineFailed(Refusal::UpstreamInvokeError),
    ] {
        for most in 1..=4 {
            assert_eq!(requests(most, &outcome, false, false), most, "{outcome:?}");
        }
    }
}

#[test]
fn an_error_of_the_engines_own_is_retried_once() {
    assert_eq!(requests(4, &Outcome::EngineError, true, true), 2);
}

#[test]
fn a_refused_key_gives_way_to_the_other_once_and_at_once() {
    assert_eq!(requests(4, &Outcome::KeyRefused, true, false), 1);
    assert_eq!(requests(4, &Outcome::KeyRefused, true, true), 2);
    let mut attempts = begin(3, false, true);
    assert_eq!(attempts.slot, KeySlot::Next);
    assert_eq!(after(&mut attempts, Outcome::KeyRefused), Some(0));
    assert_eq!(attempts.slot, KeySlot::Current);
}

#[test]
fn only_a_way_that_failed_is_left_for_the_other() {
    for (outcome, other) in [
        (Outcome::NoConnection, true),
        (Outcome::GatewayFailed, true),
        (Outcome::GatewayThrottled, true),
        (Outcome::EngineFailed(Refusal::UpstreamFunctionError), false),
        (Outcome::EngineError, false),
    ] {
        let mut attempts = begin(3, true, false);
        after(&mut attempts, outcome.clone()).expect("another attempt");
        assert_eq!(
            attempts.endpoint == Endpoint::Fallback,
            other,
            "{outcome:?}"
        );
        let mut attempts = begin(3, false, false);
        after(&mut attempts, outcome).expect("another attempt");
        assert_eq!(attempts.endpoint, Endpoint::Primary, "there is no other");
    }
}

#[test]
fn a_pause_is_never_shorter_than_the_upstream_asks_for_nor_past_the_deadline() {
    let mut attempts = begin(3, false, false);
    assert_eq!(
        attempts.after(Outcome::GatewayFailed, Some(2), 0, T0),
        Some(2_000)
    );
    let mut attempts = begin(3, false, false);
    let too_long =
        u32::try_from((Deadlines::USUAL.answer - Deadlines::USUAL.shortest) / 1_000).unwrap() + 1;
    assert_eq!(
        attempts.after(Outcome::GatewayFailed, Some(too_long), 0, T0),
        None
    );
    // An attempt has to have time for an answer.
    let late = T0 + Deadlines::USUAL.answer - Deadlines::USUAL.shortest;
    let after = |now| begin(3, false, false).after(Outcome::GatewayFailed, None, 0, now);
    assert_eq!(after(late), Some(0));
    assert_eq!(after(late + 1), None);
}

#[test]
fn a_chat_has_reached_the_engine_where_any_attempt_may_have() {
    for outcome in outcomes() {
        let mut attempts = begin(4, true, true);
        after(&mut attempts, Outcome::NoConnection);
        assert!(!attempts.reached());
        after(&mut attempts, outcome.clone());
        let missed = matches!(
            outcome,
            Outcome::NoConnection
                | Outcome::GatewayThrottled
                | Outcome::KeyRefused
                | Outcome::StoreLimited(_)
        );
        assert_eq!(attempts.reached(), !missed, "{outcome:?}");
        after(&mut attempts, Outcome::NoConnection);
        assert_eq!(attempts.reached(), !missed, "once reached, for good");
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_order_of_outcomes_breaks_the_budget_the_deadline_or_the_backoff(
        most in 1..=4_u32,
        has_fallback: bool,
        has_next_key: bool,
        steps in prop::collection::vec((0..11_usize, any::<u16>(), 0..9_000_u64), 1..12),
    ) {
        let mut attempts = begin(most, has_fallback, has_next_key);
        let (mut requests, mut now, mut longest) = (1, T0, FIRST_PAUSE_MS);
        for (kind, jitter, took) in steps {
            now += took;
            let outcome = outcomes().swap_remove(kind);
            let Some(pause) = attempts.after(outcome, None, jitter, now) else {
                break;
            };
            requests += 1;
            prop_assert!(pause <= longest, "{} ms", pause);
            longest = longest.max(pause) * 2;
            now += pause;
            prop_assert!(now + Deadlines::USUAL.shortest <= T0 + Deadlines::USUAL.answer);
            prop_assert!(has_fallback || attempts.endpoint == Endpoint::Primary);
            prop_assert!(has_next_key || attempts.slot == KeySlot::Current);
        }
        prop_assert!(requests <= most);
    }
}

#[test]
fn a_wait_that_one_gateway_asks_for_does_not_hold_back_the_other() {
    let mut attempts = begin(3, true, false);
    let pause = attempts.after(Outcome::GatewayFailed, Some(60), u16::MAX, T0);
    assert_eq!(pause, Some(FIRST_PAUSE_MS));
    assert_eq!(attempts.endpoint, Endpoint::Fallback);
}

#[test]
fn a_wait_is_kept_while_the_other_url_is_tried() {
    let mut attempts = begin(4, true, false);
    attempts.after(Outcome::GatewayFailed, Some(5), 0, T0);
    assert_eq!(attempts.endpoint, Endpoint::Fallback);
    let pause = attempts.after(Outcome::GatewayFailed, Some(9), 0, T0 + 1_000);
    assert_eq!((attempts.endpoint, pause), (Endpoint::Primary, Some(4_000)));
    let pause = attempts.after(Outcome::GatewayFailed, None, 0, T0 + 6_000);
    assert_eq!(
        (attempts.endpoint, pause),
        (Endpoint::Fallback, Some(4_000))
    );
}
