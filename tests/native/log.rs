//! One line a request.

use concierge_proxy::log::{AttemptRecord, Line, OK, SHOPPER_LEFT};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::cases;

const RECORD: AttemptRecord = AttemptRecord {
    url: "primary",
    key: "current",
    ended: "answered",
};

/// A line in which every field is set to this text.
fn full(text: &str) -> Line<'_> {
    Line {
        request_id: text,
        outcome: text,
        notice: Some(text),
        operation: Some(text),
        status: 429,
        total_ms: 12,
        limiter_ms: Some(3),
        upstream_ms: Some(7),
        attempts: &[RECORD],
        refunded: true,
        upstream_status: Some(502),
        upstream_request_id: Some(text),
        budget: Some(text),
        window: Some(text),
        dry_run: true,
        shopper: Some(text),
        verified: true,
        limiter: Some(text),
        detail: Some(text),
    }
}

fn names(line: &Line<'_>) -> Vec<String> {
    let Value::Object(fields) = serde_json::from_str(&line.to_json()).unwrap() else {
        panic!("no object")
    };
    fields.keys().cloned().collect()
}

#[test]
fn a_line_has_these_fields_and_none_for_what_was_said() {
    let mut names = names(&full("a"));
    names.sort();
    assert_eq!(
        names,
        [
            "attempts",
            "budget",
            "detail",
            "dry_run",
            "limiter",
            "limiter_ms",
            "notice",
            "operation",
            "outcome",
            "refunded",
            "request_id",
            "shopper",
            "status",
            "total_ms",
            "upstream_ms",
            "upstream_request_id",
            "upstream_status",
            "verified",
            "window",
        ]
    );
}

#[test]
fn what_is_not_known_stands_in_no_line() {
    let mut names = names(&Line::default());
    names.sort();
    assert_eq!(names, ["outcome", "request_id", "status", "total_ms"]);
}

#[test]
fn the_outcomes_that_are_no_refusal_have_their_names() {
    assert_eq!((OK, SHOPPER_LEFT), ("ok", "shopper_left"));
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_line_is_one_line_of_json(text in any::<String>()) {
        for text in [text.clone(), format!("{text}\n\r\u{0}\"}}")] {
            let json = full(&text).to_json();
            prop_assert!(!json.contains(['\n', '\r', '\0']), "{}", json);
            let line: Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(line["detail"].as_str(), Some(&*text));
            prop_assert_eq!(&line["status"], 429);
        }
    }
}
