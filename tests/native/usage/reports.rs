//! The fields of a report.

use concierge_proxy::usage::{Batch, Budget, Facts, Range, Sample, Store, report};
use serde_json::json;

use super::{FACTS, Objects, SECOND, T0, chat, failed, id_of, refused, uuid, who};

#[test]
fn a_report_has_these_fields() {
    let mut objects = Objects::default();
    let answered = Sample {
        newcomer: true,
        who: Some(who(1, 2)),
        ..chat()
    };
    let store = Store {
        cap: 500,
        remaining: 312,
        at: T0,
    };
    objects.count_with(&answered, Some(store), T0);
    objects.count(&refused(Budget::Shopper, 1, 2, 3), T0 + 1);
    let failed = Sample {
        refunded: true,
        upstream_status: Some(502),
        ..failed(4)
    };
    objects.count(&failed, T0 + 2);
    let operation = Sample {
        is_chat: false,
        verified: true,
        upstream_requests: 0,
        ..chat()
    };
    objects.count(&operation, T0 + 3);
    let mut report = objects.report(Range::Hour, T0 + 60 * SECOND);
    let curve = report["curve"].as_array().unwrap();
    assert_eq!(curve.len(), 7);
    let last =
        json!({"at": 1_800_000_000, "seconds": 600, "ok": 1, "refused": 1, "failed": 1, "left": 0});
    assert_eq!(curve[6], last);
    report["curve"] = json!([]);
    let expected = json!({
        "range": "hour", "from": 1_800_000_000 - 3_600, "to": 1_800_000_060,
        "assistant": "sales-associate", "dry_run": false,
        "chats": {
            "total": 3, "ok": 1, "refused": 1, "failed": 1, "left": 0,
            "by_outcome": {"ok": 1, "rate_limited": 1, "upstream_timeout": 1},
            "by_budget": {"shopper": 1}, "would_be_refused": {},
        },
        "operations": {"total": 1, "by_outcome": {"ok": 1}},
        "newcomers": 1, "verified": 1, "refunded": 1,
        "upstream": {"requests": 2, "errors": 1},
        "latency_ms": {
            "total": {"count": 1, "p50": 920, "p95": 920, "p99": 920},
            "limiter": {"count": 1, "p50": 5, "p95": 5, "p99": 5},
            "upstream": {"count": 1, "p50": 817, "p95": 817, "p99": 817},
        },
        "busiest": {
            "networks": [{"limiter": "AAAAAQkJCQkJCQkJCQkJCQ", "chats": 2, "at_most_too_many": 0}],
            "shoppers": [{"limiter": "AAAAAQkJCQkJCQkJCQkJCQ", "shopper": "AgICAgIC", "chats": 2,
                          "at_most_too_many": 0}],
        },
        "curve": [],
        "errors": [{"at": 1_800_000_000, "request_id": uuid(4), "outcome": "upstream_timeout",
                    "upstream_status": 502}],
        "store": {
            "hour": {"cap": 500, "remaining": 312, "at": 1_800_000_000},
            "day": {"cap": 2_000, "used": 2},
            "pace_per_hour": 2, "spent_in_s": null,
        },
    });
    assert_eq!(report, expected);
}

#[test]
fn a_report_of_nothing_has_them_too() {
    let objects = Objects::default();
    for range in Range::ALL {
        let report = objects.report(range, T0);
        assert_eq!(report["range"], range.name());
        assert_eq!(report["chats"]["total"], 0);
        assert_eq!(report["chats"]["by_outcome"], json!({}));
        let unknown = json!({"hour": null, "day": null, "pace_per_hour": 0, "spent_in_s": null});
        assert_eq!(report["store"], unknown);
        let points = [7, 145, 30][range as usize];
        assert_eq!(report["curve"].as_array().unwrap().len(), points);
    }
}

#[test]
fn a_report_says_what_runs() {
    let facts = Facts {
        assistant: "homie",
        dry_run: true,
        ..FACTS
    };
    let report = super::json(&report(Range::Day, &[], &facts, T0));
    assert_eq!(
        (&report["assistant"], &report["dry_run"]),
        (&json!("homie"), &json!(true))
    );
}

#[test]
fn the_points_of_a_curve_leave_no_gap() {
    let objects = Objects::default();
    for range in Range::ALL {
        let report = objects.report(range, T0 + 599 * SECOND);
        let mut at = report["from"].clone();
        for point in report["curve"].as_array().unwrap() {
            assert_eq!(point["at"], at);
            at = json!(at.as_u64().unwrap() + point["seconds"].as_u64().unwrap());
        }
        assert!(at.as_u64() > report["to"].as_u64());
    }
}

#[test]
fn an_answer_that_broke_off_is_an_error_whatever_its_status() {
    let mut objects = Objects::default();
    objects.count(
        &Sample {
            status: 200,
            ..failed(1)
        },
        T0,
    );
    let report = objects.report(Range::Hour, T0);
    assert_eq!(report["errors"][0]["request_id"], uuid(1));
}

#[test]
fn an_answer_that_breaks_off_later_is_an_error_of_a_chat_that_is_counted_once() {
    let mut objects = Objects::default();
    let mut batch = Batch::default();
    batch.note(&chat(), T0);
    batch.note_cut(id_of(7), "upstream_timeout", T0 + SECOND);
    objects.send(&mut batch, None, T0 + SECOND);
    let report = objects.report(Range::Hour, T0 + SECOND);
    assert_eq!(report["chats"]["total"], 1);
    assert_eq!(report["upstream"]["errors"], 1);
    let error = json!({
        "at": T0 / SECOND + 1,
        "request_id": uuid(7),
        "outcome": "upstream_timeout",
    });
    assert_eq!(report["errors"], json!([error]));
}

#[test]
fn the_ten_busiest_are_named_the_busiest_first() {
    let mut objects = Objects::default();
    for network in 0..14 {
        for _ in 0..=network {
            let sample = Sample {
                who: Some(who(network, 1)),
                ..chat()
            };
            objects.count(&sample, T0);
        }
    }
    for range in Range::ALL {
        let report = objects.report(range, T0);
        for list in ["networks", "shoppers"] {
            let askers = report["busiest"][list].as_array().unwrap();
            let chats: Vec<_> = askers
                .iter()
                .map(|asker| asker["chats"].as_u64().unwrap())
                .collect();
            assert_eq!(chats, (5..=14).rev().collect::<Vec<_>>(), "{range:?}");
        }
    }
}
