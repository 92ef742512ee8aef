//! A chat before it goes upstream: the limiter's decision, and the deny cache.

use concierge_proxy::exchange::{Event, Failure, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::protocol::Question;

use super::{ADMITTED, NETWORK_FULL, REFUSED, Run, T0, arrive, isolate, until};
use crate::support::{ELSEWHERE, ORIGIN, header, post};

#[test]
fn a_request_refused_by_its_head_has_no_step() {
    let mut isolate = isolate();
    for (method, origin, outcome) in [
        (
            "POST",
            "https://elsewhere.example.com",
            "origin_not_allowed",
        ),
        ("GET", ORIGIN, "method_not_allowed"),
        ("OPTIONS", ORIGIN, "ok"),
    ] {
        let head = RequestHead {
            method,
            origin: Some(origin),
            ..post()
        };
        let (_, line) = Run::begin(&mut isolate, &head, 1, T0).told();
        assert_eq!(line["outcome"], outcome);
    }
}

#[test]
fn an_unreadable_decision_lets_nothing_through() {
    let mut isolate = isolate();
    let mut run = until(&mut isolate, "admit");
    let Step::Ask { question, .. } = run.step() else {
        panic!("{:?}", run.step())
    };
    assert_eq!(question.read(&[1, 2, 3]), None);
    run.handle(&mut isolate, Event::Failed(Failure::Unreadable), T0 + 7);
    let (status, line) = run.told();
    assert_eq!(status, 503);
    assert_eq!(line["detail"], "limiter: unreadable answer");
    assert_eq!(line["limiter_ms"], 7);
}

#[test]
fn a_refusal_is_remembered_and_the_limiter_not_asked_again() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, "admit");
    first.decide(&mut isolate, &NETWORK_FULL, T0);
    let (status, line) = first.told();
    assert_eq!((status, &line["budget"]), (429, &"network".into()));
    let mut second = arrive(&mut isolate);
    second.body(&mut isolate, T0 + 4_999);
    let (status, line) = second.told();
    assert_eq!((status, &line["budget"]), (429, &"network".into()));
    let mut third = arrive(&mut isolate);
    third.body(&mut isolate, T0 + 5_000);
    assert_eq!(third.name(), "admit");
}

#[test]
fn a_newcomers_refusal_is_not_replayed_to_the_holder_of_a_session_id() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, "admit");
    first.decide(&mut isolate, &ADMITTED, T0);
    let Step::Send { request, .. } = first.step() else {
        panic!("{:?}", first.step())
    };
    let body = request.body.clone();
    let mut fresh = until(&mut isolate, "admit");
    // No place for newcomers is left.
    fresh.decide(&mut isolate, &[40, 0, 2, 10, 60, 30], T0);
    let mut stranger = arrive(&mut isolate);
    stranger.body(&mut isolate, T0);
    assert_eq!(stranger.told().0, 429);
    let mut holder = arrive(&mut isolate);
    holder.handle(
        &mut isolate,
        Event::Body(body.expect("a body").into_bytes()),
        T0,
    );
    assert_eq!(holder.name(), "admit");
}

/// The pass that a shopper's first answer brings.
fn new_pass(isolate: &mut Isolate) -> String {
    let mut first = until(isolate, "admit");
    first.decide(isolate, &ADMITTED, T0);
    first.head(isolate, 200, &["application/json"], T0);
    first.handle(isolate, Event::Read(12), T0);
    let reply = &first.forwarded().0.reply;
    header(&reply.headers, "Shopper-Pass").expect("a pass")
}

#[test]
fn a_refused_body_is_logged_with_the_shopper_whom_a_pass_names() {
    let mut isolate = isolate();
    let pass = new_pass(&mut isolate);
    let head = RequestHead {
        pass: &pass,
        ..post()
    };
    let mut run = Run::begin(&mut isolate, &head, 2, T0);
    run.handle(&mut isolate, Event::Body(b"{}".to_vec()), T0);
    let (status, line) = run.told();
    assert_eq!((status, &line["outcome"]), (400, &"missing_prompt".into()));
    assert!(line["shopper"].is_string());
    assert!(line["limiter"].is_string());
}

#[test]
fn a_remembered_refusal_of_a_pass_is_answered_before_the_body_is_read() {
    let mut isolate = isolate();
    let pass = new_pass(&mut isolate);
    let head = RequestHead {
        pass: &pass,
        ..post()
    };
    let mut second = Run::begin(&mut isolate, &head, 2, T0);
    second.body(&mut isolate, T0);
    second.decide(&mut isolate, &REFUSED, T0);
    assert_eq!(second.told().0, 429);
    let third = Run::begin(&mut isolate, &head, 3, T0 + 4_999);
    let (status, line) = third.told();
    assert_eq!((status, &line["budget"]), (429, &"shopper".into()));
    assert!(line["shopper"].is_string());
    let fourth = Run::begin(&mut isolate, &head, 4, T0 + 5_000);
    assert_eq!(fourth.name(), "read body");
}

/// For which shopper the limiter is asked, and whether that one is new there.
fn asks_for(run: &Run) -> (u32, bool) {
    match run.step() {
        Step::Ask {
            question: Question::Admit {
                shopper, newcomer, ..
            },
            ..
        } => (*shopper, *newcomer),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_shoppers_refusal_is_not_replayed_to_those_who_are_new_to_the_network() {
    let mut isolate = isolate();
    // A pass that is moving here, of a shopper who has used up a budget here.
    let elsewhere = RequestHead {
        address: ELSEWHERE,
        ..post()
    };
    let mut first = Run::begin(&mut isolate, &elsewhere, 1, T0);
    first.body(&mut isolate, T0);
    let (known, _) = asks_for(&first);
    first.decide(&mut isolate, &ADMITTED, T0);
    first.head(&mut isolate, 200, &["application/json", "12"], T0);
    first.handle(&mut isolate, Event::Read(12), T0);
    let pass = header(&first.end().reply.headers, "Shopper-Pass").expect("a pass");

    let now = T0 + 86_400_000;
    let moving = RequestHead {
        pass: &pass,
        ..post()
    };
    for refused in [REFUSED, [12, 40, 3, 20, 60, 30]] {
        let mut isolate = self::isolate();
        let mut mover = Run::begin(&mut isolate, &moving, 2, now);
        mover.body(&mut isolate, now);
        // New here, and yet somebody who has been seen before.
        assert_eq!(asks_for(&mover), (known, true));
        mover.decide(&mut isolate, &refused, now);
        assert_eq!(mover.told().0, 429);
        let mut stranger = Run::begin(&mut isolate, &post(), 3, now);
        stranger.body(&mut isolate, now);
        assert_eq!(stranger.name(), "admit", "{refused:?}");
    }
}
