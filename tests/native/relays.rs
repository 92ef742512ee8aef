//! Answers that are passed on as they arrive.

use std::hint::black_box;
use std::time::{Duration, Instant};

use concierge_proxy::log::Level;
use concierge_proxy::media_type::MediaType;
use concierge_proxy::relay::{Cut, MAX_EVENT_BYTES, Relay};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::cases;

const ID: &str = "11111111-2222-4333-8444-555555555555";
const T0: u64 = 1_800_000_000_000;
const DUE: u64 = T0 + 10_000;

fn relay(media_type: MediaType) -> Relay {
    Relay::new(ID.to_owned(), media_type, DUE)
}

/// What is passed on of each of these pieces of a stream of events, and what is held at its end.
fn passed(pieces: &[&str]) -> (Vec<String>, String) {
    let mut relay = relay(MediaType::EventStream);
    let text = |bytes| String::from_utf8(bytes).expect("a text");
    let passed = pieces
        .iter()
        .map(|piece| text(relay.pass(piece.as_bytes().to_vec())))
        .collect();
    (passed, text(relay.rest()))
}

#[test]
fn a_stream_is_passed_on_event_by_event() {
    for (pieces, expected, rest) in [
        (&["data: a\n\n"][..], &["data: a\n\n"][..], ""),
        (&["data: a\r\n\r\n"], &["data: a\r\n\r\n"], ""),
        (&["data: a\r\r"], &["data: a\r\r"], ""),
        (&["data: a\n\r\n"], &["data: a\n\r\n"], ""),
        (
            &["data: a\n\ndata: b\n\ndata: c"],
            &["data: a\n\ndata: b\n\n"],
            "data: c",
        ),
        (&["data: a\n", "\ndata: b"], &["", "data: a\n\n"], "data: b"),
        (&["data: a\r\n\r", "\n"], &["", "data: a\r\n\r\n"], ""),
        (&["data: a\r", "\n\r\n"], &["", "data: a\r\n\r\n"], ""),
        (
            &["data: a", "\r\ndata: b\r\n"],
            &["", ""],
            "data: a\r\ndata: b\r\n",
        ),
        (&["\n", "\n"], &["", "\n\n"], ""),
        (&["", "data: a"], &["", ""], "data: a"),
        (&[], &[], ""),
    ] {
        let (got, held) = passed(pieces);
        assert_eq!(
            (&got[..], &*held),
            (
                &expected
                    .iter()
                    .map(|text| (*text).to_owned())
                    .collect::<Vec<_>>()[..],
                rest
            ),
            "{pieces:?}"
        );
    }
}

#[test]
fn an_event_that_grows_too_long_is_passed_on_in_parts() {
    let mut relay = relay(MediaType::EventStream);
    assert_eq!(relay.pass(vec![b'a'; MAX_EVENT_BYTES]), b"");
    assert_eq!(relay.pass(vec![b'b']).len(), MAX_EVENT_BYTES + 1);
    assert_eq!(relay.pass(vec![b'c']), b"");
    assert_eq!(relay.rest(), b"c");
}

/// The least time that the longest event takes in pieces of so many bytes; the least is the
/// steadiest.
#[expect(clippy::disallowed_methods, reason = "a test of what it costs")]
fn cost(piece: usize) -> Duration {
    (0..10)
        .map(|_| {
            let mut relay = relay(MediaType::EventStream);
            let start = Instant::now();
            for _ in 0..MAX_EVENT_BYTES / piece {
                assert_eq!(black_box(relay.pass(vec![b'a'; piece])), b"");
            }
            let took = start.elapsed();
            assert_eq!(relay.rest().len(), MAX_EVENT_BYTES);
            took
        })
        .min()
        .expect("a round")
}

#[test]
fn an_event_in_many_small_pieces_costs_no_more_than_they_are_many() {
    let (few, many) = (cost(1_024), cost(1));
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    assert!(ratio < 200.0, "{many:?} is {ratio:.0} times {few:?}");
}

#[test]
fn any_other_answer_is_passed_on_untouched() {
    let mut relay = relay(MediaType::Json);
    assert!(!relay.is_of_events());
    assert_eq!(relay.pass(b"{\"a\":".to_vec()), b"{\"a\":");
    assert_eq!(relay.rest(), b"");
}

#[test]
fn a_stream_may_take_any_time_but_not_pause() {
    let mut relay = relay(MediaType::EventStream);
    for now in [T0, DUE, DUE + 86_400_000, T0 - 86_400_000] {
        assert_eq!(relay.timeout(3_000, now), 10_000);
    }
}

#[test]
fn any_other_answer_is_whole_in_time_but_for_the_time_that_its_browser_takes() {
    let mut relay = relay(MediaType::Json);
    assert_eq!(relay.timeout(0, T0 + 2_000), 8_000);
    assert_eq!(relay.timeout(5_000, T0 + 7_000), 8_000);
    assert_eq!(relay.timeout(0, T0 + 14_999), 1);
    assert_eq!(relay.timeout(0, T0 + 15_000), 0);
    assert_eq!(relay.timeout(0, T0 + 99_000), 0);
    // A clock that is set back makes it no longer than it may be.
    assert_eq!(relay.timeout(0, T0 - 86_400_000), 10_000);
}

#[test]
fn a_stream_that_is_cut_ends_with_an_event_that_says_so_and_nothing_else_does() {
    let event = relay(MediaType::EventStream)
        .last_event()
        .expect("an event");
    let data = event
        .strip_prefix("\n\nevent: error\ndata: ")
        .and_then(|rest| rest.strip_suffix("\n\n"))
        .expect("one event, after what may be half of another");
    let envelope: Value = serde_json::from_str(data).expect("an envelope");
    assert_eq!(envelope["error"], "upstream_error");
    assert_eq!(envelope["request_id"], ID);
    assert_eq!(relay(MediaType::Json).last_event(), None);
}

#[test]
fn the_log_is_told_why_an_answer_was_cut() {
    for (cut, reason) in [
        (Cut::TimedOut, "timeout"),
        (Cut::ShopperLeft, "shopper_left"),
        (Cut::Broken, "broken"),
    ] {
        let notice = relay(MediaType::Json).cut_notice(cut);
        assert_eq!(notice.level, Level::Error);
        let told: Value = serde_json::from_str(&notice.text).expect("JSON");
        let expected =
            serde_json::json!({"notice": "answer_cut", "request_id": ID, "reason": reason});
        assert_eq!(told, expected);
    }
}

proptest! {
    #![proptest_config(cases(512))]

    /// However a stream is cut into pieces, nothing is lost or changed, and what is passed on ends
    /// with a whole event.
    #[test]
    fn no_cut_loses_a_byte_or_passes_on_half_an_event(
        pieces in prop::collection::vec("[ab\r\n]{0,6}", 0..20),
    ) {
        let mut relay = relay(MediaType::EventStream);
        let mut all = Vec::new();
        for piece in &pieces {
            let passed = relay.pass(piece.as_bytes().to_vec());
            all.extend(passed);
            let text = String::from_utf8_lossy(&all);
            let is_whole = ["\n\n", "\r\r", "\n\r\n", "\r\r\n"]
                .iter()
                .any(|end| text.ends_with(end));
            prop_assert!(all.is_empty() || is_whole, "{:?}", text);
        }
        let held = relay.rest();
        let held_text = String::from_utf8_lossy(&held).into_owned();
        prop_assert!(!["\n\n", "\r\r", "\n\r\n"].iter().any(|end| held_text.contains(end)), "{:?}", held_text);
        all.extend(held);
        prop_assert_eq!(all, pieces.concat().into_bytes());
    }
}
