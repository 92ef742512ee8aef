//! Tests of the record: its short form, its counts and its limit.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::{CHAT, DISABLED, INTERNAL, STAGING, Server, TRIAL, hurt};

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    now.as_millis() as u64
}

#[test]
fn the_short_form_says_who_asked_what_and_what_became_of_it() {
    let server = Server::with_faults();
    let prompt = "ü".repeat(61);
    let body = json!({ "prompt": prompt, "session_id": "s1", "context": {} }).to_string();
    let before = now();
    server.send("GET", "/", &[], b"");
    server.post(TRIAL, &body);
    let headers = [("x-api-key", INTERNAL)];
    server.send(
        "POST",
        STAGING,
        &headers,
        hurt("html-503").to_string().as_bytes(),
    );
    server.eventually("all ended", |list| {
        list.iter().all(|e| e["ended_ms"].is_u64())
    });
    let after = now();
    let mut chats = server.control("chats");
    for chat in chats.as_array_mut().unwrap() {
        for time in ["at", "ended_ms"] {
            let time = chat.as_object_mut().unwrap().remove(time).unwrap();
            assert!((before..=after).contains(&time.as_u64().unwrap()));
        }
    }
    let expected = json!([
        {
            "assistant": "sales-associate", "endpoint": "chat",
            "path": CHAT, "session_id": "s1", "prompt": "ü".repeat(60), "key": "111111",
            "status": 200, "aborted": false, "whole": true, "fault": null
        },
        {
            "assistant": "sales-associate", "endpoint": "chat",
            "path": STAGING, "session_id": "s", "prompt": "a gift for mom", "key": "222222",
            "status": 503, "aborted": false, "whole": true, "fault": "html-503"
        },
    ]);
    assert_eq!(chats, expected);
}

#[test]
fn the_long_form_has_all_of_the_short_one() {
    let server = Server::with_faults();
    server.post(DISABLED, &hurt("gzip").to_string());
    server.eventually("it ended", |list| list[0]["ended_ms"].is_u64());
    let long = &server.requests()[0];
    for (name, value) in server.control("chats")[0].as_object().unwrap() {
        assert_eq!(&long[name], value, "{name}");
    }
    assert_eq!(
        (&long["key"], &long["status"]),
        (&json!("333333"), &json!(401))
    );
    assert_eq!(long["body"], hurt("gzip").to_string());
}

#[test]
fn bodies_and_keys_of_any_kind_have_an_entry() {
    let server = Server::with_faults();
    let bodies = ["", "[7]", r#"{"prompt":7,"session_id":"x"}"#];
    for body in bodies {
        server.send("POST", CHAT, &[("x-api-key", "ab")], body.as_bytes());
    }
    server.send("POST", CHAT, &[], b"{\"prompt\":\"hat\"}");
    let chats = server.control("chats");
    let field = |name: &str| -> Vec<Value> {
        let list = chats.as_array().unwrap().iter();
        list.map(|chat| chat[name].clone()).collect()
    };
    assert_eq!(json!(field("key")), json!(["ab", "ab", "ab", null]));
    assert_eq!(json!(field("prompt")), json!([null, null, null, "hat"]));
    assert_eq!(json!(field("session_id")), json!([null, null, "x", null]));
}

#[test]
fn only_an_answer_to_its_end_is_whole() {
    let server = Server::with_faults();
    let whole = [
        "ok",
        "stream",
        "stream-slow:1",
        "broken-json",
        "error:upstream_error",
    ];
    let broken = ["reset-before", "reset-after", "truncated", "stream-cut"];
    for fault in whole.iter().chain(&broken) {
        server.with_fault(fault);
    }
    for fault in ["hang-after", "stream-stall"] {
        let open = server.open_with_fault(fault);
        server.eventually("it hangs", |list| list.last().unwrap()["status"] == 200);
        drop(open);
    }
    server.eventually("all ended", |list| {
        list.iter().all(|e| e["ended_ms"].is_u64())
    });
    for chat in server.control("chats").as_array().unwrap() {
        let fault = chat["fault"].as_str().unwrap();
        let is_in = |list: &[&str]| list.contains(&fault);
        assert_eq!(chat["whole"], is_in(&whole), "{fault}");
        assert_eq!(
            chat["aborted"],
            !is_in(&whole) && !is_in(&broken),
            "{fault}"
        );
    }
    assert_eq!(
        server.control("count"),
        json!({ "chats": 11, "open": 0, "whole": 5 })
    );
}

#[test]
fn the_record_keeps_as_many_as_it_was_told() {
    let server = Server::keeping(2);
    for session in ["a", "b", "c"] {
        server.ask(session, "candles");
    }
    let sessions = |list: &[Value]| -> Vec<Value> {
        list.iter().map(|chat| chat["session_id"].clone()).collect()
    };
    assert_eq!(sessions(&server.requests()), ["b", "c"]);
    assert_eq!(
        sessions(server.control("chats").as_array().unwrap()),
        ["b", "c"]
    );
    assert_eq!(server.control("count")["chats"], 3, "all of them count");
}
