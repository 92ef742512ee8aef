//! The store's own cap upstream.

use concierge_proxy::attempts::{self, Outcome};
use concierge_proxy::keys::KeySlot;
use concierge_proxy::limits::Window;
use concierge_proxy::memory::Memory;
use concierge_proxy::memory::endpoints::Endpoint;
use concierge_proxy::memory::upstream_quota::{PROBE_MS, UpstreamQuota};
use concierge_proxy::refusal::{Refusal, StoreLimit};

use super::{T0, at, learn, learn_at};

pub(super) const fn limit(retry_after: u32) -> StoreLimit {
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
        assert!(
            memory
                .unavailable(KeySlot::Current, at(1), true, T0)
                .is_some()
        );
        learn(&mut memory, &outcome, 1, T0);
        assert_eq!(
            memory.unavailable(KeySlot::Current, at(1), true, T0),
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
    assert_eq!(memory.unavailable(KeySlot::Current, at(1), true, T0), None);
    let shut = memory.unavailable(KeySlot::Next, at(1), true, T0);
    assert_eq!(shut, Some(Refusal::StoreLimited(limit(60))));
    attempts::learn_good(Endpoint::Primary, KeySlot::Current, true, &mut memory);
    assert!(memory.unavailable(KeySlot::Next, at(1), true, T0).is_some());
    attempts::learn_good(Endpoint::Primary, KeySlot::Next, true, &mut memory);
    assert_eq!(memory.unavailable(KeySlot::Next, at(1), true, T0), None);
}

#[test]
fn each_warning_of_the_stores_hour_comes_once() {
    let mut store = UpstreamQuota::default();
    let told: Vec<u32> = [500, 101, 100, 101, 99, 26, 25, 30, 24, 0]
        .into_iter()
        .filter_map(|remaining| store.watch(500, remaining, 0))
        .collect();
    assert_eq!(told, [20, 5]);
    // The next hour is nearly used up when it is first seen.
    assert_eq!(store.watch(500, 480, 0), None);
    assert_eq!(store.watch(500, 10, 0), Some(5));
    assert_eq!(store.watch(500, 9, 0), None);
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

#[test]
fn a_cap_that_is_met_again_begins_anew() {
    let mut store = UpstreamQuota::default();
    store.reached(limit(60), T0);
    let later = T0 + 2 * PROBE_MS;
    store.reached(limit(600), later);
    assert_eq!(wait(&store, later), Some(600));
}
