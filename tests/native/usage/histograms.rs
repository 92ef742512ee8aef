//! How exact the times are.

use concierge_proxy::usage::histogram::LONGEST_MS;
use concierge_proxy::usage::{Range, Sample};
use proptest::prelude::*;

use super::{Objects, T0, chat};
use crate::support::cases;

/// The median of answered chats that took this long.
fn median(ms: u64) -> u64 {
    let mut objects = Objects::default();
    let sample = Sample {
        total_ms: ms,
        ..chat()
    };
    objects.count(&sample, T0);
    let report = objects.report(Range::Hour, T0);
    report["latency_ms"]["total"]["p50"].as_u64().unwrap()
}

#[test]
fn a_time_below_eight_milliseconds_is_exact() {
    for ms in 0..8 {
        assert_eq!(median(ms), ms);
    }
}

#[test]
fn a_time_is_never_shown_too_short_and_at_most_an_eighth_too_long() {
    let short = 8..300;
    let long = (300..LONGEST_MS).step_by(119);
    for ms in short.chain(long).chain([LONGEST_MS - 1, LONGEST_MS]) {
        let shown = median(ms);
        assert!((ms..=ms + ms / 8).contains(&shown), "{ms} as {shown}");
    }
}

#[test]
fn a_longer_time_than_the_longest_is_shown_as_the_longest() {
    let longest = median(LONGEST_MS);
    for ms in [longest + 1, 10 * longest, u64::MAX] {
        assert_eq!(median(ms), longest);
    }
}

#[test]
fn without_an_answered_chat_there_are_no_percentiles() {
    let mut objects = Objects::default();
    for (outcome, is_chat) in [
        ("rate_limited", true),
        ("upstream_timeout", true),
        ("ok", false),
    ] {
        objects.count(
            &Sample {
                outcome,
                is_chat,
                ..chat()
            },
            T0,
        );
    }
    let report = objects.report(Range::Hour, T0);
    for part in ["total", "limiter", "upstream"] {
        let none = serde_json::json!({"count": 0, "p50": null, "p95": null, "p99": null});
        assert_eq!(report["latency_ms"][part], none);
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn a_percentile_is_that_of_the_sorted_times(mut times in prop::collection::vec(0..LONGEST_MS, 1..300)) {
        let mut objects = Objects::default();
        for (nth, ms) in times.iter().enumerate() {
            let at = T0 + nth as u64 * 1_000;
            objects.count(&Sample { total_ms: *ms, ..chat() }, at);
        }
        times.sort_unstable();
        let report = objects.report(Range::Day, T0 + 300_000);
        for (name, percent) in [("p50", 50), ("p95", 95), ("p99", 99)] {
            // The nearest rank: the first time that so many do not exceed.
            let rank = (times.len() * percent).div_ceil(100);
            let exact = times[rank - 1];
            let shown = report["latency_ms"]["total"][name].as_u64().unwrap();
            prop_assert!((exact..=exact + exact / 8).contains(&shown), "{} as {}", exact, shown);
        }
    }
}
