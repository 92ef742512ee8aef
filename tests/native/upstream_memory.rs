//! What an isolate remembers of the upstream.

use concierge_proxy::attempts::{self, Ending};
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::routes::{FAILURES, REST_MS, Route, Routes};
use concierge_proxy::memory::slots::{NOTICE_MS, Slot, Slots};
use concierge_proxy::memory::store::Store;
use concierge_proxy::refusal::StoreLimit;

const T0: u64 = 1_800_000_000_000;

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
    for ending in [
        Ending::EngineError,
        Ending::KeyRefused,
        Ending::Broken,
        Ending::TimedOut,
    ] {
        for _ in 0..5 {
            attempts::learn(&ending, Route::Primary, Slot::Current, &mut memory, T0);
        }
    }
    assert_eq!(memory.routes.first(T0), Route::Primary);
    // Nor does a fallback that fails.
    for _ in 0..5 {
        attempts::learn(
            &Ending::NoConnection,
            Route::Fallback,
            Slot::Current,
            &mut memory,
            T0,
        );
    }
    assert_eq!(memory.routes.first(T0), Route::Primary);
}

#[test]
fn a_refused_key_is_told_once_a_minute_each() {
    let mut slots = Slots::default();
    assert!(slots.refused(Slot::Current, T0));
    assert!(!slots.refused(Slot::Current, T0 + NOTICE_MS - 1));
    assert!(slots.refused(Slot::Next, T0));
    assert!(slots.refused(Slot::Current, T0 + NOTICE_MS));
}

#[test]
fn the_key_that_works_goes_first() {
    let mut memory = Memory::default();
    attempts::learn(
        &Ending::KeyRefused,
        Route::Primary,
        Slot::Current,
        &mut memory,
        T0,
    );
    assert_eq!(memory.slots.first, Slot::Next);
    attempts::learn_good(Route::Primary, Slot::Next, &mut memory);
    assert_eq!(memory.slots.first, Slot::Next);
    attempts::learn(
        &Ending::KeyRefused,
        Route::Primary,
        Slot::Next,
        &mut memory,
        T0,
    );
    assert_eq!(memory.slots.first, Slot::Current);
}

#[test]
fn a_full_store_is_remembered_as_long_as_it_said() {
    let mut store = Store::default();
    assert_eq!(store.limit(T0), None);
    let limit = StoreLimit {
        window: None,
        retry_after: 18,
    };
    store.reached(limit, T0);
    let wait = |now| store.limit(now).map(|limit| limit.retry_after);
    assert_eq!(wait(T0), Some(18));
    assert_eq!(wait(T0 + 1), Some(18));
    assert_eq!(wait(T0 + 1_000), Some(17));
    assert_eq!(wait(T0 + 17_999), Some(1));
    assert_eq!(wait(T0 + 18_000), None);
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
    let limit = |retry_after| StoreLimit {
        window: None,
        retry_after,
    };
    store.reached(limit(1_800), T0);
    store.reached(limit(20), T0 + 1_000);
    let wait = store.limit(T0 + 1_000).map(|limit| limit.retry_after);
    assert_eq!(wait, Some(1_799));
}
