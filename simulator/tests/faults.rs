//! Tests of the faults: each has the effect that its name says.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use support::{INTERNAL, Reply, Server, is_good};

const CODES: [(&str, u16); 13] = [
    ("invalid_json_body", 400),
    ("body_must_be_object", 400),
    ("body_too_large", 400),
    ("missing_prompt", 400),
    ("prompt_too_long", 400),
    ("invalid_api_key", 401),
    ("method_not_allowed", 405),
    ("rate_limited", 429),
    ("misconfigured_api_key", 500),
    ("upstream_invoke_error", 502),
    ("upstream_function_error", 502),
    ("upstream_error", 502),
    ("upstream_empty_response", 502),
];

const SHORT: Duration = Duration::from_millis(200);

#[test]
fn late_and_slow_answers_are_good() {
    let server = Server::with_faults();
    for fault in ["delay:120", "trickle:3"] {
        let started = Instant::now();
        let reply = server.with_fault(fault);
        assert!(is_good(&reply.json()), "{fault}");
        assert!(started.elapsed() >= Duration::from_millis(100), "{fault}");
    }
}

#[test]
fn hanging_before_and_after_the_head() {
    let server = Server::with_faults();
    let before = Reply::read(server.open_with_fault("hang-before"), SHORT);
    assert_eq!(
        (before.status, before.error),
        (None, Some(ErrorKind::WouldBlock))
    );
    let after = Reply::read(server.open_with_fault("hang-after"), SHORT);
    assert_eq!(
        (after.status, after.error),
        (Some(200), Some(ErrorKind::WouldBlock))
    );
    assert_eq!(after.body.len(), after.announced() / 2);
}

#[test]
fn resets_and_a_short_body() {
    let server = Server::with_faults();
    let before = server.with_fault("reset-before");
    assert_eq!(
        (before.status, before.error),
        (None, Some(ErrorKind::ConnectionReset))
    );
    let after = server.with_fault("reset-after");
    assert_eq!(
        (after.status, after.error),
        (Some(200), Some(ErrorKind::ConnectionReset))
    );
    assert!(after.body.len() < after.announced());
    let short = server.with_fault("truncated");
    assert_eq!((short.status, short.error), (Some(200), None));
    assert_eq!(short.body.len(), short.announced() / 2);
}

#[test]
fn good_statuses_with_bad_bodies() {
    let server = Server::with_faults();
    let text = server.with_fault("not-json");
    assert_eq!(text.status, Some(200));
    assert!(
        text.header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    let html = server.with_fault("json-as-html");
    assert!(
        html.header("content-type")
            .unwrap()
            .starts_with("text/html")
    );
    assert!(is_good(&html.json()));
    let broken = server.with_fault("broken-json");
    assert!(broken.is_whole() && broken.status == Some(200));
    assert_eq!(broken.header("content-type"), Some("application/json"));
    assert!(serde_json::from_slice::<Value>(&broken.body).is_err());
    let empty = server.with_fault("empty");
    assert_eq!(
        (empty.status, empty.announced(), empty.body.len()),
        (Some(200), 0, 0)
    );
    let chunked = server.with_fault("empty-chunked");
    assert_eq!(
        (
            chunked.status,
            chunked.header("content-length"),
            chunked.text()
        ),
        (Some(200), None, "0\r\n\r\n".to_owned())
    );
}

#[test]
fn what_gateways_say() {
    let server = Server::with_faults();
    for (fault, status) in [
        ("html-502", 502),
        ("html-503", 503),
        ("html-504", 504),
        ("status:418", 418),
        ("status:200", 200),
    ] {
        let reply = server.with_fault(fault);
        assert_eq!(reply.status, Some(status), "{fault}");
        assert!(
            reply
                .header("content-type")
                .unwrap()
                .starts_with("text/html")
        );
        assert!(reply.text().starts_with("<html>"));
    }
    for (fault, status, message) in [
        ("gateway-403", 403, "Forbidden"),
        ("gateway-413", 413, "Request Too Long"),
        ("gateway-429", 429, "Too Many Requests"),
    ] {
        let reply = server.with_fault(fault);
        assert_eq!(
            (reply.status, reply.json()),
            (Some(status), json!({ "message": message }))
        );
    }
    assert_eq!(server.with_fault("status:204").status, Some(204));
}

#[test]
fn a_gateway_that_says_when_to_come_back() {
    let reply = Server::with_faults().with_fault("unavailable:17");
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (Some(503), Some("17"))
    );
    assert_eq!(reply.json(), json!({ "message": "Service Unavailable" }));
    let reply = Server::with_faults().with_fault("throttled:99999999");
    assert_eq!(
        (reply.status, reply.header("retry-after")),
        (Some(429), Some("99999999"))
    );
}

#[test]
fn a_quota_is_what_the_fault_says() {
    let server = Server::with_faults();
    let reply = server.with_fault("quota:3");
    assert!(is_good(&reply.json()));
    for (name, value) in [
        ("limit", "500"),
        ("remaining", "3"),
        ("window", "hour"),
        ("tier", "trial"),
    ] {
        let name = format!("x-ratelimit-{name}");
        let all: Vec<&str> = reply
            .headers
            .iter()
            .filter(|(own, _)| *own == name)
            .map(|(_, value)| value.as_str())
            .collect();
        assert_eq!(all, [value], "{name}");
    }
}

#[test]
fn ok_is_a_usual_answer_even_while_a_fault_is_held() {
    let server = Server::with_faults();
    server.hold("html-502");
    assert!(is_good(&server.with_fault("ok").json()));
}

#[test]
fn a_redirect_leads_to_a_place_that_is_on_record() {
    let server = Server::with_faults();
    let reply = server.with_fault("redirect");
    assert_eq!(reply.status, Some(302));
    assert_eq!(
        reply.header("location"),
        Some(format!("{}/stolen", server.url).as_str())
    );
    server.send("GET", "/stolen?a=b", &[("x-api-key", "loot")], b"");
    let requests = server.requests();
    let last = requests.last().unwrap();
    assert_eq!(
        (&last["path"], &last["query"]),
        (&json!("/stolen"), &json!("a=b"))
    );
    assert!(
        last["headers"]
            .as_array()
            .unwrap()
            .contains(&json!(["x-api-key", "loot"]))
    );
}

#[test]
fn every_documented_error_and_words_that_must_not_be_passed_on() {
    let server = Server::with_faults();
    for (code, status) in CODES {
        let reply = server.with_fault(&format!("error:{code}"));
        assert_eq!((reply.status, reply.code().as_str()), (Some(status), code));
        let body = reply.json();
        let message = body["message"].as_str().unwrap();
        assert!(
            message.contains("<script>") && message.contains(INTERNAL),
            "{code}"
        );
        assert_eq!(body.get("detail").is_some(), code == "upstream_error");
        assert_eq!(
            reply.header("retry-after").is_some(),
            code == "rate_limited"
        );
    }
    let unknown = server.with_fault("unknown-error");
    assert_eq!(unknown.status, Some(500));
    assert!(!CODES.iter().any(|(code, _)| *code == unknown.code()));
    let wait = server.with_fault("bad-retry-after");
    assert_eq!(
        (wait.status, wait.code().as_str()),
        (Some(429), "rate_limited")
    );
    assert!(wait.header("retry-after").unwrap().parse::<u64>().is_err());
    let nameless = server.with_fault("no-request-id").json();
    assert!(uuid::Uuid::parse_str(nameless["request_id"].as_str().unwrap()).is_err());
    let echo = server.with_fault("key-echo");
    assert_eq!(echo.status, Some(500));
    assert!(echo.text().contains(INTERNAL) && echo.header("x-debug-key") == Some(INTERNAL));
}

#[test]
fn sizes_and_encodings() {
    let server = Server::with_faults();
    let huge = server.with_fault("oversized:3000000");
    assert_eq!(huge.body.len(), 3_000_000);
    assert!(is_good(&huge.json()));
    let error = server.with_fault("oversized-error:100000");
    assert_eq!(
        (error.status, error.code().as_str()),
        (Some(502), "upstream_function_error")
    );
    assert!(error.body.len() > 100_000);
    let zipped = server.with_fault("gzip");
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    GzDecoder::new(zipped.body.as_slice())
        .read_to_string(&mut text)
        .unwrap();
    assert!(is_good(&serde_json::from_str(&text).unwrap()));
}

#[test]
fn hostile_headers_on_a_good_answer() {
    let server = Server::with_faults();
    let reply = server.with_fault("headers");
    assert!(is_good(&reply.json()));
    for name in [
        "set-cookie",
        "server",
        "x-request-id",
        "content-security-policy",
        "clear-site-data",
        "refresh",
        "link",
        "x-api-key",
    ] {
        assert!(reply.header(name).is_some(), "{name}");
    }
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let cookies = reply
        .headers
        .iter()
        .filter(|(name, _)| name == "set-cookie")
        .count();
    assert!(cookies > 10);
}
