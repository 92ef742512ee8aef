//! Tests of access: keys, limits and origins.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::time::SystemTime;

use serde_json::json;
use support::form::{assert_same_form, published};
use support::{
    BROKEN, CHAT, DISABLED, INTERNAL, OTHER_SHOP, Reply, SHOP, STAGING, Server, TRIAL, UNKNOWN,
};

const REQUEST: &str = include_str!("../../tests/fixtures/published/chat-request.json");
const RATE_LIMITED: &str = include_str!("../../tests/fixtures/published/rate-limited.json");

fn hour() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs() / 3_600
}

fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.code().as_str()), (Some(status), code));
}

#[test]
fn keys_are_looked_at_before_bodies_and_methods_before_keys() {
    let server = Server::plain();
    for key in [UNKNOWN, DISABLED, ""] {
        assert_refused(&server.post(key, "{"), 401, "invalid_api_key");
    }
    let keyless = server.send("POST", CHAT, &[], REQUEST.as_bytes());
    assert_refused(&keyless, 401, "invalid_api_key");
    assert_refused(&server.post(BROKEN, "{"), 500, "misconfigured_api_key");
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let reply = server.send(method, CHAT, &[("x-api-key", UNKNOWN)], b"{");
        assert_refused(&reply, 405, "method_not_allowed");
    }
    let reply = server.send("HEAD", CHAT, &[], b"");
    assert_eq!((reply.status, reply.body.len()), (Some(405), 0));
}

#[test]
fn usage_is_told_and_a_refused_body_has_used_its_turn() {
    let server = Server::plain();
    let before = hour();
    let reply = server.post(TRIAL, REQUEST);
    assert_eq!(reply.header("x-ratelimit-limit"), Some("500"));
    assert_eq!(reply.header("x-ratelimit-remaining"), Some("499"));
    assert_eq!(reply.header("x-ratelimit-window"), Some("hour"));
    assert_eq!(reply.header("x-ratelimit-tier"), Some("trial"));
    assert_eq!(server.post(TRIAL, "{").status, Some(400));
    let headers = [("x-api-key", TRIAL)];
    let staging = server.send("POST", STAGING, &headers, REQUEST.as_bytes());
    assert_eq!(staging.status, Some(200));
    // Skip the check if a new hour has just begun.
    if hour() == before {
        assert_eq!(staging.header("x-ratelimit-remaining"), Some("497"));
    }
    let unlimited = server.post(INTERNAL, REQUEST);
    assert_eq!(unlimited.header("x-ratelimit-limit"), Some("unlimited"));
    assert_eq!(unlimited.header("x-ratelimit-tier"), Some("internal"));
}

#[test]
fn a_full_window_refuses_in_the_published_form() {
    let server = Server::with_faults();
    let caps = json!({ "key": TRIAL, "minute": 9, "hour": 9, "day": 2 }).to_string();
    let reply = server.send("POST", "/_simulator/limits", &[], caps.as_bytes());
    assert_eq!(reply.status, Some(204));
    let failing = r#"{"prompt":"gift","context":{"simulator_fault":"html-502"}}"#;
    assert_eq!(server.post(TRIAL, REQUEST).status, Some(200));
    assert_eq!(server.post(TRIAL, failing).status, Some(502));

    let reply = server.post(TRIAL, "{");
    assert_eq!(reply.status, Some(429), "the limits go before the body");
    assert_eq!(reply.code(), "rate_limited");
    let body = reply.json();
    assert_same_form(&body, &published(RATE_LIMITED), "429");
    assert_eq!(body["limit_window"], "day");
    assert_eq!(body["limit"], 2);
    assert_eq!(body["tier"], "trial");
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait));
    let message = format!("Rate limit exceeded for window 'day' (cap 2). Retry after {wait}s.");
    assert_eq!(body["message"], json!(message));

    let another_key = server.post(INTERNAL, REQUEST);
    assert_eq!(another_key.status, Some(200));
    server.send("POST", "/_simulator/reset", &[], b"");
    assert_eq!(server.post(TRIAL, REQUEST).status, Some(200));
}

#[test]
fn only_the_origins_of_the_key_are_echoed() {
    let server = Server::plain();
    let allowed = |origin: &str, body: &str| {
        let headers = [("x-api-key", TRIAL), ("origin", origin)];
        let reply = server.send("POST", CHAT, &headers, body.as_bytes());
        let echoed = reply.header("access-control-allow-origin");
        (reply.status, echoed.map(str::to_owned))
    };
    for origin in [SHOP, OTHER_SHOP] {
        let echoed = Some(origin.to_owned());
        assert_eq!(allowed(origin, REQUEST), (Some(200), echoed.clone()));
        assert_eq!(allowed(origin, "{"), (Some(400), echoed));
    }
    for origin in [
        "https://inside.example",
        "https://shop.example.evil",
        "null",
    ] {
        assert_eq!(allowed(origin, REQUEST), (Some(200), None), "{origin}");
    }
}

#[test]
fn a_preflight_tells_what_no_key_is_needed_for() {
    let server = Server::plain();
    let preflight = |origin: &str| server.send("OPTIONS", CHAT, &[("origin", origin)], b"");
    let reply = preflight(SHOP);
    assert_eq!(reply.status, Some(204));
    let methods = reply.header("access-control-allow-methods");
    assert_eq!(methods, Some("POST,OPTIONS"));
    let names = reply.header("access-control-allow-headers").unwrap();
    assert!(names.contains("X-Api-Key") && names.contains("Content-Type"));
    assert_eq!(reply.header("access-control-allow-origin"), Some(SHOP));
    let stranger = preflight("https://stranger.example");
    assert_eq!(stranger.header("access-control-allow-origin"), None);
}

#[test]
fn the_gateway_answers_outside_of_the_envelope() {
    let server = Server::plain();
    for path in ["/nowhere", "/v1", "/v1/concierge/chat/", "/concierge/chat"] {
        let reply = server.send("POST", path, &[("x-api-key", TRIAL)], REQUEST.as_bytes());
        assert_eq!(reply.status, Some(403), "{path}");
        assert_eq!(
            reply.json(),
            json!({ "message": "Missing Authentication Token" })
        );
    }
    let reply = server.post(TRIAL, REQUEST);
    for name in [
        "server",
        "x-amzn-requestid",
        "x-amz-apigw-id",
        "set-cookie",
        "via",
        "date",
    ] {
        assert!(reply.header(name).is_some(), "{name}");
    }
}
