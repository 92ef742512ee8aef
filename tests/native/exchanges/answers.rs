//! Good answers: what is read whole, what is passed on as it comes, and what turns out to be none.

use concierge_proxy::exchange::Event;

use super::{T0, broken, isolate, told, until};

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
