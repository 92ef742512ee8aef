//! Tests of the control paths: the fault switch, the record, and their absence in a normal run.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::io::{Read, Write};

use serde_json::{Value, json};
use support::{CHAT, INTERNAL, Server, hurt, is_good, kept_alive};

#[test]
fn unknown_faults_are_refused_with_the_list() {
    let server = Server::with_faults();
    let by_hint = server.with_fault("typo");
    assert_eq!(by_hint.status, Some(400));
    assert!(
        by_hint
            .header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    assert!(by_hint.text().contains("hang-before"));
    for body in [
        r#"{"fault":"typo"}"#,
        r#"{"fault":"gzip","time":1}"#,
        "{}",
        "",
    ] {
        let reply = server.send("PUT", "/_simulator/fault", &[], body.as_bytes());
        assert_eq!(reply.status, Some(400), "{body}");
    }
    assert_eq!(server.chat(&json!({ "prompt": "hi" })).status, Some(200));
}

#[test]
fn a_fault_for_all_lasts_as_ordered() {
    let server = Server::with_faults();
    let good = json!({ "prompt": "candles" });
    let set = |body: Value| {
        let body = body.to_string();
        let reply = server.send("PUT", "/_simulator/fault", &[], body.as_bytes());
        assert_eq!(reply.status, Some(204));
    };
    set(json!({ "fault": "html-502", "times": 2 }));
    assert_eq!(server.chat(&good).status, Some(502));
    assert_eq!(
        server.with_fault("status:418").status,
        Some(418),
        "the hint goes first"
    );
    assert_eq!(server.chat(&good).status, Some(502));
    assert_eq!(server.chat(&good).status, Some(200));
    set(json!({ "fault": "html-504" }));
    for _ in 0..3 {
        assert_eq!(server.chat(&good).status, Some(504));
    }
    assert_eq!(
        server.send("DELETE", "/_simulator/fault", &[], b"").status,
        Some(204)
    );
    assert_eq!(server.chat(&good).status, Some(200));
    set(json!({ "fault": "html-504" }));
    assert_eq!(
        server.send("POST", "/_simulator/reset", &[], b"").status,
        Some(204)
    );
    assert_eq!(server.chat(&good).status, Some(200));
}

#[test]
fn a_normal_run_has_no_switch() {
    let server = Server::plain();
    for (method, path) in [
        ("GET", "/_simulator/requests"),
        ("GET", "/_simulator/count"),
        ("GET", "/_simulator/chats"),
        ("PUT", "/_simulator/fault"),
        ("POST", "/_simulator/reset"),
        ("POST", "/_simulator/limits"),
    ] {
        let reply = server.send(method, path, &[], br#"{"fault":"html-502"}"#);
        assert_eq!(reply.status, Some(403), "{path}");
        assert_eq!(
            reply.json(),
            json!({ "message": "Missing Authentication Token" })
        );
    }
    for fault in ["html-502", "typo"] {
        assert!(is_good(&server.with_fault(fault).json()));
    }
}

#[test]
fn the_record_tells_what_arrived_and_what_became_of_it() {
    let server = Server::with_faults();
    let body = hurt("status:418").to_string();
    let headers = [("x-api-key", INTERNAL), ("X-Twice", "a"), ("X-Twice", "b")];
    server.send(
        "POST",
        "/staging/v1/concierge/chat?q=1",
        &headers,
        body.as_bytes(),
    );
    server.send("GET", "/", &[], b"");
    server.eventually("both ended", |list| {
        list.iter().all(|e| e["ended_ms"].is_u64())
    });
    let requests = server.requests();
    assert_eq!(requests.len(), 2, "control paths are not on record");
    let chat = &requests[0];
    assert_eq!(chat["method"], "POST");
    assert_eq!(chat["path"], "/staging/v1/concierge/chat");
    assert_eq!(chat["query"], "q=1");
    assert_eq!(chat["body"], json!(body));
    assert_eq!(
        (&chat["status"], &chat["fault"]),
        (&json!(418), &json!("status:418"))
    );
    assert_eq!(chat["aborted"], false);
    let twice: Vec<&Value> = chat["headers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|pair| pair[0] == "x-twice")
        .map(|pair| &pair[1])
        .collect();
    assert_eq!(twice, ["a", "b"]);
    assert!(chat["at"].as_u64().unwrap() <= chat["ended_ms"].as_u64().unwrap());
    assert_eq!(
        (&requests[1]["path"], &requests[1]["query"]),
        (&json!("/"), &Value::Null)
    );
    let count = server.send("GET", "/_simulator/count", &[], b"").json();
    assert_eq!(count, json!({ "chats": 1, "open": 0, "whole": 1 }));
    assert_eq!(
        server
            .send("DELETE", "/_simulator/requests", &[], b"")
            .status,
        Some(204)
    );
    assert!(server.requests().is_empty());
}

#[test]
fn planned_accidents_are_not_the_clients_doing() {
    let server = Server::with_faults();
    for fault in [
        "reset-before",
        "reset-after",
        "truncated",
        "empty",
        "trickle:1",
        "stream",
        "stream-slow:1",
        "stream-cut",
    ] {
        server.with_fault(fault);
    }
    server.send("HEAD", CHAT, &[], b"");
    server.eventually("all ended", |list| {
        list.iter().all(|e| e["ended_ms"].is_u64())
    });
    assert!(
        server
            .requests()
            .iter()
            .all(|entry| entry["aborted"] == false)
    );
}

#[test]
fn a_client_that_leaves_is_noticed() {
    let server = Server::with_faults();
    let faults = [
        "hang-before",
        "hang-after",
        "delay:60000",
        "trickle:60000",
        "oversized:50000000",
        "stream-stall",
        "stream-slow:60000",
    ];
    for fault in faults {
        let stream = server.open_with_fault(fault);
        server.eventually("it hangs", |list| {
            let last = list.last();
            last.is_some_and(|e| e["fault"] == fault && e["ended_ms"].is_null())
        });
        let count = server.send("GET", "/_simulator/count", &[], b"").json();
        assert_eq!(count["open"], 1, "{fault}");
        drop(stream);
        server.eventually("it is noticed", |list| {
            let last = list.last().unwrap();
            last["aborted"] == true && last["ended_ms"].is_u64()
        });
    }
    let status = |place: usize| server.requests()[place]["status"].clone();
    assert_eq!((status(0), status(1)), (Value::Null, json!(200)));
    let count = server.send("GET", "/_simulator/count", &[], b"").json();
    assert_eq!(count, json!({ "chats": 7, "open": 0, "whole": 0 }));
}

#[test]
fn a_connection_is_kept_for_the_next_request() {
    let server = Server::with_faults();
    let mut stream = server.connect();
    for _ in 0..2 {
        let request = kept_alive(&json!({ "prompt": "candles" }));
        stream.write_all(request.as_bytes()).unwrap();
        let mut start = [0; 15];
        stream.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"HTTP/1.1 200 OK");
        let mut rest = Vec::new();
        while !rest.ends_with(b"}") || !String::from_utf8_lossy(&rest).contains("request_id") {
            let mut more = [0; 4096];
            let count = stream.read(&mut more).unwrap();
            rest.extend_from_slice(&more[..count]);
        }
    }
}
