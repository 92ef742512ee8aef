//! What omi.me refuses, and what its failures do not touch.

use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{Event, Exchange, Next, Step};
use concierge_proxy::head::RequestHead;
use concierge_proxy::limits::protocol::{Answer, Decision};
use concierge_proxy::settings::Setting;
use serde_json::json;

use super::{T0, ask, bearer, facts, settings, talk};
use crate::support::shop::{HTML, JSON, Shop, answer, visit};
use crate::support::{entropy, post};

#[test]
fn an_error_follows_its_table() {
    for (status, content_type, route, requests, code, refunded) in [
        (400, JSON, Route::Memories, 1, "upstream_error", false),
        (401, JSON, Route::Memories, 1, "misconfigured_proxy", false),
        (403, JSON, Route::Memories, 1, "omi_not_enabled", false),
        (404, JSON, Route::Memories, 1, "misconfigured_proxy", false),
        (422, JSON, Route::CreateMemories, 1, "upstream_error", false),
        (429, JSON, Route::CreateMemories, 3, "upstream_error", true),
        (500, JSON, Route::CreateMemories, 1, "upstream_error", false),
        (
            502,
            HTML,
            Route::CreateConversation,
            1,
            "upstream_error",
            false,
        ),
        (503, HTML, Route::Memories, 3, "upstream_error", false),
        (504, HTML, Route::Memories, 1, "upstream_error", false),
        (
            522,
            HTML,
            Route::CreateMemories,
            3,
            "upstream_invoke_error",
            true,
        ),
        (302, HTML, Route::Memories, 1, "upstream_error", false),
        (200, HTML, Route::Memories, 1, "upstream_error", false),
    ] {
        let mut shop = Shop::open(&settings());
        let input = match route {
            Route::CreateMemories => facts(),
            Route::CreateConversation => talk("a"),
            _ => String::new(),
        };
        let detail = r#"{"detail":"the secret uid/ of a person"}"#;
        let told = ask(&mut shop, route, &input, |_| {
            answer(status, content_type, detail)
        });
        assert_eq!(told.outcome(), code, "{status}");
        assert_eq!(told.sent.len(), requests, "{status} {:?}", told.ended());
        assert_eq!(told.refunded(), refunded, "{status}");
        // It stops no chat, so it is no alert of theirs.
        let notice = (code == "misconfigured_proxy").then_some("omi_misconfigured");
        assert_eq!(told.line["notice"].as_str(), notice, "{status}");
        assert!(!told.text.contains("uid/") && !told.line.to_string().contains("uid/"));
    }
}

#[test]
fn a_throttle_is_waited_out_from_one_second_on_and_doubling() {
    let mut shop = Shop::open(&settings().with(Setting::UpstreamAttempts, "4"));
    let before = shop.now;
    let told = ask(&mut shop, Route::CreateMemories, &facts(), |_| {
        answer(429, JSON, "{}")
    });
    assert_eq!(told.sent.len(), 4);
    let waited = shop.now - before;
    assert!((7_000..9_000).contains(&waited), "{waited} ms");
}

#[test]
fn what_fails_there_touches_no_chat() {
    let mut shop = Shop::open(&settings());
    for _ in 0..20 {
        ask(&mut shop, Route::Memories, "", |_| answer(503, HTML, ""));
        ask(&mut shop, Route::Memories, "", |_| answer(522, HTML, ""));
    }
    let told = shop.ask(visit(Route::Chat), r#"{"prompt":"hat"}"#, |_| {
        answer(502, HTML, "")
    });
    assert_eq!(
        told.sent.len(),
        3,
        "a chat has all its retries: {}",
        told.line
    );
}

#[test]
fn a_budget_that_is_spent_there_refuses_no_chat() {
    let mut isolate = settings().isolate();
    let authorization = bearer(json!({}));
    let head = |route: Route| RequestHead {
        method: route.method(),
        path: route.path(),
        authorization: &authorization,
        ..post()
    };
    let Next::Step(Step::Ask { .. }, asked) =
        Exchange::begin(&mut isolate, &head(Route::Memories), entropy(1), T0)
    else {
        panic!("a list asks the limiter")
    };
    let full = Decision::from_words(&[0, 30, 1, 10, 3_600, 30]).expect("a decision");
    let full = Event::Answer(Answer::Decision(full));
    let end = asked.handle(&mut isolate.memory, full, T0);
    assert!(matches!(end, Next::Respond(_)), "{end:?}");
    // Asked again, it is refused from memory. A chat is not.
    let again = Exchange::begin(&mut isolate, &head(Route::Memories), entropy(2), T0);
    assert!(matches!(again, Next::Respond(_)), "{again:?}");
    let chat = Exchange::begin(&mut isolate, &head(Route::Chat), entropy(3), T0);
    assert!(
        matches!(chat, Next::Step(Step::ReadBody { .. }, _)),
        "{chat:?}"
    );
}
