//! Attempts beyond the first: the pause before them, and how they are counted.

use concierge_proxy::exchange::Event;
use concierge_proxy::isolate::Isolate;
use serde_json::Value;

use super::{LEFT, Run, T0, broken, counted, isolate, until};

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
