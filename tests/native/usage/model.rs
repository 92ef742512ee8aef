//! The counts of a run, beside a model that keeps every request.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use concierge_proxy::limits::Window;
use concierge_proxy::usage::{Batch, Budget, FullCap, Range, Sample};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DAY, Objects, SECOND, SLOT, T0, id_of, uuid, who};
use crate::refusals;
use crate::support::cases;

/// A request of a run.
#[derive(Debug, Clone)]
pub struct Row {
    /// The time since the previous one, in milliseconds.
    gap: u64,
    /// Whether the isolate sends what it has before this one.
    sends: bool,
    sample: Sample,
    /// Who asked, as small numbers.
    asker: Option<(u32, u8)>,
}

/// A request, and the moment that it counts in.
struct Counted<'a> {
    row: &'a Row,
    id: u32,
    at: u64,
}

fn outcomes() -> Vec<&'static str> {
    let codes = refusals::all();
    let codes = codes.iter().map(|refusal| refusal.code());
    // Most chats are answered.
    ["ok", "ok", "ok", "ok", "shopper_left"]
        .into_iter()
        .cycle()
        .take(40)
        .chain(codes)
        .collect()
}

/// What an outcome means, by the status that it has.
fn class(outcome: &str) -> &'static str {
    static STATUSES: LazyLock<BTreeMap<&str, u16>> = LazyLock::new(|| {
        let refusals = refusals::all().into_iter();
        refusals
            .map(|refusal| (refusal.code(), refusal.status()))
            .collect()
    });
    match (outcome, STATUSES.get(outcome)) {
        ("ok", _) => "ok",
        ("shopper_left", _) => "left",
        (_, Some(500..)) => "failed",
        _ => "refused",
    }
}

prop_compose! {
    fn full()(budget in prop::sample::select(&Budget::ALL), limit in 1..100u32) -> FullCap {
        FullCap { budget, window: Some(Window::Minute), limit, retry_after: 30 }
    }
}

prop_compose! {
    fn sample()(
        (outcome, is_chat) in (prop::sample::select(outcomes()), prop::bool::weighted(0.8)),
        (total_ms, limiter_ms, upstream_ms) in
            (0..150_000u64, prop::option::of(0..1_000u64), prop::option::of(0..120_000u64)),
        upstream_status in prop::option::of(400..600u16),
        (upstream_requests, upstream_errors) in (0..4u32, 0..3u32),
        (refunded, verified, newcomer, dry_run) in any::<(bool, bool, bool, bool)>(),
        full in prop::option::of(full()),
    ) -> Sample {
        Sample {
            request_id: [0; 16],
            status: if class(outcome) == "failed" { 502 } else { 200 },
            is_chat, outcome, total_ms, limiter_ms, upstream_ms, upstream_status, upstream_requests,
            upstream_errors, refunded, verified, newcomer, full, dry_run, who: None,
        }
    }
}

prop_compose! {
    fn row()(
        gap in prop_oneof![4 => 1..20 * SECOND, 2 => 1..3 * SLOT, 1 => 1..60 * SLOT],
        sends in any::<bool>(),
        sample in sample(),
        asker in prop::option::of((0..5u32, 0..3u8)),
    ) -> Row {
        Row { gap, sends, sample, asker }
    }
}

/// Some requests, over a few days.
pub fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec(row(), 1..80)
}

fn counted(rows: &[Row]) -> Vec<Counted<'_>> {
    let mut at = T0;
    let mut counted = Vec::new();
    for (id, row) in (0..).zip(rows) {
        at += row.gap;
        counted.push(Counted { row, id, at });
    }
    counted
}

/// The objects after these requests.
pub fn deliveries(rows: &[Row]) -> Objects {
    let (mut objects, mut batch) = (Objects::default(), Batch::default());
    for Counted { row, id, at, .. } in counted(rows) {
        if row.sends {
            objects.send(&mut batch, None, at);
        }
        let sample = Sample {
            request_id: id_of(id),
            who: row.asker.map(|(network, shopper)| who(network, shopper)),
            ..row.sample.clone()
        };
        batch.note(&sample, at);
    }
    objects.send(&mut batch, None, T0);
    objects
}

fn tally<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let mut counts = BTreeMap::<_, u32>::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    json!(counts)
}

/// What the report has to say of these requests, but for percentiles and forecasts.
fn expected(rows: &[&Counted<'_>], from: u64, point: u64, points: u64) -> Value {
    let samples = || rows.iter().map(|counted| &counted.row.sample);
    let chats = || samples().filter(|sample| sample.is_chat);
    let operations = || samples().filter(|sample| !sample.is_chat);
    let of_class = |name| chats().filter(|chat| class(chat.outcome) == name).count();
    let budgets = |dry_run: bool| {
        let full = chats().filter_map(|chat| Some((chat.dry_run, chat.full?.budget)));
        let is_tried =
            |(dry, budget): &(bool, Budget)| (*dry && *budget != Budget::Store) == dry_run;
        tally(full.filter(is_tried).map(|(_, budget)| budget.name()))
    };
    let flag = |flag: fn(&Sample) -> bool| samples().filter(|sample| flag(sample)).count();
    let count = |ms: fn(&Sample) -> bool| {
        chats()
            .filter(|chat| chat.outcome == "ok" && ms(chat))
            .count()
    };
    let curve: Vec<_> = (0..points)
        .map(|nth| {
            let at = from + nth * point;
            let there = |name| {
                let within = rows
                    .iter()
                    .filter(|counted| (at..at + point).contains(&(counted.at / SECOND)));
                let chats = within.filter(|counted| counted.row.sample.is_chat);
                chats
                    .filter(|chat| class(chat.row.sample.outcome) == name)
                    .count()
            };
            json!({"at": at, "seconds": point, "ok": there("ok"), "refused": there("refused"),
               "failed": there("failed"), "left": there("left")})
        })
        .collect();
    let failed = rows
        .iter()
        .rev()
        .filter(|counted| class(counted.row.sample.outcome) == "failed");
    let errors: Vec<_> = failed.filter(|counted| counted.at / SECOND >= from).take(20).map(|counted| {
        let sample = &counted.row.sample;
        let mut error = json!({"at": counted.at / SECOND, "request_id": uuid(counted.id), "outcome": sample.outcome});
        if let Some(status) = sample.upstream_status {
            error["upstream_status"] = json!(status);
        }
        error
    }).collect();
    json!({
        "chats": {
            "total": chats().count(), "ok": of_class("ok"), "refused": of_class("refused"),
            "failed": of_class("failed"), "left": of_class("left"),
            "by_outcome": tally(chats().map(|chat| chat.outcome)),
            "by_budget": budgets(false), "would_be_refused": budgets(true),
        },
        "operations": {
            "total": operations().count(),
            "by_outcome": tally(operations().map(|operation| operation.outcome)),
        },
        "newcomers": flag(|sample| sample.newcomer),
        "verified": flag(|sample| sample.verified),
        "refunded": flag(|sample| sample.refunded),
        "upstream": {
            "requests": samples().map(|sample| sample.upstream_requests).sum::<u32>(),
            "errors": samples().map(|sample| sample.upstream_errors).sum::<u32>(),
        },
        "latency_counts": [count(|_| true), count(|chat| chat.limiter_ms.is_some()),
                           count(|chat| chat.upstream_ms.is_some())],
        "curve": curve,
        "errors": errors,
    })
}

/// The same part of a report.
fn shown(report: &Value) -> Value {
    let mut shown = json!({});
    for name in [
        "chats",
        "operations",
        "newcomers",
        "verified",
        "refunded",
        "upstream",
        "curve",
        "errors",
    ] {
        shown[name] = report[name].clone();
    }
    let latencies =
        ["total", "limiter", "upstream"].map(|part| &report["latency_ms"][part]["count"]);
    shown["latency_counts"] = json!(latencies);
    shown
}

/// The chats of each asker, as a report names them.
fn busiest(rows: &[&Counted<'_>], of_shoppers: bool) -> BTreeMap<String, u64> {
    let mut chats = BTreeMap::new();
    for counted in rows.iter().filter(|counted| counted.row.sample.is_chat) {
        if let Some((network, shopper)) = counted.row.asker {
            // A verified shopper's limiter is no network's.
            if !of_shoppers && counted.row.sample.verified {
                continue;
            }
            let shopper = if of_shoppers { shopper } else { 0 };
            *chats.entry(format!("{network} {shopper}")).or_default() += 1;
        }
    }
    chats
}

fn shown_busiest(report: &Value, list: &str) -> BTreeMap<String, u64> {
    let known: BTreeMap<_, _> = (0..5)
        .map(|network| (who(network, 0).0.name(), network))
        .collect();
    let askers = report["busiest"][list].as_array().unwrap();
    let askers = askers.iter().map(|asker| {
        assert_eq!(asker["at_most_too_many"], 0);
        let shopper = asker.get("shopper").map_or(0, |shopper| {
            let names = ["AAAAAAAA", "AQEBAQEB", "AgICAgIC"];
            names.iter().position(|name| name == shopper).unwrap()
        });
        let network = known[asker["limiter"].as_str().unwrap()];
        (
            format!("{network} {shopper}"),
            asker["chats"].as_u64().unwrap(),
        )
    });
    askers.collect()
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn every_range_counts_what_a_model_counts(rows in rows(), later in 0..SLOT) {
        let objects = deliveries(&rows);
        let counted = counted(&rows);
        let now = counted.last().unwrap().at + later;
        let today = now / (DAY) * DAY;
        for (range, from, point) in [
            (Range::Hour, now / SLOT * SLOT - 6 * SLOT, SLOT),
            (Range::Day, now / SLOT * SLOT - DAY, SLOT),
            (Range::Month, today - 29 * DAY, DAY),
        ] {
            let report = objects.report(range, now);
            let rows: Vec<_> = counted.iter().filter(|counted| counted.at >= from).collect();
            let points = (now - from) / point + 1;
            let expected = expected(&rows, from / SECOND, point / SECOND, points);
            prop_assert_eq!(shown(&report), expected, "{:?}", range);
            prop_assert_eq!(&report["from"], from / SECOND);
            prop_assert_eq!(&report["to"], now / SECOND);
            let networks = shown_busiest(&report, "networks");
            prop_assert_eq!(networks, busiest(&rows, false));
            let shoppers = busiest(&rows, true);
            for (shopper, chats) in shown_busiest(&report, "shoppers") {
                prop_assert_eq!(shoppers.get(&shopper), Some(&chats));
            }
        }
    }
}
