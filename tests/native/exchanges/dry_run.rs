//! Limits that are only tried out: what they would refuse goes on, and every place says so.

use concierge_proxy::exchange::{Event, Failure};
use concierge_proxy::head::RequestHead;
use concierge_proxy::isolate::Isolate;
use concierge_proxy::reply::Body;
use concierge_proxy::settings::Setting;
use serde_json::Value;

use super::{ADMITTED, NETWORK_FULL, REFUSED, Run, STORE_FULL, T0, arrive, until};
use crate::support::{Settings, header, post};

const HEADER: &str = "X-RateLimit-Dry-Run";

fn trying_out() -> Isolate {
    Settings::good().with(Setting::LimitsDryRun, "on").isolate()
}

/// The header and the log line of a chat with this decision, which the assistant answers.
fn answered(isolate: &mut Isolate, decision: &[u32]) -> (Option<String>, Value) {
    let mut run = until(isolate, "admit");
    run.decide(isolate, decision, T0);
    run.head(isolate, 200, &["application/json"], T0);
    run.handle(isolate, Event::Read(12), T0);
    let (end, _) = run.forwarded();
    assert_eq!(end.reply.status, 200);
    let line = &end.log.last().expect("a line").text;
    (
        header(&end.reply.headers, HEADER),
        serde_json::from_str(line).expect("a line of JSON"),
    )
}

#[test]
fn what_would_be_refused_is_sent_and_logged_with_the_budget() {
    let mut isolate = trying_out();
    for (decision, budget) in [(&REFUSED, "shopper"), (&NETWORK_FULL, "network")] {
        // Nothing is remembered of it either: the next one is asked about as well.
        for _ in 0..2 {
            let (told, line) = answered(&mut isolate, decision);
            let expected = format!("refused; tier={budget}; window=minute");
            assert_eq!(told.as_deref(), Some(expected.as_str()));
            assert_eq!(line["outcome"], "ok");
            assert_eq!(line["dry_run"], true);
            assert_eq!(
                (&line["budget"], &line["window"]),
                (&budget.into(), &"minute".into())
            );
        }
    }
}

#[test]
fn what_would_be_admitted_says_so() {
    let (told, line) = answered(&mut trying_out(), &ADMITTED);
    assert_eq!(told.as_deref(), Some("admitted"));
    assert_eq!(
        (&line["dry_run"], &line["budget"]),
        (&true.into(), &Value::Null)
    );
}

#[test]
fn without_it_nothing_mentions_it() {
    for off in ["off", ""] {
        let mut isolate = Settings::good().with(Setting::LimitsDryRun, off).isolate();
        let (told, line) = answered(&mut isolate, &ADMITTED);
        assert_eq!((told, &line["dry_run"]), (None, &Value::Null));
        let mut run = until(&mut isolate, "admit");
        run.decide(&mut isolate, &REFUSED, T0);
        assert_eq!(run.told().0, 429);
    }
}

#[test]
fn a_limiter_that_fails_still_lets_nothing_through() {
    let mut isolate = trying_out();
    let mut run = until(&mut isolate, "admit");
    run.handle(&mut isolate, Event::Failed(Failure::Unreadable), T0);
    assert_eq!(run.told().0, 503);
}

#[test]
fn the_stores_own_cap_still_refuses() {
    let mut isolate = trying_out();
    let mut run = until(&mut isolate, "admit");
    run.decide(&mut isolate, &ADMITTED, T0);
    run.head(&mut isolate, 429, &["application/json"], T0);
    run.handle(&mut isolate, Event::UpstreamBody(STORE_FULL.to_vec()), T0);
    let mut next = arrive(&mut isolate);
    next.body(&mut isolate, T0);
    assert_eq!(next.told().1["budget"], "store");
}

#[test]
fn a_foreign_origin_is_still_refused() {
    let head = RequestHead {
        origin: Some("https://elsewhere.example.com"),
        ..post()
    };
    let run = Run::begin(&mut trying_out(), &head, 1, T0);
    assert_eq!(run.told().0, 403);
}

#[test]
fn the_health_check_says_so() {
    let head = RequestHead {
        method: "GET",
        path: "/healthz",
        ..post()
    };
    for (setting, body) in [
        ("on", r#"{"status":"ok","limits":"dry_run"}"#),
        ("off", r#"{"status":"ok"}"#),
    ] {
        let settings = Settings::good().with(Setting::LimitsDryRun, setting);
        let run = Run::begin(&mut settings.isolate(), &head, 1, T0);
        assert_eq!(run.end().reply.body, Body::Text(body.to_owned()));
    }
    let wrong = Settings::good().with(Setting::LimitsDryRun, "yes");
    assert_eq!(wrong.mistakes(), ["LIMITS_DRY_RUN must be on or off"]);
}
