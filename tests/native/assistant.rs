//! What an upstream's answer is made into.

mod errors;
mod waits;

use concierge_proxy::assistants::{Assistant, Head, Judgement};
use proptest::prelude::*;

use crate::support::cases;

const API: Assistant = Assistant::SalesAssociate;
const JSON: &str = "application/json";
const HTML: &str = "text/html";

fn head(status: u16, content_type: &'static str) -> Head<'static> {
    Head {
        status,
        content_type,
        ..Head::default()
    }
}

/// The code that an answer comes to, and its request id.
fn answer(head: &Head<'_>, body: &[u8]) -> (&'static str, Option<String>) {
    match API.judge(head) {
        Judgement::Pass(_) => ("ok", None),
        Judgement::End(ending) => (ending.refusal().code(), None),
        Judgement::ReadError => {
            let failure = API.read_error(head, Some(body));
            (failure.ending.refusal().code(), failure.request_id)
        }
    }
}

#[test]
fn json_and_event_streams_pass() {
    for (content_type, passed) in [
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("text/event-stream", "text/event-stream"),
        ("Text/Event-Stream;charset=utf-8", "text/event-stream"),
    ] {
        for status in [200, 201, 202, 206] {
            let judgement = API.judge(&head(status, content_type));
            assert_eq!(
                judgement,
                Judgement::Pass(passed),
                "{status} {content_type}"
            );
        }
    }
}

#[test]
fn a_good_answer_that_is_no_chat_is_an_error() {
    for content_type in [
        HTML,
        "",
        "text/plain",
        "application/jsonp",
        "application/problem+json",
        "text/html; application/json",
    ] {
        let got = answer(&head(200, content_type), b"{}");
        assert_eq!(got.0, "upstream_error", "{content_type}");
    }
}

#[test]
fn a_good_answer_without_content_is_an_empty_one() {
    for status in [204, 205] {
        for content_type in [JSON, HTML, ""] {
            assert_eq!(
                answer(&head(status, content_type), b"").0,
                "upstream_empty_response"
            );
        }
    }
    let empty = Head {
        content_length: "0",
        ..head(200, JSON)
    };
    assert_eq!(answer(&empty, b"").0, "upstream_empty_response");
    let full = Head {
        content_length: "10",
        ..head(200, JSON)
    };
    assert_eq!(answer(&full, b"").0, "ok");
}

#[test]
fn a_redirect_is_an_error_and_is_not_followed() {
    for status in [300, 301, 302, 303, 304, 307, 308] {
        for content_type in [JSON, HTML, "text/event-stream", ""] {
            assert_eq!(
                answer(&head(status, content_type), b"{}").0,
                "upstream_error",
                "{status}"
            );
        }
    }
}

#[test]
fn a_status_that_is_no_answer_is_an_error() {
    for status in [0, 1, 100, 101, 103, 199] {
        assert_eq!(
            answer(&head(status, JSON), b"{}").0,
            "upstream_error",
            "{status}"
        );
    }
}

#[test]
fn an_upstream_that_the_platform_could_not_connect_to_was_not_reached() {
    for status in [521, 522, 523, 525, 526, 530] {
        for content_type in [HTML, JSON, ""] {
            assert_eq!(
                answer(&head(status, content_type), b"").0,
                "upstream_invoke_error",
                "{status}"
            );
        }
    }
    assert_eq!(answer(&head(520, HTML), b"").0, "upstream_error");
}

#[test]
fn the_beginning_of_an_answer_is_read_from_its_lines() {
    let head = Head::from_lines("429\ntext/html\n12\ngzip\n18\n500\n487");
    let read = Head {
        status: 429,
        content_type: "text/html",
        content_length: "12",
        content_encoding: "gzip",
        retry_after: "18",
        limit: "500",
        remaining: "487",
    };
    assert_eq!(head, read);
    for lines in ["", "\n", "x", "-1\n\n\n", "99999\n"] {
        let head = Head::from_lines(lines);
        assert_eq!(answer(&head, b"").0, "upstream_error", "{lines:?}");
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn nothing_that_an_upstream_wrote_reaches_a_page(
        status in 300..600_u16,
        mark in "[a-z]{16}",
        shape in 0..5_usize,
    ) {
        let body = [
            mark.clone(),
            format!("{{\"error\":\"{mark}\",\"message\":\"{mark}\",\"request_id\":\"{mark}\"}}"),
            format!("{{\"error\":\"upstream_error\",\"message\":\"{mark}\",\"detail\":\"{mark}\"}}"),
            format!("{{\"error\":\"rate_limited\",\"limit_window\":\"{mark}\",\"tier\":\"{mark}\",\"limit\":7}}"),
            format!("{{\"message\":\"{mark}\"}}"),
        ];
        let head = Head { retry_after: &mark, ..head(status, JSON) };
        let (refusal, request_id) = match API.judge(&head) {
            Judgement::End(ending) => (ending.refusal(), None),
            Judgement::ReadError => {
                let failure = API.read_error(&head, Some(body[shape].as_bytes()));
                (failure.ending.refusal(), failure.request_id)
            }
            Judgement::Pass(_) => panic!("{status} is no chat"),
        };
        prop_assert!(refusal.status() >= 400);
        let told = format!("{refusal:?} {request_id:?} {}", refusal.message());
        prop_assert!(!told.contains(&mark), "{}", told);
    }

    #[test]
    fn no_body_breaks_the_reading(status in 400..600_u16, body: Vec<u8>) {
        API.read_error(&head(status, JSON), Some(&body));
    }
}
