//! What an isolate remembers of the upstream.

use concierge_proxy::attempts::{self, Lesson, Outcome};
use concierge_proxy::keys::Slot;
use concierge_proxy::limits::Window;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::engine::{self, Engine, NETWORKS};
use concierge_proxy::memory::retries::Retries;
use concierge_proxy::memory::routes::{FAILURES, REST_MS, Route, Routes};
use concierge_proxy::memory::slots::{NOTICE_MS, Slots};
use concierge_proxy::memory::store::{PROBE_MS, Store};
use concierge_proxy::network::Home;
use concierge_proxy::refusal::{Refusal, StoreLimit};
use proptest::prelude::*;

use crate::support::cases;

const T0: u64 = 1_800_000_000_000;

/// What an outcome of a chat of this network teaches, on the primary and under the current key.
fn learn(memory: &mut Memory, outcome: &Outcome, network: u8, now: u64) -> Lesson {
    let (route, slot) = (Route::Primary, Slot::Current);
    attempts::learn(outcome, route, slot, home(network), memory, now)
}

fn home(network: u8) -> Home {
    Home([network; 16])
}

fn failing() -> Routes {
    let mut routes = Routes::default();
    for _ in 0..FAILURES {
        assert_eq!(routes.first(T0), Route::Primary);
        routes.failed(T0);
    }
    routes
}

#[test]
fn after_three_failures_in_a_row_the_fallback_goes_first() {
    let mut routes = failing();
    assert_eq!(routes.first(T0), Route::Fallback);
    assert_eq!(routes.first(T0 + REST_MS - 1), Route::Fallback);
}

#[test]
fn failures_with_an_answer_between_them_are_not_in_a_row() {
    let mut routes = Routes::default();
    for _ in 0..10 {
        routes.failed(T0);
        routes.failed(T0);
        routes.answered();
    }
    assert_eq!(routes.first(T0), Route::Primary);
}

#[test]
fn after_its_rest_one_chat_alone_tries_the_primary() {
    let mut routes = failing();
    let later = T0 + REST_MS;
    assert_eq!(routes.first(later), Route::Primary);
    assert_eq!(routes.first(later), Route::Fallback);
    // Whoever tried it may never have come back.
    assert_eq!(routes.first(later + REST_MS), Route::Primary);
    routes.answered();
    assert_eq!(routes.first(later + REST_MS), Route::Primary);
}

#[test]
fn a_probe_that_fails_is_another_rest() {
    let mut routes = failing();
    let later = T0 + REST_MS;
    assert_eq!(routes.first(later), Route::Primary);
    routes.failed(later + 500);
    assert_eq!(routes.first(later + REST_MS), Route::Fallback);
    assert_eq!(routes.first(later + 500 + REST_MS), Route::Primary);
}

#[test]
fn the_engines_own_errors_say_nothing_against_the_primary() {
    let mut memory = Memory::default();
    for outcome in [
        Outcome::EngineError,
        Outcome::KeyRefused,
        Outcome::Broken,
        Outcome::TimedOut,
    ] {
        for _ in 0..5 {
            learn(&mut memory, &outcome, 1, T0);
        }
    }
    assert_eq!(memory.routes.first(T0), Route::Primary);
    // Nor does a fallback that fails.
    for _ in 0..5 {
        let (route, slot) = (Route::Fallback, Slot::Current);
        attempts::learn(
            &Outcome::NoConnection,
            route,
            slot,
            home(1),
            &mut memory,
            T0,
        );
    }
    assert_eq!(memory.routes.first(T0), Route::Primary);
}

#[test]
fn a_refused_key_is_told_once_a_minute_each() {
    let mut slots = Slots::default();
    let current = slots.known_mut(Slot::Current);
    assert!(current.refused(T0));
    assert!(!current.refused(T0 + NOTICE_MS - 1));
    assert!(slots.known_mut(Slot::Next).refused(T0));
    assert!(slots.known_mut(Slot::Current).refused(T0 + NOTICE_MS));
}

#[test]
fn the_next_key_goes_first_unless_it_is_refused() {
    let mut memory = Memory::default();
    let learn = |memory: &mut Memory, outcome, slot| {
        attempts::learn(&outcome, Route::Primary, slot, home(1), memory, T0)
    };
    assert_eq!(memory.slots.first(false), Slot::Current);
    assert_eq!(memory.slots.first(true), Slot::Next);
    assert!(learn(&mut memory, Outcome::KeyRefused, Slot::Next).tells_of_key);
    assert_eq!(memory.slots.first(true), Slot::Current);
    attempts::learn_good(Route::Primary, Slot::Current, &mut memory);
    assert_eq!(memory.slots.first(true), Slot::Current);
    // The old key is gone, and the new one has come to work.
    learn(&mut memory, Outcome::KeyRefused, Slot::Current);
    attempts::learn_good(Route::Primary, Slot::Next, &mut memory);
    assert_eq!(memory.slots.first(true), Slot::Next);
}

const fn limit(retry_after: u32) -> StoreLimit {
    StoreLimit {
        window: Some(Window::Day),
        retry_after,
    }
}

fn wait(store: &Store, now: u64) -> Option<u32> {
    store.limit(now).map(|limit| limit.retry_after)
}

#[test]
fn a_full_store_is_remembered_as_long_as_it_said() {
    let mut store = Store::default();
    assert_eq!(store.limit(T0), None);
    store.reached(limit(18), T0);
    assert_eq!(wait(&store, T0), Some(18));
    assert_eq!(wait(&store, T0 + 1), Some(18));
    assert_eq!(wait(&store, T0 + 1_000), Some(17));
    assert_eq!(wait(&store, T0 + 17_999), Some(1));
    assert_eq!(wait(&store, T0 + 18_000), None);
}

#[test]
fn a_full_store_is_looked_at_by_one_chat_in_five_minutes() {
    let mut store = Store::default();
    store.reached(limit(3_600), T0);
    assert_eq!(wait(&store, T0 + PROBE_MS - 1), Some(3_301));
    let later = T0 + PROBE_MS;
    assert_eq!(wait(&store, later), None);
    store.sent(later);
    assert_eq!(wait(&store, later), Some(3_300), "the others stay away");
    // What the probe is told counts.
    store.reached(limit(3_000), later + 400);
    assert_eq!(wait(&store, later + PROBE_MS), Some(3_000));
    assert_eq!(wait(&store, later + PROBE_MS + 400), None);
    store.sent(later + PROBE_MS + 400);
    store.answered();
    assert_eq!(wait(&store, later + PROBE_MS + 400), None);
}

#[test]
fn one_keys_full_store_is_not_the_others() {
    let mut memory = Memory::default();
    let full = Outcome::StoreLimited(limit(60));
    let (route, home) = (Route::Primary, home(1));
    attempts::learn(&full, route, Slot::Next, home, &mut memory, T0);
    assert_eq!(memory.shut(Slot::Current, T0), None);
    let shut = memory.shut(Slot::Next, T0);
    assert_eq!(shut, Some(Refusal::StoreLimited(limit(60))));
    attempts::learn_good(route, Slot::Current, &mut memory);
    assert!(memory.shut(Slot::Next, T0).is_some());
    attempts::learn_good(route, Slot::Next, &mut memory);
    assert_eq!(memory.shut(Slot::Next, T0), None);
}

#[test]
fn each_warning_of_the_stores_hour_comes_once() {
    let mut store = Store::default();
    let told: Vec<u32> = [500, 101, 100, 101, 99, 26, 25, 30, 24, 0]
        .into_iter()
        .filter_map(|remaining| store.watch(500, remaining))
        .collect();
    assert_eq!(told, [20, 5]);
    // The next hour, which is nearly gone at the first look.
    assert_eq!(store.watch(500, 480), None);
    assert_eq!(store.watch(500, 10), Some(5));
    assert_eq!(store.watch(500, 9), None);
}

#[test]
fn of_several_caps_the_one_that_frees_last_is_remembered() {
    let mut store = Store::default();
    store.reached(limit(290), T0);
    store.reached(limit(20), T0 + 1_000);
    assert_eq!(wait(&store, T0 + 1_000), Some(289));
    store.reached(limit(300), T0 + 2_000);
    assert_eq!(wait(&store, T0 + 2_000), Some(300));
}

fn open() -> Engine {
    let mut engine = Engine::default();
    for network in 0..u8::try_from(NETWORKS).unwrap() {
        assert_eq!(engine.rests(T0), None);
        engine.failed(home(network), T0);
    }
    engine
}

#[test]
fn an_engine_that_fails_three_networks_in_a_row_is_left_alone() {
    let engine = open();
    assert_eq!(engine.rests(T0), Some(engine::REST_MS));
    assert_eq!(engine.rests(T0 + engine::REST_MS - 1), Some(1));
    assert_eq!(engine.rests(T0 + engine::REST_MS), None);
}

#[test]
fn one_network_alone_cannot_have_the_engine_left_alone() {
    let mut engine = Engine::default();
    for _ in 0..100 {
        engine.failed(home(1), T0);
        engine.failed(home(2), T0);
    }
    assert_eq!(engine.rests(T0), None);
    // Nor can many, while others are answered.
    for network in 0..100 {
        engine.answered();
        engine.failed(home(network), T0);
    }
    assert_eq!(engine.rests(T0), None);
}

#[test]
fn one_chat_in_a_rest_looks_whether_the_engine_is_back() {
    let mut engine = open();
    let later = T0 + engine::REST_MS;
    engine.sent(later);
    assert_eq!(engine.rests(later), Some(engine::REST_MS));
    // A probe that fails makes the rest no longer, nor do those that were sent before.
    engine.failed(home(7), later + 1_000);
    assert_eq!(engine.rests(later + engine::REST_MS), None);
    engine.sent(later + engine::REST_MS);
    engine.answered();
    assert_eq!(engine.rests(later + engine::REST_MS), None);
}

#[test]
fn what_a_clock_that_ran_ahead_has_begun_ends_with_its_return() {
    let (mut store, engine) = (Store::default(), open());
    store.reached(limit(3_600), T0);
    assert_eq!(engine.rests(T0 - 1), None);
    assert_eq!(store.limit(T0 - 1), None);
}

#[test]
fn only_what_the_engine_did_opens_its_breaker() {
    for (outcome, opens) in [
        (Outcome::EngineFailed(Refusal::UpstreamFunctionError), true),
        (Outcome::EngineError, true),
        (Outcome::TimedOut, true),
        (Outcome::NoConnection, false),
        (Outcome::GatewayFailed, false),
        (Outcome::GatewayThrottled, false),
        (Outcome::KeyRefused, false),
        (Outcome::Broken, false),
        (Outcome::Refused(Refusal::MissingPrompt), false),
    ] {
        let mut memory = Memory::default();
        for network in 0..9 {
            learn(&mut memory, &outcome, network, T0);
        }
        assert_eq!(memory.engine.rests(T0).is_some(), opens, "{outcome:?}");
    }
}

#[test]
fn retries_end_where_half_of_the_tokens_are_gone() {
    let mut retries = Retries::default();
    let allowed: Vec<bool> = (0..6)
        .map(|_| {
            retries.failed();
            retries.allowed()
        })
        .collect();
    assert_eq!(allowed, [true, true, true, true, false, false]);
    // 4 tokens are left: a tenth for each success, until there are more than 5.
    let successes = (1..)
        .find(|_| {
            retries.succeeded();
            retries.allowed()
        })
        .unwrap();
    assert_eq!(successes, 11);
}

#[test]
fn what_nobody_counts_needs_no_token() {
    for (outcome, free) in [
        (Outcome::NoConnection, true),
        (Outcome::KeyRefused, true),
        (Outcome::GatewayFailed, false),
        (Outcome::GatewayThrottled, false),
        (Outcome::EngineError, false),
    ] {
        let mut memory = Memory::default();
        for _ in 0..5 {
            memory.retries.failed();
        }
        let lesson = learn(&mut memory, &outcome, 1, T0);
        assert_eq!(lesson.may_retry, free, "{outcome:?}");
    }
}

#[test]
fn a_primary_that_is_only_looked_at_takes_no_token_from_its_fallback() {
    let mut memory = Memory::default();
    for _ in 0..FAILURES {
        learn(&mut memory, &Outcome::GatewayFailed, 1, T0);
    }
    for _ in 0..100 {
        let lesson = learn(&mut memory, &Outcome::GatewayFailed, 1, T0);
        assert!(lesson.may_retry);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    /// Over any run of chats that fail, retries are at most four and a tenth of the successes.
    #[test]
    fn retries_are_bounded_by_successes(run in prop::collection::vec(any::<bool>(), 1..400)) {
        let mut retries = Retries::default();
        let (mut successes, mut retried) = (0_u32, 0);
        for good in run {
            if good {
                retries.succeeded();
                successes += 1;
            } else {
                retries.failed();
                retried += u32::from(retries.allowed());
            }
            prop_assert!(retried <= 4 + successes.div_ceil(10), "{} after {}", retried, successes);
        }
    }
}
