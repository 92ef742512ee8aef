//! What an isolate remembers of the upstream.

use concierge_proxy::attempts::{self, Attempts, Lesson, Outcome};
use concierge_proxy::keys::Slot;
use concierge_proxy::limits::Window;
use concierge_proxy::memory::engine::{self, BLOCKS, Engine};
use concierge_proxy::memory::retries::Retries;
use concierge_proxy::memory::routes::{FAILURES, REST_MS, Route, Routes};
use concierge_proxy::memory::slots::{NOTICE_MS, Slots, TRY_AGAIN_MS};
use concierge_proxy::memory::store::{PROBE_MS, Store};
use concierge_proxy::memory::{Claim, Memory};
use concierge_proxy::network::{Block, Network};
use concierge_proxy::refusal::{Refusal, StoreLimit};
use proptest::prelude::*;

use crate::support::cases;

const T0: u64 = 1_800_000_000_000;

/// What an outcome of a chat of this block teaches, on this route and under this key.
fn learn_at(
    memory: &mut Memory,
    outcome: &Outcome,
    (route, slot): (Route, Slot),
    block: u8,
    now: u64,
) -> Lesson {
    let mut attempts = Attempts::begin(3, true, true, &mut Memory::default(), now);
    (attempts.route, attempts.slot) = (route, slot);
    let mut claim = Claim::default();
    attempts::learn(outcome, &attempts, at(block), &mut claim, memory, now)
}

/// The same on the primary and under the current key.
fn learn(memory: &mut Memory, outcome: &Outcome, block: u8, now: u64) -> Lesson {
    learn_at(memory, outcome, (Route::Primary, Slot::Current), block, now)
}

fn at(block: u8) -> Block {
    Network::of(&format!("203.0.{block}.7")).block()
}

fn failing() -> Routes {
    let mut routes = Routes::default();
    for _ in 0..FAILURES {
        assert_eq!(routes.first(T0), Route::Primary);
        routes.failed(Route::Primary, T0);
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
        routes.failed(Route::Primary, T0);
        routes.failed(Route::Primary, T0);
        routes.answered(Route::Primary);
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
    routes.answered(Route::Primary);
    assert_eq!(routes.first(later + REST_MS), Route::Primary);
}

#[test]
fn a_probe_that_fails_is_another_rest() {
    let mut routes = failing();
    let later = T0 + REST_MS;
    assert_eq!(routes.first(later), Route::Primary);
    routes.failed(Route::Primary, later + 500);
    assert_eq!(routes.first(later + REST_MS), Route::Fallback);
    assert_eq!(routes.first(later + 500 + REST_MS), Route::Primary);
}

#[test]
fn a_fallback_that_fails_in_the_primarys_place_has_one_chat_try_the_primary() {
    let mut memory = Memory::default();
    let fail = |memory: &mut Memory, route| {
        learn_at(
            memory,
            &Outcome::GatewayFailed,
            (route, Slot::Current),
            1,
            T0,
        );
    };
    for _ in 0..FAILURES {
        fail(&mut memory, Route::Primary);
    }
    // Answers of the fallback come between.
    for _ in 0..3 {
        assert_eq!(memory.routes.first(T0), Route::Fallback);
        fail(&mut memory, Route::Fallback);
        fail(&mut memory, Route::Fallback);
        attempts::learn_good(Route::Fallback, Slot::Current, &mut memory);
    }
    for _ in 0..FAILURES {
        assert_eq!(memory.routes.first(T0), Route::Fallback);
        fail(&mut memory, Route::Fallback);
    }
    assert_eq!(memory.routes.first(T0), Route::Primary);
    assert_eq!(memory.routes.first(T0), Route::Fallback);
    attempts::learn_good(Route::Primary, Slot::Current, &mut memory);
    assert_eq!(memory.routes.first(T0), Route::Primary);
}

#[test]
fn the_engines_own_errors_say_nothing_against_the_primary() {
    let mut memory = Memory::default();
    for outcome in [Outcome::EngineError, Outcome::KeyRefused] {
        for _ in 0..5 {
            learn(&mut memory, &outcome, 1, T0);
        }
    }
    assert_eq!(memory.routes.first(T0), Route::Primary);
    // Nor does a fallback that fails.
    let fallback = (Route::Fallback, Slot::Current);
    for _ in 0..5 {
        learn_at(&mut memory, &Outcome::NoConnection, fallback, 1, T0);
    }
    assert_eq!(memory.routes.first(T0), Route::Primary);
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
            assert_eq!(memory.routes.first(T0), Route::Primary);
            learn(&mut memory, &outcome, 1, T0);
        }
        assert_eq!(memory.routes.first(T0), Route::Fallback, "{outcome:?}");
    }
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
fn a_clock_that_ran_ahead_silences_no_notice() {
    let mut slots = Slots::default();
    slots.known_mut(Slot::Next).refused(T0 + 86_400_000);
    assert!(slots.known_mut(Slot::Next).refused(T0));
}

#[test]
fn the_next_key_goes_first_unless_it_is_refused() {
    let mut memory = Memory::default();
    let refuse = |memory: &mut Memory, slot| {
        learn_at(memory, &Outcome::KeyRefused, (Route::Primary, slot), 1, T0)
    };
    assert_eq!(memory.slots.first(false, T0), Slot::Current);
    assert_eq!(memory.slots.first(true, T0), Slot::Next);
    assert!(refuse(&mut memory, Slot::Next).tells_of_key);
    assert_eq!(memory.slots.first(true, T0), Slot::Current);
    attempts::learn_good(Route::Primary, Slot::Current, &mut memory);
    assert_eq!(memory.slots.first(true, T0), Slot::Current);
    // The old key is gone, and the new one has come to work.
    refuse(&mut memory, Slot::Current);
    attempts::learn_good(Route::Primary, Slot::Next, &mut memory);
    assert_eq!(memory.slots.first(true, T0), Slot::Next);
}

#[test]
fn a_next_key_that_was_refused_is_tried_again() {
    let mut memory = Memory::default();
    let next = (Route::Primary, Slot::Next);
    learn_at(&mut memory, &Outcome::KeyRefused, next, 1, T0);
    let later = T0 + TRY_AGAIN_MS;
    assert_eq!(memory.slots.first(true, later - 1), Slot::Current);
    assert_eq!(memory.slots.first(true, later), Slot::Next);
}

const fn limit(retry_after: u32) -> StoreLimit {
    StoreLimit {
        window: Some(Window::Day),
        retry_after,
    }
}

fn wait(store: &Store, now: u64) -> Option<u32> {
    store.limit(at(1), now).map(|limit| limit.retry_after)
}

#[test]
fn a_full_store_is_remembered_as_long_as_it_said() {
    let mut store = Store::default();
    assert_eq!(store.limit(at(1), T0), None);
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
    assert!(!store.claim(at(1), T0));
    store.reached(limit(3_600), T0);
    assert_eq!(wait(&store, T0 + PROBE_MS - 1), Some(3_301));
    let later = T0 + PROBE_MS;
    assert_eq!(wait(&store, later), None);
    assert!(store.claim(at(2), later));
    assert_eq!(wait(&store, later), Some(3_300), "the others stay away");
    // Of what it was told and what is told now, the later end counts.
    store.reached(limit(3_000), later + 400);
    assert_eq!(wait(&store, later + PROBE_MS - 1), Some(3_001));
    assert_eq!(wait(&store, later + PROBE_MS), None);
    assert!(store.claim(at(1), later + PROBE_MS));
    store.answered();
    assert_eq!(wait(&store, later + PROBE_MS), None);
}

#[test]
fn who_has_looked_at_a_full_store_and_seen_nothing_has_another_look() {
    let mut store = Store::default();
    store.reached(limit(3_600), T0);
    let later = T0 + PROBE_MS;
    store.claim(at(2), later);
    store.hand_back(later + 120);
    assert_eq!(wait(&store, later + 120), None);
    // Whoever had the turn waits for the next one.
    assert!(store.limit(at(2), later + 120).is_some());
}

#[test]
fn whatever_comes_from_behind_the_cap_ends_it() {
    for outcome in [
        Outcome::EngineError,
        Outcome::EngineFailed(Refusal::UpstreamFunctionError),
    ] {
        let mut memory = Memory::default();
        learn(&mut memory, &Outcome::StoreLimited(limit(60)), 1, T0);
        assert!(memory.shut(Slot::Current, at(1), T0).is_some());
        learn(&mut memory, &outcome, 1, T0);
        assert_eq!(memory.shut(Slot::Current, at(1), T0), None, "{outcome:?}");
    }
}

#[test]
fn one_keys_full_store_is_not_the_others() {
    let mut memory = Memory::default();
    let full = Outcome::StoreLimited(limit(60));
    learn_at(&mut memory, &full, (Route::Primary, Slot::Next), 1, T0);
    assert_eq!(memory.shut(Slot::Current, at(1), T0), None);
    let shut = memory.shut(Slot::Next, at(1), T0);
    assert_eq!(shut, Some(Refusal::StoreLimited(limit(60))));
    attempts::learn_good(Route::Primary, Slot::Current, &mut memory);
    assert!(memory.shut(Slot::Next, at(1), T0).is_some());
    attempts::learn_good(Route::Primary, Slot::Next, &mut memory);
    assert_eq!(memory.shut(Slot::Next, at(1), T0), None);
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
    for block in 0..u8::try_from(BLOCKS).unwrap() {
        assert_eq!(engine.rests(at(block), T0), None);
        engine.failed(at(block), T0);
    }
    engine
}

#[test]
fn an_engine_that_fails_five_blocks_in_a_row_is_left_alone() {
    let engine = open();
    for block in [0, 9] {
        let rests = |now| engine.rests(at(block), now);
        assert_eq!(rests(T0), Some(engine::REST_MS));
        assert_eq!(rests(T0 + engine::REST_MS - 1), Some(1));
        assert_eq!(rests(T0 + engine::REST_MS), None);
    }
}

#[test]
fn neighbours_alone_cannot_have_the_engine_left_alone() {
    let mut engine = Engine::default();
    for address in ["203.0.113.1", "203.0.113.2", "203.0.113.200"] {
        engine.failed(Network::of(address).block(), T0);
    }
    for address in ["2001:db8:1::1", "2001:db8:1:100::1", "2001:db8:1:ff00::1"] {
        engine.failed(Network::of(address).block(), T0);
    }
    assert_eq!(engine.rests(at(1), T0), None);
    // Nor can many, while others are answered.
    for block in 0..100 {
        engine.answered();
        engine.failed(at(block), T0);
    }
    assert_eq!(engine.rests(at(1), T0), None);
}

#[test]
fn one_chat_in_a_rest_looks_whether_the_engine_is_back() {
    let mut engine = open();
    let later = T0 + engine::REST_MS;
    assert!(engine.claim(at(9), later));
    assert_eq!(engine.rests(at(1), later), Some(engine::REST_MS));
    // A probe that fails makes the rest no longer, nor do those that were sent before.
    engine.failed(at(9), later + 1_000);
    assert_eq!(engine.rests(at(1), later + engine::REST_MS), None);
    engine.claim(at(1), later + engine::REST_MS);
    engine.answered();
    assert_eq!(engine.rests(at(1), later + engine::REST_MS), None);
    assert!(!engine.claim(at(1), later), "nothing is left to look at");
}

#[test]
fn a_probe_that_has_seen_nothing_is_followed_by_anothers_at_once() {
    let mut engine = open();
    let later = T0 + engine::REST_MS;
    engine.claim(at(9), later);
    engine.hand_back(later + 120);
    assert_eq!(engine.rests(at(1), later + 120), None);
}

#[test]
fn who_looks_again_and_again_waits_longer_each_time_and_holds_up_nobody() {
    let mut engine = open();
    let mut now = T0 + engine::REST_MS;
    let mut waits = Vec::new();
    for _ in 0..5 {
        engine.claim(at(9), now);
        engine.hand_back(now);
        assert_eq!(engine.rests(at(1), now), None);
        let wait = engine.rests(at(9), now).expect("a wait");
        waits.push(wait / engine::REST_MS);
        now += wait;
    }
    assert_eq!(waits, [2, 4, 8, 8, 8]);
}

#[test]
fn the_turns_of_many_blocks_take_no_more_than_their_room() {
    let mut engine = open();
    for block in 0..=255 {
        engine.claim(at(block), T0);
        engine.hand_back(T0);
    }
    // The oldest are forgotten, the newest are not.
    assert_eq!(engine.rests(at(0), T0), None);
    assert!(engine.rests(at(255), T0).is_some());
}

#[test]
fn what_a_clock_that_ran_ahead_has_begun_ends_with_its_return() {
    let (mut store, engine) = (Store::default(), open());
    store.reached(limit(3_600), T0);
    assert_eq!(engine.rests(at(1), T0 - 1), None);
    assert_eq!(store.limit(at(1), T0 - 1), None);
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
        (Outcome::Lost, false),
        (Outcome::Broken, false),
        (Outcome::Refused(Refusal::MissingPrompt), false),
    ] {
        let mut memory = Memory::default();
        for block in 0..9 {
            learn(&mut memory, &outcome, block, T0);
        }
        let rests = memory.engine.rests(at(1), T0);
        assert_eq!(rests.is_some(), opens, "{outcome:?}");
    }
}

#[test]
fn retries_end_where_half_of_the_tokens_are_gone() {
    let mut retries = Retries::default();
    let allowed: Vec<bool> = (0..6)
        .map(|block| {
            retries.failed(at(block));
            retries.allowed(at(block))
        })
        .collect();
    assert_eq!(allowed, [true, true, true, true, false, false]);
    // 4 tokens are left: a tenth for each success, until there are more than 5.
    let successes = (1..)
        .find(|_| {
            retries.succeeded();
            retries.allowed(at(1))
        })
        .unwrap();
    assert_eq!(successes, 11);
}

#[test]
fn one_partys_failures_end_its_own_retries_and_nobody_elses() {
    let mut retries = Retries::default();
    // A household's IPv4 and IPv6, and a phone, in turn.
    for turn in 0..240 {
        retries.failed(at(turn % 3));
        if turn % 10 == 9 {
            retries.succeeded();
        }
    }
    assert!(retries.allowed(at(9)));
    for turn in 0..15 {
        retries.failed(at(turn % 3));
    }
    assert!(!retries.allowed(at(1)));
    assert!(retries.allowed(at(9)));
    retries.succeeded();
    assert!(retries.allowed(at(1)));
}

#[test]
fn a_key_that_was_refused_signs_nothing_until_it_is_taken() {
    let mut slots = Slots::default();
    assert_eq!(slots.signing(), Slot::Next);
    slots.known_mut(Slot::Next).refused(T0);
    // It may be tried again by then; it has not been.
    assert_eq!(slots.first(true, T0 + TRY_AGAIN_MS), Slot::Next);
    assert_eq!(slots.signing(), Slot::Current);
    slots.known_mut(Slot::Next).accepted();
    assert_eq!(slots.signing(), Slot::Next);
}

#[test]
fn a_cap_that_is_met_again_begins_anew() {
    let mut store = Store::default();
    store.reached(limit(60), T0);
    let later = T0 + 2 * PROBE_MS;
    store.reached(limit(600), later);
    assert_eq!(wait(&store, later), Some(600));
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
        for block in 0..5 {
            memory.retries.failed(at(block));
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

    /// Over any run of chats that fail, retries are at most four and a tenth of the successes,
    /// where every failure is another block's.
    #[test]
    fn retries_are_bounded_by_successes(run in prop::collection::vec(any::<bool>(), 1..400)) {
        let mut retries = Retries::default();
        let (mut successes, mut retried) = (0_u32, 0);
        let mut blocks = (0..=255).cycle().map(at);
        for good in run {
            if good {
                retries.succeeded();
                successes += 1;
            } else {
                let block = blocks.next().unwrap();
                retries.failed(block);
                retried += u32::from(retries.allowed(block));
            }
            prop_assert!(retried <= 4 + successes.div_ceil(10), "{} after {}", retried, successes);
        }
    }
}
