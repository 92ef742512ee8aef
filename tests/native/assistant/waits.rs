//! The store's own limit, and when to come back.

use concierge_proxy::assistants::Judgement;
use concierge_proxy::head::ResponseHead;
use concierge_proxy::limits::Window;
use concierge_proxy::refusal::{Refusal, StoreLimit};

use super::{API, JSON, wait_head};

const RATE_LIMITED: &str = include_str!("../../fixtures/published/rate-limited.json");

fn store_limit(head: &ResponseHead, body: &[u8]) -> StoreLimit {
    let refusal = match API.judge(head) {
        Judgement::End(outcome) => outcome.refusal(),
        Judgement::ReadError => API.read_error(head, Some(body), 0).outcome.refusal(),
        other => panic!("{other:?}"),
    };
    match refusal {
        Refusal::StoreLimited(limit) => limit,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_stores_limit_is_told_with_its_window_and_wait() {
    let full = wait_head(429, JSON, "18");
    let limit = store_limit(&full, RATE_LIMITED.as_bytes());
    assert_eq!(limit.window, Some(Window::Minute));
    assert_eq!(limit.retry_after, 18);
    let body = RATE_LIMITED.replace("\"minute\"", "\"fortnight\"");
    assert_eq!(store_limit(&full, body.as_bytes()).window, None);
}

#[test]
fn a_wait_that_makes_no_sense_becomes_one_that_does() {
    for (retry_after, wait) in [
        ("18", 18),
        (" 18 ", 18),
        ("1", 1),
        ("0", 1),
        ("60", 60),
        ("", 60),
        ("-1", 60),
        ("18.5", 60),
        ("18s", 60),
        ("18, 18", 60),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60),
    ] {
        let head = wait_head(429, JSON, retry_after);
        assert_eq!(
            store_limit(&head, RATE_LIMITED.as_bytes()).retry_after,
            wait,
            "{retry_after:?}"
        );
    }
}

#[test]
fn a_wait_of_any_length_is_cut_to_the_window_that_is_named() {
    for (window, most) in [
        ("minute", 60),
        ("hour", 3_600),
        ("day", 86_400),
        // The contract knows no other: the shortest one, then.
        ("fortnight", 60),
    ] {
        let body = RATE_LIMITED.replace("minute", window);
        for retry_after in [
            "86401",
            "4294967295",
            "4294967296",
            "99999999999999999999999",
        ] {
            let head = wait_head(429, JSON, retry_after);
            let limit = store_limit(&head, body.as_bytes());
            assert_eq!(limit.retry_after, most, "{window} {retry_after}");
        }
    }
}
