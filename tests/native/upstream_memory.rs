//! What an isolate remembers of the upstream.

use concierge_proxy::attempts::{self, Attempts, Lesson, Outcome};
use concierge_proxy::keys::KeySlot;
use concierge_proxy::limits::Window;
use concierge_proxy::memory::endpoints::{COOLDOWN_MS, Endpoint, EndpointBreaker, FAILURES};
use concierge_proxy::memory::engine_breaker::{self, BLOCKS, EngineBreaker};
use concierge_proxy::memory::key_slots::{KeySlots, NOTICE_MS, TRY_AGAIN_MS};
use concierge_proxy::memory::retry_throttle::RetryThrottle;
use concierge_proxy::memory::upstream_quota::{PROBE_MS, UpstreamQuota};
use concierge_proxy::memory::{Claim, Memory};
use concierge_proxy::network::{Block, Network};
use concierge_proxy::refusal::{Refusal, StoreLimit};
use proptest::prelude::*;

use crate::support::cases;

const T0: u64 = 1_800_000_000_000;

/// Learns from the outcome of a chat of this block, on this endpoint and under this key.
fn learn_at(
    memory: &mut Memory,
    outcome: &Outcome,
    (endpoint, slot): (Endpoint, KeySlot),
    block: u8,
    now: u64,
) -> Lesson {
    let mut attempts = Attempts::begin(3, true, true, &mut Memory::default(), now);
    (attempts.endpoint, attempts.slot) = (endpoint, slot);
    let mut claim = Claim::default();
    attempts::learn(outcome, &attempts, at(block), &mut claim, memory, now)
}

/// The same on the primary and under the current key.
fn learn(memory: &mut Memory, outcome: &Outcome, block: u8, now: u64) -> Lesson {
    learn_at(
        memory,
        outcome,
        (Endpoint::Primary, KeySlot::Current),
        block,
        now,
    )
}

fn at(block: u8) -> Block {
    Network::of(&format!("203.0.{block}.7")).block()
}

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
        attempts::learn_good(Endpoint::Fallback, KeySlot::Current, &mut memory);
    }
    for _ in 0..FAILURES {
        assert_eq!(memory.endpoints.first(T0), Endpoint::Fallback);
        fail(&mut memory, Endpoint::Fallback);
    }
    assert_eq!(memory.endpoints.first(T0), Endpoint::Primary);
    assert_eq!(memory.endpoints.first(T0), Endpoint::Fallback);
    attempts::learn_good(Endpoint::Primary, KeySlot::Current, &mut memory);
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
fn a_refused_key_is_told_once_a_minute_each() {
    let mut key_slots = KeySlots::default();
    let current = key_slots.state_mut(KeySlot::Current);
    assert!(current.refused(T0));
    assert!(!current.refused(T0 + NOTICE_MS - 1));
    assert!(key_slots.state_mut(KeySlot::Next).refused(T0));
    assert!(
        key_slots
            .state_mut(KeySlot::Current)
            .refused(T0 + NOTICE_MS)
    );
}

#[test]
fn a_clock_that_ran_ahead_silences_no_notice() {
    let mut key_slots = KeySlots::default();
    key_slots.state_mut(KeySlot::Next).refused(T0 + 86_400_000);
    assert!(key_slots.state_mut(KeySlot::Next).refused(T0));
}

#[test]
fn the_next_key_goes_first_unless_it_is_refused() {
    let mut memory = Memory::default();
    let refuse = |memory: &mut Memory, slot| {
        learn_at(
            memory,
            &Outcome::KeyRefused,
            (Endpoint::Primary, slot),
            1,
            T0,
        )
    };
    assert_eq!(memory.key_slots.first(false, T0), KeySlot::Current);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Next);
    assert!(refuse(&mut memory, KeySlot::Next).reports_key);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Current);
    attempts::learn_good(Endpoint::Primary, KeySlot::Current, &mut memory);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Current);
    // The old key is gone, and the new one works now.
    refuse(&mut memory, KeySlot::Current);
    attempts::learn_good(Endpoint::Primary, KeySlot::Next, &mut memory);
    assert_eq!(memory.key_slots.first(true, T0), KeySlot::Next);
}

#[test]
fn a_next_key_that_was_refused_is_tried_again() {
    let mut memory = Memory::default();
    let next = (Endpoint::Primary, KeySlot::Next);
    learn_at(&mut memory, &Outcome::KeyRefused, next, 1, T0);
    let later = T0 + TRY_AGAIN_MS;
    assert_eq!(memory.key_slots.first(true, later - 1), KeySlot::Current);
    assert_eq!(memory.key_slots.first(true, later), KeySlot::Next);
}

const fn limit(retry_after: u32) -> StoreLimit {
    StoreLimit {
        window: Some(Window::Day),
        retry_after,
    }
}

fn wait(store: &UpstreamQuota, now: u64) -> Option<u32> {
    store.limit(at(1), now).map(|limit| limit.retry_after)
}

#[test]
fn a_full_store_is_remembered_as_long_as_it_said() {
    let mut store = UpstreamQuota::default();
    assert_eq!(store.limit(at(1), T0), None);
    store.reached(limit(18), T0);
    assert_eq!(wait(&store, T0), Some(18));
    assert_eq!(wait(&store, T0 + 1), Some(18));
    assert_eq!(wait(&store, T0 + 1_000), Some(17));
    assert_eq!(wait(&store, T0 + 17_999), Some(1));
    assert_eq!(wait(&store, T0 + 18_000), None);
}

#[test]
fn a_full_store_is_probed_by_one_chat_in_five_minutes() {
    let mut store = UpstreamQuota::default();
    assert!(!store.claim(at(1), T0));
    store.reached(limit(3_600), T0);
    assert_eq!(wait(&store, T0 + PROBE_MS - 1), Some(3_301));
    let later = T0 + PROBE_MS;
    assert_eq!(wait(&store, later), None);
    assert!(store.claim(at(2), later));
    assert_eq!(wait(&store, later), Some(3_300), "the others stay away");
    // The later end counts: the one that was told before, or the one that is told now.
    store.reached(limit(3_000), later + 400);
    assert_eq!(wait(&store, later + PROBE_MS - 1), Some(3_001));
    assert_eq!(wait(&store, later + PROBE_MS), None);
    assert!(store.claim(at(1), later + PROBE_MS));
    store.answered();
    assert_eq!(wait(&store, later + PROBE_MS), None);
}

#[test]
fn a_probe_of_a_full_store_that_saw_nothing_is_replaced_at_once() {
    let mut store = UpstreamQuota::default();
    store.reached(limit(3_600), T0);
    let later = T0 + PROBE_MS;
    store.claim(at(2), later);
    store.release(later + 120);
    assert_eq!(wait(&store, later + 120), None);
    // The block that had the probe waits for its next one.
    assert!(store.limit(at(2), later + 120).is_some());
}

#[test]
fn any_outcome_from_the_engine_ends_the_cap() {
    for outcome in [
        Outcome::EngineError,
        Outcome::EngineFailed(Refusal::UpstreamFunctionError),
    ] {
        let mut memory = Memory::default();
        learn(&mut memory, &Outcome::StoreLimited(limit(60)), 1, T0);
        assert!(memory.unavailable(KeySlot::Current, at(1), T0).is_some());
        learn(&mut memory, &outcome, 1, T0);
        assert_eq!(
            memory.unavailable(KeySlot::Current, at(1), T0),
            None,
            "{outcome:?}"
        );
    }
}

#[test]
fn a_full_store_under_one_key_is_not_full_under_the_other() {
    let mut memory = Memory::default();
    let full = Outcome::StoreLimited(limit(60));
    learn_at(
        &mut memory,
        &full,
        (Endpoint::Primary, KeySlot::Next),
        1,
        T0,
    );
    assert_eq!(memory.unavailable(KeySlot::Current, at(1), T0), None);
    let shut = memory.unavailable(KeySlot::Next, at(1), T0);
    assert_eq!(shut, Some(Refusal::StoreLimited(limit(60))));
    attempts::learn_good(Endpoint::Primary, KeySlot::Current, &mut memory);
    assert!(memory.unavailable(KeySlot::Next, at(1), T0).is_some());
    attempts::learn_good(Endpoint::Primary, KeySlot::Next, &mut memory);
    assert_eq!(memory.unavailable(KeySlot::Next, at(1), T0), None);
}

#[test]
fn each_warning_of_the_stores_hour_comes_once() {
    let mut store = UpstreamQuota::default();
    let told: Vec<u32> = [500, 101, 100, 101, 99, 26, 25, 30, 24, 0]
        .into_iter()
        .filter_map(|remaining| store.watch(500, remaining))
        .collect();
    assert_eq!(told, [20, 5]);
    // The next hour is nearly used up when it is first seen.
    assert_eq!(store.watch(500, 480), None);
    assert_eq!(store.watch(500, 10), Some(5));
    assert_eq!(store.watch(500, 9), None);
}

#[test]
fn of_several_caps_the_one_that_frees_last_is_remembered() {
    let mut store = UpstreamQuota::default();
    store.reached(limit(290), T0);
    store.reached(limit(20), T0 + 1_000);
    assert_eq!(wait(&store, T0 + 1_000), Some(289));
    store.reached(limit(300), T0 + 2_000);
    assert_eq!(wait(&store, T0 + 2_000), Some(300));
}

fn open() -> EngineBreaker {
    let mut engine = EngineBreaker::default();
    for block in 0..u8::try_from(BLOCKS).unwrap() {
        assert_eq!(engine.open_for(at(block), T0), None);
        engine.failed(at(block), T0);
    }
    engine
}

#[test]
fn failures_in_five_blocks_in_a_row_open_the_circuit() {
    let engine = open();
    for block in [0, 9] {
        let open_for = |now| engine.open_for(at(block), now);
        assert_eq!(open_for(T0), Some(engine_breaker::COOLDOWN_MS));
        assert_eq!(open_for(T0 + engine_breaker::COOLDOWN_MS - 1), Some(1));
        assert_eq!(open_for(T0 + engine_breaker::COOLDOWN_MS), None);
    }
}

#[test]
fn neighbours_alone_cannot_open_the_circuit() {
    let mut engine = EngineBreaker::default();
    for address in ["203.0.113.1", "203.0.113.2", "203.0.113.200"] {
        engine.failed(Network::of(address).block(), T0);
    }
    for address in ["2001:db8:1::1", "2001:db8:1:100::1", "2001:db8:1:ff00::1"] {
        engine.failed(Network::of(address).block(), T0);
    }
    assert_eq!(engine.open_for(at(1), T0), None);
    // Nor can many blocks, while others are answered.
    for block in 0..100 {
        engine.answered();
        engine.failed(at(block), T0);
    }
    assert_eq!(engine.open_for(at(1), T0), None);
}

#[test]
fn one_chat_in_each_cooldown_probes_the_engine() {
    let mut engine = open();
    let later = T0 + engine_breaker::COOLDOWN_MS;
    assert!(engine.claim(at(9), later));
    assert_eq!(
        engine.open_for(at(1), later),
        Some(engine_breaker::COOLDOWN_MS)
    );
    // A failed probe does not extend the cooldown. Nor do failures of chats that were sent before.
    engine.failed(at(9), later + 1_000);
    assert_eq!(
        engine.open_for(at(1), later + engine_breaker::COOLDOWN_MS),
        None
    );
    engine.claim(at(1), later + engine_breaker::COOLDOWN_MS);
    engine.answered();
    assert_eq!(
        engine.open_for(at(1), later + engine_breaker::COOLDOWN_MS),
        None
    );
    assert!(!engine.claim(at(1), later), "nothing is left to look at");
}

#[test]
fn a_probe_that_saw_nothing_is_replaced_at_once() {
    let mut engine = open();
    let later = T0 + engine_breaker::COOLDOWN_MS;
    engine.claim(at(9), later);
    engine.release(later + 120);
    assert_eq!(engine.open_for(at(1), later + 120), None);
}

#[test]
fn a_block_that_probes_repeatedly_waits_longer_each_time_and_delays_nobody() {
    let mut engine = open();
    let mut now = T0 + engine_breaker::COOLDOWN_MS;
    let mut waits = Vec::new();
    for _ in 0..5 {
        engine.claim(at(9), now);
        engine.release(now);
        assert_eq!(engine.open_for(at(1), now), None);
        let wait = engine.open_for(at(9), now).expect("a wait");
        waits.push(wait / engine_breaker::COOLDOWN_MS);
        now += wait;
    }
    assert_eq!(waits, [2, 4, 8, 8, 8]);
}

#[test]
fn the_probes_that_are_remembered_are_bounded() {
    let mut engine = open();
    for block in 0..=255 {
        engine.claim(at(block), T0);
        engine.release(T0);
    }
    // The oldest are forgotten, the newest are not.
    assert_eq!(engine.open_for(at(0), T0), None);
    assert!(engine.open_for(at(255), T0).is_some());
}

#[test]
fn cooldowns_begun_by_a_clock_that_ran_ahead_end_when_it_is_right_again() {
    let (mut store, engine) = (UpstreamQuota::default(), open());
    store.reached(limit(3_600), T0);
    assert_eq!(engine.open_for(at(1), T0 - 1), None);
    assert_eq!(store.limit(at(1), T0 - 1), None);
}

#[test]
fn only_the_engines_own_failures_open_the_circuit() {
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
        let open_for = memory.engine.open_for(at(1), T0);
        assert_eq!(open_for.is_some(), opens, "{outcome:?}");
    }
}

#[test]
fn retries_end_where_half_of_the_tokens_are_gone() {
    let mut retries = RetryThrottle::default();
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
fn one_partys_failures_end_only_its_own_retries() {
    let mut retries = RetryThrottle::default();
    // A household's IPv4, its IPv6 and a phone, one after the other.
    for number in 0..240 {
        retries.failed(at(number % 3));
        if number % 10 == 9 {
            retries.succeeded();
        }
    }
    assert!(retries.allowed(at(9)));
    for number in 0..15 {
        retries.failed(at(number % 3));
    }
    assert!(!retries.allowed(at(1)));
    assert!(retries.allowed(at(9)));
    retries.succeeded();
    assert!(retries.allowed(at(1)));
}

#[test]
fn a_key_that_was_refused_signs_nothing_until_it_is_taken() {
    let mut key_slots = KeySlots::default();
    assert_eq!(key_slots.signing(), KeySlot::Next);
    key_slots.state_mut(KeySlot::Next).refused(T0);
    // It may be tried again by then; it has not been.
    assert_eq!(key_slots.first(true, T0 + TRY_AGAIN_MS), KeySlot::Next);
    assert_eq!(key_slots.signing(), KeySlot::Current);
    key_slots.state_mut(KeySlot::Next).accepted();
    assert_eq!(key_slots.signing(), KeySlot::Next);
}

#[test]
fn a_cap_that_is_met_again_begins_anew() {
    let mut store = UpstreamQuota::default();
    store.reached(limit(60), T0);
    let later = T0 + 2 * PROBE_MS;
    store.reached(limit(600), later);
    assert_eq!(wait(&store, later), Some(600));
}

#[test]
fn a_retry_that_nobody_counts_needs_no_token() {
    for (outcome, free) in [
        (Outcome::NoConnection, true),
        (Outcome::KeyRefused, true),
        (Outcome::GatewayFailed, false),
        (Outcome::GatewayThrottled, false),
        (Outcome::EngineError, false),
    ] {
        let mut memory = Memory::default();
        for block in 0..5 {
            memory.retry_throttle.failed(at(block));
        }
        let lesson = learn(&mut memory, &outcome, 1, T0);
        assert_eq!(lesson.may_retry, free, "{outcome:?}");
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

proptest! {
    #![proptest_config(cases(256))]

    /// Over any run of chats that fail, retries are at most four and a tenth of the successes,
    /// where every failure is another block's.
    #[test]
    fn retries_are_bounded_by_successes(run in prop::collection::vec(any::<bool>(), 1..400)) {
        let mut retries = RetryThrottle::default();
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
