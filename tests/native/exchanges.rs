//! The way of a request as its steps show it: what comes next, how long it may take, and how it ends
//! when a step fails.

mod engine;
mod misfits;
mod orders;

use concierge_proxy::config::Setting;
use concierge_proxy::exchange::{End, Event, Exchange, Failure, Next, Step};
use concierge_proxy::head::{RequestHead, ResponseHead};
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::protocol::{Answer, Decision, Question, Standing};
use concierge_proxy::relay::Relay;
use concierge_proxy::reply::Body;
use serde_json::Value;

use crate::support::{ELSEWHERE, ORIGIN, Settings, entropy, header, post};

const T0: u64 = 1_800_000_000_000;
const BODY: &[u8] = br#"{"prompt":"hat"}"#;
/// The limiter's words: admitted, 5 left; refused for 30 seconds as one shopper; and as one who has
/// used nothing, because the network's budget is spent.
const ADMITTED: [u32; 2] = [5, 9];
const REFUSED: [u32; 6] = [0, 30, 1, 6, 60, 30];
const NETWORK_FULL: [u32; 6] = [40, 0, 3, 20, 60, 30];
/// The upstream's own cap, as its envelope says it.
const STORE_FULL: &[u8] = br#"{"error":"rate_limited","limit_window":"minute"}"#;

/// A request on its way, or its end.
struct Run(Option<Next>);

impl Run {
    fn begin(isolate: &Isolate, head: &RequestHead<'_>, number: u8, now: u64) -> Self {
        Self(Some(Exchange::begin(isolate, head, entropy(number), now)))
    }

    fn handle(&mut self, isolate: &mut Isolate, event: Event, now: u64) {
        let Some(Next::Step(_, exchange)) = self.0.take() else {
            panic!("it has ended: {event:?}")
        };
        self.0 = Some(exchange.handle(&mut isolate.memory, event, now));
    }

    fn body(&mut self, isolate: &mut Isolate, now: u64) {
        self.handle(isolate, Event::Body(BODY.to_vec()), now);
    }

    fn decide(&mut self, isolate: &mut Isolate, words: &[u32], now: u64) {
        self.handle(isolate, decision(words), now);
    }

    /// The head of a response: its status, and its headers in their order.
    fn head(&mut self, isolate: &mut Isolate, status: u16, headers: &[&str], now: u64) {
        self.handle(isolate, head(status, headers), now);
    }

    /// The end of a pause.
    fn elapse(&mut self, isolate: &mut Isolate, now: u64) {
        self.handle(isolate, Event::Elapsed, now);
    }

    fn refund(&mut self, isolate: &mut Isolate, now: u64) {
        let standing = Standing {
            remaining: 6,
            reset: 0,
        };
        self.handle(
            isolate,
            Event::Answer(Answer::Refunded(Some(standing))),
            now,
        );
    }

    fn step(&self) -> &Step {
        match &self.0 {
            Some(Next::Step(step, _)) => step,
            other => panic!("no step: {other:?}"),
        }
    }

    /// What is to be done, and how long that may take.
    fn named(&self) -> (&'static str, u64) {
        match self.step() {
            Step::ReadBody { timeout, .. } => ("read body", *timeout),
            Step::Ask {
                question, timeout, ..
            } => match question {
                Question::Admit { .. } => ("admit", *timeout),
                Question::CountRetry => ("count retry", *timeout),
                Question::Refund { .. } => ("refund", *timeout),
            },
            Step::Send { timeout, .. } => ("send", *timeout),
            Step::Connect { timeout, .. } => ("connect", *timeout),
            Step::ReadError { timeout, .. } => ("read error", *timeout),
            Step::ReadAnswer { timeout } => ("read answer", *timeout),
            Step::ReadFirst { timeout } => ("read first", *timeout),
            Step::Wait { pause } => ("wait", *pause),
        }
    }

    fn name(&self) -> &'static str {
        self.named().0
    }

    /// The end of a request that is answered by a text of ours or by an answer that was read.
    fn end(&self) -> &End {
        match &self.0 {
            Some(Next::Respond(end)) => end,
            other => panic!("no end: {other:?}"),
        }
    }

    /// The end of a request whose answer is relayed.
    fn forwarded(&mut self) -> (&End, &mut Relay) {
        match &mut self.0 {
            Some(Next::Forward(end, relay)) => (end, relay),
            other => panic!("not forwarded: {other:?}"),
        }
    }

    /// Its status and the log line, read.
    fn told(&self) -> (u16, Value) {
        told(self.end())
    }
}

fn told(end: &End) -> (u16, Value) {
    let entry = end.log.last().expect("a line");
    let line = serde_json::from_str(&entry.text).expect("a line of JSON");
    (end.reply.status, line)
}

fn decision(words: &[u32]) -> Event {
    let decision = Decision::from_words(words).expect("a decision");
    Event::Answer(Answer::Decision(decision))
}

fn head(status: u16, headers: &[&str]) -> Event {
    let mut all = [""; 6];
    all[..headers.len()].copy_from_slice(headers);
    Event::Head(ResponseHead::read(status, all))
}

fn counted(counted: bool) -> Event {
    Event::Answer(Answer::RetryCounted(counted))
}

fn broken(words: &str) -> Event {
    Event::Failed(Failure::Broken(words.to_owned()))
}

const LEFT: Event = Event::Failed(Failure::ShopperLeft);

fn isolate() -> Isolate {
    Settings::good().isolate()
}

fn arrive(isolate: &Isolate) -> Run {
    Run::begin(isolate, &post(), 1, T0)
}

/// A request that is as far as this step.
fn until(isolate: &mut Isolate, step: &str) -> Run {
    let mut run = arrive(isolate);
    if step != "read body" {
        run.body(isolate, T0);
    }
    if step == "send" || step == "read error" {
        run.decide(isolate, &ADMITTED, T0);
    }
    if step == "read error" {
        run.head(isolate, 502, &["application/json"], T0 + 40);
    }
    assert_eq!(run.name(), step);
    run
}

#[test]
fn a_chat_is_read_counted_sent_and_passed_on() {
    let mut isolate = isolate();
    let mut run = arrive(&isolate);
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
    assert!(request.body.contains(r#""prompt":"hat""#));
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
fn a_request_refused_by_its_head_has_no_step() {
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
        let head = RequestHead {
            method,
            origin: Some(origin),
            ..post()
        };
        let (_, line) = Run::begin(&isolate, &head, 1, T0).told();
        assert_eq!(line["outcome"], outcome);
    }
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
        let Step::ReadError { max_bytes, .. } = run.step() else {
            panic!("{:?}", run.step())
        };
        assert_eq!(*max_bytes, 16_384);
        assert_eq!(run.named(), ("read error", timeout));
    }
    let mut run = until(&mut isolate, "send");
    run.head(&mut isolate, 429, &["text/html", "", "", "19"], T0);
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

/// A chat whose upstream is on this machine, and whose request has failed.
fn failed_locally(isolate: &mut Isolate) -> Run {
    *isolate = Settings::good()
        .with(Setting::BaseUrl, "http://localhost:9000/v1")
        .isolate();
    let mut run = until(isolate, "send");
    run.handle(isolate, broken("lost"), T0 + 5);
    run
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
    assert_eq!(line["detail"], "limiter: its answer cannot be read");
    assert_eq!(line["limiter_ms"], 7);
}

#[test]
fn a_refusal_is_remembered_and_the_limiter_not_asked_again() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, "admit");
    first.decide(&mut isolate, &NETWORK_FULL, T0);
    let (status, line) = first.told();
    assert_eq!((status, &line["budget"]), (429, &"network".into()));
    let mut second = arrive(&isolate);
    second.body(&mut isolate, T0 + 4_999);
    let (status, line) = second.told();
    assert_eq!((status, &line["budget"]), (429, &"network".into()));
    let mut third = arrive(&isolate);
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
    let mut stranger = arrive(&isolate);
    stranger.body(&mut isolate, T0);
    assert_eq!(stranger.told().0, 429);
    let mut holder = arrive(&isolate);
    holder.handle(&mut isolate, Event::Body(body.into_bytes()), T0);
    assert_eq!(holder.name(), "admit");
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

#[test]
fn a_remembered_refusal_of_a_pass_is_answered_before_the_body_is_read() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, "admit");
    first.decide(&mut isolate, &ADMITTED, T0);
    first.head(&mut isolate, 200, &["application/json"], T0);
    first.handle(&mut isolate, Event::Read(12), T0);
    let reply = &first.forwarded().0.reply;
    let pass = header(&reply.headers, "Shopper-Pass").expect("a pass");
    let head = RequestHead {
        pass: &pass,
        ..post()
    };
    let mut second = Run::begin(&isolate, &head, 2, T0);
    second.body(&mut isolate, T0);
    second.decide(&mut isolate, &REFUSED, T0);
    assert_eq!(second.told().0, 429);
    let third = Run::begin(&isolate, &head, 3, T0 + 4_999);
    let (status, line) = third.told();
    assert_eq!((status, &line["budget"]), (429, &"shopper".into()));
    assert!(line["shopper"].is_string());
    let fourth = Run::begin(&isolate, &head, 4, T0 + 5_000);
    assert_eq!(fourth.name(), "read body");
}

#[test]
fn an_answer_that_may_be_long_or_is_a_stream_is_passed_on_as_it_comes() {
    for headers in [
        &["application/json"][..],
        &["application/json", "999999"],
        &["application/json", "12", "gzip"],
        &["text/event-stream", "12"],
    ] {
        let mut isolate = isolate();
        let mut run = until(&mut isolate, "send");
        run.head(&mut isolate, 200, headers, T0 + 5);
        assert_eq!(run.named(), ("read first", 10_000), "{headers:?}");
        run.handle(&mut isolate, Event::Read(1), T0 + 2_005);
        let (end, relay) = run.forwarded();
        assert_eq!(told(end).0, 200);
        // An answer has to be whole in time; a stream may take any time, but not pause.
        let streams = headers[0].starts_with("text");
        let timeout = if streams { 10_000 } else { 8_000 };
        assert_eq!(relay.timeout(0, T0 + 2_005), timeout, "{headers:?}");
        assert_eq!(relay.is_of_events(), streams, "{headers:?}");
        let id = told(end).1["request_id"].clone();
        let last_event = relay.last_event();
        assert_eq!(last_event.is_some(), streams, "{headers:?}");
        assert!(last_event.is_none_or(|event| event.contains(id.as_str().expect("an id"))));
    }
}

#[test]
fn an_answer_that_breaks_off_before_any_of_it_is_sent_is_refused_readably_and_not_tried_again() {
    for (event, status, code, detail) in [
        (Event::Elapsed, 504, "upstream_timeout", "answer: timeout"),
        (broken("reset"), 502, "upstream_error", "answer: reset"),
    ] {
        for headers in [
            &["application/json", "12"][..],
            &["application/json"],
            &["text/event-stream"],
        ] {
            let mut isolate = isolate();
            let mut run = until(&mut isolate, "send");
            run.head(&mut isolate, 200, headers, T0 + 5);
            run.handle(&mut isolate, event.clone(), T0 + 9);
            let (got, line) = run.told();
            assert_eq!(
                (got, &line["outcome"]),
                (status, &code.into()),
                "{headers:?}"
            );
            assert_eq!(line.get("refunded"), None);
            assert_eq!(line["detail"], detail);
        }
    }
}

#[test]
fn an_answer_of_no_bytes_is_an_empty_one() {
    for headers in [
        &["application/json", "00"][..],
        &["application/json"],
        &["application/json", "30", "gzip"],
        &["text/event-stream"],
    ] {
        let mut isolate = isolate();
        let mut run = until(&mut isolate, "send");
        run.head(&mut isolate, 200, headers, T0 + 5);
        run.handle(&mut isolate, Event::Read(0), T0 + 9);
        let (status, line) = run.told();
        let code = "upstream_empty_response";
        assert_eq!(
            (status, &line["outcome"]),
            (502, &code.into()),
            "{headers:?}"
        );
    }
}

#[test]
fn an_attempt_that_failed_is_followed_by_a_pause_and_another() {
    let mut isolate = isolate();
    let mut run = until(&mut isolate, "send");
    run.head(&mut isolate, 522, &["text/html"], T0 + 5);
    let (name, pause) = run.named();
    assert_eq!(name, "wait");
    assert!(pause <= 200, "{pause} ms");
    run.elapse(&mut isolate, T0 + 5 + pause);
    assert_eq!(run.named(), ("send", 25_000 - 5 - pause));
}

/// A run whose first attempt the upstream may have counted, as far as its second.
fn again(isolate: &mut Isolate) -> Run {
    let mut run = until(isolate, "send");
    run.head(isolate, 503, &["text/html"], T0);
    assert_eq!(run.name(), "wait");
    run.elapse(isolate, T0 + 200);
    assert_eq!(run.named(), ("count retry", 1_000));
    run
}

#[test]
fn a_retry_is_counted_first_if_the_upstream_may_have_counted_the_attempt_before() {
    let mut isolate = isolate();
    let mut run = again(&mut isolate);
    run.handle(&mut isolate, counted(true), T0 + 203);
    assert_eq!(run.name(), "send");
}

#[test]
fn a_retry_that_the_limiter_does_not_count_is_not_sent() {
    let mut isolate = isolate();
    let mut run = again(&mut isolate);
    run.handle(&mut isolate, counted(false), T0 + 203);
    let (status, line) = run.told();
    assert_eq!((status, &line["outcome"]), (502, &"upstream_error".into()));
    assert_eq!(line["attempts"].as_array().map(Vec::len), Some(1));

    for (event, status, detail) in [
        (Event::Elapsed, 502, Some("limiter: timeout")),
        (broken("gone"), 502, Some("limiter: gone")),
        (LEFT, 499, None),
    ] {
        let mut run = again(&mut isolate);
        run.handle(&mut isolate, event, T0 + 1_200);
        let (got, line) = run.told();
        assert_eq!(got, status);
        assert_eq!(line.get("detail").and_then(Value::as_str), detail);
    }
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
    let mut first = Run::begin(&isolate, &elsewhere, 1, T0);
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
        let mut mover = Run::begin(&isolate, &moving, 2, now);
        mover.body(&mut isolate, now);
        // New here, and yet somebody who has been seen before.
        assert_eq!(asks_for(&mover), (known, true));
        mover.decide(&mut isolate, &refused, now);
        assert_eq!(mover.told().0, 429);
        let mut stranger = Run::begin(&isolate, &post(), 3, now);
        stranger.body(&mut isolate, now);
        assert_eq!(stranger.name(), "admit", "{refused:?}");
    }
}

/// The upstream refuses a chat because the store's cap is reached, for so many seconds.
fn store_full(run: &mut Run, isolate: &mut Isolate, seconds: u32, now: u64) {
    let wait = seconds.to_string();
    run.head(isolate, 429, &["application/json", "", "", &wait], now);
    run.handle(isolate, Event::ErrorBody(STORE_FULL.to_vec()), now);
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
    let mut next = arrive(&isolate);
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
fn an_earlier_attempts_status_is_not_logged_for_a_later_one() {
    let mut isolate = isolate();
    let mut run = until(&mut isolate, "send");
    run.head(&mut isolate, 522, &["text/html"], T0);
    run.elapse(&mut isolate, T0 + 200);
    run.elapse(&mut isolate, T0 + 25_000);
    let (status, line) = run.told();
    assert_eq!(status, 504);
    assert_eq!(line.get("upstream_status"), None);
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
    let mut next = arrive(&isolate);
    next.body(&mut isolate, T0 + 1_001);
    assert_eq!(next.name(), "admit");
}
