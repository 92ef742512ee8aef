//! An event that does not fit the step under way is a fault of ours. It ends the request.

use super::{ADMITTED, Run, T0, arrive, broken, counted, decision, failed_locally, head, until};
use concierge_proxy::exchange::{Event, Failure, Next};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::limits::protocol::Answer;

use crate::support::{Settings, post};

/// Every step, as log lines name what is done there.
const STATES: [&str; 13] = [
    "reading the body",
    "asking the limiter",
    "opening events",
    "sending",
    "listening",
    "connecting",
    "reading an error",
    "waiting",
    "counting a retry",
    "reading an answer",
    "translating an answer",
    "reading the first bytes",
    "refunding",
];

/// A request that is as far as this.
fn at(isolate: &mut Isolate, state: &str) -> Run {
    match state {
        "opening events" | "listening" | "translating an answer" => at_homie(isolate, state),
        "reading the body" => arrive(isolate),
        "asking the limiter" => until(isolate, "admit"),
        "sending" => until(isolate, "send"),
        "connecting" => failed_locally(isolate),
        "reading an error" => until(isolate, "read error"),
        _ => {
            let mut run = until(isolate, "send");
            match state {
                "waiting" => run.head(isolate, 522, &["text/html"], T0),
                "counting a retry" => {
                    run.head(isolate, 503, &["text/html"], T0);
                    run.elapse(isolate, T0 + 200);
                }
                "reading an answer" => run.head(isolate, 200, &["application/json", "12"], T0),
                "reading the first bytes" => run.head(isolate, 200, &["application/json"], T0),
                // One attempt alone, and no connection.
                "refunding" => run.head(isolate, 522, &["text/html"], T0 + 24_999),
                other => panic!("{other}"),
            }
            run
        }
    }
}

/// A chat with Homie that is answered by events.
fn at_homie(isolate: &mut Isolate, state: &str) -> Run {
    *isolate = Settings::homie().isolate();
    let asks = RequestHead {
        accepts_events: true,
        ..post()
    };
    let mut run = Run::begin(isolate, &asks, 1, T0);
    run.body(isolate, T0);
    run.decide(isolate, &ADMITTED, T0);
    run.head(isolate, 201, &["application/json"], T0);
    if state == "translating an answer" {
        return run;
    }
    let created = br#"{"id":"chat-1"}"#.to_vec();
    run.handle(isolate, Event::UpstreamBody(created), T0);
    if state == "listening" {
        run.head(isolate, 200, &["text/event-stream"], T0);
    }
    run
}

/// Every event, as log lines name it, and the states that it belongs to.
fn events() -> Vec<(&'static str, Event, Vec<&'static str>)> {
    let all_but_waiting = STATES.into_iter().filter(|state| *state != "waiting");
    vec![
        (
            "body",
            Event::Body(b"{}".to_vec()),
            vec!["reading the body"],
        ),
        ("decision", decision(&ADMITTED), vec!["asking the limiter"]),
        ("retry counted", counted(true), vec!["counting a retry"]),
        ("retry counted", counted(false), vec!["counting a retry"]),
        (
            "refund",
            Event::Answer(Answer::Refunded(None)),
            vec!["refunding"],
        ),
        (
            "head",
            head(200, &["application/json"]),
            vec!["opening events", "sending", "listening"],
        ),
        (
            "events",
            Event::Events(b"data: hat\n\n".to_vec()),
            vec!["listening"],
        ),
        (
            "signed body",
            Event::Signed {
                body: b"{}".to_vec(),
                signature: String::new(),
            },
            vec![],
        ),
        ("connection", Event::Connected(true), vec!["connecting"]),
        ("connection", Event::Connected(false), vec!["connecting"]),
        (
            "upstream body",
            Event::UpstreamBody(b"{}".to_vec()),
            vec!["reading an error", "translating an answer"],
        ),
        (
            "answer",
            Event::Read(0),
            vec!["reading an answer", "reading the first bytes"],
        ),
        (
            "answer",
            Event::Read(12),
            vec!["reading an answer", "reading the first bytes"],
        ),
        ("timeout", Event::Elapsed, STATES.to_vec()),
        (
            "failure",
            Event::Failed(Failure::ShopperLeft),
            STATES.to_vec(),
        ),
        // Waiting does nothing that could break.
        ("failure", broken("lost"), all_but_waiting.clone().collect()),
        (
            "failure",
            Event::Failed(Failure::Unreadable),
            all_but_waiting.collect(),
        ),
    ]
}

#[test]
fn an_event_that_does_not_fit_ends_the_request_as_a_fault_of_ours() {
    for state in STATES {
        for (name, event, fitting) in events() {
            let mut isolate = Settings::good().isolate();
            let mut run = at(&mut isolate, state);
            run.handle(&mut isolate, event, T0 + 300);
            let unexpected = format!("exchange: {name} while {state}");
            if fitting.contains(&state) {
                assert!(detail(&run) != Some(unexpected.clone()), "{unexpected}");
                continue;
            }
            let (status, line) = run.told();
            let code = "internal_error";
            assert_eq!(
                (status, &line["outcome"]),
                (500, &code.into()),
                "{unexpected}"
            );
            assert_eq!(detail(&run), Some(unexpected));
        }
    }
}

/// The detail in the log, where it has ended.
fn detail(run: &Run) -> Option<String> {
    match &run.0 {
        Some(Next::Respond(_)) => Some(run.told().1["detail"].as_str()?.to_owned()),
        _ => None,
    }
}
