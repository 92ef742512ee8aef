//! Whom a limit stops, as a merchant sees it.

use concierge_proxy::usage::{Batch, Budget, FullCap, Range, Refused, Sample, blocks, find};
use serde_json::json as value;

use super::{DAY, MIDNIGHT, Objects, SECOND, T0, chat, id_of, json, refused, uuid, who};
use crate::support::cases;
use proptest::prelude::*;

const LIMITER: &str = "AAAAAQkJCQkJCQkJCQkJCQ";

fn listed(objects: &Objects, now: u64) -> Vec<serde_json::Value> {
    let days = objects.days(Range::Day, now);
    let blocks = json(&blocks(&days, None, now).expect("a list"));
    blocks["blocks"].as_array().unwrap().clone()
}

fn ids(objects: &Objects, now: u64) -> Vec<String> {
    let blocks = listed(objects, now);
    let ids = blocks
        .iter()
        .map(|block| block["request_id"].as_str().unwrap().to_owned());
    ids.collect()
}

#[test]
fn a_block_says_who_is_stopped_by_what_and_until_when() {
    let mut objects = Objects::default();
    objects.count(&refused(Budget::Shopper, 1, 2, 3), T0 + 1);
    let block = value!({
        "limiter": LIMITER, "shopper": "AgICAgIC", "budget": "shopper", "window": "hour", "limit": 40,
        "request_id": uuid(3), "at": T0 / SECOND, "frees_in_s": 1_234,
    });
    assert_eq!(listed(&objects, T0 + 1), [block]);
}

#[test]
fn a_block_is_listed_as_long_as_it_holds_and_found_for_longer() {
    let mut objects = Objects::default();
    objects.count(&refused(Budget::Shopper, 1, 2, 3), T0 + 1);
    let end = T0 + 1 + 1_234 * SECOND;
    assert_eq!(listed(&objects, end - 1)[0]["frees_in_s"], 1);
    assert_eq!(ids(&objects, end), [""; 0]);
    let days = objects.days(Range::Day, end);
    let found = json(&blocks(&days, Some(id_of(3)), end).expect("the request"));
    assert_eq!(found["blocks"][0]["frees_in_s"], 0);
    assert_eq!(found["blocks"][0]["request_id"], uuid(3));
    assert_eq!(blocks(&days, Some(id_of(4)), end), None);
}

/// A lift of what a budget of this shopper holds.
fn lift(objects: &mut Objects, budget: Budget, at: u64) {
    let (limiter, shopper) = who(1, 2);
    let mut batch = Batch::default();
    batch.lift(Refused::lifted(at, id_of(9), limiter, shopper, budget), at);
    objects.send(&mut batch, None, at);
}

#[test]
fn what_was_lifted_is_listed_no_more_until_it_is_refused_again() {
    for (refused_by, lifted, is_freed) in [
        (Budget::Shopper, Budget::Shopper, true),
        (Budget::Newcomer, Budget::Newcomer, true),
        (Budget::Shopper, Budget::Network, true),
        (Budget::Network, Budget::Shopper, false),
    ] {
        let mut objects = Objects::default();
        objects.count(&refused(refused_by, 1, 2, 3), T0);
        lift(&mut objects, lifted, T0 + SECOND);
        let found = blocks(
            &objects.days(Range::Day, T0 + SECOND),
            Some(id_of(3)),
            T0 + SECOND,
        );
        let frees_in = &json(&found.expect("the request"))["blocks"][0]["frees_in_s"];
        assert_eq!(frees_in == 0, is_freed, "{refused_by:?} {lifted:?}");
        assert_eq!(ids(&objects, T0 + SECOND).is_empty(), is_freed);
        // An isolate that remembers the refusal goes on for five seconds.
        objects.count(&refused(refused_by, 1, 2, 4), T0 + 6 * SECOND);
        assert_eq!(ids(&objects, T0 + 6 * SECOND).is_empty(), is_freed);
        let again = T0 + 6 * SECOND + 1;
        objects.count(&refused(refused_by, 1, 2, 5), again);
        assert_eq!(ids(&objects, again), [uuid(5)]);
        assert_eq!(
            find(&objects.days(Range::Day, T0), id_of(9)),
            None,
            "no refusal"
        );
    }
}

#[test]
fn a_refusal_is_found_with_all_that_a_lift_needs() {
    let mut objects = Objects::default();
    objects.count(&refused(Budget::Newcomer, 1, 2, 3), MIDNIGHT - 1);
    let days = objects.days(Range::Day, MIDNIGHT + SECOND);
    let (limiter, shopper) = who(1, 2);
    let Refused { budget, .. } = find(&days, id_of(3)).expect("yesterday's refusal");
    assert_eq!(budget, Budget::Newcomer);
    let refused = find(&days, id_of(3)).unwrap();
    assert_eq!((refused.limiter, refused.shopper), (limiter, shopper));
    assert_eq!(find(&days, id_of(4)), None);
}

#[test]
fn each_shopper_has_one_block_and_a_network_one_a_budget() {
    let mut objects = Objects::default();
    let refusals = [
        refused(Budget::Shopper, 1, 1, 0),
        refused(Budget::Shopper, 1, 1, 1),
        refused(Budget::Shopper, 1, 2, 2),
        refused(Budget::Shopper, 2, 1, 3),
        refused(Budget::Network, 1, 1, 4),
        refused(Budget::Network, 1, 2, 5),
        refused(Budget::Newcomer, 1, 3, 6),
        refused(Budget::Newcomer, 1, 4, 7),
    ];
    for (after, sample) in (0..).zip(&refusals) {
        objects.count(sample, T0 + after);
    }
    assert_eq!(ids(&objects, T0 + 10), [7, 5, 3, 2, 1].map(uuid));
}

#[test]
fn a_newer_refusal_that_is_over_hides_no_older_one_that_holds() {
    let mut objects = Objects::default();
    objects.count(&refused(Budget::Shopper, 1, 1, 0), T0);
    let mut short = refused(Budget::Shopper, 1, 1, 1);
    short.full.as_mut().unwrap().retry_after = 1;
    objects.count(&short, T0 + 1);
    assert_eq!(ids(&objects, T0 + 2), [uuid(1)]);
    assert_eq!(ids(&objects, T0 + 2 * SECOND), [uuid(0)]);
}

#[test]
fn nobody_is_stopped_by_a_dry_run_or_by_us_if_the_store_is_full() {
    let mut objects = Objects::default();
    let dry = Sample {
        dry_run: true,
        outcome: "ok",
        status: 200,
        ..refused(Budget::Shopper, 1, 1, 0)
    };
    let unknown = Sample {
        who: None,
        ..refused(Budget::Shopper, 1, 1, 2)
    };
    for sample in [dry, refused(Budget::Store, 1, 1, 1), unknown, chat()] {
        objects.count(&sample, T0);
    }
    assert_eq!(ids(&objects, T0), [""; 0]);
}

#[test]
fn a_list_has_a_hundred_blocks_and_a_day_the_last_512_refusals() {
    let mut objects = Objects::default();
    for id in 0..600 {
        let mut sample = refused(Budget::Shopper, 1, 0, id);
        sample.who = Some(who(id, 0));
        objects.count(&sample, T0 + u64::from(id));
    }
    let now = T0 + SECOND;
    assert_eq!(
        ids(&objects, now),
        (500..600).rev().map(uuid).collect::<Vec<_>>()
    );
    let days = objects.days(Range::Day, now);
    let known = |id: &u32| find(&days, id_of(*id)).is_some();
    assert_eq!(
        (0..600).filter(known).collect::<Vec<_>>(),
        (88..600).collect::<Vec<_>>()
    );
}

#[test]
fn one_shopper_who_goes_on_drops_nobody_else_from_the_day() {
    let mut objects = Objects::default();
    objects.count(&refused(Budget::Shopper, 1, 2, 9_999), T0);
    for id in 0..1_000 {
        objects.count(&refused(Budget::Shopper, 1, 1, id), T0 + u64::from(id));
    }
    let now = T0 + SECOND;
    assert_eq!(ids(&objects, now), [uuid(999), uuid(9_999)]);
    let days = objects.days(Range::Day, now);
    let known = (0..1_000).filter(|id| find(&days, id_of(*id)).is_some());
    assert_eq!(known.collect::<Vec<_>>(), (936..1_000).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(cases(64))]

    /// The batches of two isolates come in any order.
    #[test]
    fn refusals_are_listed_by_their_time_not_by_their_arrival(
        times in prop::collection::btree_set(0..DAY / 100, 1..40),
        seed in any::<u64>(),
    ) {
        let times: Vec<u64> = times.into_iter().collect();
        let mut arrival: Vec<usize> = (0..times.len()).collect();
        arrival.sort_by_key(|place| (*place as u64 + 1).wrapping_mul(seed | 1) >> 32);
        let mut objects = Objects::default();
        for place in arrival {
            let mut sample = refused(Budget::Shopper, place as u8, 1, place as u32);
            sample.full = sample.full.map(|full| FullCap { retry_after: 86_400, ..full });
            let mut batch = Batch::default();
            batch.note(&sample, T0 + times[place]);
            objects.send(&mut batch, None, T0);
        }
        let newest_first: Vec<String> = (0..times.len() as u32).rev().map(uuid).collect();
        prop_assert_eq!(ids(&objects, T0 + DAY / 100), newest_first);
    }
}
