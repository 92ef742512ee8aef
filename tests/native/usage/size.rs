//! How much space a day takes at most, whatever happens.

use concierge_proxy::limits::Window;
use concierge_proxy::usage::outcome::Outcome;
use concierge_proxy::usage::{Batch, Budget, FullCap, Keeper, Sample, Store};

use super::{MIDNIGHT, SLOT, id_of, who};
use crate::support::NOW;

const KIB: usize = 1_024;

/// The n-th request of a slot of the most various ones: each ends otherwise, takes another time, and
/// is of another shopper on another network.
fn various(slot: u32, nth: u32) -> Sample {
    let outcomes: Vec<_> = Outcome::all().map(Outcome::name).collect();
    let outcome = outcomes[nth as usize / 2 % outcomes.len()];
    let spread = |most: u64| u64::from(nth / 4) * most / 250;
    // As the buckets do, times grow by an eighth.
    let ms = (0..spread(100)).fold(0, |ms: u64, _| ms + ms / 8 + 1);
    let budget = Budget::ALL[nth as usize / 8 % 4];
    Sample {
        request_id: id_of(slot * 1_000 + nth),
        is_chat: nth % 4 < 3,
        outcome: if nth.is_multiple_of(4) { "ok" } else { outcome },
        status: 504,
        total_ms: ms,
        limiter_ms: Some(ms),
        upstream_ms: Some(ms),
        upstream_status: Some(504),
        upstream_requests: 3,
        upstream_errors: 3,
        refunded: true,
        verified: true,
        newcomer: true,
        full: Some(FullCap {
            budget,
            window: Some(Window::Day),
            limit: 20_000,
            retry_after: 86_400,
        }),
        dry_run: nth.is_multiple_of(3),
        who: Some(who(slot * 1_000 + nth, 1)),
    }
}

fn batch(slot: u32) -> Vec<u8> {
    let mut batch = Batch::default();
    for nth in 0..1_000 {
        batch.note(&various(slot, nth), MIDNIGHT + u64::from(slot) * SLOT);
    }
    let store = Store {
        cap: NOW,
        remaining: NOW,
        at: MIDNIGHT,
    };
    batch.take(Some(store)).unwrap().bytes
}

fn doubled(keeper: &mut Keeper, times: u32) -> usize {
    for _ in 0..times {
        let again = keeper.read();
        keeper.report(&again, MIDNIGHT).unwrap();
    }
    let bytes = keeper.read();
    assert!(Keeper::restore(&bytes).is_some());
    bytes.len()
}

#[test]
fn a_batch_takes_at_most_eight_kib() {
    let bytes = batch(143).len();
    assert!(bytes <= 8 * KIB, "{bytes}");
}

#[test]
fn a_day_takes_at_most_256_kib_and_can_be_stored_even_if_its_counters_are_full() {
    let mut keeper = Keeper::default();
    for slot in 0..144 {
        keeper.report(&batch(slot), MIDNIGHT).unwrap();
    }
    // A million requests in each ten minutes.
    let bytes = doubled(&mut keeper, 10);
    assert!(bytes <= 256 * KIB, "{bytes}");
    // All counters at their largest. A value of an object's storage has two megabytes at most.
    let bytes = doubled(&mut keeper, 23);
    assert!(bytes <= 512 * KIB, "{bytes}");
}
