//! Every refusal: its status, its code and its body.

use std::collections::HashSet;

use concierge_proxy::limits::protocol::Exceeded;
use concierge_proxy::limits::{Cap, Tier, Window};
use concierge_proxy::refusal::{InvalidField, Refusal, StoreLimit};
use concierge_proxy::reply::{self, Body, ReplyContext, Timing};
use concierge_proxy::settings::{Mistake, Setting};
use proptest::prelude::*;
use serde_json::Value;

use concierge_proxy::token::Fault;

use crate::support::{NOW, ORIGIN, Settings, cases, code, entropy, header, plan, post};

const RATE_LIMITED: &str = include_str!("../fixtures/published/rate-limited.json");
const ERROR: &str = include_str!("../fixtures/published/error.json");

pub fn shopper_limited() -> Refusal {
    Refusal::RateLimited(Exceeded {
        tier: Tier::Shopper,
        cap: Cap {
            count: 30,
            window: Window::Minute,
        },
        retry_after: 18,
    })
}

pub fn store_limited(window: Option<Window>) -> Refusal {
    Refusal::StoreLimited(StoreLimit {
        window,
        retry_after: 18,
    })
}

/// Every refusal there is.
pub fn all() -> Vec<Refusal> {
    vec![
        Refusal::MisconfiguredProxy(vec![Mistake {
            setting: Setting::ApiKey,
            reason: "is missing".to_owned(),
        }]),
        Refusal::NotFound,
        Refusal::NotOffered,
        Refusal::SessionNotFound,
        Refusal::PageNotFound,
        Refusal::MethodNotAllowed("POST, OPTIONS"),
        Refusal::OriginNotAllowed,
        Refusal::UnsupportedMediaType,
        Refusal::InvalidSignature,
        Refusal::InvalidShopperToken(Fault::Expired),
        Refusal::WebhookTooLarge,
        Refusal::BodyTooLarge,
        Refusal::InvalidJsonBody,
        Refusal::BodyMustBeObject,
        Refusal::MissingPrompt,
        Refusal::PromptTooLong,
        Refusal::InvalidField(InvalidField::SessionId),
        Refusal::InvalidField(InvalidField::Context),
        Refusal::InvalidField(InvalidField::Refinement),
        Refusal::InvalidField(InvalidField::Email),
        Refusal::InvalidField(InvalidField::Consent),
        Refusal::InvalidField(InvalidField::Utm),
        Refusal::InvalidField(InvalidField::ProductId),
        Refusal::InvalidField(InvalidField::Memories),
        Refusal::InvalidField(InvalidField::Text),
        Refusal::InvalidField(InvalidField::Time),
        Refusal::InvalidField(InvalidField::Language),
        Refusal::InvalidField(InvalidField::IdempotencyKey),
        Refusal::InvalidField(InvalidField::Range),
        Refusal::InvalidField(InvalidField::Span),
        Refusal::InvalidField(InvalidField::RequestId),
        Refusal::InvalidField(InvalidField::Lift),
        Refusal::InvalidAdminToken,
        Refusal::RequestNotFound,
        Refusal::UsageUnavailable,
        Refusal::InsufficientScope,
        Refusal::OmiNotEnabled,
        Refusal::InProgress(7),
        Refusal::InDoubt,
        shopper_limited(),
        store_limited(Some(Window::Hour)),
        store_limited(None),
        Refusal::LimiterUnavailable,
        Refusal::MisconfiguredApiKey,
        Refusal::CircuitOpen(3),
        Refusal::UpstreamInvokeError,
        Refusal::UpstreamFunctionError,
        Refusal::UpstreamError,
        Refusal::UpstreamEmptyResponse,
        Refusal::UpstreamTimeout,
        Refusal::InternalError,
    ]
}

/// The status and code of each. A new refusal does not compile until it stands here; let it stand
/// in the list above too.
fn published(refusal: &Refusal) -> (u16, &'static str) {
    match refusal {
        Refusal::InvalidJsonBody => (400, "invalid_json_body"),
        Refusal::BodyMustBeObject => (400, "body_must_be_object"),
        Refusal::BodyTooLarge => (400, "body_too_large"),
        Refusal::InvalidSignature => (401, "invalid_signature"),
        Refusal::InvalidShopperToken(_) => (401, "invalid_shopper_token"),
        Refusal::InvalidAdminToken => (401, "invalid_admin_token"),
        Refusal::RequestNotFound => (404, "request_not_found"),
        Refusal::UsageUnavailable => (503, "usage_unavailable"),
        Refusal::InsufficientScope => (403, "insufficient_scope"),
        Refusal::OmiNotEnabled => (403, "omi_not_enabled"),
        Refusal::InProgress(_) => (409, "in_progress"),
        Refusal::InDoubt => (409, "in_doubt"),
        Refusal::WebhookTooLarge => (413, "body_too_large"),
        Refusal::MissingPrompt => (400, "missing_prompt"),
        Refusal::PromptTooLong => (400, "prompt_too_long"),
        Refusal::InvalidField(_) => (400, "invalid_field"),
        Refusal::OriginNotAllowed => (403, "origin_not_allowed"),
        Refusal::NotFound => (404, "not_found"),
        Refusal::NotOffered => (404, "not_offered"),
        Refusal::SessionNotFound => (404, "session_not_found"),
        Refusal::PageNotFound => (404, "page_not_found"),
        Refusal::MethodNotAllowed(_) => (405, "method_not_allowed"),
        Refusal::UnsupportedMediaType => (415, "unsupported_media_type"),
        Refusal::RateLimited(_) | Refusal::StoreLimited(_) => (429, "rate_limited"),
        Refusal::MisconfiguredProxy(_) => (500, "misconfigured_proxy"),
        Refusal::MisconfiguredApiKey => (500, "misconfigured_api_key"),
        Refusal::InternalError => (500, "internal_error"),
        Refusal::CircuitOpen(_) | Refusal::UpstreamInvokeError => (502, "upstream_invoke_error"),
        Refusal::UpstreamFunctionError => (502, "upstream_function_error"),
        Refusal::UpstreamError => (502, "upstream_error"),
        Refusal::UpstreamEmptyResponse => (502, "upstream_empty_response"),
        Refusal::LimiterUnavailable => (503, "limiter_unavailable"),
        Refusal::UpstreamTimeout => (504, "upstream_timeout"),
    }
}

fn context() -> ReplyContext<'static> {
    ReplyContext {
        origin: Some(ORIGIN),
        request_id: "our-id",
        timing: Timing::default(),
    }
}

fn body(refusal: &Refusal) -> serde_json::Map<String, Value> {
    match reply::refusal(context(), refusal, None, None, None).body {
        Body::Text(text) => serde_json::from_str(&text).expect("an object"),
        other => panic!("{other:?} is no envelope"),
    }
}

fn names(body: &serde_json::Map<String, Value>) -> HashSet<&str> {
    body.keys().map(String::as_str).collect()
}

#[test]
fn every_refusal_has_the_published_status_and_code() {
    for refusal in all() {
        assert_eq!((refusal.status(), refusal.code()), published(&refusal));
        assert!(refusal.status() >= 400);
    }
}

#[test]
fn every_code_of_the_published_contract_is_used_with_its_status() {
    let used: HashSet<(u16, &str)> = all().iter().map(published).collect();
    for pair in [
        (400, "invalid_json_body"),
        (400, "body_must_be_object"),
        (400, "body_too_large"),
        (400, "missing_prompt"),
        (400, "prompt_too_long"),
        // 401 invalid_api_key is about the merchant's key: a page is told that it is misconfigured.
        (405, "method_not_allowed"),
        (429, "rate_limited"),
        (500, "misconfigured_api_key"),
        (502, "upstream_invoke_error"),
        (502, "upstream_function_error"),
        (502, "upstream_error"),
        (502, "upstream_empty_response"),
    ] {
        assert!(used.contains(&pair), "{pair:?}");
    }
}

#[test]
fn the_documents_name_every_code_with_its_status() {
    let documented = concat!(
        include_str!("../../docs/api.md"),
        include_str!("../../docs/admin.md")
    );
    for refusal in all() {
        let (status, code) = published(&refusal);
        let found = documented.lines().any(|line| {
            let statuses = line.split('|').nth(1).unwrap_or_default();
            let names_status = statuses.contains(&status.to_string());
            names_status && line.contains(&format!("`{code}`"))
        });
        assert!(found, "{status} {code}");
    }
}

#[test]
fn every_refusal_is_the_published_envelope_and_nothing_more() {
    let published: serde_json::Map<String, Value> = serde_json::from_str(ERROR).unwrap();
    for refusal in all().into_iter().filter(|refusal| refusal.status() != 429) {
        let body = body(&refusal);
        assert_eq!(names(&body), names(&published), "{refusal:?}");
        assert_eq!(body["error"], refusal.code());
        assert_eq!(body["message"], *refusal.message());
        assert_eq!(body["request_id"], "our-id");
        assert!(!refusal.message().is_empty());
    }
}

#[test]
fn a_spent_budget_is_told_as_published() {
    let published: serde_json::Map<String, Value> = serde_json::from_str(RATE_LIMITED).unwrap();
    let body = body(&shopper_limited());
    assert_eq!(names(&body), names(&published));
    for (name, value) in &published {
        let kind = std::mem::discriminant(value);
        assert_eq!(
            std::mem::discriminant(&body[name]),
            kind,
            "the type of {name}"
        );
    }
    // The published example is 30 a minute, too.
    for name in ["error", "limit_window", "limit"] {
        assert_eq!(body[name], published[name]);
    }
    assert_eq!(body["tier"], "shopper");
    let reply = reply::refusal(context(), &shopper_limited(), None, None, None);
    assert_eq!(header(&reply.headers, "Retry-After").as_deref(), Some("18"));
}

#[test]
fn every_tier_has_its_name() {
    for (tier, name) in [
        (Tier::Shopper, "shopper"),
        (Tier::Newcomer, "newcomer"),
        (Tier::Network, "network"),
    ] {
        let cap = Cap {
            count: 7,
            window: Window::Day,
        };
        let body = body(&Refusal::RateLimited(Exceeded {
            tier,
            cap,
            retry_after: 1,
        }));
        assert_eq!((&body["tier"], &body["limit"]), (&name.into(), &7.into()));
        assert_eq!(body["limit_window"], "day");
    }
}

#[test]
fn the_stores_own_number_is_never_told() {
    for window in [None, Some(Window::Minute)] {
        let body = body(&store_limited(window));
        assert_eq!(body.get("limit"), None);
        assert_eq!(body["tier"], "store");
        assert_eq!(body["error"], "rate_limited");
        let told = body.get("limit_window").map(|name| name.as_str().unwrap());
        assert_eq!(told, window.map(Window::name));
        let reply = reply::refusal(context(), &store_limited(window), None, None, None);
        assert_eq!(header(&reply.headers, "Retry-After").as_deref(), Some("18"));
    }
}

#[test]
fn who_may_come_back_soon_is_told_when() {
    for refusal in all() {
        let told = refusal.retry_after().is_some();
        let is_over_soon = matches!(refusal.status(), 429 | 503)
            || matches!(refusal, Refusal::InProgress(_))
            || matches!(refusal, Refusal::CircuitOpen(_));
        assert_eq!(told, is_over_soon, "{refusal:?}");
        let reply = reply::refusal(context(), &refusal, None, None, None);
        assert_eq!(header(&reply.headers, "Retry-After").is_some(), told);
    }
}

#[test]
fn the_upstreams_request_id_stands_in_the_body_and_ours_in_the_header() {
    let reply = reply::refusal(
        context(),
        &Refusal::UpstreamError,
        Some("theirs"),
        None,
        None,
    );
    let Body::Text(text) = &reply.body else {
        panic!("an envelope")
    };
    let body: Value = serde_json::from_str(text).unwrap();
    assert_eq!(body["request_id"], "theirs");
    assert_eq!(
        header(&reply.headers, "X-Request-Id").as_deref(),
        Some("our-id")
    );
}

#[test]
fn the_settings_that_are_wrong_are_all_named() {
    let gate = Settings::none().open();
    let Err(refusal) = gate.receive(&post(), NOW) else {
        panic!("let through")
    };
    assert_eq!(refusal.code(), "misconfigured_proxy");
    for name in ["ALLOWED_ORIGINS", "CONCIERGE_API_KEY"] {
        assert!(refusal.message().contains(name), "{}", refusal.message());
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn nothing_that_a_browser_sent_is_quoted(
        tag in "[a-z]{12}",
        place in 0..5_usize,
        shape in 0..6_usize,
    ) {
        let gate = Settings::good().open();
        let path = format!("/{tag}");
        let mut head = post();
        match place {
            0 => head.path = &path,
            1 => head.method = &tag,
            2 => head.origin = Some(&tag),
            3 => head.content_type = &tag,
            _ => {}
        }
        let body = [
            tag.clone(),
            format!("\"{tag}\""),
            format!("{{\"prompt\":\"\",\"{tag}\":1}}"),
            format!("{{\"prompt\":\"a\",\"session_id\":[\"{tag}\"]}}"),
            format!("{{\"prompt\":\"a\",\"context\":\"{tag}\"}}"),
            format!("{{\"prompt\":\"{}\"}}", tag.repeat(200)),
        ];
        let refusal = match gate.receive(&head, NOW) {
            Err(refusal) => refusal,
            Ok(_) => plan(&gate, &head, body[shape].as_bytes(), NOW, entropy(1))
                .expect_err("a bad body"),
        };
        prop_assert_ne!(code::<()>(Err(refusal.clone())), "internal_error");
        let reply = reply::refusal(context(), &refusal, None, None, None);
        let told = format!("{reply:?}");
        prop_assert!(!told.contains(&tag), "{}", told);
    }
}

#[test]
fn a_merchant_is_woken_for_what_stops_the_shop_and_for_nothing_a_visitor_does() {
    let mut alerts: Vec<_> = all()
        .iter()
        .filter_map(|refusal| refusal.notice(false))
        .collect();
    alerts.dedup();
    assert_eq!(
        alerts,
        [
            "misconfigured_proxy",
            "usage_unavailable",
            "store_limited",
            "limiter_unavailable",
            "misconfigured_api_key",
            "circuit_open",
            "internal_error",
        ]
    );
    for refusal in all() {
        let is_of_the_visitor =
            refusal.status() < 500 && !matches!(refusal, Refusal::StoreLimited(_));
        assert!(
            !is_of_the_visitor || refusal.notice(false).is_none(),
            "{refusal:?}"
        );
    }
}
