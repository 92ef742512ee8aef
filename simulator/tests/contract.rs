//! Tests of the published contract over a real socket: requests, answers and refused bodies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::form::{assert_same_form, published};
use support::{INTERNAL, Server, TRIAL, assert_uuid_v4};

const REQUEST: &str = include_str!("../../tests/fixtures/published/chat-request.json");
const ANSWER: &str = include_str!("../../tests/fixtures/published/chat-answer.json");
const ERROR: &str = include_str!("../../tests/fixtures/published/error.json");

#[test]
fn the_published_request_gets_an_answer_of_the_published_form() {
    let server = Server::plain();
    let reply = server.post(TRIAL, REQUEST);
    assert_eq!(reply.status, Some(200));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let body = reply.json();
    assert_same_form(&body, &published(ANSWER), "answer");
    assert_eq!(body["session_id"], published(REQUEST)["session_id"]);
    assert_uuid_v4(&body["request_id"]);
    assert_eq!(body["intent"], "GIFTING");
    assert!(body["message"].as_str().unwrap().contains("\n\n"));
    let products = body["products"].as_array().unwrap();
    assert!(!products.is_empty() && products.len() <= 4);
    for product in products {
        assert!(product["price"].as_f64().unwrap() <= 250.0);
        let handle = product["handle"].as_str().unwrap();
        let page = format!("https://www.example.com/products/{handle}");
        let picture = format!("{}/pictures/{handle}.svg", server.url);
        assert_eq!(product["url"], json!(page));
        assert_eq!(product["image"], json!(picture));
        assert_eq!(product["currency"], "USD");
        let id = product["id"].as_str().unwrap();
        assert!(
            id.strip_prefix("gid://shopify/Product/")
                .unwrap()
                .parse::<u64>()
                .is_ok()
        );
    }
    assert!(!body["refinement_options"].as_array().unwrap().is_empty());
}

#[test]
fn every_answer_of_the_catalogue_has_the_published_form() {
    let server = Server::plain();
    for prompt in [
        "vases", "perfume", "earrings", "watches", "bowls", "zzz", "under $1",
    ] {
        assert_same_form(&server.ask(prompt, prompt), &published(ANSWER), prompt);
    }
}

#[test]
fn a_session_id_is_made_when_there_is_none() {
    let server = Server::plain();
    let made = |body: Value| server.chat(&body).json()["session_id"].clone();
    let first = made(json!({ "prompt": "candles" }));
    assert_uuid_v4(&first);
    assert_ne!(first, made(json!({ "prompt": "candles" })));
    assert_uuid_v4(&made(json!({ "prompt": "candles", "session_id": null })));
    let own = made(json!({ "prompt": "candles", "session_id": "any ü" }));
    assert_eq!(own, "any ü");
}

#[test]
fn bodies_are_refused_by_the_documented_rules() {
    let server = Server::plain();
    let long = json!({ "prompt": "a".repeat(2_001) }).to_string();
    let just_long_enough = json!({ "prompt": "é".repeat(2_000) }).to_string();
    for (body, code) in [
        ("", "invalid_json_body"),
        ("{", "invalid_json_body"),
        ("[]", "body_must_be_object"),
        ("{}", "missing_prompt"),
        ("{\"prompt\":\"\"}", "missing_prompt"),
        (&long, "prompt_too_long"),
        (&" ".repeat(8_193), "body_too_large"),
    ] {
        let reply = server.post(INTERNAL, body);
        assert_eq!(reply.status, Some(400), "{code}");
        assert_eq!(reply.code(), code);
        assert_same_form(&reply.json(), &published(ERROR), code);
        assert_eq!(reply.header("x-ratelimit-limit"), None);
    }
    let reply = server.post(INTERNAL, &just_long_enough);
    assert_eq!(reply.status, Some(200));
}

#[test]
fn a_body_beyond_the_gateway_is_refused_outside_of_the_envelope() {
    let server = Server::plain();
    let reply = server.post(INTERNAL, &" ".repeat(10 * 1024 * 1024));
    assert_eq!(reply.code(), "body_too_large");
    let mut stream = server.connect();
    let head = "POST /v1/concierge/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 10485761\r\n\r\n";
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    let mut start = [0; 12];
    // The server may refuse it for its announced length, or after too many bytes have arrived.
    let piece = vec![b' '; 1024 * 1024];
    for _ in 0..10 {
        let _ = std::io::Write::write_all(&mut stream, &piece);
    }
    let _ = std::io::Write::write_all(&mut stream, b" ");
    std::io::Read::read_exact(&mut stream, &mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
}

#[test]
fn the_root_says_what_this_is() {
    let server = Server::plain();
    let reply = server.send("GET", "/", &[], b"");
    assert_eq!(reply.status, Some(200));
    assert!(reply.text().contains("simulator"));
}
