//! What is said of the store's own budget, and when it will be spent.

use concierge_proxy::usage::{Batch, Range, Sample, Store};
use serde_json::{Value, json};

use super::{HOUR, MIDNIGHT, Objects, SECOND, SLOT, T0, chat};

/// So many requests upstream.
fn requests(upstream_requests: u32) -> Sample {
    Sample {
        upstream_requests,
        ..chat()
    }
}

fn said(cap: u32, remaining: u32, at: u64) -> Option<Store> {
    Some(Store { cap, remaining, at })
}

fn store(objects: &Objects, now: u64) -> Value {
    let [hour, day] =
        [Range::Hour, Range::Day].map(|range| objects.report(range, now)["store"].clone());
    assert_eq!(hour, day, "every range says the same of the store");
    assert_eq!(hour, objects.report(Range::Month, now)["store"]);
    hour
}

#[test]
fn the_last_word_counts_whatever_its_batch() {
    let mut objects = Objects::default();
    objects.count_with(&requests(1), said(500, 9, T0), T0);
    objects.count_with(&requests(1), said(500, 10, T0 - SECOND), T0 + 1);
    objects.count_with(&requests(1), None, T0 + 2);
    let hour = json!({"cap": 500, "remaining": 9, "at": T0 / SECOND});
    assert_eq!(store(&objects, T0 + SECOND)["hour"], hour);
}

#[test]
fn yesterdays_word_counts_until_there_is_one_of_today() {
    let mut objects = Objects::default();
    objects.count_with(&requests(1), said(500, 9, MIDNIGHT - 1), MIDNIGHT - 1);
    objects.count(&requests(1), MIDNIGHT + 1);
    assert_eq!(store(&objects, MIDNIGHT + 1)["hour"]["remaining"], 9);
    objects.count_with(&requests(1), said(500, 8, MIDNIGHT + 2), MIDNIGHT + 2);
    assert_eq!(store(&objects, MIDNIGHT + 2)["hour"]["remaining"], 8);
}

#[test]
fn a_word_of_an_hour_ago_is_said_no_more_and_still_tells_the_caps_of_a_day() {
    let mut objects = Objects::default();
    objects.count_with(&requests(1), said(500, 2, T0), T0);
    assert_eq!(store(&objects, T0 + HOUR - 1)["hour"]["remaining"], 2);
    let later = store(&objects, T0 + HOUR);
    assert_eq!(
        (&later["hour"], &later["day"]["cap"]),
        (&Value::Null, &json!(2_000))
    );
}

#[test]
fn what_a_day_has_used_is_that_of_24_hours_on_both_sides_of_midnight() {
    let mut objects = Objects::default();
    objects.count(&requests(3), T0 - 144 * SLOT);
    objects.count_with(&requests(4), said(500, 500, T0), T0);
    assert_eq!(store(&objects, T0)["day"], json!({"cap": 2_000, "used": 7}));
    assert_eq!(store(&objects, T0 + SLOT)["day"]["used"], 4);
}

#[test]
fn the_pace_is_that_of_the_hours_slots() {
    let mut objects = Objects::default();
    objects.count(&requests(60), T0);
    // The hour before is over to the second: 60 requests in 3,600 s.
    assert_eq!(store(&objects, T0 + HOUR)["pace_per_hour"], 60);
    // Ten minutes later they are 4,199 s old, and one slot later they are gone.
    assert_eq!(
        store(&objects, T0 + HOUR + SLOT - SECOND)["pace_per_hour"],
        52
    );
    assert_eq!(store(&objects, T0 + HOUR + SLOT)["pace_per_hour"], 0);
}

#[test]
fn an_hour_is_spent_when_what_is_left_is_used_at_this_pace() {
    let mut objects = Objects::default();
    let now = T0 + HOUR;
    objects.count_with(&requests(600), said(100_000, 200, now), now);
    assert_eq!(store(&objects, now)["pace_per_hour"], 600);
    assert_eq!(store(&objects, now)["spent_in_s"], 1_200);
    // It was said a while ago: the cap frees an hour after that.
    let at = |ago: u64, left: u32| {
        let mut objects = Objects::default();
        objects.count_with(&requests(600), said(100_000, left, now - ago), now);
        store(&objects, now)["spent_in_s"].clone()
    };
    assert_eq!(at(2_400 * SECOND, 199), 1_194);
    assert_eq!(at(2_400 * SECOND, 200), Value::Null);
    assert_eq!(at(0, 0), 0);
    assert_eq!(at(HOUR, 0), Value::Null);
}

#[test]
fn without_requests_nothing_is_spent() {
    let mut objects = Objects::default();
    objects.count_with(&requests(0), said(500, 0, T0), T0);
    assert_eq!(store(&objects, T0)["spent_in_s"], Value::Null);
}

/// The requests of some slots, as many in each, whose last one is that of `T0`.
fn steady(slots: u64, each: u32, cap: u32) -> Objects {
    let mut objects = Objects::default();
    for ago in 0..slots {
        let at = T0 - ago * SLOT;
        objects.count_with(&requests(each), said(cap, u32::MAX, at), at);
    }
    objects
}

#[test]
fn a_day_is_spent_when_its_cap_is_used_at_this_pace() {
    // 7 slots of 10 are 70 an hour. A cap of 2,000 leaves 1,930, which are 27.6 hours: too long.
    assert_eq!(store(&steady(7, 10, 500), T0)["spent_in_s"], Value::Null);
    // A cap of 200 leaves 130.
    assert_eq!(
        store(&steady(7, 10, 50), T0)["spent_in_s"],
        130 * 3_600 / 70
    );
    // It is spent already.
    assert_eq!(store(&steady(20, 10, 50), T0)["spent_in_s"], 0);
}

#[test]
fn what_becomes_a_day_old_frees_before_it_is_missed() {
    let day_ago = T0 - 140 * SLOT;
    let mut objects = steady(7, 10, 50);
    objects.count(&requests(120), day_ago);
    // 10 are left, which are used within nine minutes.
    assert_eq!(store(&objects, T0)["spent_in_s"], 10 * 3_600 / 70);
    let mut objects = steady(7, 10, 50);
    objects.count(&requests(60), day_ago);
    // 70 would be used within an hour. After 50 minutes, 60 are free again.
    assert_eq!(store(&objects, T0)["spent_in_s"], 130 * 3_600 / 70);
}

#[test]
fn the_store_travels_with_counts_alone() {
    let mut batch = Batch::default();
    assert_eq!(batch.take(said(500, 1, T0)), None);
}
