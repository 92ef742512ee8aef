//! Chats that never arrived: the store's cap, and the refund before the refusal.

use concierge_proxy::exchange::Event;
use concierge_proxy::isolate::Isolate;

use super::{LEFT, NETWORK_FULL, Run, STORE_FULL, T0, arrive, broken, counted, isolate, until};
use crate::support::{Settings, header};

/// The upstream refuses a chat because the store's cap is reached, for so many seconds.
fn store_full(run: &mut Run, isolate: &mut Isolate, seconds: u32, now: u64) {
    let wait = seconds.to_string();
    run.head(
        isolate,
        429,
        &["application/json", "", "", "", "", &wait],
        now,
    );
    run.handle(isolate, Event::UpstreamBody(STORE_FULL.to_vec()), now);
}

#[test]
fn a_chat_that_never_arrived_is_refunded_before_it_is_refused() {
    let mut isolate = isolate();
    let mut run = until(&mut isolate, "send");
    store_full(&mut run, &mut isolate, 17, T0 + 5);
    assert_eq!(run.name(), "refund");
    run.refund(&mut isolate, T0 + 6);
    let (status, line) = run.told();
    assert_eq!((status, &line["budget"]), (429, &"store".into()));
    assert_eq!(line["refunded"], true);
    let reply = &run.end().reply;
    assert_eq!(
        header(&reply.headers, "X-RateLimit-Remaining").as_deref(),
        Some("6")
    );
    // The next chat costs neither the limiter nor the upstream anything.
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, T0 + 7);
    let (status, line) = next.told();
    assert_eq!((status, &line["budget"]), (429, &"store".into()));
}

#[test]
fn a_shopper_who_leaves_gets_no_refund() {
    let mut isolate = isolate();
    let mut run = until(&mut isolate, "send");
    run.head(&mut isolate, 522, &["text/html"], T0 + 5);
    run.handle(&mut isolate, LEFT, T0 + 6);
    let (status, line) = run.told();
    assert_eq!(status, 499);
    assert_eq!(line.get("refunded"), None);
}

#[test]
fn a_retry_sees_the_cap_that_another_chat_has_met_meanwhile() {
    let mut isolate = isolate();
    let mut waiting = until(&mut isolate, "send");
    waiting.head(&mut isolate, 522, &["text/html"], T0);
    assert_eq!(waiting.name(), "wait");
    let mut other = until(&mut isolate, "send");
    store_full(&mut other, &mut isolate, 17, T0);
    waiting.elapse(&mut isolate, T0 + 200);
    assert_eq!(waiting.name(), "refund");
}

#[test]
fn a_refund_clears_its_shopper_from_the_deny_cache() {
    let mut isolate = isolate();
    let mut run = until(&mut isolate, "send");
    let mut refused = until(&mut isolate, "admit");
    // Both are newcomers of one network, and so alike to the memory.
    refused.decide(&mut isolate, &NETWORK_FULL, T0);
    store_full(&mut run, &mut isolate, 1, T0);
    run.refund(&mut isolate, T0 + 1);
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, T0 + 1_001);
    assert_eq!(next.name(), "admit");
}

const JSON: &[&str] = &["application/json"];

/// Homie creates the conversation.
fn create(run: &mut Run, isolate: &mut Isolate, now: u64) {
    run.head(isolate, 201, JSON, now);
    run.handle(
        isolate,
        Event::UpstreamBody(br#"{"id":"c1"}"#.to_vec()),
        now,
    );
}

#[test]
fn a_chat_whose_conversation_was_not_created_is_refunded() {
    for failure in [
        super::head(504, &["text/html"]),
        super::head(404, JSON),
        super::head(400, JSON),
        super::head(200, &["text/html"]),
        broken("lost"),
        Event::Elapsed,
    ] {
        let mut isolate = Settings::homie().isolate();
        let mut run = until(&mut isolate, "send");
        run.handle(&mut isolate, failure.clone(), T0 + 5);
        assert_eq!(run.name(), "refund", "{failure:?}");
        run.refund(&mut isolate, T0 + 6);
        assert_eq!(run.told().1["refunded"], true);
    }
}

#[test]
fn a_chat_is_refunded_if_no_request_is_left_for_its_message() {
    let mut isolate = Settings::homie().isolate();
    let mut run = until(&mut isolate, "send");
    for number in 1..=2 {
        run.head(&mut isolate, 503, &["text/html"], T0 + number * 1_000);
        assert_eq!(run.name(), "wait");
        run.elapse(&mut isolate, T0 + number * 1_000 + 500);
        // The upstream may have counted the request, so the next one is counted, too.
        assert_eq!(run.name(), "count retry");
        run.handle(&mut isolate, counted(true), T0 + number * 1_000 + 501);
        assert_eq!(run.name(), "send");
    }
    create(&mut run, &mut isolate, T0 + 3_000);
    assert_eq!(run.name(), "refund");
}

#[test]
fn a_chat_is_refunded_if_the_next_creation_is_not_counted() {
    for answer in [counted(false), Event::Elapsed, broken("lost")] {
        let mut isolate = Settings::homie().isolate();
        let mut run = until(&mut isolate, "send");
        run.head(&mut isolate, 503, &["text/html"], T0 + 5);
        run.elapse(&mut isolate, T0 + 500);
        run.handle(&mut isolate, answer, T0 + 501);
        assert_eq!(run.name(), "refund");
    }
}

#[test]
fn a_message_that_may_have_arrived_is_not_refunded() {
    let mut isolate = Settings::homie().isolate();
    let mut run = until(&mut isolate, "send");
    create(&mut run, &mut isolate, T0 + 5);
    assert_eq!(run.name(), "send");
    run.head(&mut isolate, 504, &["text/html"], T0 + 6);
    let (status, line) = run.told();
    assert_eq!(status, 502);
    assert_eq!(line.get("refunded"), None);
}
