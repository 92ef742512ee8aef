//! The errors of Omniops: as documented, codes without statuses; as built, statuses without codes.

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::json;

use super::{Row, begin, check, check_chats, row};
use crate::support::shop::{HTML, JSON, Reaction, Shop, answer, json_answer, visit};
use crate::support::{NOW, Settings};

const BUILT: &str = r#"{"error":"secret","message":"secret","details":"secret"}"#;

/// What a code means under any status of an error.
fn codes() -> [(&'static str, &'static str, usize, bool); 7] {
    [
        (
            r#"{"error":"x","code":"AUTH_INVALID"}"#,
            "misconfigured_api_key",
            1,
            true,
        ),
        (
            r#"{"error":"x","code":"RATE_LIMIT_EXCEEDED"}"#,
            "rate_limited",
            1,
            true,
        ),
        (
            r#"{"error":"x","code":"INVALID_REQUEST"}"#,
            "upstream_error",
            1,
            false,
        ),
        (
            r#"{"error":"x","code":"RESOURCE_NOT_FOUND"}"#,
            "upstream_error",
            1,
            false,
        ),
        (
            r#"{"error":"x","code":"INTERNAL_ERROR"}"#,
            "upstream_error",
            2,
            false,
        ),
        (
            r#"{"error":"x","code":"DOMAIN_NOT_CONFIGURED"}"#,
            "misconfigured_proxy",
            1,
            false,
        ),
        (
            r#"{"error":"x","code":"INSUFFICIENT_CREDITS"}"#,
            "misconfigured_proxy",
            1,
            false,
        ),
    ]
}

#[test]
fn a_documented_code_means_the_same_under_every_status() {
    for status in [400, 401, 403, 404, 422, 429, 500, 502, 503] {
        let rows = codes()
            .map(|(body, code, sent, refunded)| row((status, JSON, body), code, sent, refunded));
        check_chats(&Settings::omniops(), &rows);
    }
}

/// What a status means that comes without a code.
fn statuses() -> [Row; 11] {
    [
        row((400, JSON, BUILT), "upstream_error", 1, false),
        row((401, JSON, BUILT), "misconfigured_api_key", 1, true),
        row((403, JSON, BUILT), "misconfigured_api_key", 1, true),
        row((401, HTML, ""), "misconfigured_api_key", 1, true),
        row((404, JSON, BUILT), "upstream_error", 1, false),
        row((429, JSON, BUILT), "rate_limited", 1, true),
        row((500, JSON, BUILT), "upstream_error", 2, false),
        row((502, JSON, BUILT), "upstream_error", 3, false),
        row((503, JSON, BUILT), "upstream_error", 2, false),
        row((500, HTML, ""), "upstream_error", 2, false),
        row((404, HTML, ""), "upstream_error", 1, false),
    ]
}

/// A code that the reference does not have.
const NEW: &str = r#"{"error":"x","code":"SOMETHING_NEW"}"#;

#[test]
fn under_an_unknown_code_the_status_decides() {
    let rows = [
        row((400, JSON, NEW), "upstream_error", 1, false),
        row((401, JSON, NEW), "misconfigured_api_key", 1, true),
        row((429, JSON, NEW), "rate_limited", 1, true),
        row((500, JSON, NEW), "upstream_error", 2, false),
    ];
    check_chats(&Settings::omniops(), &rows);
}

#[test]
fn without_a_code_the_status_decides_in_both_dialects() {
    check_chats(&Settings::omniops(), &statuses());
    // As built, there is no key that could be refused.
    let is_about_key = |row: &Row| matches!(row.status, 401 | 403);
    let rows: Vec<Row> = statuses()
        .into_iter()
        .filter(|row| !is_about_key(row))
        .collect();
    check_chats(&Settings::omniops_as_built(), &rows);
    for status in [401, 403] {
        let refused = row((status, JSON, BUILT), "upstream_error", 1, false);
        check_chats(&Settings::omniops_as_built(), &[refused]);
    }
}

#[test]
fn a_code_that_is_no_text_is_none() {
    for body in [
        r#"{"code":null}"#,
        r#"{"code":7}"#,
        r#"{"code":""}"#,
        r#"{"code":" "}"#,
        "[]",
        "{",
        "",
    ] {
        check_chats(
            &Settings::omniops(),
            &[
                row((429, JSON, body), "rate_limited", 1, true),
                row((400, JSON, body), "upstream_error", 1, false),
            ],
        );
    }
}

#[test]
fn what_the_merchant_has_to_mend_is_named() {
    for (code, named) in [
        (
            "DOMAIN_NOT_CONFIGURED",
            "OMNIOPS_DOMAIN is not set up at the assistant",
        ),
        (
            "INSUFFICIENT_CREDITS",
            "CONCIERGE_API_KEY belongs to an account without credit",
        ),
    ] {
        let told = Shop::open(&Settings::omniops())
            .chat(None, |_| json_answer(400, &json!({"code": code})));
        let message = told.body["message"].as_str().expect("a text");
        assert_eq!(told.status, 500);
        assert!(message.contains(named), "{message}");
    }
}

/// The wait that a page is told after a 429 with these two headers.
fn wait(retry_after: &str, reset: &str) -> String {
    let told = Shop::open(&Settings::omniops()).chat(None, |_| {
        let headers = [JSON, "", "", "100", "0", retry_after, reset].map(str::to_owned);
        Reaction::Answer(429, headers.into(), BUILT.into())
    });
    assert_eq!((told.status, &told.body["tier"]), (429, &json!("store")));
    assert_eq!(told.body["limit_window"], "minute");
    assert_eq!(told.body.get("limit"), None);
    let waits = told.headers.iter().find(|(name, _)| name == "Retry-After");
    waits.expect("a wait").1.clone()
}

#[test]
fn the_wait_for_the_budget_is_a_minute_at_most() {
    let now = u64::from(NOW);
    let (seconds, millis) = ((now + 30).to_string(), (now * 1_000 + 30_000).to_string());
    for (retry_after, reset, told) in [
        ("17", "", "17"),
        ("17", &*seconds, "17"),
        ("", &*seconds, "30"),
        ("", &*millis, "30"),
        ("", &*(now * 1_000 + 29_001).to_string(), "30"),
        ("0", "", "1"),
        ("", &*now.to_string(), "1"),
        ("", &*(now - 100).to_string(), "1"),
        ("", "0", "1"),
        ("", "", "60"),
        ("soon", "soon", "60"),
        ("99999999999999999999", "", "60"),
        ("", "99999999999", "60"),
        ("", "18446744073709551615", "60"),
        ("", "18446744073709551616", "60"),
        ("", "-1", "60"),
        ("3600", "", "60"),
    ] {
        assert_eq!(wait(retry_after, reset), told, "{retry_after:?} {reset:?}");
    }
}

#[test]
fn a_history_that_is_not_there_is_not_found() {
    for row in [
        row((404, JSON, BUILT), "session_not_found", 1, false),
        row(
            (400, JSON, r#"{"code":"RESOURCE_NOT_FOUND"}"#),
            "session_not_found",
            1,
            false,
        ),
        row((400, JSON, BUILT), "upstream_error", 1, false),
        row((500, JSON, BUILT), "upstream_error", 2, false),
    ] {
        let mut shop = Shop::open(&Settings::omniops_as_built());
        let session = begin(&mut shop);
        let told = shop.ask(
            visit(Route::History),
            &format!("session_id={session}"),
            |_| answer(row.status, row.content_type, row.body),
        );
        check(&row, &told);
    }
}

#[test]
fn a_conversation_that_is_gone_is_begun_anew_once() {
    for (settings, name) in [
        (Settings::omniops(), "conversationId"),
        (Settings::omniops_as_built(), "conversation_id"),
    ] {
        let mut shop = Shop::open(&settings.with(Setting::UpstreamAttempts, "2"));
        let session = begin(&mut shop);
        let told = shop.chat(Some(&session), |sent| {
            if sent.body.get(name).is_some() {
                answer(404, JSON, BUILT)
            } else {
                json_answer(200, &json!({"message": "A hat.", name: "c-2"}))
            }
        });
        assert_eq!(
            (told.status, told.ended()),
            (200, vec!["conversation_gone", "answered"])
        );
        assert_ne!(told.session(), session);
        // A new one that is not found either is an error.
        let told = shop.chat(Some(&session), |_| answer(404, JSON, BUILT));
        assert_eq!((told.outcome(), told.sent.len()), ("upstream_error", 2));
    }
}
