//! The circuit breaker of the engine behind the API.

use concierge_proxy::attempts::Outcome;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::engine_breaker::{self, BLOCKS, EngineBreaker};
use concierge_proxy::memory::upstream_quota::UpstreamQuota;
use concierge_proxy::network::Network;
use concierge_proxy::refusal::Refusal;

use super::upstream_quota::limit;
use super::{T0, at, learn};

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
