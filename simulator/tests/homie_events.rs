//! Tests of Homie's events: their shapes, and the faults of a stream that goes on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use support::Reply;
use support::events::Chunks;
use support::homie::{Homie, KEY};

/// The switch that ends the events after a message.
const CLOSED: (&str, &str) = ("end", "close");

/// Returns the data of the events with this status that are not about a tool.
fn data(text: &str, status: &str) -> Vec<Value> {
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .filter(|event: &Value| event["status"] == status && event["toolName"].is_null())
        .collect()
}

fn contents(events: &[Value]) -> String {
    events
        .iter()
        .map(|event| event["content"].as_str().unwrap())
        .collect()
}

/// Returns the text of all events. Fails unless the stream ended in order.
fn whole(reply: &Reply) -> String {
    let chunks = Chunks::of(reply);
    assert!(chunks.ended);
    chunks.list.concat()
}

#[test]
fn the_chunks_of_a_message_come_before_its_answer() {
    let homie = Homie::new(&[CLOSED, ("pace", "20")]);
    let chat = homie.create();
    let (events, answer) = homie.overhear(&chat, "vases");
    let answer = answer.json();
    let text = whole(&events);
    assert_eq!(
        contents(&data(&text, "inProgress")),
        answer["content"].as_str().unwrap()
    );
    let completed = data(&text, "completed");
    assert_eq!((completed.len(), &completed[0]["content"]), (1, &json!("")));
    assert_eq!(completed[0]["chatId"], chat);
    let pause = Duration::from_millis(20);
    let started = Instant::now();
    homie.say(&chat, "hats");
    assert!(
        started.elapsed() > 4 * pause,
        "the answer waits for the whole reply"
    );
}

#[test]
fn everyone_who_listens_to_a_chat_and_no_other_gets_its_events() {
    let homie = Homie::new(&[]);
    let (a, b) = (homie.create(), homie.create());
    let streams = [homie.listen(&a), homie.listen(&a), homie.listen(&b)];
    homie.say(&a, "vases");
    let [one, two, other] = streams.map(|stream| Reply::read(stream, Duration::from_millis(100)));
    assert_eq!(one.error, Some(ErrorKind::WouldBlock), "still open");
    assert_eq!(one.body, two.body);
    assert!(!one.body.is_empty() && other.body.is_empty());
}

#[test]
fn the_events_have_one_path_or_the_other_or_both_or_none() {
    for (events, chat_path, messages_path) in [
        ("chat", true, false),
        ("messages", false, true),
        ("both", true, true),
        ("none", false, false),
    ] {
        let homie = Homie::new(&[("events", events)]);
        let chat = homie.create();
        for (path, exists) in [("events", chat_path), ("messages/events", messages_path)] {
            let path = format!("/v1/chats/{chat}/{path}");
            let stream = homie.0.open("GET", &path, &[KEY], b"");
            let reply = Reply::read(stream, Duration::from_millis(60));
            assert_eq!(
                reply.status,
                Some(if exists { 200 } else { 404 }),
                "{events} {path}"
            );
        }
    }
}

#[test]
fn tools_are_on_the_stream_with_their_insides() {
    let homie = Homie::new(&[CLOSED]);
    let (events, _) = homie.overhear(&homie.create(), "vases");
    let text = whole(&events);
    for inside in [
        "\"toolName\":\"search_products\"",
        "\"toolArgs\":{",
        "\"toolResponse\":{",
    ] {
        assert!(text.contains(inside), "{inside}");
    }
    homie.0.switch(&json!({ "homie": { "tools": false } }));
    let (events, _) = homie.overhear(&homie.create(), "vases");
    assert!(!whole(&events).contains("search_products"));
}

#[test]
fn names_ids_comments_and_typing_are_switches() {
    let homie = Homie::new(&[CLOSED, ("typing", "false")]);
    let (events, _) = homie.overhear(&homie.create(), "vases");
    let text = whole(&events);
    assert!(
        text.lines()
            .all(|line| line.is_empty() || line.starts_with("data: "))
    );
    assert!(
        data(&text, "inProgress")
            .iter()
            .all(|event| event["content"] != "")
    );
    let on = json!({ "names": true, "ids": true, "comments": true, "typing": true });
    homie.0.switch(&json!({ "homie": on }));
    let (events, _) = homie.overhear(&homie.create(), "vases");
    let text = whole(&events);
    for line in [
        "event: typing\n",
        "event: tool\n",
        "event: message\n",
        "id: 1\n",
        ": keep-alive\n",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert_eq!(
        data(&text, "inProgress")[0]["content"],
        "",
        "somebody types"
    );
}

#[test]
fn the_data_can_be_plain_text() {
    let homie = Homie::new(&[CLOSED, ("data", "text"), ("typing", "false")]);
    let (events, answer) = homie.overhear(&homie.create(), "vases");
    let text = whole(&events);
    let pieces = text.trim_end_matches("\n\n").split("\n\n");
    let joined: String = pieces
        .map(|event| {
            let lines: Vec<&str> = event
                .lines()
                .map(|line| line.strip_prefix("data: ").unwrap())
                .collect();
            lines.join("\n")
        })
        .collect();
    assert_eq!(joined, answer.json()["content"].as_str().unwrap());
}

#[test]
fn the_last_event_can_repeat_the_whole_message() {
    let homie = Homie::new(&[CLOSED, ("last", "whole")]);
    let (events, answer) = homie.overhear(&homie.create(), "vases");
    let completed = data(&whole(&events), "completed");
    assert_eq!(completed[0]["content"], answer.json()["content"]);
}

#[test]
fn a_message_that_fails_says_so_on_the_stream() {
    let homie = Homie::new(&[CLOSED, ("outcome", "failed")]);
    let (events, answer) = homie.overhear(&homie.create(), "vases");
    let text = whole(&events);
    assert_eq!(answer.status, Some(500));
    assert_eq!(
        (data(&text, "failed").len(), data(&text, "completed").len()),
        (1, 0)
    );
}

#[test]
fn torn_chunks_end_inside_of_lines_and_characters() {
    let homie = Homie::new(&[CLOSED, ("torn", "true")]);
    let (events, _) = homie.overhear(&homie.create(), "vases");
    let body = String::from_utf8_lossy(&events.body);
    assert!(body.contains("\r\ndat\r\n"), "inside of a line");
    let sign = "✨".as_bytes();
    assert!(
        !events.body.windows(sign.len()).any(|bytes| bytes == sign),
        "inside of a character"
    );
    assert!(events.body.contains(&sign[0]) && body.ends_with("0\r\n\r\n"));
}

#[test]
fn the_events_can_fail_before_they_begin() {
    let homie = Homie::new(&[]);
    let path = format!("/v1/chats/{}/events", homie.create());
    for (fault, status) in [
        ("html-502", 502),
        ("error:403", 403),
        ("empty", 200),
        ("not-json", 200),
    ] {
        homie
            .0
            .order(&json!({ "fault": fault, "endpoint": "events" }));
        assert_eq!(homie.get(&path).status, Some(status), "{fault}");
        homie.0.no_fault();
    }
}

#[test]
fn the_events_can_break_off_stall_and_be_slow() {
    let homie = Homie::new(&[CLOSED]);
    let hurt = |fault: &str| {
        homie
            .0
            .order(&json!({ "fault": fault, "endpoint": "events" }));
        let events = homie.overhear(&homie.create(), "vases").0;
        homie.0.no_fault();
        events
    };
    let events = |reply: &Reply| String::from_utf8_lossy(&reply.body).matches("\n\n").count();
    let cut = hurt("stream-cut");
    assert_eq!((events(&cut), cut.error), (2, None));
    assert!(!cut.body.ends_with(b"0\r\n\r\n"));
    let stalled = hurt("stream-stall");
    assert_eq!(
        (events(&stalled), stalled.error),
        (2, Some(ErrorKind::WouldBlock))
    );
    for fault in ["truncated", "reset-after", "hang-after"] {
        let reply = hurt(fault);
        assert_eq!(events(&reply), 0, "{fault}: half an event");
        assert!(
            !reply.body.is_empty() && !reply.body.ends_with(b"0\r\n\r\n"),
            "{fault}"
        );
    }
    let started = Instant::now();
    let slow = hurt("stream-slow:30");
    let pauses = events(&slow) as u32 - 1;
    assert!(started.elapsed() >= pauses * Duration::from_millis(30));
    assert!(Chunks::of(&slow).ended && Chunks::of(&hurt("trickle:1")).ended);
}

#[test]
fn the_content_of_events_can_be_hostile() {
    let homie = Homie::new(&[CLOSED]);
    let hurt = |fault: &str| {
        homie
            .0
            .order(&json!({ "fault": fault, "endpoint": "events" }));
        let (events, _) = homie.overhear(&homie.create(), "vases");
        homie.0.no_fault();
        events
    };
    assert!(whole(&hurt("hostile-html")).contains("\"content\":\"<script>"));
    assert!(whole(&hurt("hostile-types")).contains("\"content\":7"));
    assert!(whole(&hurt("extra-fields")).contains("simulator_extra"));
    assert!(whole(&hurt("oversized:50000")).contains(&"x".repeat(40_000)));
    let broken = whole(&hurt("broken-json"));
    assert!(!broken.contains("}\n"), "no event is whole");
}

#[test]
fn zipped_events_can_be_read_as_they_come() {
    let homie = Homie::new(&[CLOSED]);
    homie
        .0
        .order(&json!({ "fault": "gzip", "endpoint": "events" }));
    let (events, answer) = homie.overhear(&homie.create(), "vases");
    assert_eq!(events.header("content-encoding"), Some("gzip"));
    let mut zipped = Vec::new();
    let mut rest = events.body.as_slice();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        zipped.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    let mut text = Vec::new();
    // The stream has no end of its own, because nobody knows which event is the last.
    let _ = GzDecoder::new(zipped.as_slice()).read_to_end(&mut text);
    let text = String::from_utf8(text).unwrap();
    assert_eq!(
        contents(&data(&text, "inProgress")),
        answer.json()["content"].as_str().unwrap()
    );
}

#[test]
fn a_listener_that_leaves_is_noticed() {
    let homie = Homie::new(&[]);
    let chat = homie.create();
    drop(homie.listen(&chat));
    homie.0.eventually("it left", |list| {
        let entry = list.iter().find(|entry| entry["endpoint"] == "events");
        entry.unwrap()["aborted"] == true
    });
    homie.say(&chat, "vases");
    assert_eq!(
        homie.0.control("state")["homie"]["chats"][0]["listeners"],
        0
    );
}
