//! Which endpoint goes first: the primary or its fallback.

use concierge_proxy::attempts::{self, Outcome};
use concierge_proxy::keys::KeySlot;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::endpoints::{COOLDOWN_MS, Endpoint, EndpointBreaker, FAILURES};

use super::{T0, learn, learn_at};

fn failing() -> EndpointBreaker {
    let mut endpoints = EndpointBreaker::default();
    for _ in 0..FAILURES {
        assert_eq!(endpoints.first(T0), Endpoint::Primary);
        endpoints.failed(Endpoint::Primary, T0);
    }
    endpoints
}

#[test]
fn after_three_failures_in_a_row_the_fallback_goes_first() {
    let mut endpoints = failing();
    assert_eq!(endpoints.first(T0), Endpoint::Fallback);
    assert_eq!(endpoints.first(T0 + COOLDOWN_MS - 1), Endpoint::Fallback);
}

#[test]
fn failures_with_an_answer_between_them_are_not_in_a_row() {
    let mut endpoints = EndpointBreaker::default();
    for _ in 0..10 {
        endpoints.failed(Endpoint::Primary, T0);
        endpoints.failed(Endpoint::Primary, T0);
        endpoints.answered(Endpoint::Primary);
    }
    assert_eq!(endpoints.first(T0), Endpoint::Primary);
}

#[test]
fn after_its_rest_one_chat_alone_tries_the_primary() {
    let mut endpoints = failing();
    let later = T0 + COOLDOWN_MS;
    assert_eq!(endpoints.first(later), Endpoint::Primary);
    assert_eq!(endpoints.first(later), Endpoint::Fallback);
    // Whoever tried it may never have come back.
    assert_eq!(endpoints.first(later + COOLDOWN_MS), Endpoint::Primary);
    endpoints.answered(Endpoint::Primary);
    assert_eq!(endpoints.first(later + COOLDOWN_MS), Endpoint::Primary);
}

#[test]
fn a_probe_that_fails_is_another_rest() {
    let mut endpoints = failing();
    let later = T0 + COOLDOWN_MS;
    assert_eq!(endpoints.first(later), Endpoint::Primary);
    endpoints.failed(Endpoint::Primary, later + 500);
    assert_eq!(endpoints.first(later + COOLDOWN_MS), Endpoint::Fallback);
    assert_eq!(
        endpoints.first(later + 500 + COOLDOWN_MS),
        Endpoint::Primary
    );
}

#[test]
fn a_fallback_that_fails_in_the_primarys_place_has_one_chat_try_the_primary() {
    let mut memory = Memory::default();
    let fail = |memory: &mut Memory, endpoint| {
        learn_at(
            memory,
            &Outcome::GatewayFailed,
            (endpoint, KeySlot::Current),
            1,
            T0,
        );
    };
    for _ in 0..FAILURES {
        fail(&mut memory, Endpoint::Primary);
    }
    // Answers of the fallback come between.
    for _ in 0..3 {
        assert_eq!(memory.endpoints.first(T0), Endpoint::Fallback);
        fail(&mut memory, Endpoint::Fallback);
        fail(&mut memory, Endpoint::Fallback);
        attempts::learn_good(Endpoint::Fallback, KeySlot::Current, true, &mut memory);
    }
    for _ in 0..FAILURES {
        assert_eq!(memory.endpoints.first(T0), Endpoint::Fallback);
        fail(&mut memory, Endpoint::Fallback);
    }
    assert_eq!(memory.endpoints.first(T0), Endpoint::Primary);
    assert_eq!(memory.endpoints.first(T0), Endpoint::Fallback);
    attempts::learn_good(Endpoint::Primary, KeySlot::Current, true, &mut memory);
    assert_eq!(memory.endpoints.first(T0), Endpoint::Primary);
}

#[test]
fn the_engines_own_errors_say_nothing_against_the_primary() {
    let mut memory = Memory::default();
    for outcome in [Outcome::EngineError, Outcome::KeyRefused] {
        for _ in 0..5 {
            learn(&mut memory, &outcome, 1, T0);
        }
    }
    assert_eq!(memory.endpoints.first(T0), Endpoint::Primary);
    // Nor does a fallback that fails.
    let fallback = (Endpoint::Fallback, KeySlot::Current);
    for _ in 0..5 {
        learn_at(&mut memory, &Outcome::NoConnection, fallback, 1, T0);
    }
    assert_eq!(memory.endpoints.first(T0), Endpoint::Primary);
}

#[test]
fn a_primary_on_which_chats_get_lost_gives_way_to_the_fallback() {
    for outcome in [
        Outcome::NoConnection,
        Outcome::GatewayFailed,
        Outcome::GatewayThrottled,
        Outcome::Lost,
        Outcome::Broken,
        Outcome::TimedOut,
    ] {
        let mut memory = Memory::default();
        for _ in 0..FAILURES {
            assert_eq!(memory.endpoints.first(T0), Endpoint::Primary);
            learn(&mut memory, &outcome, 1, T0);
        }
        assert_eq!(
            memory.endpoints.first(T0),
            Endpoint::Fallback,
            "{outcome:?}"
        );
    }
}

#[test]
fn a_probe_of_the_primary_takes_no_token_from_its_fallback() {
    let mut memory = Memory::default();
    for _ in 0..FAILURES {
        learn(&mut memory, &Outcome::GatewayFailed, 1, T0);
    }
    for _ in 0..100 {
        let lesson = learn(&mut memory, &Outcome::GatewayFailed, 1, T0);
        assert!(lesson.may_retry);
    }
}
