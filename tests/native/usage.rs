//! What the counts of a shop's chats say, what they forget, and how much space they take.

mod batches;
mod blocks;
mod bytes;
mod histograms;
mod keeping;
mod metrics;
mod model;
mod outcomes;
mod ranges;
mod reports;
mod size;
mod sketches;
mod stores;

use std::collections::BTreeMap;

use concierge_proxy::limits::Window;
use concierge_proxy::network::LimiterName;
use concierge_proxy::usage::{Batch, Budget, Facts, FullCap, Keeper, Range, Sample, Store, report};
use serde_json::Value;

use crate::support::NOW;

/// A moment at the beginning of a slot, in milliseconds: 8 o'clock.
pub const T0: u64 = NOW as u64 * 1_000;
pub const SECOND: u64 = 1_000;
pub const SLOT: u64 = 600 * SECOND;
pub const HOUR: u64 = 3_600 * SECOND;
pub const DAY: u64 = 24 * HOUR;
/// The midnight before `T0`.
pub const MIDNIGHT: u64 = T0 / DAY * DAY;

pub const FACTS: Facts<'_> = Facts {
    assistant: "sales-associate",
    dry_run: false,
    version: "0.1.0",
    day_cap: |cap| cap.checked_mul(4),
};

/// An answered chat of nobody in particular.
pub fn chat() -> Sample {
    Sample {
        request_id: [0; 16],
        is_chat: true,
        outcome: "ok",
        status: 200,
        total_ms: 900,
        limiter_ms: Some(5),
        upstream_ms: Some(800),
        upstream_status: None,
        upstream_requests: 1,
        upstream_errors: 0,
        refunded: false,
        verified: false,
        newcomer: false,
        full: None,
        dry_run: false,
        who: None,
    }
}

/// A chat of this shopper on this network that a budget refuses.
pub fn refused(budget: Budget, network: u8, shopper: u8, id: u32) -> Sample {
    Sample {
        request_id: id_of(id),
        outcome: "rate_limited",
        status: 429,
        upstream_requests: 0,
        upstream_ms: None,
        full: Some(FullCap {
            budget,
            window: Some(Window::Hour),
            limit: 40,
            retry_after: 1_234,
        }),
        who: Some(who(network.into(), shopper)),
        ..chat()
    }
}

/// A chat that failed at the assistant.
pub fn failed(id: u32) -> Sample {
    Sample {
        request_id: id_of(id),
        outcome: "upstream_timeout",
        status: 504,
        upstream_errors: 1,
        ..chat()
    }
}

pub fn id_of(number: u32) -> [u8; 16] {
    let mut id = [7; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    id
}

pub fn uuid(number: u32) -> String {
    uuid::Uuid::from_bytes(id_of(number)).to_string()
}

pub fn who(network: u32, shopper: u8) -> (LimiterName, [u8; 6]) {
    let mut limiter = [9; 16];
    limiter[..4].copy_from_slice(&network.to_be_bytes());
    (LimiterName(limiter), [shopper; 6])
}

/// The objects of all days, as the platform would have them.
#[derive(Default)]
pub struct Objects(pub BTreeMap<String, Keeper>);

impl Objects {
    /// Sends what a batch holds to its object.
    pub fn send(&mut self, batch: &mut Batch, store: Option<Store>, now: u64) {
        while let Some(delivery) = batch.take(store) {
            let keeper = self.0.entry(delivery.object).or_default();
            keeper.report(&delivery.bytes, now).expect("a good batch");
        }
    }

    /// Counts one sample at this moment, as a batch of its own.
    pub fn count(&mut self, sample: &Sample, now: u64) {
        self.count_with(sample, None, now);
    }

    pub fn count_with(&mut self, sample: &Sample, store: Option<Store>, now: u64) {
        let mut batch = Batch::default();
        batch.note(sample, now);
        self.send(&mut batch, store, now);
    }

    /// What a report of this range reads.
    pub fn days(&self, range: Range, now: u64) -> Vec<Vec<u8>> {
        let names = range.objects(now).into_iter();
        let days = names.map(|name| self.0.get(&name).map(Keeper::read).unwrap_or_default());
        days.collect()
    }

    pub fn report(&self, range: Range, now: u64) -> Value {
        json(&report(range, &self.days(range, now), &FACTS, now))
    }
}

pub fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}
