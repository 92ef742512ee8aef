//! A failing engine, as requests meet it: who is sent, who probes it, and what opens and closes the
//! circuit.

use concierge_proxy::exchange::{Event, Next};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::settings::Setting;

use super::{ADMITTED, BODY, LEFT, NETWORK_FULL, Run, T0, arrive, counted, isolate, until};
use crate::support::{Settings, api_key, header, post};

/// The engine's own error, as its envelope says it.
const FAILED: &[u8] = br#"{"error":"upstream_function_error"}"#;

/// A chat from this address, whose body is read.
fn arrive_from(isolate: &mut Isolate, address: &str, now: u64) -> Run {
    let from = RequestHead { address, ..post() };
    let mut run = Run::begin(isolate, &from, 1, now);
    run.handle(isolate, Event::Body(BODY.to_vec()), now);
    run
}

/// A chat from this address. Each of its attempts ends with this status and this body.
fn fail(isolate: &mut Isolate, address: &str, status: u16, body: &[u8], now: u64) -> Run {
    let mut run = arrive_from(isolate, address, now);
    while matches!(run.0, Some(Next::Step(..))) {
        match run.name() {
            "admit" => run.decide(isolate, &ADMITTED, now),
            "send" => run.head(isolate, status, &["application/json"], now),
            "read error" => run.handle(isolate, Event::UpstreamBody(body.to_vec()), now),
            "wait" => run.elapse(isolate, now),
            "count retry" => run.handle(isolate, counted(true), now),
            "refund" => run.refund(isolate, now),
            other => panic!("{other}"),
        }
    }
    run
}

/// Returns how many requests it made upstream.
fn requests(run: &Run) -> usize {
    run.told().1["attempts"].as_array().map_or(0, Vec::len)
}

/// As many blocks of networks as open the breaker.
const FIVE_BLOCKS: [&str; 5] = [
    "203.0.1.1",
    "203.0.2.1",
    "203.0.3.1",
    "203.0.5.1",
    "203.0.6.1",
];

/// Opens the breaker.
fn fail_in_five_blocks(isolate: &mut Isolate) {
    for address in FIVE_BLOCKS {
        fail(isolate, address, 502, FAILED, T0);
    }
}

/// An isolate whose breaker has just opened.
fn isolate_without_engine() -> Isolate {
    let mut isolate = isolate();
    fail_in_five_blocks(&mut isolate);
    isolate
}

/// Whether it waits for the limiter's decision.
fn is_asking(run: &Run) -> bool {
    matches!(run.0, Some(Next::Step(..))) && run.name() == "admit"
}

#[test]
fn a_retry_is_not_counted_once_the_circuit_is_open() {
    let mut isolate = isolate();
    let mut run = until(&mut isolate, "send");
    run.head(&mut isolate, 503, &["text/html"], T0);
    fail_in_five_blocks(&mut isolate);
    assert_eq!(run.name(), "wait");
    run.elapse(&mut isolate, T0 + 200);
    let (status, line) = run.told();
    assert_eq!(
        (status, line["detail"].as_str()),
        (502, Some("upstream: circuit open"))
    );
    assert_eq!(
        line.get("refunded"),
        None,
        "the gateway may have passed it on"
    );
}

#[test]
fn a_failing_engine_opens_the_circuit_and_then_gets_one_probe_in_three_seconds() {
    let mut isolate = isolate();
    let mut chats = (0..60_u64).map(|number| {
        let address = format!("203.0.{number}.1");
        fail(&mut isolate, &address, 502, FAILED, T0 + number * 100)
    });
    let sent: Vec<usize> = chats.by_ref().map(|run| requests(&run)).collect();
    // The fifth block's chat opens the breaker.
    assert_eq!(sent[..6], [3, 3, 3, 3, 1, 0]);
    assert_eq!(sent.iter().sum::<usize>(), 14, "{sent:?}");
    assert_eq!(sent[34], 1, "the probe, 3 s after the breaker opened");

    let refused = fail(&mut isolate, "203.0.200.1", 502, FAILED, T0 + 6_100);
    let (status, line) = refused.told();
    let code = "upstream_invoke_error";
    assert_eq!((status, &line["outcome"]), (502, &code.into()));
    assert_eq!(line["detail"], "upstream: circuit open");
    assert_eq!(line.get("limiter_ms"), None, "nothing is counted");
    let reply = &refused.end().reply;
    assert_eq!(header(&reply.headers, "Retry-After").as_deref(), Some("1"));
}

#[test]
fn a_chat_counted_before_the_circuit_opened_is_refunded() {
    let mut isolate = isolate();
    let mut late = until(&mut isolate, "admit");
    fail_in_five_blocks(&mut isolate);
    late.decide(&mut isolate, &ADMITTED, T0 + 1);
    assert_eq!(late.name(), "refund");
}

#[test]
fn a_chat_whose_own_failure_opens_the_circuit_does_not_wait() {
    let mut isolate = isolate();
    for address in &FIVE_BLOCKS[1..] {
        fail(&mut isolate, address, 502, FAILED, T0);
    }
    let mut last = until(&mut isolate, "read error");
    last.handle(&mut isolate, Event::UpstreamBody(FAILED.to_vec()), T0 + 50);
    let (status, line) = last.told();
    let code = "upstream_function_error";
    assert_eq!((status, &line["outcome"]), (502, &code.into()));
    assert_eq!(requests(&last), 1);
}

#[test]
fn a_probe_is_retried_until_it_reaches_the_engine() {
    let mut isolate = isolate_without_engine();
    let mut probe = arrive(&mut isolate);
    probe.body(&mut isolate, T0 + 3_000);
    probe.decide(&mut isolate, &ADMITTED, T0 + 3_000);
    probe.head(&mut isolate, 522, &["text/html"], T0 + 3_010);
    probe.elapse(&mut isolate, T0 + 3_200);
    assert_eq!(probe.name(), "send");
    // Nobody else is sent meanwhile.
    let other = fail(&mut isolate, "203.0.4.1", 502, FAILED, T0 + 3_210);
    assert_eq!(requests(&other), 0);
    probe.head(&mut isolate, 502, &["application/json"], T0 + 3_220);
    probe.handle(
        &mut isolate,
        Event::UpstreamBody(FAILED.to_vec()),
        T0 + 3_220,
    );
    assert_eq!(requests(&probe), 2);
}

#[test]
fn an_answer_closes_the_circuit() {
    for headers in [&["application/json", "12"][..], &["text/event-stream"]] {
        let mut isolate = isolate_without_engine();
        let mut probe = arrive(&mut isolate);
        probe.body(&mut isolate, T0 + 3_000);
        probe.decide(&mut isolate, &ADMITTED, T0 + 3_000);
        probe.head(&mut isolate, 200, headers, T0 + 3_100);
        // A head is not an answer yet.
        let refused = fail(&mut isolate, "203.0.4.1", 502, FAILED, T0 + 3_100);
        assert_eq!(requests(&refused), 0);
        probe.handle(&mut isolate, Event::Read(12), T0 + 3_200);
        let mut next = arrive(&mut isolate);
        next.body(&mut isolate, T0 + 3_200);
        assert_eq!(next.name(), "admit");
    }
}

#[test]
fn a_probe_that_never_reached_the_engine_is_replaced_at_once() {
    let now = T0 + 3_000;
    for end in 0..3 {
        let mut isolate = isolate_without_engine();
        let mut probe = arrive(&mut isolate);
        probe.body(&mut isolate, now);
        assert_eq!(probe.name(), "admit");
        match end {
            // The limiter refuses, or the shopper leaves before it answers, or later.
            0 => probe.decide(&mut isolate, &NETWORK_FULL, now),
            1 => probe.handle(&mut isolate, LEFT, now),
            _ => {
                probe.decide(&mut isolate, &ADMITTED, now);
                probe.handle(&mut isolate, LEFT, now);
            }
        }
        assert!(matches!(probe.0, Some(Next::Respond(_))), "{end}");
        let next = fail(&mut isolate, "203.0.4.1", 404, b"", now);
        assert_eq!(requests(&next), 1, "{end}");
    }
}

/// Whether a healthy engine answers an honest chat from this address.
fn is_answered(isolate: &mut Isolate, address: &str, now: u64) -> bool {
    let mut run = arrive_from(isolate, address, now);
    if is_asking(&run) {
        run.decide(isolate, &ADMITTED, now);
        run.head(isolate, 200, &["application/json", "12"], now);
        run.handle(isolate, Event::Read(12), now);
    }
    run.told().0 == 200
}

#[test]
fn a_network_that_leaves_its_probes_cannot_keep_the_circuit_open() {
    let mut isolate = isolate_without_engine();
    let mut now = T0 + 2_000;
    // One network asks all the time and leaves. The engine is healthy.
    let opened = (0..60_u64).find(|number| {
        now += 500;
        let mut leaver = arrive(&mut isolate);
        leaver.body(&mut isolate, now);
        let answered = is_answered(&mut isolate, &format!("203.0.{}.1", 100 + number), now + 1);
        if is_asking(&leaver) {
            leaver.handle(&mut isolate, LEFT, now + 120);
        }
        answered
    });
    // It gets one probe, and waits longer for the next.
    assert_eq!(opened, Some(2));
}

#[test]
fn the_circuit_stays_open_whatever_the_failure_becomes() {
    for status in [503, 504, 404, 500] {
        let mut isolate = isolate_without_engine();
        let sent: usize = (0..60_u64)
            .map(|number| {
                let address = format!("203.0.{}.1", 100 + number);
                let now = T0 + 3_000 + number * 50;
                requests(&fail(&mut isolate, &address, status, b"{}", now))
            })
            .sum();
        assert_eq!(sent, 1, "{status}");
    }
}

#[test]
fn a_probe_goes_on_with_the_other_key() {
    let mut isolate = Settings::good()
        .with(Setting::ApiKeyNext, &api_key('1'))
        .isolate();
    fail_in_five_blocks(&mut isolate);
    let mut probe = arrive(&mut isolate);
    probe.body(&mut isolate, T0 + 3_000);
    probe.decide(&mut isolate, &ADMITTED, T0 + 3_000);
    probe.head(&mut isolate, 401, &["text/html"], T0 + 3_000);
    assert_eq!(probe.name(), "send");
}

#[test]
fn a_shopper_who_leaves_a_probe_of_a_full_store_blocks_nobody() {
    let mut isolate = isolate();
    let mut first = until(&mut isolate, "send");
    meet_cap(&mut first, &mut isolate, "3600", T0);
    let now = T0 + 300_000;
    let mut probe = arrive(&mut isolate);
    probe.body(&mut isolate, now);
    assert_eq!(probe.name(), "admit");
    assert!(!is_answered(&mut isolate, "203.0.1.1", now));
    probe.handle(&mut isolate, LEFT, now);
    assert!(is_answered(&mut isolate, "203.0.1.1", now));
}

/// The upstream refuses a chat for so many seconds, because the store's day is used up.
fn meet_cap(run: &mut Run, isolate: &mut Isolate, seconds: &str, now: u64) {
    run.head(
        isolate,
        429,
        &["application/json", "", "", "", "", seconds],
        now,
    );
    let day = br#"{"error":"rate_limited","limit_window":"day"}"#;
    run.handle(isolate, Event::UpstreamBody(day.to_vec()), now);
}

#[test]
fn a_probe_that_meets_the_stores_cap_is_the_only_one_for_five_minutes() {
    let mut isolate = isolate();
    let mut meet = |address: &str, now| {
        let mut run = arrive_from(&mut isolate, address, now);
        let asks = is_asking(&run);
        if asks {
            run.decide(&mut isolate, &ADMITTED, now);
            meet_cap(&mut run, &mut isolate, "80000", now);
            run.refund(&mut isolate, now);
        }
        asks
    };
    assert!(meet("203.0.1.1", T0));
    assert!(!meet("203.0.2.1", T0 + 1));
    assert!(meet("203.0.3.1", T0 + 300_000));
    assert!(!meet("203.0.4.1", T0 + 300_001));
    // A lone block probes as often.
    assert!(meet("203.0.3.1", T0 + 600_000));
    assert!(meet("203.0.3.1", T0 + 900_000));
}

#[test]
fn one_chat_of_a_burst_at_the_end_of_a_cooldown_is_counted() {
    let mut isolate = isolate_without_engine();
    let now = T0 + 3_000;
    let asked = (0..30).filter(|number| {
        let address = format!("203.0.{number}.1");
        is_asking(&arrive_from(&mut isolate, &address, now))
    });
    assert_eq!(asked.count(), 1);
}

#[test]
fn an_engine_that_only_begins_to_answer_opens_the_circuit() {
    for headers in [&["application/json", "12"][..], &["text/event-stream"]] {
        for event in [Event::Elapsed, Event::Read(0)] {
            let mut isolate = isolate();
            let mut sent = 0;
            for number in 0..10_u64 {
                let now = T0 + number;
                let mut run = arrive_from(&mut isolate, &format!("203.0.{number}.1"), now);
                if is_asking(&run) {
                    run.decide(&mut isolate, &ADMITTED, now);
                    run.head(&mut isolate, 200, headers, now);
                    run.handle(&mut isolate, event.clone(), now);
                    sent += 1;
                }
            }
            assert_eq!(sent, 5, "{headers:?} {event:?}");
        }
    }
}

#[test]
fn an_attempt_that_had_less_than_the_whole_time_is_no_verdict_on_the_engine() {
    let mut isolate = isolate();
    for number in 0..9_u64 {
        let mut run = arrive_from(&mut isolate, &format!("203.0.{number}.1"), T0);
        run.decide(&mut isolate, &ADMITTED, T0);
        run.head(&mut isolate, 522, &["text/html", "", "", "", "", "15"], T0);
        run.elapse(&mut isolate, T0 + 15_000);
        assert_eq!(run.name(), "send");
        run.elapse(&mut isolate, T0 + 25_000);
        assert_eq!(run.told().0, 504);
    }
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, T0 + 25_000);
    assert_eq!(next.name(), "admit");
}
