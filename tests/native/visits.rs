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
        visit.head(isolate, "502\napplication/json".to_owned(), T0 + 40);
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
    visit.head(
        &mut isolate,
        "200\napplication/json\n12\n".to_owned(),
        T0 + 10,
    );
    assert_eq!(visit.errand(), Errand::ReadAnswer);
    visit.answer(&isolate, T0 + 12);
    let (status, line) = end(&visit);
    assert_eq!((status, &line["outcome"]), (200, &"ok".into()));
    assert_eq!(line["total_ms"], 12);
    assert_eq!(line["limiter_ms"], 2);
    assert_eq!(line["upstream_ms"], 7);
    assert_eq!(line["attempts"].as_array().map(Vec::len), Some(1));
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
        // An error without its body may have been the engine's own.
        (
            Errand::ReadError,
            Failure::Late,
            502,
            "upstream_error",
            None,
        ),
        (
            Errand::ReadError,
            Failure::Other("reset"),
            502,
            "upstream_error",
            None,
        ),
    ] {
        let mut isolate = isolate();
        let mut visit = until(&mut isolate, errand);
        visit.failed(&mut isolate, failure, T0 + 50);
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
    first.head(&mut isolate, "200\napplication/json\n\n".to_owned(), T0);
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

/// The head of an answer, with what follows its status.
fn head(visit: &mut Visit, isolate: &mut Isolate, status: u16, rest: &str, now: u64) {
    visit.head(isolate, format!("{status}\n{rest}"), now);
}

#[test]
fn what_cannot_be_short_or_is_a_stream_is_handed_on_as_it_comes() {
    for rest in [
        "application/json",
        "application/json\n999999",
        "application/json\n12\ngzip",
        "text/event-stream\n12",
    ] {
        let mut isolate = isolate();
        let mut visit = until(&mut isolate, Errand::Send);
        head(&mut visit, &mut isolate, 200, rest, T0 + 5);
        assert_eq!(visit.errand(), Errand::HandOn, "{rest}");
        assert_eq!(visit.streams(), rest.starts_with("text"), "{rest}");
        assert_eq!(ended(&visit).0, 200);
    }
}

#[test]
fn a_short_answer_that_breaks_off_is_refused_readably_and_not_tried_again() {
    for (failure, status, code) in [
        (Failure::Late, 504, "upstream_timeout"),
        (Failure::Other("reset"), 502, "upstream_error"),
    ] {
        let mut isolate = isolate();
        let mut visit = until(&mut isolate, Errand::Send);
        head(
            &mut visit,
            &mut isolate,
            200,
            "application/json\n12",
            T0 + 5,
        );
        visit.failed(&mut isolate, failure, T0 + 9);
        let (got, line) = end(&visit);
        assert_eq!((got, &line["outcome"]), (status, &code.into()));
        assert_eq!(line.get("given_back"), None);
    }
}

#[test]
fn an_attempt_that_failed_is_followed_by_a_pause_and_another() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    head(&mut visit, &mut isolate, 503, "text/html", T0 + 5);
    assert_eq!(visit.errand(), Errand::Wait);
    let pause = visit.patience(T0 + 5);
    assert!(pause <= 200, "{pause} ms");
    visit.failed(&mut isolate, Failure::Late, T0 + 5 + pause);
    assert_eq!(visit.errand(), Errand::Send);
    assert_eq!(visit.patience(T0 + 5 + pause), 25_000 - 5 - pause);
}

#[test]
fn a_chat_that_never_arrived_is_given_back_before_it_is_refused() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    head(&mut visit, &mut isolate, 429, "text/html\n\n\n17", T0 + 5);
    assert_eq!(visit.errand(), Errand::GiveBack);
    visit.given_back(&mut isolate, &[6, 0], T0 + 6);
    let (status, line) = end(&visit);
    assert_eq!((status, &line["budget"]), (429, &"store".into()));
    assert_eq!(line["given_back"], true);
    let reply = &visit.end().expect("an end").reply;
    assert_eq!(
        header(&reply.headers, "X-RateLimit-Remaining").as_deref(),
        Some("6")
    );
    // The next chat costs neither the limiter nor the upstream anything.
    let mut next = arrive(&isolate);
    next.body(&isolate, BODY, T0 + 7);
    let (status, line) = end(&next);
    assert_eq!((status, &line["budget"]), (429, &"store".into()));
}

#[test]
fn a_shopper_who_leaves_gets_nothing_back() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    head(&mut visit, &mut isolate, 522, "text/html", T0 + 5);
    visit.failed(&mut isolate, Failure::Left, T0 + 6);
    let (status, line) = end(&visit);
    assert_eq!(status, 499);
    assert_eq!(line.get("given_back"), None);
}

#[test]
fn a_retry_sees_the_cap_that_another_chat_has_met_meanwhile() {
    let mut isolate = isolate();
    let mut waiting = until(&mut isolate, Errand::Send);
    head(&mut waiting, &mut isolate, 522, "text/html", T0);
    assert_eq!(waiting.errand(), Errand::Wait);
    let mut other = until(&mut isolate, Errand::Send);
    head(&mut other, &mut isolate, 429, "text/html\n\n\n17", T0);
    waiting.failed(&mut isolate, Failure::Late, T0 + 200);
    assert_eq!(waiting.errand(), Errand::GiveBack);
}

#[test]
fn what_an_earlier_attempt_said_is_not_told_of_a_later_one() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    head(&mut visit, &mut isolate, 503, "text/html", T0);
    visit.failed(&mut isolate, Failure::Late, T0 + 200);
    visit.failed(&mut isolate, Failure::Late, T0 + 25_000);
    let (status, line) = end(&visit);
    assert_eq!(status, 504);
    assert_eq!(line.get("upstream_status"), None);
}

#[test]
fn a_chat_that_is_given_back_ends_what_was_remembered_of_its_shopper() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    let mut refused = until(&mut isolate, Errand::AskLimiter);
    // Both are newcomers of one network, and so alike to the memory.
    refused.verdict(&mut isolate, &REFUSED, T0);
    head(&mut visit, &mut isolate, 429, "text/html\n\n\n1", T0);
    visit.given_back(&mut isolate, &[6, 0], T0 + 1);
    let mut next = arrive(&isolate);
    next.body(&isolate, BODY, T0 + 1_001);
    assert_eq!(next.errand(), Errand::AskLimiter);
}
