//! The way of a request as its errands show it: what comes next, how long it may take, and how it
//! ends when an errand fails.

use concierge_proxy::config::Setting;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::visit::{Errand, Failure, Visit};
use serde_json::Value;

use crate::support::{ELSEWHERE, HERE, ORIGIN, Settings, api_key, chance, header};

const T0: u64 = 1_800_000_000_000;
const BODY: &[u8] = br#"{"prompt":"hat"}"#;
/// The limiter's words: admitted, 5 left; refused for 30 seconds as one shopper; and as one who has
/// used nothing, because the network's budget is spent.
const ADMITTED: [u32; 2] = [5, 9];
const REFUSED: [u32; 6] = [0, 30, 1, 6, 60, 30];
const NETWORK_FULL: [u32; 6] = [40, 0, 3, 20, 60, 30];
/// As many blocks of networks as open the breaker.
const FIVE_BLOCKS: [&str; 5] = [
    "203.0.1.1",
    "203.0.2.1",
    "203.0.3.1",
    "203.0.5.1",
    "203.0.6.1",
];
/// The upstream's own cap, as its envelope says it.
const STORE_FULL: &[u8] = br#"{"error":"rate_limited","limit_window":"minute"}"#;

fn isolate() -> Isolate {
    Settings::good().isolate()
}

fn arrive(isolate: &mut Isolate) -> Visit {
    arrive_as(isolate, "POST", ORIGIN)
}

fn arrive_as(isolate: &mut Isolate, method: &str, origin: &str) -> Visit {
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
    let mut visit = arrive(&mut isolate);
    assert_eq!(visit.errand(), Errand::ReadBody);
    visit.body(&mut isolate, BODY, T0 + 1);
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
    visit.answer(&mut isolate, 12, T0 + 12);
    let (status, line) = end(&visit);
    assert_eq!((status, &line["outcome"]), (200, &"ok".into()));
    assert_eq!(line["total_ms"], 12);
    assert_eq!(line["limiter_ms"], 2);
    assert_eq!(line["upstream_ms"], 7);
    assert_eq!(line["attempts"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_refused_by_its_head_has_no_errand() {
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
        let (_, line) = end(&arrive_as(&mut isolate, method, origin));
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
    let mut visit = until(&mut isolate, Errand::ReadError);
    assert_eq!(visit.patience(T0 + 30_000), 0);
    // A clock that is set back makes nothing longer than it may be.
    assert_eq!(visit.patience(T0 - 1_000_000), 25_000);
    visit.error_body(&mut isolate, b"{}", T0);
    assert_eq!(visit.errand(), Errand::Wait);
    assert_eq!(visit.patience(T0 - 1_000_000), 25_000);
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
    first.verdict(&mut isolate, &NETWORK_FULL, T0);
    let (status, line) = end(&first);
    assert_eq!((status, &line["budget"]), (429, &"network".into()));
    let mut second = arrive(&mut isolate);
    second.body(&mut isolate, BODY, T0 + 4_999);
    let (status, line) = end(&second);
    assert_eq!((status, &line["budget"]), (429, &"network".into()));
    let mut third = arrive(&mut isolate);
    third.body(&mut isolate, BODY, T0 + 5_000);
    assert_eq!(third.errand(), Errand::AskLimiter);
}

#[test]
fn what_newcomers_are_refused_is_not_replayed_to_the_holder_of_a_session_id() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, Errand::AskLimiter);
    let body: Value = serde_json::from_str(first.attempt_body()).expect("a body");
    first.verdict(&mut isolate, &ADMITTED, T0);
    let mut fresh = until(&mut isolate, Errand::AskLimiter);
    // No place for newcomers is left.
    fresh.verdict(&mut isolate, &[40, 0, 2, 10, 60, 30], T0);
    let mut stranger = arrive(&mut isolate);
    stranger.body(&mut isolate, BODY, T0);
    assert_eq!(end(&stranger).0, 429);
    let mut holder = arrive(&mut isolate);
    holder.body(&mut isolate, body.to_string().as_bytes(), T0);
    assert_eq!(holder.errand(), Errand::AskLimiter);
}

#[test]
fn a_fault_is_answered_for_the_page_that_asked() {
    let mut isolate = isolate();
    let lines = format!("POST\nhttps://proxy.example.com/\n{ORIGIN}\n\n\n\n{HERE}");
    let (status, line) = end(&Visit::fault(&mut isolate, lines, chance(1), T0, T0 + 12));
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
    first.answer(&mut isolate, 12, T0);
    let reply = &first.end().expect("an end").reply;
    let pass = header(&reply.headers, "Shopper-Pass").expect("a pass");
    let url = "https://proxy.example.com/v1/concierge/chat";
    let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n{pass}\n{HERE}");
    let mut second = Visit::begin(&mut isolate, lines.clone(), chance(2), T0);
    second.body(&mut isolate, BODY, T0);
    second.verdict(&mut isolate, &REFUSED, T0);
    assert_eq!(end(&second).0, 429);
    let third = Visit::begin(&mut isolate, lines.clone(), chance(3), T0 + 4_999);
    let (status, line) = end(&third);
    assert_eq!((status, &line["budget"]), (429, &"shopper".into()));
    assert!(line["shopper"].is_string());
    let fourth = Visit::begin(&mut isolate, lines, chance(4), T0 + 5_000);
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
        assert_eq!(visit.errand(), Errand::ReadFirst, "{rest}");
        assert_eq!(visit.patience(T0 + 1_005), 9_000, "{rest}");
        visit.answer(&mut isolate, 1, T0 + 2_005);
        assert_eq!(visit.errand(), Errand::HandOn, "{rest}");
        // An answer has to be whole in time; a stream may take any time, but not pause.
        let patience = if visit.streams() { 10_000 } else { 8_000 };
        assert_eq!(visit.patience(T0 + 2_005), patience, "{rest}");
        assert_eq!(visit.streams(), rest.starts_with("text"), "{rest}");
        assert_eq!(ended(&visit).0, 200);
    }
}

#[test]
fn an_answer_that_breaks_off_before_any_of_it_is_sent_is_refused_readably_and_not_tried_again() {
    for (failure, status, code) in [
        (Failure::Late, 504, "upstream_timeout"),
        (Failure::Other("reset"), 502, "upstream_error"),
    ] {
        for rest in [
            "application/json\n12",
            "application/json",
            "text/event-stream",
        ] {
            let mut isolate = isolate();
            let mut visit = until(&mut isolate, Errand::Send);
            head(&mut visit, &mut isolate, 200, rest, T0 + 5);
            visit.failed(&mut isolate, failure, T0 + 9);
            let (got, line) = end(&visit);
            assert_eq!((got, &line["outcome"]), (status, &code.into()), "{rest}");
            assert_eq!(line.get("given_back"), None);
        }
    }
}

#[test]
fn an_answer_of_no_bytes_is_an_empty_one() {
    for rest in [
        "application/json\n00",
        "application/json",
        "application/json\n30\ngzip",
        "text/event-stream",
    ] {
        let mut isolate = isolate();
        let mut visit = until(&mut isolate, Errand::Send);
        head(&mut visit, &mut isolate, 200, rest, T0 + 5);
        visit.answer(&mut isolate, 0, T0 + 9);
        let (status, line) = end(&visit);
        let code = "upstream_empty_response";
        assert_eq!((status, &line["outcome"]), (502, &code.into()), "{rest}");
    }
}

#[test]
fn an_attempt_that_failed_is_followed_by_a_pause_and_another() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    head(&mut visit, &mut isolate, 522, "text/html", T0 + 5);
    assert_eq!(visit.errand(), Errand::Wait);
    let pause = visit.patience(T0 + 5);
    assert!(pause <= 200, "{pause} ms");
    visit.failed(&mut isolate, Failure::Late, T0 + 5 + pause);
    assert_eq!(visit.errand(), Errand::Send);
    assert_eq!(visit.patience(T0 + 5 + pause), 25_000 - 5 - pause);
}

/// A visit whose first attempt the upstream may have counted, as far as its second.
fn again(isolate: &mut Isolate) -> Visit {
    let mut visit = until(isolate, Errand::Send);
    head(&mut visit, isolate, 503, "text/html", T0);
    assert_eq!(visit.errand(), Errand::Wait);
    visit.failed(isolate, Failure::Late, T0 + 200);
    assert_eq!(visit.errand(), Errand::CountRetry);
    assert_eq!(visit.patience(T0 + 200), 1_000);
    visit
}

#[test]
fn an_attempt_beyond_one_that_may_have_been_counted_is_counted_first() {
    let mut isolate = isolate();
    let mut visit = again(&mut isolate);
    visit.retry_counted(&mut isolate, true, T0 + 203);
    assert_eq!(visit.errand(), Errand::Send);
}

#[test]
fn what_the_limiter_does_not_count_is_not_sent_and_ends_as_it_stands() {
    let mut isolate = isolate();
    let mut visit = again(&mut isolate);
    visit.retry_counted(&mut isolate, false, T0 + 203);
    let (status, line) = end(&visit);
    assert_eq!((status, &line["outcome"]), (502, &"upstream_error".into()));
    assert_eq!(line["attempts"].as_array().map(Vec::len), Some(1));

    for (failure, status, detail) in [
        (Failure::Late, 502, Some("limiter: timeout")),
        (Failure::Other("gone"), 502, Some("limiter: gone")),
        (Failure::Left, 499, None),
    ] {
        let mut visit = again(&mut isolate);
        visit.failed(&mut isolate, failure, T0 + 1_200);
        let (got, line) = end(&visit);
        assert_eq!(got, status);
        assert_eq!(line.get("detail").and_then(Value::as_str), detail);
    }
}

/// A chat from this network, of which every attempt ends as this status with this body.
fn fail(isolate: &mut Isolate, address: &str, status: u16, body: &[u8], now: u64) -> Visit {
    let url = "https://proxy.example.com/v1/concierge/chat";
    let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n{address}");
    let mut visit = Visit::begin(isolate, lines, chance(1), now);
    visit.body(isolate, BODY, now);
    loop {
        match visit.errand() {
            Errand::AskLimiter => visit.verdict(isolate, &ADMITTED, now),
            Errand::Send => head(&mut visit, isolate, status, "application/json", now),
            Errand::ReadError => visit.error_body(isolate, body, now),
            Errand::Wait => visit.failed(isolate, Failure::Late, now),
            Errand::CountRetry => visit.retry_counted(isolate, true, now),
            Errand::GiveBack => visit.given_back(isolate, &[6, 0], now),
            _ => return visit,
        }
    }
}

#[test]
fn a_retry_is_not_counted_once_the_engine_is_left_alone() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    head(&mut visit, &mut isolate, 503, "text/html", T0);
    for address in FIVE_BLOCKS {
        let body = br#"{"error":"upstream_function_error"}"#;
        fail(&mut isolate, address, 502, body, T0);
    }
    assert_eq!(visit.errand(), Errand::Wait);
    visit.failed(&mut isolate, Failure::Late, T0 + 200);
    let (status, line) = end(&visit);
    assert_eq!(
        (status, line["detail"].as_str()),
        (502, Some("upstream: left alone"))
    );
    assert_eq!(
        line.get("given_back"),
        None,
        "the gateway may have passed it on"
    );
}

fn requests(visit: &Visit) -> usize {
    end(visit).1["attempts"].as_array().map_or(0, Vec::len)
}

#[test]
fn an_engine_that_fails_is_asked_once_a_chat_and_then_by_one_chat_in_three_seconds() {
    let mut isolate = isolate();
    let body = br#"{"error":"upstream_function_error"}"#;
    let mut chats = (0..60_u64).map(|number| {
        let address = format!("203.0.{number}.1");
        fail(&mut isolate, &address, 502, body, T0 + number * 100)
    });
    let sent: Vec<usize> = chats.by_ref().map(|visit| requests(&visit)).collect();
    // The fifth block's chat opens the breaker.
    assert_eq!(sent[..6], [3, 3, 3, 3, 1, 0]);
    assert_eq!(sent.iter().sum::<usize>(), 14, "{sent:?}");
    assert_eq!(sent[34], 1, "the probe, 3 s after the breaker opened");

    let refused = fail(&mut isolate, "203.0.200.1", 502, body, T0 + 6_100);
    let (status, line) = end(&refused);
    let code = "upstream_invoke_error";
    assert_eq!((status, &line["outcome"]), (502, &code.into()));
    assert_eq!(line["detail"], "upstream: left alone");
    assert_eq!(line.get("limiter_ms"), None, "nothing is counted");
    let reply = &refused.end().expect("an end").reply;
    assert_eq!(header(&reply.headers, "Retry-After").as_deref(), Some("1"));
}

#[test]
fn a_chat_that_was_counted_before_the_engine_was_left_alone_is_given_back() {
    let mut isolate = isolate();
    let mut late = until(&mut isolate, Errand::AskLimiter);
    let body = br#"{"error":"upstream_function_error"}"#;
    for address in FIVE_BLOCKS {
        fail(&mut isolate, address, 502, body, T0);
    }
    late.verdict(&mut isolate, &ADMITTED, T0 + 1);
    assert_eq!(late.errand(), Errand::GiveBack);
}

#[test]
fn the_chat_that_looks_goes_on_until_it_has_seen_the_engine() {
    let mut isolate = isolate();
    let body = br#"{"error":"upstream_function_error"}"#;
    for address in FIVE_BLOCKS {
        fail(&mut isolate, address, 502, body, T0);
    }
    let mut probe = arrive(&mut isolate);
    probe.body(&mut isolate, BODY, T0 + 3_000);
    probe.verdict(&mut isolate, &ADMITTED, T0 + 3_000);
    head(&mut probe, &mut isolate, 522, "text/html", T0 + 3_010);
    probe.failed(&mut isolate, Failure::Late, T0 + 3_200);
    assert_eq!(probe.errand(), Errand::Send);
    // Nobody else is sent meanwhile.
    let other = fail(&mut isolate, "203.0.4.1", 502, body, T0 + 3_210);
    assert_eq!(requests(&other), 0);
    head(
        &mut probe,
        &mut isolate,
        502,
        "application/json",
        T0 + 3_220,
    );
    probe.error_body(&mut isolate, body, T0 + 3_220);
    assert_eq!(requests(&probe), 2);
}

#[test]
fn an_answer_ends_what_was_held_against_the_engine() {
    let mut isolate = isolate();
    let body = br#"{"error":"upstream_function_error"}"#;
    for address in FIVE_BLOCKS {
        fail(&mut isolate, address, 502, body, T0);
    }
    let mut probe = arrive(&mut isolate);
    probe.body(&mut isolate, BODY, T0 + 3_000);
    probe.verdict(&mut isolate, &ADMITTED, T0 + 3_000);
    head(
        &mut probe,
        &mut isolate,
        200,
        "application/json\n12",
        T0 + 3_100,
    );
    // A head is no answer yet.
    let refused = fail(&mut isolate, "203.0.4.1", 502, body, T0 + 3_100);
    assert_eq!(requests(&refused), 0);
    probe.answer(&mut isolate, 12, T0 + 3_200);
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, BODY, T0 + 3_200);
    assert_eq!(next.errand(), Errand::AskLimiter);
}

/// An isolate whose breaker has just opened.
fn isolate_without_engine() -> Isolate {
    let mut isolate = isolate();
    let body = br#"{"error":"upstream_function_error"}"#;
    for address in FIVE_BLOCKS {
        fail(&mut isolate, address, 502, body, T0);
    }
    isolate
}

#[test]
fn a_probe_that_comes_to_nothing_is_followed_by_anothers_at_once() {
    let now = T0 + 3_000;
    for end in 0..3 {
        let mut isolate = isolate_without_engine();
        let mut probe = arrive(&mut isolate);
        probe.body(&mut isolate, BODY, now);
        assert_eq!(probe.errand(), Errand::AskLimiter);
        match end {
            // Refused by the limiter, left before it answered, and left later.
            0 => probe.verdict(&mut isolate, &NETWORK_FULL, now),
            1 => probe.failed(&mut isolate, Failure::Left, now),
            _ => {
                probe.verdict(&mut isolate, &ADMITTED, now);
                probe.failed(&mut isolate, Failure::Left, now);
            }
        }
        assert_eq!(probe.errand(), Errand::Reply, "{end}");
        let next = fail(&mut isolate, "203.0.4.1", 404, b"", now);
        assert_eq!(requests(&next), 1, "{end}");
    }
}

/// Whether an honest chat from this address is answered by an engine that is well.
fn is_answered(isolate: &mut Isolate, address: &str, now: u64) -> bool {
    let url = "https://proxy.example.com/v1/concierge/chat";
    let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n{address}");
    let mut visit = Visit::begin(isolate, lines, chance(1), now);
    visit.body(isolate, BODY, now);
    if visit.errand() == Errand::AskLimiter {
        visit.verdict(isolate, &ADMITTED, now);
        head(&mut visit, isolate, 200, "application/json\n12", now);
        visit.answer(isolate, 12, now);
    }
    end(&visit).0 == 200
}

#[test]
fn whoever_looks_and_leaves_cannot_keep_the_shop_shut() {
    let mut isolate = isolate_without_engine();
    let mut now = T0 + 2_000;
    // One network asks all the time and leaves; the engine is well.
    let opened = (0..60_u64).find(|number| {
        now += 500;
        let mut asker = arrive(&mut isolate);
        asker.body(&mut isolate, BODY, now);
        let answered = is_answered(&mut isolate, &format!("203.0.{}.1", 100 + number), now + 1);
        if asker.errand() == Errand::AskLimiter {
            asker.failed(&mut isolate, Failure::Left, now + 120);
        }
        answered
    });
    // Its first turn is all that it can take.
    assert_eq!(opened, Some(2));
}

#[test]
fn an_open_breaker_holds_whatever_the_failure_has_become() {
    for (status, body) in [(503, "{}"), (504, "{}"), (404, "{}"), (500, "{}")] {
        let mut isolate = isolate_without_engine();
        let sent: usize = (0..60_u64)
            .map(|number| {
                let (address, now) = (
                    format!("203.0.{}.1", 100 + number),
                    T0 + 3_000 + number * 50,
                );
                requests(&fail(&mut isolate, &address, status, body.as_bytes(), now))
            })
            .sum();
        assert_eq!(sent, 1, "{status}");
    }
}

#[test]
fn a_look_goes_on_with_the_other_key() {
    let mut isolate = Settings::good()
        .with(Setting::ApiKeyNext, &api_key('1'))
        .isolate();
    let body = br#"{"error":"upstream_function_error"}"#;
    for address in FIVE_BLOCKS {
        fail(&mut isolate, address, 502, body, T0);
    }
    let mut probe = arrive(&mut isolate);
    probe.body(&mut isolate, BODY, T0 + 3_000);
    probe.verdict(&mut isolate, &ADMITTED, T0 + 3_000);
    head(&mut probe, &mut isolate, 401, "text/html", T0 + 3_000);
    assert_eq!(probe.errand(), Errand::Send);
}

#[test]
fn a_shopper_who_leaves_the_look_at_a_full_store_shuts_out_nobody() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, Errand::Send);
    let rest = "application/json\n\n\n3600";
    head(&mut first, &mut isolate, 429, rest, T0);
    let day = br#"{"error":"rate_limited","limit_window":"day"}"#;
    first.error_body(&mut isolate, day, T0);
    let now = T0 + 300_000;
    let mut probe = arrive(&mut isolate);
    probe.body(&mut isolate, BODY, now);
    assert_eq!(probe.errand(), Errand::AskLimiter);
    assert!(!is_answered(&mut isolate, "203.0.1.1", now));
    probe.failed(&mut isolate, Failure::Left, now);
    assert!(is_answered(&mut isolate, "203.0.1.1", now));
}

#[test]
fn a_look_that_meets_the_stores_cap_is_the_only_one_for_five_minutes() {
    let mut isolate = isolate();
    let day = br#"{"error":"rate_limited","limit_window":"day"}"#;
    let mut meet = |address: &str, now| {
        let url = "https://proxy.example.com/v1/concierge/chat";
        let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n{address}");
        let mut visit = Visit::begin(&mut isolate, lines, chance(1), now);
        visit.body(&mut isolate, BODY, now);
        let asks = visit.errand() == Errand::AskLimiter;
        if asks {
            visit.verdict(&mut isolate, &ADMITTED, now);
            head(
                &mut visit,
                &mut isolate,
                429,
                "application/json\n\n\n80000",
                now,
            );
            visit.error_body(&mut isolate, day, now);
            visit.given_back(&mut isolate, &[6, 0], now);
        }
        asks
    };
    assert!(meet("203.0.1.1", T0));
    assert!(!meet("203.0.2.1", T0 + 1));
    assert!(meet("203.0.3.1", T0 + 300_000));
    assert!(!meet("203.0.4.1", T0 + 300_001));
    // A lone block looks as often.
    assert!(meet("203.0.3.1", T0 + 600_000));
    assert!(meet("203.0.3.1", T0 + 900_000));
}

#[test]
fn of_a_burst_as_the_rest_ends_one_is_counted() {
    let mut isolate = isolate_without_engine();
    let now = T0 + 3_000;
    let asked = (0..30).filter(|number| {
        let url = "https://proxy.example.com/v1/concierge/chat";
        let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n203.0.{number}.1");
        let mut visit = Visit::begin(&mut isolate, lines, chance(1), now);
        visit.body(&mut isolate, BODY, now);
        visit.errand() == Errand::AskLimiter
    });
    assert_eq!(asked.count(), 1);
}

#[test]
fn an_engine_that_only_begins_to_answer_is_left_alone() {
    let mut isolate = isolate();
    let mut sent = 0;
    for number in 0..10_u64 {
        let (url, now) = ("https://proxy.example.com/v1/concierge/chat", T0 + number);
        let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n203.0.{number}.1");
        let mut visit = Visit::begin(&mut isolate, lines, chance(1), now);
        visit.body(&mut isolate, BODY, now);
        if visit.errand() == Errand::AskLimiter {
            visit.verdict(&mut isolate, &ADMITTED, now);
            head(&mut visit, &mut isolate, 200, "application/json\n12", now);
            visit.failed(&mut isolate, Failure::Late, now);
            sent += 1;
        }
    }
    assert_eq!(sent, 5);
}

#[test]
fn an_attempt_that_had_less_than_the_whole_time_is_no_verdict_on_the_engine() {
    let mut isolate = isolate();
    for number in 0..9_u64 {
        let url = "https://proxy.example.com/v1/concierge/chat";
        let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n203.0.{number}.1");
        let mut visit = Visit::begin(&mut isolate, lines, chance(1), T0);
        visit.body(&mut isolate, BODY, T0);
        visit.verdict(&mut isolate, &ADMITTED, T0);
        head(&mut visit, &mut isolate, 522, "text/html\n\n\n15", T0);
        visit.failed(&mut isolate, Failure::Late, T0 + 15_000);
        assert_eq!(visit.errand(), Errand::Send);
        visit.failed(&mut isolate, Failure::Late, T0 + 25_000);
        assert_eq!(end(&visit).0, 504);
    }
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, BODY, T0 + 25_000);
    assert_eq!(next.errand(), Errand::AskLimiter);
}

#[test]
fn one_shoppers_refusal_is_not_replayed_to_those_who_are_new_to_the_network() {
    let mut isolate = isolate();
    // A pass that is moving here, of a shopper who has used up a budget here.
    let elsewhere = |lines: &str| lines.replace(HERE, ELSEWHERE);
    let url = "https://proxy.example.com/v1/concierge/chat";
    let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n{HERE}");
    let mut first = Visit::begin(&mut isolate, elsewhere(&lines), chance(1), T0);
    first.body(&mut isolate, BODY, T0);
    first.verdict(&mut isolate, &ADMITTED, T0);
    head(&mut first, &mut isolate, 200, "application/json\n12", T0);
    first.answer(&mut isolate, 12, T0);
    let reply = &first.end().expect("an end").reply;
    let pass = header(&reply.headers, "Shopper-Pass").expect("a pass");

    let now = T0 + 86_400_000;
    let moving = lines.replace("json\n\n", &format!("json\n{pass}\n"));
    for refused in [REFUSED, [12, 40, 3, 20, 60, 30]] {
        let mut isolate = self::isolate();
        let mut mover = Visit::begin(&mut isolate, moving.clone(), chance(2), now);
        mover.body(&mut isolate, BODY, now);
        let identity = mover.identity().expect("somebody");
        assert!(identity.newcomer && !identity.fresh);
        mover.verdict(&mut isolate, &refused, now);
        assert_eq!(end(&mover).0, 429);
        let mut stranger = Visit::begin(&mut isolate, lines.clone(), chance(3), now);
        stranger.body(&mut isolate, BODY, now);
        assert_eq!(stranger.errand(), Errand::AskLimiter, "{refused:?}");
    }
}

/// The upstream refuses a chat because the store's cap is reached, for so many seconds.
fn store_full(visit: &mut Visit, isolate: &mut Isolate, seconds: u32, now: u64) {
    let rest = format!("application/json\n\n\n{seconds}");
    head(visit, isolate, 429, &rest, now);
    visit.error_body(isolate, STORE_FULL, now);
}

#[test]
fn a_chat_that_never_arrived_is_given_back_before_it_is_refused() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    store_full(&mut visit, &mut isolate, 17, T0 + 5);
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
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, BODY, T0 + 7);
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
    store_full(&mut other, &mut isolate, 17, T0);
    waiting.failed(&mut isolate, Failure::Late, T0 + 200);
    assert_eq!(waiting.errand(), Errand::GiveBack);
}

#[test]
fn what_an_earlier_attempt_said_is_not_told_of_a_later_one() {
    let mut isolate = isolate();
    let mut visit = until(&mut isolate, Errand::Send);
    head(&mut visit, &mut isolate, 522, "text/html", T0);
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
    refused.verdict(&mut isolate, &NETWORK_FULL, T0);
    store_full(&mut visit, &mut isolate, 1, T0);
    visit.given_back(&mut isolate, &[6, 0], T0 + 1);
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, BODY, T0 + 1_001);
    assert_eq!(next.errand(), Errand::AskLimiter);
}
