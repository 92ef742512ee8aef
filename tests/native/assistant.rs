//! What an upstream's answer is made into.

mod errors;
mod waits;

use concierge_proxy::assistants::{Call, Judgement};
use concierge_proxy::head::{QuotaHeaders, ResponseHead};
use concierge_proxy::media_type::MediaType;
use proptest::prelude::*;

use crate::support::cases;

/// A call to the Sales Associate API.
const API: Call = Call::SalesAssociate(String::new());
const JSON: &str = "application/json";
const HTML: &str = "text/html";

fn head(status: u16, content_type: &str) -> ResponseHead {
    ResponseHead::read(status, [content_type, "", "", "", "", "", ""])
}

/// The head of a response with this `Retry-After`.
fn wait_head(status: u16, content_type: &str, retry_after: &str) -> ResponseHead {
    ResponseHead::read(status, [content_type, "", "", "", "", retry_after, ""])
}

/// The head of a JSON answer with this `Content-Length` and `Content-Encoding`.
fn long_head(length: &str, encoding: &str) -> ResponseHead {
    ResponseHead::read(200, [JSON, length, encoding, "", "", "", ""])
}

/// The code that an answer comes to, and its request id.
fn answer(head: &ResponseHead, body: &[u8]) -> (&'static str, Option<String>) {
    match API.judge(head) {
        Judgement::Pass(_) => ("ok", None),
        Judgement::ReadAnswer | Judgement::Accepted => panic!("it is not translated"),
        Judgement::End(outcome) => (outcome.refusal().code(), None),
        Judgement::ReadError => {
            let error = API.read_error(head, Some(body), 0);
            (error.outcome.refusal().code(), error.request_id)
        }
    }
}

#[test]
fn json_and_event_streams_pass() {
    for (content_type, passed) in [
        ("application/json", MediaType::Json),
        ("Application/JSON; charset=utf-8", MediaType::Json),
        ("text/event-stream", MediaType::EventStream),
        ("Text/Event-Stream;charset=utf-8", MediaType::EventStream),
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
    assert_eq!(
        answer(&long_head("0", ""), b"").0,
        "upstream_empty_response"
    );
    assert_eq!(answer(&long_head("10", ""), b"").0, "ok");
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
fn the_head_of_a_response_is_read_from_its_headers() {
    let headers = ["text/html", "12", "gzip", "500", "487", "18", "1800000000"];
    let read = ResponseHead {
        status: 429,
        media_type: None,
        is_empty: false,
        // Of a packed body only the packed length is known.
        length: None,
        retry_after: Some(18),
        reset: Some(1_800_000_000),
        quota: Some(QuotaHeaders {
            cap: 500,
            remaining: 487,
        }),
    };
    assert_eq!(ResponseHead::read(429, headers), read);
    assert_eq!(
        ResponseHead::HEADERS,
        [
            "Content-Type",
            "Content-Length",
            "Content-Encoding",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "Retry-After",
            "X-RateLimit-Reset"
        ]
    );
    // The waits are looked at only where there may be one.
    assert_eq!([200, 301, 400, 429].map(ResponseHead::count), [5, 5, 7, 7]);
    assert_eq!(long_head("12", "").length, Some(12));
    assert_eq!(long_head("12", "identity").length, Some(12));
    for (length, encoding) in [("", ""), ("-1", ""), ("12", "br"), ("1e3", "")] {
        assert_eq!(long_head(length, encoding).length, None, "{length}");
    }
    for (cap, remaining) in [("500", ""), ("", "487"), ("500", "-1"), ("x", "y")] {
        let head = ResponseHead::read(200, [JSON, "", "", cap, remaining, "", ""]);
        assert_eq!(head.quota, None, "{cap} {remaining}");
    }
    let none = ResponseHead::default();
    assert_eq!(ResponseHead::read(0, [""; 7]), none);
    for status in [0, 65_535] {
        assert_eq!(
            answer(&head(status, ""), b"").0,
            "upstream_error",
            "{status}"
        );
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn nothing_that_an_upstream_wrote_reaches_a_page(
        status in 300..600_u16,
        tag in "[a-z]{16}",
        shape in 0..5_usize,
    ) {
        let body = [
            tag.clone(),
            format!("{{\"error\":\"{tag}\",\"message\":\"{tag}\",\"request_id\":\"{tag}\"}}"),
            format!("{{\"error\":\"upstream_error\",\"message\":\"{tag}\",\"detail\":\"{tag}\"}}"),
            format!("{{\"error\":\"rate_limited\",\"limit_window\":\"{tag}\",\"tier\":\"{tag}\",\"limit\":7}}"),
            format!("{{\"message\":\"{tag}\"}}"),
        ];
        let head = wait_head(status, JSON, &tag);
        let (refusal, request_id) = match API.judge(&head) {
            Judgement::End(outcome) => (outcome.refusal(), None),
            Judgement::ReadError => {
                let error = API.read_error(&head, Some(body[shape].as_bytes()), 0);
                (error.outcome.refusal(), error.request_id)
            }
            other => panic!("{status}: {other:?}"),
        };
        prop_assert!(refusal.status() >= 400);
        let told = format!("{refusal:?} {request_id:?} {}", refusal.message());
        prop_assert!(!told.contains(&tag), "{}", told);
    }

    #[test]
    fn no_body_breaks_the_reading(status in 400..600_u16, body: Vec<u8>) {
        API.read_error(&head(status, JSON), Some(&body), 0);
    }
}
