//! Tests of Omniops: both dialects, their errors, the limits and the history.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use simulator::Assistant;
use support::{Reply, Server};

const KEY: (&str, &str) = ("authorization", "Bearer omniops-key-of-the-simulator");
const DOMAIN: (&str, &str) = ("x-domain", "www.example.com");
const CONVERSATION: &str = "9b1f4e2d-6cb2-4f10-9ec0-1234567890ab";

fn documented(switches: &[(&str, &str)]) -> Server {
    Server::playing(Assistant::Omniops, switches)
}

fn as_built() -> Server {
    documented(&[("dialect", "as-built")])
}

fn post(server: &Server, body: &Value) -> Reply {
    server.call("POST", "/api/chat", &[KEY, DOMAIN], body)
}

/// A chat as built. It needs no key.
fn built(message: &str) -> Value {
    json!({
        "message": message,
        "conversation_id": CONVERSATION,
        "session_id": "s1",
        "domain": "shop.example",
    })
}

fn history(server: &Server, query: &str) -> Value {
    let path = format!("/api/conversations/{CONVERSATION}/messages{query}");
    let reply = server.get(&path, &[]);
    assert_eq!(reply.status, Some(200));
    reply.json()
}

#[test]
fn the_documented_answer_has_a_response_results_and_insides() {
    let server = documented(&[]);
    let context = json!({ "pageUrl": "https://shop.example/", "userId": "u1" });
    let answer = post(&server, &json!({ "message": "vases", "context": context })).json();
    assert!(answer["response"].is_string());
    support::assert_uuid_v4(&answer["conversationId"]);
    let result = &answer["searchResults"][0];
    assert!(result["content"].is_string() && result["source"].is_string());
    assert_eq!(result["relevance"], 0.95);
    for inside in ["model", "tokensUsed", "searchCount"] {
        assert!(!answer["metadata"][inside].is_null(), "{inside}");
    }
}

#[test]
fn the_answer_as_built_has_a_message_sources_products_and_insides() {
    let server = as_built();
    let reply = server.call("POST", "/api/chat", &[], &built("vases"));
    let answer = reply.json();
    assert!(answer["message"].is_string());
    assert_eq!(answer["conversation_id"], CONVERSATION);
    assert!(answer["sources"][0]["url"].is_string() && answer["sources"][0]["title"].is_string());
    let product = &answer["shoppingMetadata"]["products"][0];
    for field in ["name", "image", "permalink"] {
        assert!(product[field].is_string(), "{field}");
    }
    assert!(answer["searchMetadata"].is_object() && answer["mcpMetadata"].is_object());
    assert_eq!(
        reply.header("x-ratelimit-limit"),
        None,
        "on a refusal alone"
    );
}

#[test]
fn an_answer_can_be_wrapped() {
    for dialect in ["documented", "as-built"] {
        let server = documented(&[("answers", "wrapped"), ("dialect", dialect)]);
        let answer = post(&server, &built("vases")).json();
        assert_eq!(answer["success"], true);
        assert!(answer["timestamp"].is_string());
        let data = &answer["data"];
        assert!(data["response"].is_string() || data["message"].is_string());
    }
}

#[test]
fn the_documented_access_is_a_key_and_a_domain() {
    let server = documented(&[("domains", "a.example,b.example")]);
    let body = json!({ "message": "vases" });
    let wrong = ("authorization", "Bearer wrong");
    for (headers, status, code) in [
        (vec![], 401, "AUTH_INVALID"),
        (vec![wrong, ("x-domain", "a.example")], 401, "AUTH_INVALID"),
        (vec![KEY], 403, "DOMAIN_NOT_CONFIGURED"),
        (
            vec![KEY, ("x-domain", "c.example")],
            403,
            "DOMAIN_NOT_CONFIGURED",
        ),
    ] {
        let reply = server.call("POST", "/api/chat", &headers, &body);
        assert_eq!(reply.status, Some(status), "{headers:?}");
        let error = reply.json();
        assert_eq!(error["code"], code);
        assert!(error["error"].is_string() && error["timestamp"].is_string());
        assert!(error.get("details").is_some());
    }
    let headers = [KEY, ("x-domain", "b.example")];
    assert_eq!(
        server.call("POST", "/api/chat", &headers, &body).status,
        Some(200)
    );
}

#[test]
fn documented_bodies_are_validated() {
    let server = documented(&[]);
    for body in [
        json!({}),
        json!({ "message": "" }),
        json!({ "message": 7 }),
        json!([]),
    ] {
        let reply = post(&server, &body);
        assert_eq!(reply.status, Some(400), "{body}");
        assert_eq!(reply.json()["code"], "INVALID_REQUEST");
    }
    let other = json!({ "message": "vases", "conversationId": 7 });
    assert_eq!(post(&server, &other).status, Some(400));
}

#[test]
fn bodies_as_built_are_validated_and_errors_have_no_code() {
    let server = as_built();
    let with = |name: &str, value: Value| {
        let mut body = built("vases");
        body[name] = value;
        body
    };
    for body in [
        with("domain", Value::Null),
        with("session_id", Value::Null),
        with("conversation_id", json!("not-a-uuid")),
        with("message", json!("")),
        with("message", json!("a".repeat(5_001))),
    ] {
        let reply = server.call("POST", "/api/chat", &[], &body);
        assert_eq!(reply.status, Some(400), "{body}");
        let error = reply.json();
        assert!(error["error"].is_string() && error.get("code").is_none());
    }
    let longest = with("message", json!("é".repeat(5_000)));
    assert_eq!(
        server.call("POST", "/api/chat", &[], &longest).status,
        Some(200)
    );
}

#[test]
fn errors_of_both_dialects_can_be_asked_for() {
    let server = documented(&[]);
    for (code, status) in [
        ("AUTH_INVALID", 401),
        ("RATE_LIMIT_EXCEEDED", 429),
        ("INVALID_REQUEST", 400),
        ("RESOURCE_NOT_FOUND", 404),
        ("INTERNAL_ERROR", 500),
        ("DOMAIN_NOT_CONFIGURED", 403),
        ("INSUFFICIENT_CREDITS", 402),
        ("400", 400),
        ("429", 429),
        ("500", 500),
        ("503", 503),
    ] {
        server.hold(&format!("error:{code}"));
        let reply = post(&server, &json!({ "message": "vases" }));
        assert_eq!(reply.status, Some(status), "{code}");
        let own = reply.json().get("code").cloned();
        let is_documented = code.starts_with(|c: char| c.is_ascii_uppercase());
        assert_eq!(own, is_documented.then(|| json!(code)));
    }
}

#[test]
fn a_hundred_requests_a_minute_are_admitted() {
    let server = documented(&[("second", "1000")]);
    let body = json!({ "message": "hi" });
    let replies: Vec<Reply> = (0..130).map(|_| post(&server, &body)).collect();
    let refused = replies.iter().find(|reply| reply.status == Some(429));
    // A minute may end while this runs, and then more are admitted.
    if let Some(reply) = refused {
        assert_eq!(reply.json()["code"], "RATE_LIMIT_EXCEEDED");
        assert_eq!(reply.header("x-ratelimit-limit"), Some("100"));
        assert_eq!(reply.header("x-ratelimit-remaining"), Some("0"));
        let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait));
    }
    let admitted = replies
        .iter()
        .filter(|reply| reply.status == Some(200))
        .count();
    assert!(
        admitted == 100 || (admitted > 100 && refused.is_none()),
        "{admitted}"
    );
}

#[test]
fn the_end_of_a_window_is_told_in_seconds_or_milliseconds() {
    for (unit, size) in [("seconds", 1_000), ("milliseconds", 1)] {
        let server = documented(&[("reset", unit), ("minute", "1"), ("dialect", "as-built")]);
        server.call("POST", "/api/chat", &[], &built("vases"));
        let mut reply = server.call("POST", "/api/chat", &[], &built("vases"));
        if reply.status == Some(200) {
            // A new minute had just begun.
            reply = server.call("POST", "/api/chat", &[], &built("vases"));
        }
        assert_eq!(reply.status, Some(429));
        let reset: u64 = reply.header("x-ratelimit-reset").unwrap().parse().unwrap();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_millis() as u64;
        let left = (reset * size).abs_diff(now);
        assert!(left <= 61_000, "{unit}: {left}");
    }
}

#[test]
fn the_history_shows_a_session_its_own_conversation() {
    let server = as_built();
    server.call("POST", "/api/chat", &[], &built("vases"));
    let own = history(&server, "?session_id=s1");
    assert_eq!((&own["success"], &own["count"]), (&json!(true), &json!(2)));
    assert_eq!(own["conversation"]["id"], CONVERSATION);
    let message = &own["messages"][0];
    assert_eq!(
        (&message["role"], &message["content"]),
        (&json!("user"), &json!("vases"))
    );
    assert!(message["metadata"].is_object() && message["created_at"].is_string());
    let none = json!({ "success": false, "messages": [], "conversation": null });
    assert_eq!(
        history(&server, "?session_id=s2"),
        none,
        "another session's"
    );
    assert_eq!(
        history(&server, "")["count"],
        2,
        "without a session nothing is checked"
    );
}

#[test]
fn an_unknown_history_is_a_success_that_says_no() {
    let none = json!({ "success": false, "messages": [], "conversation": null });
    assert_eq!(history(&as_built(), "?session_id=s1"), none);
}

#[test]
fn the_history_has_a_limit_from_1_to_100() {
    let server = as_built();
    for text in ["vases", "hats"] {
        server.call("POST", "/api/chat", &[], &built(text));
    }
    let last = history(&server, "?session_id=s1&limit=1");
    assert_eq!(last["messages"].as_array().unwrap().len(), 1);
    assert_eq!(last["messages"][0]["role"], "assistant");
    for limit in ["0", "101", "x"] {
        let path = format!("/api/conversations/{CONVERSATION}/messages?limit={limit}");
        assert_eq!(server.get(&path, &[]).status, Some(400), "{limit}");
    }
}

#[test]
fn conversations_remember_their_own_turns_alone() {
    let server = documented(&[]);
    let say = |conversation: &str, text: &str| {
        let body = json!({ "message": text, "conversationId": conversation });
        post(&server, &body).json()["searchResults"].to_string()
    };
    say("a", "vases");
    say("b", "scarves");
    assert!(say("a", "under $60").contains("vase"));
    let other = say("b", "under $60");
    assert!(
        other.contains("scarf") && !other.contains("vase"),
        "{other}"
    );
}
