//! Homie's chats, which are created before they take a message: within the budget of requests, and
//! never more often than needed.

use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{Event, Failure};
use concierge_proxy::settings::Setting;
use proptest::prelude::*;
use serde_json::json;

use crate::support::shop::{
    HTML, JSON, Reaction, Sent, Shop, Told, Visit, answer, json_answer, visit,
};
use crate::support::{Settings, cases};

const GOOD: &str = r#"{"content":"A hat."}"#;

fn shop(attempts: &str) -> Shop {
    Shop::open(&Settings::homie().with(Setting::UpstreamAttempts, attempts))
}

fn creates(sent: &Sent) -> bool {
    sent.url.ends_with("/v1/chats")
}

/// An upstream whose n-th creation makes the chat `chat-n`, and which answers its n-th message with
/// the n-th of these.
fn upstream(mut messages: Vec<Reaction>) -> impl FnMut(&Sent) -> Reaction {
    let mut created = 0;
    move |sent| {
        if creates(sent) {
            created += 1;
            return json_answer(201, &json!({"id": format!("chat-{created}")}));
        }
        messages.remove(0)
    }
}

/// What a chat was sent: `create`, or the id of the chat that a message went to.
fn sent(told: &Told) -> Vec<&str> {
    let name = |sent: &'_ Sent| if creates(sent) { "create" } else { "" };
    told.sent
        .iter()
        .map(|request| match name(request) {
            "" => request.url.split('/').rev().nth(1).expect("an id"),
            create => create,
        })
        .collect()
}

fn good() -> Reaction {
    answer(201, JSON, GOOD)
}

fn fails(status: u16) -> Reaction {
    answer(status, HTML, "")
}

#[test]
fn a_chat_and_its_first_message_are_two_requests_and_no_retry() {
    let told = shop("3").chat(None, upstream(vec![good()]));
    assert_eq!((told.status, sent(&told)), (200, vec!["create", "chat-1"]));
    assert_eq!(told.ended(), ["continued", "answered"]);
    // The limiter is asked for neither: no request has failed.
    assert_eq!(told.steps, ["send", "read", "send", "read"]);
}

#[test]
fn a_chat_that_was_created_is_used_again_after_a_message_that_failed() {
    for (status, ended) in [
        (503, "gateway_failed"),
        (429, "gateway_throttled"),
        (500, "upstream_error"),
        (522, "no_connection"),
    ] {
        let told = shop("3").chat(None, upstream(vec![fails(status), good()]));
        assert_eq!(told.status, 200, "{status}");
        assert_eq!(sent(&told), ["create", "chat-1", "chat-1"]);
        assert_eq!(told.ended(), ["continued", ended, "answered"]);
    }
}

#[test]
fn a_second_message_is_counted_first_if_the_upstream_may_have_had_the_first_one() {
    let told = shop("3").chat(None, upstream(vec![fails(503), good()]));
    assert!(told.steps.contains(&"count retry"), "{:?}", told.steps);
    let told = shop("3").chat(None, upstream(vec![fails(522), good()]));
    assert!(!told.steps.contains(&"count retry"), "{:?}", told.steps);
}

#[test]
fn a_creation_that_failed_takes_its_place_in_the_budget() {
    let mut failed = false;
    let mut upstream = upstream(vec![good()]);
    let told = shop("3").chat(None, |sent| {
        if failed {
            return upstream(sent);
        }
        failed = true;
        fails(522)
    });
    assert_eq!(
        (told.status, sent(&told)),
        (200, vec!["create", "create", "chat-1"])
    );
    assert_eq!(told.ended(), ["no_connection", "continued", "answered"]);
}

#[test]
fn a_chat_whose_budget_its_creation_used_up_costs_its_shopper_nothing() {
    let mut failures = vec![fails(522), fails(522)];
    let mut upstream = upstream(vec![]);
    let told = shop("3").chat(None, |sent| {
        failures.pop().unwrap_or_else(|| upstream(sent))
    });
    assert_eq!((told.status, told.outcome()), (502, "upstream_error"));
    assert_eq!(sent(&told), ["create", "create", "create"]);
    assert!(
        told.refunded(),
        "the engine never had a message: {}",
        told.line
    );
}

#[test]
fn a_conversation_that_is_gone_is_begun_anew() {
    for status in [404, 410] {
        let mut shop = shop("3");
        let first = shop.chat(None, upstream(vec![good()]));
        let told = shop.chat(Some(first.session()), upstream(vec![fails(status), good()]));
        assert_eq!(
            (told.status, sent(&told)),
            (200, vec!["chat-1", "create", "chat-1"])
        );
        assert_eq!(told.ended(), ["conversation_gone", "continued", "answered"]);
        // At once, without a pause. The upstream has had a request too many, so the next is counted.
        assert_eq!(
            told.steps,
            ["send", "count retry", "send", "read", "send", "read"]
        );
    }
}

#[test]
fn a_page_goes_on_in_the_conversation_that_was_begun_anew() {
    let mut shop = shop("3");
    let first = shop.chat(None, upstream(vec![good()]));
    let mut created = 6;
    let told = shop.chat(Some(first.session()), |sent| {
        if creates(sent) {
            created += 1;
            return json_answer(201, &json!({"id": format!("chat-{created}")}));
        }
        if sent.url.contains("/chat-1/") {
            fails(404)
        } else {
            good()
        }
    });
    assert_ne!(told.session(), first.session());
    let next = shop.chat(Some(told.session()), upstream(vec![good()]));
    assert_eq!(
        (sent(&next), next.session()),
        (vec!["chat-7"], told.session())
    );
}

#[test]
fn a_new_conversation_is_begun_only_once() {
    let mut shop = shop("4");
    let first = shop.chat(None, upstream(vec![good()]));
    let gone = || vec![fails(404), fails(404), fails(404)];
    let told = shop.chat(Some(first.session()), upstream(gone()));
    assert_eq!((told.status, told.outcome()), (502, "upstream_error"));
    assert_eq!(sent(&told), ["chat-1", "create", "chat-1"]);
    assert!(told.refunded(), "the engine never had it: {}", told.line);
    let told = shop.chat(None, upstream(gone()));
    assert_eq!(sent(&told), ["create", "chat-1", "create", "chat-2"]);
}

#[test]
fn a_message_that_may_have_arrived_is_not_sent_again() {
    let lost = Event::Failed(Failure::Broken("lost".to_owned()));
    for reaction in [
        fails(504),
        Reaction::Event(lost),
        Reaction::Event(Event::Elapsed),
        answer(200, HTML, "<html>"),
        answer(200, JSON, "{"),
        answer(200, JSON, "{}"),
    ] {
        let told = shop("4").chat(None, upstream(vec![reaction]));
        assert!(told.status >= 502, "{}", told.line);
        assert_eq!(sent(&told), ["create", "chat-1"]);
        assert!(!told.refunded());
    }
}

#[test]
fn a_chat_that_was_created_too_late_gets_no_message() {
    // An answer has to have six seconds.
    for (wait, requests) in [
        (12_499, vec!["create", "chat-1"]),
        (19_000, vec!["create", "chat-1"]),
        (19_001, vec!["create"]),
        (25_000, vec!["create"]),
    ] {
        let mut shop = shop("3");
        shop.delay = wait;
        let told = shop.chat(None, upstream(vec![good()]));
        assert_eq!(sent(&told), requests, "after {wait} ms");
        assert_eq!(told.refunded(), requests.len() == 1, "{}", told.line);
    }
}

/// Anything an upstream may answer.
fn any_reaction() -> impl Strategy<Value = (u16, &'static str, &'static str)> {
    let status = prop::sample::select(vec![
        200_u16, 201, 204, 301, 401, 403, 404, 404, 410, 429, 500, 502, 503, 504, 522,
    ]);
    let body = prop::sample::select(vec!["", "{", "{}", GOOD, r#"{"id":"chat-1"}"#]);
    (status, prop::sample::select(vec![JSON, HTML]), body)
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn no_chat_takes_more_requests_than_it_may(
        reactions in prop::collection::vec(any_reaction(), 8),
        attempts in 3..5_usize,
        continued: bool,
    ) {
        let mut shop = shop(&attempts.to_string());
        let first = shop.chat(None, upstream(vec![good()]));
        let session = continued.then(|| first.session().to_owned());
        let mut reactions = reactions.into_iter();
        let told = shop.chat(session.as_deref(), |_| {
            let (status, content_type, body) = reactions.next().expect("no more requests");
            answer(status, content_type, body)
        });
        prop_assert!(told.sent.len() <= attempts, "{:?}", told.ended());
        prop_assert_eq!(told.sent.len(), told.ended().len());
        // A refund is only for chats whose message the engine cannot have had.
        let may_reach = |end: &&str| ["gateway_failed", "upstream_error", "upstream_empty_response", "misconfigured_proxy"].contains(end);
        let ended = told.ended();
        let mut messages = told.sent.iter().zip(&ended).filter(|(sent, _)| !creates(sent));
        let reached = messages.any(|(_, end)| may_reach(end));
        prop_assert!(!(told.refunded() && reached), "{}", told.line);
    }
}

/// A history of this conversation, asked from this address, which is answered like this.
fn history(shop: &mut Shop, first: &Told, address: &str, status: u16) -> Told {
    let pass = first.pass.clone().expect("a new shopper has a pass");
    let visit = Visit {
        pass: &pass,
        address,
        ..visit(Route::History)
    };
    let query = format!("session_id={}", first.session());
    shop.ask(visit, &query, |_| answer(status, JSON, r#"{"items":[]}"#))
}

#[test]
fn what_a_history_brings_is_no_verdict_on_the_engine() {
    let mut shop = shop("3");
    let first = shop.chat(None, upstream(vec![good()]));
    let ask = |shop: &mut Shop, number: u8, message: Reaction| {
        let address = format!("203.0.{number}.1");
        let visit = Visit {
            address: &address,
            ..visit(Route::Chat)
        };
        let mut message = Some(message);
        shop.ask(visit, r#"{"prompt":"hat"}"#, |sent| {
            if creates(sent) {
                return json_answer(201, &json!({"id": "chat-1"}));
            }
            message.take().unwrap_or_else(|| fails(500))
        })
    };
    // Histories that fail in many blocks open no circuit.
    for number in 0..9 {
        history(&mut shop, &first, &format!("198.51.{number}.1"), 500);
    }
    assert_eq!(ask(&mut shop, 100, good()).status, 200);
    // Histories that are answered close none.
    for number in 0..5 {
        assert_eq!(ask(&mut shop, number, fails(500)).status, 502);
        assert_eq!(history(&mut shop, &first, "198.51.100.1", 200).status, 200);
    }
    let refused = ask(&mut shop, 101, good());
    assert_eq!(refused.line["detail"], "upstream: circuit open");
    assert_eq!(refused.sent.len(), 0);
    // And they are answered all the same.
    assert_eq!(history(&mut shop, &first, "198.51.100.1", 200).status, 200);
}
