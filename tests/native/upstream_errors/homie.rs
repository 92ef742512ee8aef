//! Homie's errors, of which its contract says nothing.

use concierge_proxy::contract::route::Route;

use super::{CHAT, begin, check, check_chats, row};
use crate::support::Settings;
use crate::support::shop::{HTML, JSON, Shop, answer, visit};

const NEST: &str = r#"{"statusCode":400,"message":"secret","error":"secret"}"#;

#[test]
fn a_message_that_fails_is_judged_by_its_status() {
    check_chats(
        &Settings::homie(),
        &[
            row((400, JSON, NEST), "upstream_error", 1, false),
            row((401, JSON, NEST), "misconfigured_api_key", 1, true),
            row((401, HTML, ""), "misconfigured_api_key", 1, true),
            row((403, JSON, NEST), "misconfigured_api_key", 1, true),
            row((422, JSON, NEST), "upstream_error", 1, false),
            row((429, JSON, NEST), "upstream_error", 2, true),
            row((500, JSON, NEST), "upstream_error", 2, false),
            row((500, HTML, ""), "upstream_error", 2, false),
            row((502, JSON, NEST), "upstream_error", 2, false),
            row((503, JSON, NEST), "upstream_error", 2, false),
            row((504, JSON, NEST), "upstream_error", 1, false),
        ],
    );
}

/// Each is refunded: its message was never sent.
#[test]
fn a_chat_that_cannot_be_created_is_judged_by_its_status() {
    for (row, sent) in [
        (row((400, JSON, NEST), "upstream_error", 0, true), 1),
        (row((401, JSON, NEST), "misconfigured_api_key", 0, true), 1),
        (row((403, HTML, ""), "misconfigured_api_key", 0, true), 1),
        (row((404, JSON, NEST), "misconfigured_proxy", 0, true), 1),
        (row((410, JSON, NEST), "upstream_error", 0, true), 1),
        (row((429, JSON, NEST), "upstream_error", 0, true), 3),
        (row((500, JSON, NEST), "upstream_error", 0, true), 2),
        (row((502, HTML, ""), "upstream_error", 0, true), 3),
        (row((522, HTML, ""), "upstream_invoke_error", 0, true), 3),
    ] {
        let told = Shop::open(&Settings::homie())
            .chat(None, |_| answer(row.status, row.content_type, row.body));
        check(&row, &told);
        assert_eq!(told.sent.len(), sent, "{}", row.status);
    }
}

#[test]
fn a_chatbot_that_is_not_there_is_for_the_merchant_to_mend() {
    let told = Shop::open(&Settings::homie()).chat(None, |_| answer(404, JSON, NEST));
    assert_eq!(told.status, 500);
    let message = told.body["message"].as_str().expect("a text");
    assert!(
        message.contains("HOMIE_CHATBOT_ID is unknown to the assistant"),
        "{message}"
    );
}

#[test]
fn a_history_whose_chat_is_gone_is_not_found() {
    for (status, code) in [
        (404, "session_not_found"),
        (410, "session_not_found"),
        (401, "misconfigured_api_key"),
        (500, "upstream_error"),
    ] {
        let mut shop = Shop::open(&Settings::homie());
        let session = begin(&mut shop);
        let told = shop.ask(
            visit(Route::History),
            &format!("session_id={session}"),
            |_| answer(status, JSON, NEST),
        );
        assert_eq!(told.outcome(), code, "{status}");
    }
}

#[test]
fn an_answer_of_another_type_is_an_error_and_not_sent_again() {
    for content_type in [HTML, "", "text/plain"] {
        let told = Shop::open(&Settings::homie()).chat(None, |_| answer(201, content_type, CHAT));
        assert_eq!((told.outcome(), told.sent.len()), ("upstream_error", 1));
    }
}
