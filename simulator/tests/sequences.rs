//! Tests of fault sequences: each session gets one fault after the other.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::Server;

const SEQUENCE: &str = "error:upstream_invoke_error | html-503 | ok";

fn status(server: &Server, session: &str, fault: &str) -> u16 {
    server.with_fault_in(session, fault).status.unwrap()
}

#[test]
fn a_session_meets_one_after_the_other_and_the_last_stays() {
    let server = Server::with_faults();
    for expected in [502, 503, 200, 200] {
        assert_eq!(status(&server, "a", SEQUENCE), expected);
    }
    let faults: Vec<_> = server
        .requests()
        .iter()
        .map(|entry| entry["fault"].clone())
        .collect();
    assert_eq!(
        faults,
        ["error:upstream_invoke_error", "html-503", "ok", "ok"],
        "the record names the one that struck"
    );
}

#[test]
fn sessions_and_texts_do_not_share_their_place() {
    let server = Server::with_faults();
    assert_eq!(status(&server, "a", SEQUENCE), 502);
    assert_eq!(status(&server, "b", SEQUENCE), 502);
    assert_eq!(status(&server, "a", "html-504 | ok"), 504);
    assert_eq!(status(&server, "a", SEQUENCE), 503);
    assert_eq!(status(&server, "b", SEQUENCE), 503);
    assert_eq!(status(&server, "a", "html-504 | ok"), 200);
}

#[test]
fn without_a_session_every_request_is_the_first() {
    let server = Server::with_faults();
    let body = json!({ "prompt": "hat", "context": { "simulator_fault": SEQUENCE } });
    for _ in 0..3 {
        assert_eq!(server.chat(&body).status, Some(502));
    }
}

#[test]
fn a_sequence_for_all_goes_by_session_too_and_starts_anew_when_set() {
    let server = Server::with_faults();
    let ask = |session: &str| {
        let body = json!({ "prompt": "hat", "session_id": session });
        server.chat(&body).status.unwrap()
    };
    server.hold(SEQUENCE);
    assert_eq!(
        [ask("a"), ask("b"), ask("a"), ask("a")],
        [502, 502, 503, 200]
    );
    server.hold(SEQUENCE);
    assert_eq!([ask("a"), ask("b")], [502, 502]);
}

#[test]
fn a_reset_forgets_how_far_sequences_have_come() {
    let server = Server::with_faults();
    assert_eq!(status(&server, "a", SEQUENCE), 502);
    server.send("POST", "/_simulator/reset", &[], b"");
    assert_eq!(status(&server, "a", SEQUENCE), 502);
}

#[test]
fn a_sequence_with_an_unknown_name_is_refused_whole() {
    let server = Server::with_faults();
    let reply = server.with_fault("html-502 | typo");
    assert_eq!(reply.status, Some(400));
    assert!(reply.text().contains("'typo'"), "{}", reply.text());
    let body = br#"{"fault":"html-502 | "}"#;
    let reply = server.send("PUT", "/_simulator/fault", &[], body);
    assert_eq!(reply.status, Some(400));
}
