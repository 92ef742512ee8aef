//! Tests of answers as event streams: whole, slow, cut and stalled.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::events::{Chunks, event, piece};
use support::{Reply, Server, hurt, is_good, kept_alive};

/// The time to wait for something that must arrive.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time to wait to check that nothing arrives.
const SHORT: Duration = Duration::from_millis(200);

/// Returns the answer at the end of a stream. Fails unless the stream is whole.
fn document(reply: &Reply) -> Value {
    assert_eq!(reply.error, None);
    let chunks = Chunks::of(reply);
    assert!(chunks.ended);
    let (done, pieces) = chunks.list.split_last().unwrap();
    assert!(pieces.len() > 2, "{pieces:?}");
    let (name, document) = event(done);
    assert_eq!(name, "done");
    let prose: String = pieces.iter().map(|chunk| piece(chunk)).collect();
    assert_eq!(document["message"], prose.as_str());
    document
}

#[test]
fn a_stream_is_the_prose_in_pieces_and_then_the_usual_answer() {
    let server = Server::with_faults();
    let usual = server.with_fault_in("a", "ok");
    let streamed = server.with_fault_in("b", "stream");
    let document = document(&streamed);
    let mut expected = usual.json();
    expected["session_id"] = document["session_id"].clone();
    expected["request_id"] = document["request_id"].clone();
    assert_eq!(document, expected);
    assert_eq!(document["session_id"], "b");
    assert!(streamed.header("x-ratelimit-limit").is_some());
}

#[test]
fn a_slow_stream_pauses_between_events_only() {
    let server = Server::with_faults();
    let started = Instant::now();
    let reply = server.with_fault("stream-slow:40");
    let took = started.elapsed();
    assert!(is_good(&document(&reply)));
    let pauses = Chunks::of(&reply).list.len() as u32 - 1;
    assert!(took >= pauses * Duration::from_millis(40), "{took:?}");

    let mut stream = server.open_with_fault("stream-slow:60000");
    let seen = read_until(&mut stream, |seen| seen.contains("\n\n\r\n"));
    assert_eq!(seen.matches("event: ").count(), 1, "no pause before it");
}

#[test]
fn a_cut_stream_ends_in_its_third_event() {
    let server = Server::with_faults();
    let whole = Chunks::of(&server.with_fault_in("a", "stream"));
    let reply = server.with_fault_in("b", "stream-cut");
    assert_eq!(reply.error, None, "closed, so that all bytes arrive");
    let chunks = Chunks::of(&reply);
    assert!(!chunks.ended);
    assert_eq!(chunks.list[..2], whole.list[..2]);
    assert_eq!(chunks.list.len(), 3);
    let half = chunks.list[2].as_bytes();
    assert_eq!(half, &whole.list[2].as_bytes()[..half.len()]);
    assert_eq!(half.len(), whole.list[2].len() / 2);
}

#[test]
fn a_stalled_stream_stays_open_after_two_events() {
    let server = Server::with_faults();
    let mut stream = server.open_with_fault("stream-stall");
    let mut seen = read_until(&mut stream, |seen| seen.matches("\n\n\r\n").count() == 2);
    let rest = stream.set_read_timeout(Some(SHORT)).and_then(|()| {
        let mut more = String::new();
        let end = stream.read_to_string(&mut more);
        seen.push_str(&more);
        end
    });
    assert_eq!(rest.unwrap_err().kind(), ErrorKind::WouldBlock, "open");
    assert_eq!(seen.matches("event: message").count(), 2);
    assert!(seen.ends_with("\n\n\r\n"), "and nothing more: {seen}");
}

/// Reads until the received text passes the test. Returns that text.
fn read_until(stream: &mut TcpStream, test: impl Fn(&str) -> bool) -> String {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut seen = Vec::new();
    loop {
        let mut more = [0; 4096];
        let count = stream.read(&mut more).unwrap();
        assert_ne!(count, 0, "it was closed");
        seen.extend_from_slice(&more[..count]);
        let text = String::from_utf8_lossy(&seen);
        if test(&text) {
            return text.into_owned();
        }
    }
}

#[test]
fn a_connection_that_streamed_is_kept_for_the_next_request() {
    let server = Server::with_faults();
    let mut stream = server.connect();
    for _ in 0..2 {
        let request = kept_alive(&hurt("stream"));
        stream.write_all(request.as_bytes()).unwrap();
        let seen = read_until(&mut stream, |seen| seen.ends_with("\r\n0\r\n\r\n"));
        assert!(seen.starts_with("HTTP/1.1 200 OK"));
    }
}
