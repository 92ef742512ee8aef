//! What a merchant is shown, as JSON.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::counts::{Counter, Counts, Latency};
use super::day::SLOT_SECONDS;
use super::gathered::Gathered;
use super::histogram;
use super::outcome::{Class, Outcome};
use super::sketch::Sketch;
use super::{Budget, Facts, Range};

/// The most networks, and the most shoppers, that are named.
const MAX_BUSIEST: usize = 10;

/// Counts by what is counted. Those that are zero are left out.
struct Named(Vec<(&'static str, u32)>);

#[derive(Serialize)]
struct Report<'a> {
    range: &'a str,
    from: u64,
    to: u64,
    assistant: &'a str,
    dry_run: bool,
    chats: Chats,
    operations: Operations,
    newcomers: u32,
    verified: u32,
    refunded: u32,
    upstream: Upstream,
    latency_ms: Latencies,
    busiest: Busiest,
    curve: Vec<Point>,
    errors: Vec<Failure>,
    store: Quota,
}

#[derive(Serialize)]
struct Chats {
    total: u32,
    ok: u32,
    refused: u32,
    failed: u32,
    left: u32,
    by_outcome: Named,
    by_budget: Named,
    would_be_refused: Named,
}

#[derive(Serialize)]
struct Operations {
    total: u32,
    by_outcome: Named,
}

#[derive(Serialize)]
struct Upstream {
    requests: u32,
    errors: u32,
}

#[derive(Serialize)]
struct Latencies {
    total: Percentiles,
    limiter: Percentiles,
    upstream: Percentiles,
}

#[derive(Serialize)]
struct Percentiles {
    count: u64,
    p50: Option<u64>,
    p95: Option<u64>,
    p99: Option<u64>,
}

#[derive(Serialize)]
struct Busiest {
    networks: Vec<Asker>,
    shoppers: Vec<Asker>,
}

#[derive(Serialize)]
struct Asker {
    limiter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    shopper: Option<String>,
    chats: u32,
    at_most_too_many: u32,
}

#[derive(Serialize)]
struct Point {
    at: u64,
    seconds: u32,
    ok: u32,
    refused: u32,
    failed: u32,
    left: u32,
}

#[derive(Serialize)]
struct Failure {
    at: u64,
    request_id: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_status: Option<u16>,
}

#[derive(Serialize)]
struct Quota {
    hour: Option<Hour>,
    day: Option<Day>,
    pace_per_hour: u64,
    spent_in_s: Option<u64>,
}

#[derive(Serialize)]
struct Hour {
    cap: u32,
    remaining: u32,
    at: u64,
}

#[derive(Serialize)]
struct Day {
    cap: u32,
    used: u64,
}

/// Returns the report of a range, as JSON.
///
/// The days are what [`Keeper::read`](super::Keeper::read) returned in the objects of the range. One
/// that is empty or cannot be read counts nothing.
pub fn report(range: Range, days: &[Vec<u8>], facts: &Facts<'_>, now: u64) -> String {
    let gathered = Gathered::of(range, days, now);
    let counts = &gathered.counts;
    let report = Report {
        range: range.name(),
        from: gathered.from(),
        to: now / 1_000,
        assistant: facts.assistant,
        dry_run: facts.dry_run,
        chats: chats(counts),
        operations: operations(counts),
        newcomers: counts.get(Counter::Newcomers),
        verified: counts.get(Counter::Verified),
        refunded: counts.get(Counter::Refunded),
        upstream: Upstream {
            requests: counts.get(Counter::UpstreamRequests),
            errors: counts.get(Counter::UpstreamErrors),
        },
        latency_ms: Latencies {
            total: percentiles(counts, Latency::Total),
            limiter: percentiles(counts, Latency::Limiter),
            upstream: percentiles(counts, Latency::Upstream),
        },
        busiest: Busiest {
            networks: askers(&gathered.busiest.networks, false),
            shoppers: askers(&gathered.busiest.shoppers, true),
        },
        curve: curve(&gathered, range),
        errors: errors(&gathered),
        store: quota(&gathered, facts, now),
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&report).unwrap_or_default()
}

fn chats(counts: &Counts) -> Chats {
    let by_outcome = Named::of(Outcome::all(), Outcome::name, |outcome| {
        counts.get(Counter::Chats(outcome))
    });
    let by_budget = |counter: fn(Budget) -> Counter| {
        Named::of(Budget::ALL, Budget::name, |budget| {
            counts.get(counter(budget))
        })
    };
    Chats {
        total: by_outcome.total(),
        ok: counts.chats(Class::Ok),
        refused: counts.chats(Class::Refused),
        failed: counts.chats(Class::Failed),
        left: counts.chats(Class::Left),
        by_outcome,
        by_budget: by_budget(Counter::Refused),
        would_be_refused: by_budget(Counter::WouldBeRefused),
    }
}

fn operations(counts: &Counts) -> Operations {
    let by_outcome = Named::of(Outcome::all(), Outcome::name, |outcome| {
        counts.get(Counter::Operations(outcome))
    });
    Operations {
        total: by_outcome.total(),
        by_outcome,
    }
}

fn percentiles(counts: &Counts, latency: Latency) -> Percentiles {
    let counts = counts.histogram(latency);
    Percentiles {
        count: histogram::total(counts),
        p50: histogram::percentile(counts, 50),
        p95: histogram::percentile(counts, 95),
        p99: histogram::percentile(counts, 99),
    }
}

fn askers(sketch: &Sketch, are_shoppers: bool) -> Vec<Asker> {
    let top = sketch.top(MAX_BUSIEST).into_iter();
    let askers = top.map(|entry| {
        let (limiter, shopper) = entry.key;
        Asker {
            limiter: limiter.name(),
            shopper: are_shoppers.then(|| Base64UrlUnpadded::encode_string(&shopper)),
            chats: entry.count,
            at_most_too_many: entry.too_many,
        }
    });
    askers.collect()
}

fn curve(gathered: &Gathered, range: Range) -> Vec<Point> {
    let seconds = range.slots_per_point() * SLOT_SECONDS;
    let points = (0..).zip(&gathered.curve);
    let points = points.map(|(nth, [ok, refused, failed, left]): (u64, _)| Point {
        at: gathered.from() + nth * u64::from(seconds),
        seconds,
        ok: *ok,
        refused: *refused,
        failed: *failed,
        left: *left,
    });
    points.collect()
}

fn errors(gathered: &Gathered) -> Vec<Failure> {
    let errors = gathered.errors().map(|failed| Failure {
        at: failed.at / 1_000,
        request_id: Uuid::from_bytes(failed.request_id).to_string(),
        outcome: failed.outcome.name(),
        upstream_status: failed.upstream_status,
    });
    errors.collect()
}

fn quota(gathered: &Gathered, facts: &Facts<'_>, now: u64) -> Quota {
    let (store, forecast) = (gathered.store, &gathered.forecast);
    let day_cap = store.and_then(|store| (facts.day_cap)(store.cap));
    Quota {
        hour: store
            .filter(|store| store.is_current(now))
            .map(|store| Hour {
                cap: store.cap,
                remaining: store.remaining,
                at: store.at / 1_000,
            }),
        day: day_cap.map(|cap| Day {
            cap,
            used: forecast.used(),
        }),
        pace_per_hour: forecast.pace(),
        spent_in_s: forecast.spent_in_s(store, day_cap, now),
    }
}

impl Named {
    fn of<T: Copy>(
        all: impl IntoIterator<Item = T>,
        name: impl Fn(T) -> &'static str,
        count: impl Fn(T) -> u32,
    ) -> Self {
        let counts = all.into_iter().map(|item| (name(item), count(item)));
        Self(counts.filter(|(_, count)| *count > 0).collect())
    }

    fn total(&self) -> u32 {
        let counts = self.0.iter().map(|(_, count)| *count);
        counts.fold(0, u32::saturating_add)
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}
