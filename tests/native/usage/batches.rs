//! When a batch is sent, where, and what it can hold.

use concierge_proxy::usage::{Batch, Budget, Keeper, Range, blocks};

use super::{MIDNIGHT, Objects, SECOND, SLOT, T0, chat, failed, json, refused, uuid};

#[test]
fn the_first_sample_schedules_a_flush_and_the_next_ones_do_not() {
    let mut batch = Batch::default();
    assert!(batch.note(&chat(), T0));
    assert!(!batch.note(&chat(), T0));
    assert!(!batch.note(&chat(), T0 + Batch::PAUSE_MS));
    batch.take(None).expect("two chats");
    assert!(batch.note(&chat(), T0 + Batch::PAUSE_MS));
}

#[test]
fn a_flush_whose_request_was_cut_off_is_scheduled_again_ten_seconds_later() {
    let mut batch = Batch::default();
    batch.note(&chat(), T0);
    let lost = T0 + Batch::PAUSE_MS + 10 * SECOND;
    assert!(!batch.note(&chat(), lost - 1));
    assert!(batch.note(&chat(), lost));
    assert!(!batch.note(&chat(), lost + 1));
    assert!(batch.note(&chat(), lost + Batch::PAUSE_MS + 10 * SECOND));
    // A clock that was set back must not keep the counts for ever.
    assert!(batch.note(&chat(), T0 - 60 * SECOND));
    assert!(!batch.note(&chat(), T0 - 60 * SECOND));
}

#[test]
fn an_empty_batch_is_not_sent() {
    let mut batch = Batch::default();
    assert_eq!(batch.take(None), None);
    batch.note(&chat(), T0);
    assert!(batch.take(None).is_some());
    assert_eq!(batch.take(None), None);
}

#[test]
fn each_sample_counts_in_its_own_slot_and_day_however_late_it_is_sent() {
    let mut batch = Batch::default();
    batch.note(&chat(), MIDNIGHT - 1);
    batch.note(&chat(), MIDNIGHT + SECOND);
    let mut objects = Objects::default();
    objects.send(&mut batch, None, MIDNIGHT + 2 * SLOT);
    let names: Vec<_> = objects.0.keys().collect();
    assert_eq!(names, ["usage-2027-01-14", "usage-2027-01-15"]);
    let report = objects.report(Range::Hour, MIDNIGHT + SECOND);
    let curve = report["curve"].as_array().unwrap();
    let ok: Vec<_> = curve.iter().map(|point| &point["ok"]).collect();
    assert_eq!(ok, [0, 0, 0, 0, 0, 1, 1]);
    assert_eq!(curve[5]["at"], (MIDNIGHT - SLOT) / SECOND);
}

/// The refusals that a day has after one batch.
fn kept(batch: &mut Batch) -> usize {
    let days = [keep(batch)];
    let known = (0..200).filter(|id| blocks(&days, Some(super::id_of(*id)), T0).is_some());
    known.count()
}

fn keep(batch: &mut Batch) -> Vec<u8> {
    let mut keeper = Keeper::default();
    let delivery = batch.take(None).unwrap();
    keeper.report(&delivery.bytes, T0).unwrap();
    keeper.read()
}

#[test]
fn a_batch_has_four_refusals_of_a_block_and_thirty_two_of_all() {
    let mut batch = Batch::default();
    for id in 0..10 {
        batch.note(&refused(Budget::Shopper, 1, 1, id), T0);
    }
    assert_eq!(kept(&mut batch), 4, "of one shopper");
    for id in 0..10 {
        batch.note(&refused(Budget::Network, 1, id as u8, id), T0);
    }
    assert_eq!(kept(&mut batch), 4, "of one network, by many shoppers");
    for id in 0..10 {
        batch.note(&refused(Budget::Shopper, 1, id as u8, id), T0);
    }
    assert_eq!(
        kept(&mut batch),
        10,
        "of many shoppers, each by their own budget"
    );
    for id in 0..100 {
        batch.note(&refused(Budget::Network, id as u8, 1, id), T0);
    }
    assert_eq!(kept(&mut batch), 32, "of all");
}

#[test]
fn a_batch_has_the_last_refusals_and_the_last_twenty_errors() {
    let mut batch = Batch::default();
    for id in 0..100 {
        batch.note(&refused(Budget::Shopper, 1, 1, id), T0 + u64::from(id));
        batch.note(&failed(id), T0 + u64::from(id));
    }
    let mut objects = Objects::default();
    objects.send(&mut batch, None, T0);
    let report = objects.report(Range::Hour, T0 + SECOND);
    let errors = report["errors"].as_array().unwrap();
    let ids: Vec<_> = errors
        .iter()
        .map(|error| error["request_id"].clone())
        .collect();
    assert_eq!(ids, (80..100).rev().map(uuid).collect::<Vec<_>>());
    let days = objects.days(Range::Day, T0);
    let blocks = json(&blocks(&days, None, T0).unwrap());
    assert_eq!(blocks["blocks"][0]["request_id"], uuid(99));
}
