//! The metrics, as Prometheus would read them.

use std::collections::{BTreeMap, BTreeSet};

use concierge_proxy::usage::{Batch, Budget, Facts, Keeper, Sample, Store, metrics};
use proptest::prelude::*;

use super::model::{deliveries, rows};
use super::{FACTS, HOUR, T0, chat, failed, refused};
use crate::support::cases;

/// The series and their values, and the type of each metric.
struct Scrape {
    series: BTreeMap<String, f64>,
    types: BTreeMap<String, String>,
}

fn is_name(text: &str) -> bool {
    let is_part = |char: char| char.is_ascii_lowercase() || char == '_';
    !text.is_empty() && text.chars().all(is_part)
}

/// Reads the text format 0.0.4, and nothing that it leaves open.
fn scrape(text: &str) -> Scrape {
    let (mut series, mut types) = (BTreeMap::new(), BTreeMap::new());
    let (mut metric, mut helped) = (String::new(), BTreeSet::new());
    assert!(text.ends_with('\n'), "the last line ends");
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').expect("a help");
            assert!(is_name(name) && !words.is_empty() && !words.contains('\\'));
            assert!(helped.insert(name.to_owned()), "{name} once");
            metric = name.to_owned();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, kind) = kind.split_once(' ').expect("a type");
            assert_eq!(name, metric, "the help comes first");
            assert!(["counter", "gauge", "histogram"].contains(&kind));
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            types.insert(name.to_owned(), kind.to_owned());
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a value");
            let (base, labels) = name.split_once('{').unwrap_or((name, "}"));
            let family = match types[&metric].as_str() {
                "histogram" => ["_bucket", "_sum", "_count"]
                    .map(|part| format!("{metric}{part}"))
                    .to_vec(),
                _ => vec![metric.clone()],
            };
            assert!(
                is_name(base) && family.iter().any(|name| name == base),
                "{line}"
            );
            let labels = labels.strip_suffix('}').expect("an end of the labels");
            for label in labels.split(',').filter(|label| !label.is_empty()) {
                let (key, value) = label.split_once("=\"").expect("a label");
                let value = value.strip_suffix('"').expect("an end of the label");
                assert!(is_name(key) && !value.contains(['"', '\\', '\n']), "{line}");
            }
            let value = value.parse().expect("a number");
            assert!(
                series.insert(name.to_owned(), value).is_none(),
                "{line} twice"
            );
        }
    }
    Scrape { series, types }
}

impl Scrape {
    fn of(day: &[u8]) -> Self {
        scrape(&metrics(day, &FACTS, T0))
    }

    fn get(&self, series: &str) -> f64 {
        *self
            .series
            .get(series)
            .unwrap_or_else(|| panic!("no {series}"))
    }

    /// Everything that never falls within a day.
    fn counters(&self) -> impl Iterator<Item = (&str, f64)> {
        let is_counter = |name: &str| {
            let base = name.split('{').next().unwrap();
            let base = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|part| base.strip_suffix(part))
                .unwrap_or(base);
            self.types[base] != "gauge"
        };
        let series = self
            .series
            .iter()
            .map(|(name, value)| (name.as_str(), *value));
        series.filter(move |(name, _)| is_counter(name))
    }
}

/// A day of these samples.
fn day(samples: &[Sample], store: Option<Store>) -> Vec<u8> {
    let mut batch = Batch::default();
    for sample in samples {
        batch.note(sample, T0);
    }
    let mut keeper = Keeper::default();
    keeper
        .report(&batch.take(store).unwrap().bytes, T0)
        .unwrap();
    keeper.read()
}

#[test]
fn the_metrics_count_the_day() {
    let mut samples = vec![chat(), failed(1), refused(Budget::Network, 1, 1, 2)];
    samples.push(Sample {
        is_chat: false,
        refunded: true,
        newcomer: true,
        ..chat()
    });
    let scrape = Scrape::of(&day(&samples, None));
    for (series, value) in [
        ("chats_total{outcome=\"ok\"}", 1.0),
        ("chats_total{outcome=\"upstream_timeout\"}", 1.0),
        ("chats_total{outcome=\"rate_limited\"}", 1.0),
        ("chats_total{outcome=\"internal_error\"}", 0.0),
        ("operations_total{outcome=\"ok\"}", 1.0),
        ("refusals_total{budget=\"network\"}", 1.0),
        ("refusals_total{budget=\"store\"}", 0.0),
        ("newcomers_total", 1.0),
        ("refunds_total", 1.0),
        ("upstream_requests_total", 3.0),
        ("upstream_errors_total", 1.0),
        ("dry_run", 0.0),
        ("info{assistant=\"sales-associate\",version=\"0.1.0\"}", 1.0),
    ] {
        assert_eq!(
            scrape.get(&format!("concierge_{series}")),
            value,
            "{series}"
        );
    }
}

#[test]
fn a_day_without_counts_has_the_same_series() {
    let names = |scrape: Scrape| scrape.series.into_keys().collect::<Vec<_>>();
    let some = names(Scrape::of(&day(&[chat()], None)));
    assert_eq!(names(Scrape::of(&[])), some);
    assert_eq!(names(Scrape::of(b"no day")), some);
}

#[test]
fn a_chat_is_in_each_bucket_whose_bound_it_does_not_exceed() {
    let bounds = [
        (100, "0.1"),
        (250, "0.25"),
        (500, "0.5"),
        (1_000, "1"),
        (2_500, "2.5"),
        (5_000, "5"),
        (10_000, "10"),
        (30_000, "30"),
    ];
    for (place, (bound, _)) in bounds.iter().enumerate() {
        for (ms, first) in [(*bound, place), (bound + 1, place + 1)] {
            let sample = Sample {
                total_ms: ms,
                ..chat()
            };
            let scrape = Scrape::of(&day(&[sample], None));
            for (other, (_, le)) in bounds.iter().enumerate() {
                let bucket = format!("concierge_chat_duration_seconds_bucket{{le=\"{le}\"}}");
                assert_eq!(
                    scrape.get(&bucket),
                    f64::from(u8::from(other >= first)),
                    "{ms} {le}"
                );
            }
            assert_eq!(
                scrape.get("concierge_chat_duration_seconds_bucket{le=\"+Inf\"}"),
                1.0
            );
        }
    }
}

#[test]
fn the_sum_of_the_durations_is_exact() {
    let times = [1, 20, 300, 4_000, 50_007];
    let samples = times.map(|ms| Sample {
        total_ms: ms,
        ..chat()
    });
    let scrape = Scrape::of(&day(&samples, None));
    assert_eq!(scrape.get("concierge_chat_duration_seconds_sum"), 54.328);
    assert_eq!(scrape.get("concierge_chat_duration_seconds_count"), 5.0);
}

#[test]
fn the_store_is_shown_for_the_hour_that_it_is_known_of() {
    let store = Store {
        cap: 500,
        remaining: 3,
        at: T0,
    };
    let day = day(&[chat()], Some(store));
    let scrape_at = |now| scrape(&metrics(&day, &FACTS, now)).series;
    let shown = scrape_at(T0 + HOUR - 1);
    assert_eq!(shown["concierge_store_hour_cap"], 500.0);
    assert_eq!(shown["concierge_store_hour_remaining"], 3.0);
    for name in ["concierge_store_hour_cap", "concierge_store_hour_remaining"] {
        assert!(!scrape_at(T0 + HOUR).contains_key(name));
        assert!(!Scrape::of(&[]).series.contains_key(name));
    }
}

#[test]
fn a_dry_run_is_shown() {
    let facts = Facts {
        dry_run: true,
        ..FACTS
    };
    assert_eq!(
        scrape(&metrics(&[], &facts, T0)).get("concierge_dry_run"),
        1.0
    );
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn no_counter_falls_within_a_day(rows in rows(), more in rows()) {
        let mut keeper = Keeper::default();
        let mut before: BTreeMap<String, f64> = BTreeMap::new();
        let (first, second) = (deliveries(&rows), deliveries(&more));
        let first_day = first.0.keys().next().unwrap();
        let batches = [&first, &second].map(|objects| objects.0.get(first_day).map(Keeper::read));
        for batch in batches.into_iter().flatten() {
            keeper.report(&batch, T0).expect("a good batch");
            let scrape = Scrape::of(&keeper.read());
            let mut last = 0.0;
            for (name, value) in scrape.counters() {
                prop_assert!(value >= *before.get(name).unwrap_or(&0.0), "{}", name);
                before.insert(name.to_owned(), value);
            }
            for le in ["0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "+Inf"] {
                let value = scrape.get(&format!("concierge_chat_duration_seconds_bucket{{le=\"{le}\"}}"));
                prop_assert!(value >= last, "{}", le);
                last = value;
            }
            prop_assert_eq!(last, scrape.get("concierge_chat_duration_seconds_count"));
        }
    }
}
