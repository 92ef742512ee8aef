//! Tests of the faults on every endpoint of every assistant, and of their filters.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use simulator::{Assistant, Serve, Switched};
use support::calls::{Call, calls};
use support::{CHAT, INTERNAL, Reply, Server};

/// Calls a function with each endpoint of each assistant.
fn everywhere(test: impl Fn(&Server, &Call)) {
    for assistant in Assistant::ALL {
        let server = Server::playing(assistant, &[]);
        for call in calls(&server, assistant) {
            test(&server, &call);
        }
    }
}

#[test]
fn answers_that_no_api_gives() {
    everywhere(|server, call| {
        for (fault, status) in [
            ("html-502", 502),
            ("html-503", 503),
            ("html-504", 504),
            ("gateway-403", 403),
            ("gateway-413", 413),
            ("gateway-429", 429),
            ("unavailable:7", 503),
            ("throttled:7", 429),
            ("status:418", 418),
            ("not-json", 200),
            ("empty", 200),
            ("empty-chunked", 200),
            ("redirect", 302),
            ("unknown-error", 500),
            ("key-echo", 500),
            ("no-request-id", 0),
            ("bad-retry-after", 429),
            ("oversized-error:9000", 0),
        ] {
            let reply = call.hurt(server, fault);
            let found = reply.status.unwrap();
            // Each contract has its own status for an engine that failed.
            let fits = found == status || (status == 0 && found >= 500);
            assert!(fits, "{} {fault}: {found}", call.name());
        }
        assert_eq!(
            call.send(server).status,
            Some(call.status),
            "{}",
            call.name()
        );
    });
}

#[test]
fn late_slow_and_hanging_answers() {
    everywhere(|server, call| {
        let started = Instant::now();
        let reply = call.hurt(server, "delay:60");
        assert_eq!(reply.status, Some(call.status), "{}", call.name());
        assert!(started.elapsed() >= Duration::from_millis(60));
        let reply = call.hurt(server, "trickle:1");
        assert!(reply.is_whole() && reply.status == Some(call.status));
        let order = json!({ "fault": "hang-before", "endpoint": call.endpoint });
        server.order(&order);
        let body = call.body.to_string();
        let open = server.open(call.method, &call.path, &call.headers, body.as_bytes());
        let reply = Reply::read(open, Duration::from_millis(60));
        assert_eq!(reply.error, Some(ErrorKind::WouldBlock), "{}", call.name());
        server.no_fault();
    });
}

#[test]
fn resets_and_short_bodies() {
    everywhere(|server, call| {
        let before = call.hurt(server, "reset-before");
        assert_eq!(
            before.error,
            Some(ErrorKind::ConnectionReset),
            "{}",
            call.name()
        );
        let after = call.hurt(server, "reset-after");
        let short = call.hurt(server, "truncated");
        if short.announced() > 0 {
            assert_eq!(
                after.error,
                Some(ErrorKind::ConnectionReset),
                "{}",
                call.name()
            );
            assert_eq!(short.body.len(), short.announced() / 2, "{}", call.name());
        }
    });
}

#[test]
fn good_answers_in_other_encodings_and_sizes() {
    everywhere(|server, call| {
        let zipped = call.hurt(server, "gzip");
        let mut text = String::new();
        let mut decoder = GzDecoder::new(zipped.body.as_slice());
        decoder.read_to_string(&mut text).unwrap();
        assert_eq!(text.is_empty(), call.status == 202, "{}", call.name());
        let huge = call.hurt(server, "oversized:100000");
        assert!(huge.body.len() >= 100_000, "{}", call.name());
        assert_eq!(huge.status, Some(call.status));
        if call.status != 202 {
            huge.json();
        }
        let html = call.hurt(server, "json-as-html");
        assert!(
            html.header("content-type")
                .unwrap()
                .starts_with("text/html")
        );
        let broken = call.hurt(server, "broken-json");
        assert!(serde_json::from_slice::<Value>(&broken.body).is_err());
        let streamed = call.hurt(server, "stream");
        assert_eq!(streamed.header("content-type"), Some("text/event-stream"));
        assert!(
            call.hurt(server, "headers")
                .header("clear-site-data")
                .is_some()
        );
    });
}

#[test]
fn every_error_of_the_own_contract_and_no_other() {
    everywhere(|server, call| {
        let (own, status, other) = match call.assistant {
            Assistant::SalesAssociate => ("rate_limited", 429, "AUTH_INVALID"),
            Assistant::Homie => ("404", 404, "rate_limited"),
            Assistant::RewardsBot => ("422", 422, "rate_limited"),
            Assistant::Omniops => ("INSUFFICIENT_CREDITS", 402, "rate_limited"),
            Assistant::Omi => ("422", 422, "rate_limited"),
        };
        let reply = call.hurt(server, &format!("error:{own}"));
        assert_eq!(reply.status, Some(status), "{}", call.name());
        assert!(
            reply.text().contains("<script>"),
            "words that must not be passed on"
        );
        let reply = call.hurt(server, &format!("error:{other}"));
        let said = reply.text();
        assert_eq!(reply.status, Some(400), "{}", call.name());
        assert!(said.contains(&format!("has no error '{other}'")), "{said}");
    });
}

#[test]
fn hostile_content_wherever_there_is_such_content() {
    for assistant in Assistant::ALL {
        let server = Server::playing(assistant, &[]);
        for call in calls(&server, assistant) {
            if !["chat", "message"].contains(&call.endpoint) {
                continue;
            }
            let hurt = |fault| call.hurt(&server, fault).text();
            assert!(hurt("hostile-html").contains("<script>"), "{assistant}");
            assert!(hurt("hostile-links").contains("javascript:"), "{assistant}");
            assert!(hurt("hostile-types").contains("{\"text\":"), "{assistant}");
            assert!(hurt("hostile-nulls").contains(":null"), "{assistant}");
            assert!(
                hurt("extra-fields").contains("simulator_extra"),
                "{assistant}"
            );
            let usual = call.send(&server).text().matches("https://").count();
            let many = hurt("hostile-many").matches("https://").count();
            assert!(many >= 10_000 && usual < 100, "{assistant}: {many}");
        }
    }
}

#[test]
fn a_price_can_be_a_text() {
    for assistant in [
        Assistant::SalesAssociate,
        Assistant::Homie,
        Assistant::RewardsBot,
    ] {
        let server = Server::playing(assistant, &[]);
        let calls = calls(&server, assistant);
        let chat = calls
            .iter()
            .find(|call| ["chat", "message"].contains(&call.endpoint));
        let reply = chat.unwrap().hurt(&server, "hostile-types").text();
        assert!(reply.contains("\"price\":\"$1,299.00\"") || reply.contains("\"price\":\"12,50\""));
    }
}

#[test]
fn filters_select_by_endpoint_text_and_assistant() {
    let server = Server::serving(Serve::All, Switched::default());
    let chat = |prompt: &str| {
        let path = format!("/sales-associate{CHAT}");
        let body = json!({ "prompt": prompt });
        server
            .call("POST", &path, &[("x-api-key", INTERNAL)], &body)
            .status
            .unwrap()
    };
    let other = |text: &str| {
        let body = json!({ "chat": text });
        server
            .call("POST", "/rewardsbot/chat/c", &[], &body)
            .status
            .unwrap()
    };
    server.order(&json!({ "fault": "html-502", "text": "hat" }));
    assert_eq!(
        [chat("hat"), other("hat"), chat("hats"), other("a hat")],
        [502, 502, 200, 200]
    );
    server.no_fault();
    server.order(&json!({ "fault": "html-502", "assistant": "rewardsbot" }));
    assert_eq!([chat("hat"), other("hat")], [200, 502]);
    server.no_fault();
    server.order(&json!({ "fault": "html-502", "endpoint": "pages", "times": 1 }));
    assert_eq!([chat("hat"), other("hat")], [200, 200]);
    server.order(&json!({ "fault": "html-503", "endpoint": "chat", "times": 1 }));
    assert_eq!([chat("hat"), other("hat")], [503, 200]);
}

#[test]
fn a_filter_with_an_unknown_name_is_refused() {
    let server = Server::serving(Serve::All, Switched::default());
    for order in [
        json!({ "fault": "gzip", "endpoint": "chats" }),
        json!({ "fault": "gzip", "assistant": "homie", "endpoint": "signup" }),
        json!({ "fault": "gzip", "assistant": "nobody" }),
        json!({ "fault": "gzip", "conversation": "c" }),
        json!({ "fault": "error:no_such_code" }),
    ] {
        let reply = server.call("PUT", "/_simulator/fault", &[], &order);
        assert_eq!(reply.status, Some(400), "{order}");
    }
}

#[test]
fn a_sequence_goes_by_conversation_and_else_by_request() {
    let server = Server::playing(Assistant::RewardsBot, &[]);
    let chat = |id: &str| {
        let path = format!("/chat/{id}");
        server.call("POST", &path, &[], &json!({})).status.unwrap()
    };
    server.order(&json!({ "fault": "html-502|ok", "endpoint": "chat" }));
    assert_eq!(
        [chat("a"), chat("b"), chat("a"), chat("b")],
        [502, 502, 200, 200]
    );

    let server = Server::playing(Assistant::Homie, &[]);
    let create = calls(&server, Assistant::Homie).remove(0);
    server.order(&json!({ "fault": "html-502|ok", "endpoint": "create" }));
    let statuses = [create.send(&server), create.send(&server)].map(|reply| reply.status);
    assert_eq!(statuses, [Some(502), Some(201)]);
}

#[test]
fn a_request_that_the_contract_refuses_meets_no_fault() {
    let server = Server::playing(Assistant::RewardsBot, &[]);
    server.order(&json!({ "fault": "html-502" }));
    let reply = server.call("POST", "/chat/c", &[], &json!({ "chat": 7 }));
    assert_eq!(reply.status, Some(422));
}
