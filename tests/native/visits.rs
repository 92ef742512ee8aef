//! The way of a request as its errands show it: what comes next, how long it may take, and how it
//! ends when an errand fails.

use concierge_proxy::isolate::Isolate;
use concierge_proxy::visit::{Errand, Failure, Visit};
use serde_json::Value;

use crate::support::{HERE, ORIGIN, Settings, chance, header};

const T0: u64 = 1_800_000_000_000;
const BODY: &[u8] = br#"{"prompt":"hat"}"#;
/// The limiter's words: admitted, 5 left; and refused for 30 seconds.
const ADMITTED: [u32; 2] = [5, 9];
const REFUSED: [u32; 6] = [0, 30, 1, 6, 60, 30];

fn isolate() -> Isolate {
    Settings::good().isolate()
}

fn arrive(isolate: &Isolate) -> Visit {
    arrive_as(isolate, "POST", ORIGIN)
}

fn arrive_as(isolate: &Isolate, method: &str, origin: &str) -> Visit {
    let url = "https://proxy.example.com/v1/concierge/chat";
    let lines = format!("{method}\n{url}\n{origin}\n\napplication/json\n\n{HERE}");
    Visit::begin(isolate, lines, chance(1), T0)
}

/// A visit that is as far as this errand.
fn until(isolate: &mut Isolate, errand: Errand) -> Visit {
    let mut visit = arrive(isolate);
    if errand != Errand::ReadBody {
        visit.body(isolate, BODY, T0);
    }
    if matches!(errand, Errand::Send | Errand::ReadError) {
        visit.verdict(isolate, &ADMITTED, T0);
    }
    if errand == Errand::ReadError {
        visit.head(isolate, "429\napplication/json\n\n17".to_owned(), T0 + 40);
    }
    assert_eq!(visit.errand(), errand);
    visit
}

/// Its status and the log line, read.
fn end(visit: &Visit) -> (u16, Value) {
    assert_eq!(visit.errand(), Errand::Reply);
    ended(visit)
}

fn ended(visit: &Visit) -> (u16, Value) {
    let end = visit.end().expect("an end");
    let line = serde_json::from_str(&end.line).expect("a line of JSON");
    (end.reply.status, line)
}

#[test]
fn a_chat_is_read_counted_sent_and_handed_on() {
    let mut isolate = isolate();
    let mut visit = arrive(&isolate);
    assert_eq!(visit.errand(), Errand::ReadBody);
    visit.body(&isolate, BODY, T0 + 1);
    assert_eq!(visit.errand(), Errand::AskLimiter);
    assert!(visit.identity().expect("somebody").newcomer);
    assert_eq!(visit.attempt(), None);
    visit.verdict(&mut isolate, &ADMITTED, T0 + 3);
    assert_eq!(visit.errand(), Errand::Send);
    assert!(
        visit
            .attempt()
            .expect("an attempt")
            .url
            .ends_with("/concierge/chat")
    );
    visit.head(&isolate, "200\napplication/json\n12\n".to_owned(), T0 + 10);
    assert_eq!(visit.errand(), Errand::HandOn);
    let (status, line) = ended(&visit);
    assert_eq!((status, &line["outcome"]), (200, &"ok".into()));
    assert_eq!(line["total_ms"], 10);
    assert_eq!(line["upstream_ms"], 7);
}

#[test]
fn what_is_refused_by_its_head_has_no_errand() {
    let isolate = isolate();
    for (method, origin, outcome) in [
        (
            "POST",
            "https://elsewhere.example.com",
            "origin_not_allowed",
        ),
        ("GET", ORIGIN, "method_not_allowed"),
        ("OPTIONS", ORIGIN, "ok"),
    ] {
        let (_, line) = end(&arrive_as(&isolate, method, origin));
        assert_eq!(line["outcome"], outcome);
    }
}

#[test]
fn each_errand_has_its_deadline_and_the_upstreams_is_one_for_head_and_error() {
    let mut isolate = isolate();
    for (errand, now, patience) in [
        (Errand::ReadBody, T0, 10_000),
        (Errand::AskLimiter, T0, 1_000),
        (Errand::Send, T0, 25_000),
        (Errand::ReadError, T0 + 40, 24_960),
    ] {
        let visit = until(&mut isolate, errand);
        assert_eq!(visit.patience(now), patience, "{errand:?}");
    }
    let visit = until(&mut isolate, Errand::ReadError);
    assert_eq!(visit.patience(T0 + 30_000), 0);
}

#[test]
fn an_errand_that_fails_ends_the_request_with_its_reason_in_the_log() {
    for (errand, failure, status, outcome, detail) in [
        (
            Errand::ReadBody,
            Failure::Late,
            400,
            "invalid_json_body",
            Some("body: timeout"),
        ),
        (
            Errand::ReadBody,
            Failure::Other("reset"),
            499,
            "shopper_left",
            None,
        ),
        (Errand::ReadBody, Failure::Left, 499, "shopper_left", None),
        (
            Errand::AskLimiter,
            Failure::Late,
            503,
            "limiter_unavailable",
            Some("limiter: timeout"),
        ),
        (
            Errand::AskLimiter,
            Failure::Other("gone"),
            503,
            "limiter_unavailable",
            Some("limiter: gone"),
        ),
        (Errand::AskLimiter, Failure::Left, 499, "shopper_left", None),
        (Errand::Send, Failure::Late, 504, "upstream_timeout", None),
        (
            Errand::Send,
            Failure::Other("refused"),
            502,
            "upstream_invoke_error",
            Some("upstream: refused"),
        ),
        (Errand::Send, Failure::Left, 499, "shopper_left", None),
        (Errand::ReadError, Failure::Left, 499, "shopper_left", None),
        // An error without its body counts by its status.
        (Errand::ReadError, Failure::Late, 429, "rate_limited", None),
        (
            Errand::ReadError,
            Failure::Other("reset"),
            429,
            "rate_limited",
            None,
        ),
    ] {
        let mut isolate = isolate();
        let mut visit = until(&mut isolate, errand);
        visit.failed(&isolate, failure, T0 + 50);
        let (got, line) = end(&visit);
        assert_eq!(
            (got, &line["outcome"]),
            (status, &outcome.into()),
            "{errand:?} {failure:?}"
        );
        assert_eq!(
            line.get("detail").and_then(Value::as_str),
            detail,
            "{errand:?} {failure:?}"
        );
    }
}

#[test]
fn words_that_are_no_verdict_let_nothing_through() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::AskLimiter);
    visit.verdict(&mut isolate, &[1, 2, 3], T0);
    let (status, line) = end(&visit);
    assert_eq!(status, 503);
    assert_eq!(line["detail"], "limiter: its verdict cannot be read");
}

#[test]
fn a_refusal_is_remembered_and_the_limiter_not_asked_again() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, Errand::AskLimiter);
    first.verdict(&mut isolate, &REFUSED, T0);
    let (status, line) = end(&first);
    assert_eq!((status, &line["budget"]), (429, &"shopper".into()));
    let mut second = arrive(&isolate);
    second.body(&isolate, BODY, T0 + 4_999);
    assert_eq!(end(&second).0, 429);
    let mut third = arrive(&isolate);
    third.body(&isolate, BODY, T0 + 5_000);
    assert_eq!(third.errand(), Errand::AskLimiter);
}

#[test]
fn a_fault_is_answered_for_the_page_that_asked() {
    let isolate = isolate();
    let lines = format!("POST\nhttps://proxy.example.com/\n{ORIGIN}\n\n\n\n{HERE}");
    let (status, line) = end(&Visit::fault(&isolate, lines, chance(1), T0, T0 + 12));
    assert_eq!(status, 500);
    assert_eq!(
        (&line["outcome"], &line["total_ms"]),
        (&"internal_error".into(), &12.into())
    );
}

#[test]
fn a_refusal_that_is_remembered_for_a_pass_needs_no_look_at_the_body() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, Errand::AskLimiter);
    first.verdict(&mut isolate, &ADMITTED, T0);
    first.head(&isolate, "200\napplication/json\n12\n".to_owned(), T0);
    let reply = &first.end().expect("an end").reply;
    let pass = header(&reply.headers, "Shopper-Pass").expect("a pass");
    let url = "https://proxy.example.com/v1/concierge/chat";
    let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n{pass}\n{HERE}");
    let mut second = Visit::begin(&isolate, lines.clone(), chance(2), T0);
    second.body(&isolate, BODY, T0);
    second.verdict(&mut isolate, &REFUSED, T0);
    assert_eq!(end(&second).0, 429);
    let third = Visit::begin(&isolate, lines.clone(), chance(3), T0 + 4_999);
    let (status, line) = end(&third);
    assert_eq!((status, &line["budget"]), (429, &"shopper".into()));
    assert!(line["shopper"].is_string());
    let fourth = Visit::begin(&isolate, lines, chance(4), T0 + 5_000);
    assert_eq!(fourth.errand(), Errand::ReadBody);
}
