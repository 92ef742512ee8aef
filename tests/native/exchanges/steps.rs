//! The steps of a request: their order, their timeouts, and how a failing step ends the request.

use concierge_proxy::exchange::{Event, Exchange, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::limits::protocol::Question;
use concierge_proxy::reply::Body;
use serde_json::Value;

use super::{ADMITTED, LEFT, T0, arrive, broken, failed_locally, isolate, told, until};
use crate::support::{ORIGIN, entropy, header, post};

#[test]
fn a_chat_is_read_counted_sent_and_passed_on() {
    let mut isolate = isolate();
    let mut run = arrive(&mut isolate);
    let Step::ReadBody { max_bytes, .. } = run.step() else {
        panic!("{:?}", run.step())
    };
    assert_eq!(*max_bytes, 8_193, "a byte too many is seen");
    run.body(&mut isolate, T0 + 1);
    let Step::Ask {
        limiter, question, ..
    } = run.step()
    else {
        panic!("{:?}", run.step())
    };
    assert_eq!(limiter.len(), 22);
    let Question::Admit {
        newcomer, receipt, ..
    } = question
    else {
        panic!("{question:?}")
    };
    assert!(newcomer);
    assert_eq!(*receipt, entropy(1).receipt());
    run.decide(&mut isolate, &ADMITTED, T0 + 3);
    let Step::Send { request, .. } = run.step() else {
        panic!("{:?}", run.step())
    };
    assert!(request.url.ends_with("/concierge/chat"));
    assert!(
        request
            .body
            .as_ref()
            .expect("a body")
            .contains(r#""prompt":"hat""#)
    );
    run.head(&mut isolate, 200, &["application/json", "12"], T0 + 10);
    assert_eq!(run.name(), "read answer");
    run.handle(&mut isolate, Event::Read(12), T0 + 12);
    let (status, line) = run.told();
    assert_eq!((status, &line["outcome"]), (200, &"ok".into()));
    assert_eq!(line["total_ms"], 12);
    assert_eq!(line["limiter_ms"], 2);
    assert_eq!(line["upstream_ms"], 7);
    assert_eq!(line["attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(run.end().reply.body, Body::Upstream);
    assert_eq!(run.end().log.len(), 1);
}

#[test]
fn each_step_has_its_timeout_and_the_upstreams_is_one_for_head_and_error() {
    let mut isolate = isolate();
    for (step, timeout) in [
        ("read body", 10_000),
        ("admit", 1_000),
        ("send", 25_000),
        ("read error", 24_960),
    ] {
        let run = until(&mut isolate, step);
        assert_eq!(run.named(), (step, timeout));
    }
    let json = ["application/json"];
    // A clock that is set back makes nothing longer than it may be.
    for (now, timeout) in [(T0 + 30_000, 0), (T0 - 1_000_000, 25_000)] {
        let mut run = until(&mut isolate, "send");
        run.head(&mut isolate, 502, &json, now);
        let Step::ReadUpstream { max_bytes, .. } = run.step() else {
            panic!("{:?}", run.step())
        };
        assert_eq!(*max_bytes, 16_384);
        assert_eq!(run.named(), ("read error", timeout));
    }
    let mut run = until(&mut isolate, "send");
    run.head(&mut isolate, 429, &["text/html", "", "", "", "", "19"], T0);
    run.elapse(&mut isolate, T0 + 200);
    assert_eq!(run.name(), "send", "the fallback");
    run.head(&mut isolate, 429, &["text/html"], T0 - 1_000_000);
    assert_eq!(run.named(), ("wait", 25_000));
}

#[test]
fn a_step_that_fails_ends_the_request_with_its_reason_in_the_log() {
    let left = "shopper_left";
    for (step, event, status, outcome, detail) in [
        (
            "read body",
            Event::Elapsed,
            400,
            "invalid_json_body",
            Some("body: timeout"),
        ),
        ("read body", broken("reset"), 499, left, None),
        ("read body", LEFT, 499, left, None),
        (
            "admit",
            Event::Elapsed,
            503,
            "limiter_unavailable",
            Some("limiter: timeout"),
        ),
        (
            "admit",
            broken("gone"),
            503,
            "limiter_unavailable",
            Some("limiter: gone"),
        ),
        ("admit", LEFT, 499, left, None),
        ("send", Event::Elapsed, 504, "upstream_timeout", None),
        (
            "send",
            broken("refused"),
            502,
            "upstream_invoke_error",
            Some("upstream: refused"),
        ),
        ("send", LEFT, 499, left, None),
        ("read error", LEFT, 499, left, None),
    ] {
        let mut isolate = isolate();
        let mut run = until(&mut isolate, step);
        run.handle(&mut isolate, event.clone(), T0 + 50);
        let (got, line) = run.told();
        assert_eq!(
            (got, &line["outcome"]),
            (status, &outcome.into()),
            "{step} {event:?}"
        );
        assert_eq!(
            line.get("detail").and_then(Value::as_str),
            detail,
            "{step} {event:?}"
        );
    }
}

#[test]
fn an_error_whose_body_does_not_come_is_judged_by_its_status() {
    for event in [Event::Elapsed, broken("reset")] {
        let mut isolate = isolate();
        let mut run = until(&mut isolate, "read error");
        run.handle(&mut isolate, event, T0 + 50);
        assert_eq!(run.name(), "wait");
        run.handle(&mut isolate, LEFT, T0 + 60);
        let (_, line) = run.told();
        assert_eq!(line["attempts"][0]["ended"], "upstream_error");
        assert_eq!(line["upstream_status"], 502);
    }
}

#[test]
fn an_upstream_on_this_machine_is_asked_whether_anybody_listens() {
    let mut isolate = isolate();
    let run = failed_locally(&mut isolate);
    let step = Step::Connect {
        host: "localhost".to_owned(),
        port: 9_000,
        timeout: 24_995,
    };
    assert_eq!(*run.step(), step);
    // Where nobody listens, nothing was sent, and another attempt does no harm.
    let mut run = failed_locally(&mut isolate);
    run.handle(&mut isolate, Event::Connected(false), T0 + 6);
    assert_eq!(run.name(), "wait");
    run.handle(&mut isolate, LEFT, T0 + 7);
    let line = run.told().1;
    assert_eq!(line["attempts"][0]["ended"], "no_connection");
    assert_eq!(line.get("detail"), None);
    // Where somebody does, the turn may have happened.
    for (event, status, ended, detail) in [
        (
            Event::Connected(true),
            502,
            "broken",
            Some("upstream: lost"),
        ),
        (broken("no socket"), 502, "broken", Some("upstream: lost")),
        (Event::Elapsed, 504, "timeout", None),
        (LEFT, 499, "shopper_left", None),
    ] {
        let mut run = failed_locally(&mut isolate);
        run.handle(&mut isolate, event, T0 + 6);
        let (got, line) = run.told();
        assert_eq!(got, status);
        assert_eq!(line["attempts"][0]["ended"], ended);
        assert_eq!(line.get("detail").and_then(Value::as_str), detail);
        assert_eq!(line["upstream_ms"], 6);
    }
}

#[test]
fn a_fault_is_answered_for_the_page_that_asked() {
    let isolate = isolate();
    let head = RequestHead {
        path: "/",
        ..post()
    };
    let end = Exchange::fault(&isolate, &head, entropy(1), T0, T0 + 12);
    let (status, line) = told(&end);
    assert_eq!(status, 500);
    assert_eq!(
        (&line["outcome"], &line["total_ms"]),
        (&"internal_error".into(), &12.into())
    );
    let readable = header(&end.reply.headers, "Access-Control-Allow-Origin");
    assert_eq!(readable.as_deref(), Some(ORIGIN));
}
