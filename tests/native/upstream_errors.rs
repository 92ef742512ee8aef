//! The errors of the translated assistants: what a page is told, what is tried again, and what is
//! refunded.

mod homie;
mod omniops;
mod rewardsbot;

use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{Event, Failure};
use concierge_proxy::settings::Setting;
use proptest::prelude::*;
use serde_json::json;

use crate::support::shop::{HTML, JSON, Reaction, Shop, Told, answer, json_answer, visit};
use crate::support::{Settings, api_key, cases};

const CHAT: &str = r#"{"id":"3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c"}"#;
const GOOD: &str =
    r#"{"content":"A hat.","agent_reply":"A hat.","message":"A hat.","conversation_id":"c-1"}"#;

/// An error, and what comes of it if the upstream answers nothing else.
struct Row {
    status: u16,
    content_type: &'static str,
    body: &'static str,
    /// What the page is told.
    code: &'static str,
    /// How often it is sent, of the three times that it may be.
    sent: usize,
    refunded: bool,
}

const fn row(
    (status, content_type, body): (u16, &'static str, &'static str),
    code: &'static str,
    sent: usize,
    refunded: bool,
) -> Row {
    Row {
        status,
        content_type,
        body,
        code,
        sent,
        refunded,
    }
}

/// What a row says of a request. The creation of a chat does not count.
fn check(row: &Row, told: &Told) {
    let named = format!(
        "{} {} {}: {:?}",
        row.status, row.content_type, row.body, told.line
    );
    assert_eq!(told.outcome(), row.code, "{named}");
    let sent = told
        .sent
        .iter()
        .filter(|sent| !sent.url.ends_with("/v1/chats"));
    assert_eq!(sent.count(), row.sent, "{named}");
    assert_eq!(told.refunded(), row.refunded, "{named}");
    assert_eq!(told.body["error"], row.code, "{named}");
    assert_eq!(told.body["request_id"], told.request_id, "{named}");
}

/// Checks the rows of a first chat, whose chat is created where that is needed.
fn check_chats(settings: &Settings, rows: &[Row]) {
    for row in rows {
        let told = Shop::open(settings).chat(None, |sent| {
            if sent.url.ends_with("/v1/chats") {
                answer(201, JSON, CHAT)
            } else {
                answer(row.status, row.content_type, row.body)
            }
        });
        check(row, &told);
    }
}

/// The session of a conversation that has begun.
fn begin(shop: &mut Shop) -> String {
    let told = shop.chat(None, |sent| {
        let body = if sent.url.ends_with("/v1/chats") {
            CHAT
        } else {
            GOOD
        };
        answer(200, JSON, body)
    });
    told.session().to_owned()
}

/// Every assistant, with a name. Each may be sent a message three times.
fn assistants() -> [(&'static str, Settings); 4] {
    [
        (
            "homie",
            Settings::homie().with(Setting::UpstreamAttempts, "4"),
        ),
        ("rewardsbot", Settings::rewardsbot()),
        ("omniops", Settings::omniops()),
        ("omniops as built", Settings::omniops_as_built()),
    ]
}

#[test]
fn what_stands_before_an_assistant_means_the_same_at_each() {
    for (_, settings) in assistants() {
        check_chats(
            &settings,
            &[
                row((204, JSON, ""), "upstream_empty_response", 1, false),
                row((205, "", ""), "upstream_empty_response", 1, false),
                row((200, HTML, "<html>"), "upstream_error", 1, false),
                row((200, "", "{}"), "upstream_error", 1, false),
                row(
                    (200, "text/event-stream", "data: {}"),
                    "upstream_error",
                    1,
                    false,
                ),
                row((301, HTML, ""), "upstream_error", 1, false),
                row((302, JSON, "{}"), "upstream_error", 1, false),
                row((400, HTML, ""), "upstream_error", 1, false),
                row((405, HTML, ""), "upstream_error", 1, false),
                row((413, HTML, ""), "upstream_error", 1, false),
                row((429, HTML, ""), "upstream_error", 3, true),
                row((501, HTML, ""), "upstream_error", 1, false),
                row((502, HTML, ""), "upstream_error", 3, false),
                row((503, HTML, ""), "upstream_error", 3, false),
                row((504, HTML, ""), "upstream_error", 1, false),
                row((520, HTML, ""), "upstream_error", 1, false),
                row((521, HTML, ""), "upstream_invoke_error", 3, true),
                row((522, HTML, ""), "upstream_invoke_error", 3, true),
                row((523, JSON, "{}"), "upstream_invoke_error", 3, true),
                row((524, HTML, ""), "upstream_error", 1, false),
                row((530, HTML, ""), "upstream_invoke_error", 3, true),
                row((0, "", ""), "upstream_error", 1, false),
                row((65_535, "", ""), "upstream_error", 1, false),
            ],
        );
    }
}

#[test]
fn an_answer_that_says_that_it_has_no_body_is_an_empty_one() {
    for (name, settings) in assistants() {
        let told = Shop::open(&settings).chat(None, |_| {
            let headers = [JSON, "0"].map(str::to_owned);
            Reaction::Answer(200, headers.into(), Vec::new())
        });
        assert_eq!(told.outcome(), "upstream_empty_response", "{name}");
    }
}

#[test]
fn a_connection_that_breaks_or_takes_too_long_is_not_tried_again() {
    let lost = || Event::Failed(Failure::Broken("lost".to_owned()));
    for (name, settings) in assistants() {
        for (event, code) in [
            (lost(), "upstream_invoke_error"),
            (Event::Elapsed, "upstream_timeout"),
        ] {
            let told = Shop::open(&settings).chat(None, |_| Reaction::Event(event.clone()));
            assert_eq!(told.outcome(), code, "{name}");
            // Homie's first request only creates the chat.
            let refunded = name == "homie";
            assert_eq!((told.sent.len(), told.refunded()), (1, refunded), "{name}");
        }
    }
}

#[test]
fn a_refused_key_is_tried_once_more_under_the_next_one() {
    let next = Settings::homie().with(Setting::ApiKeyNext, &api_key('1'));
    let mut shop = Shop::open(&next);
    let told = shop.chat(None, |sent| {
        let is_good = format!("{:?}", sent.headers).contains(&api_key('0'));
        if is_good {
            answer(
                200,
                JSON,
                if sent.url.ends_with("/v1/chats") {
                    CHAT
                } else {
                    GOOD
                },
            )
        } else {
            answer(401, JSON, "{}")
        }
    });
    assert_eq!(told.status, 200, "{}", told.line);
    assert_eq!(told.sent.len(), 3);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn nothing_that_an_upstream_wrote_is_in_an_error(
        status in prop_oneof![300..600_u16, prop::sample::select(vec![200_u16, 401, 403, 404, 410, 429, 500, 502, 503])],
        tag in "[a-z]{16}",
        shape in 0..6_usize,
        content_type in prop::sample::select(vec![JSON, HTML, "text/event-stream"]),
        continued: bool,
    ) {
        let body = [
            tag.clone(),
            json!({"statusCode": status, "message": tag, "error": tag, "request_id": tag}).to_string(),
            json!({"detail": [{"loc": [tag], "msg": tag}]}).to_string(),
            json!({"error": tag, "code": "RATE_LIMIT_EXCEEDED", "details": tag, "timestamp": tag}).to_string(),
            json!({"error": tag, "code": tag, "success": false}).to_string(),
            json!({"success": false, "message": tag, "content": 7, "agent_reply": [tag]}).to_string(),
        ];
        let headers = || [content_type, "", "", &tag, &tag, &tag, &tag].map(str::to_owned).into();
        for (_, settings) in assistants() {
            let mut shop = Shop::open(&settings);
            let session = continued.then(|| begin(&mut shop));
            let told = shop.chat(session.as_deref(), |_| Reaction::Answer(status, headers(), body[shape].clone().into()));
            if told.status == 200 {
                continue;
            }
            let seen = format!("{} {:?} {}", told.text, told.headers, told.line);
            prop_assert!(!seen.contains(&tag), "{}", seen);
            prop_assert!(told.status >= 400);
        }
    }
}

#[test]
fn a_sign_up_and_a_click_that_fail_say_so() {
    let mut shop = Shop::open(&Settings::rewards());
    let session = begin(&mut shop);
    let body =
        json!({"session_id": session, "email": "a@b.co", "consent": true, "product_id": "p"});
    for route in [Route::SignUp, Route::Clicks] {
        for (status, code) in [
            (422, "upstream_error"),
            (301, "upstream_error"),
            (522, "upstream_invoke_error"),
        ] {
            let told = shop.ask(visit(route), &body.to_string(), |_| {
                json_answer(status, &json!({"detail": "a@b.co"}))
            });
            assert_eq!((told.status, told.outcome()), (502, code));
            assert!(!format!("{} {}", told.text, told.line).contains("a@b.co"));
        }
    }
}
