//! The answers to a browser, down to each header.

use concierge_proxy::limits::protocol::{Exceeded, Standing};
use concierge_proxy::limits::{Cap, Tier, Window};
use concierge_proxy::media_type::MediaType;
use concierge_proxy::refusal::Refusal;
use concierge_proxy::reply::{self, Body, Quota, Reply, ReplyContext, Timing};

use crate::refusals;
use crate::support::{ORIGIN, header, pairs};

const ID: &str = "11111111-2222-4333-8444-555555555555";

fn context(origin: Option<&str>) -> ReplyContext<'_> {
    ReplyContext {
        origin,
        request_id: ID,
        timing: Timing::default(),
    }
}

fn quota() -> Quota {
    Quota {
        cap: Cap {
            count: 40,
            window: Window::Hour,
        },
        standing: Standing {
            remaining: 12,
            reset: 1_800,
        },
        dry_run: None,
    }
}

fn chat(origin: Option<&str>, pass: Option<&str>) -> Reply {
    reply::chat(context(origin), 200, MediaType::Json, Some(quota()), pass)
}

fn refused(refusal: &Refusal, quota: Option<Quota>, pass: Option<&str>) -> Reply {
    reply::refusal(context(Some(ORIGIN)), refusal, None, quota, pass)
}

/// Every kind of reply there is.
fn all(origin: Option<&str>) -> Vec<Reply> {
    let mut replies = vec![
        reply::preflight(context(origin)),
        reply::unread(context(origin)),
        reply::healthy(context(origin), false),
        chat(origin, None),
        chat(origin, Some("pass")),
        reply::chat(context(origin), 200, MediaType::EventStream, None, None),
    ];
    for refusal in refusals::all() {
        for quota in [None, Some(quota())] {
            let context = context(origin);
            replies.push(reply::refusal(context, &refusal, None, quota, Some("pass")));
        }
    }
    replies
}

fn get(reply: &Reply, name: &str) -> Option<String> {
    header(&reply.headers, name)
}

#[test]
fn every_reply_varies_by_origin_and_carries_our_id() {
    for origin in [None, Some(ORIGIN)] {
        for reply in all(origin) {
            assert_eq!(get(&reply, "Vary").as_deref(), Some("Origin"), "{reply:?}");
            assert_eq!(
                get(&reply, "X-Request-Id").as_deref(),
                Some(ID),
                "{reply:?}"
            );
        }
    }
}

#[test]
fn no_reply_is_stored_or_sniffed() {
    for reply in all(Some(ORIGIN)) {
        // A stream is marked as one that nothing on the way may keep or hold back.
        let streams = get(&reply, "Content-Type").as_deref() == Some("text/event-stream");
        let caching = if streams {
            "no-cache, no-transform"
        } else {
            "no-store"
        };
        assert_eq!(get(&reply, "Cache-Control").as_deref(), Some(caching));
        assert_eq!(
            get(&reply, "X-Content-Type-Options").as_deref(),
            Some("nosniff")
        );
    }
}

#[test]
fn a_page_of_an_allowed_origin_may_read_every_reply() {
    for reply in all(Some(ORIGIN)) {
        assert_eq!(
            get(&reply, "Access-Control-Allow-Origin").as_deref(),
            Some(ORIGIN)
        );
        assert!(get(&reply, "Access-Control-Expose-Headers").is_some());
        // No cookie plays a part.
        assert_eq!(get(&reply, "Access-Control-Allow-Credentials"), None);
    }
}

#[test]
fn no_other_page_may_read_any_reply() {
    for reply in all(None) {
        for (name, value) in pairs(&reply.headers) {
            // What a preflight allows is no use without the origin.
            let harmless = reply.status == 204 || !name.starts_with("Access-Control-");
            assert!(harmless, "{name}: {value}");
            assert_ne!(name, "Access-Control-Allow-Origin");
        }
    }
}

#[test]
fn a_page_can_read_every_header_that_is_meant_for_it() {
    // Fetch standard, CORS-safelisted response-header names.
    let safelisted = ["Cache-Control", "Content-Type"];
    // These speak to the browser and to caches, not to the page.
    let for_browsers = ["Vary", "X-Content-Type-Options"];
    for reply in all(Some(ORIGIN)) {
        let exposed = get(&reply, "Access-Control-Expose-Headers").unwrap();
        let exposed: Vec<&str> = exposed.split(", ").collect();
        for (name, _) in pairs(&reply.headers) {
            let readable = exposed.contains(&&*name) || safelisted.contains(&&*name);
            let other = for_browsers.contains(&&*name) || name.starts_with("Access-Control-");
            assert!(readable || other, "{name} can not be read");
        }
    }
}

#[test]
fn the_headers_of_the_contract_are_exposed() {
    let exposed = get(&chat(Some(ORIGIN), None), "Access-Control-Expose-Headers").unwrap();
    for name in [
        "X-Request-Id",
        "Retry-After",
        "Shopper-Pass",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Window",
        "X-RateLimit-Tier",
        "RateLimit",
        "RateLimit-Policy",
    ] {
        assert!(exposed.split(", ").any(|other| other == name), "{name}");
    }
    assert!(!exposed.contains('*'));
}

#[test]
fn a_preflight_allows_what_a_chat_needs_and_is_kept() {
    let reply = reply::preflight(context(Some(ORIGIN)));
    assert_eq!((reply.status, &reply.body), (204, &Body::Empty));
    for (name, value) in [
        ("Access-Control-Allow-Origin", ORIGIN),
        ("Access-Control-Allow-Methods", "POST"),
        (
            "Access-Control-Allow-Headers",
            "Content-Type, Shopper-Pass, Authorization",
        ),
        ("Access-Control-Max-Age", "7200"),
    ] {
        assert_eq!(get(&reply, name).as_deref(), Some(value));
    }
    assert_eq!(get(&reply, "Content-Type"), None);
}

#[test]
fn a_chat_passes_the_upstreams_body_under_its_type() {
    for (status, media_type, content_type) in [
        (200, MediaType::Json, "application/json"),
        (201, MediaType::EventStream, "text/event-stream"),
    ] {
        let reply = reply::chat(context(None), status, media_type, Some(quota()), None);
        assert_eq!((reply.status, &reply.body), (status, &Body::Upstream));
        assert_eq!(get(&reply, "Content-Type").as_deref(), Some(content_type));
    }
}

#[test]
fn a_chat_tells_the_shoppers_own_hour() {
    let reply = chat(Some(ORIGIN), None);
    for (name, value) in [
        ("X-RateLimit-Limit", "40"),
        ("X-RateLimit-Remaining", "12"),
        ("X-RateLimit-Window", "hour"),
        ("X-RateLimit-Tier", "shopper"),
        ("RateLimit-Policy", "\"shopper\";q=40;w=3600"),
        ("RateLimit", "\"shopper\";r=12;t=1800"),
    ] {
        assert_eq!(get(&reply, name).as_deref(), Some(value), "{name}");
    }
}

#[test]
fn a_refusal_by_a_budget_names_the_policy_that_is_spent() {
    for (tier, window, policy, state) in [
        (
            Tier::Shopper,
            Window::Minute,
            "\"shopper\";q=7;w=60",
            "\"shopper\";r=0;t=18",
        ),
        (
            Tier::Newcomer,
            Window::Day,
            "\"newcomer\";q=7;w=86400",
            "\"newcomer\";r=0;t=18",
        ),
        (
            Tier::Network,
            Window::Second,
            "\"network\";q=7;w=1",
            "\"network\";r=0;t=18",
        ),
    ] {
        let refusal = Refusal::RateLimited(Exceeded {
            tier,
            cap: Cap { count: 7, window },
            retry_after: 18,
        });
        let reply = refused(&refusal, Some(quota()), None);
        assert_eq!(reply.status, 429);
        assert_eq!(get(&reply, "RateLimit-Policy").as_deref(), Some(policy));
        assert_eq!(get(&reply, "RateLimit").as_deref(), Some(state));
        assert_eq!(get(&reply, "Retry-After").as_deref(), Some("18"));
        // The shopper's figures stay the shopper's own.
        assert_eq!(get(&reply, "X-RateLimit-Limit").as_deref(), Some("40"));
        assert_eq!(get(&reply, "X-RateLimit-Remaining").as_deref(), Some("12"));
        assert_eq!(get(&reply, "X-RateLimit-Tier").as_deref(), Some("shopper"));
    }
}

#[test]
fn what_was_never_counted_tells_no_figures() {
    for refusal in refusals::all() {
        for (name, _) in pairs(&refused(&refusal, None, None).headers) {
            assert!(!name.contains("RateLimit"), "{name} with {refusal:?}");
        }
    }
}

#[test]
fn a_pass_goes_out_with_chats_that_were_admitted_and_with_no_others() {
    assert_eq!(
        get(&chat(Some(ORIGIN), Some("pass")), "Shopper-Pass").as_deref(),
        Some("pass")
    );
    assert_eq!(get(&chat(Some(ORIGIN), None), "Shopper-Pass"), None);
    for refusal in refusals::all() {
        // Nobody has asked the limiter yet.
        assert_eq!(
            get(&refused(&refusal, None, Some("pass")), "Shopper-Pass"),
            None
        );
        // It was asked: its own refusals give no pass, the upstream's come to an admitted chat.
        let admitted = !matches!(refusal, Refusal::RateLimited(_));
        let reply = refused(&refusal, Some(quota()), Some("pass"));
        assert_eq!(
            get(&reply, "Shopper-Pass").is_some(),
            admitted,
            "{refusal:?}"
        );
    }
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let reply = refused(&Refusal::MethodNotAllowed("POST, OPTIONS"), None, None);
    assert_eq!(get(&reply, "Allow").as_deref(), Some("POST, OPTIONS"));
    for refusal in refusals::all() {
        let has = get(&refused(&refusal, None, None), "Allow").is_some();
        assert_eq!(has, refusal.status() == 405, "{refusal:?}");
    }
}

#[test]
fn a_refusal_is_json() {
    for refusal in refusals::all() {
        let reply = refused(&refusal, None, None);
        assert_eq!(reply.status, refusal.status());
        assert_eq!(
            get(&reply, "Content-Type").as_deref(),
            Some("application/json")
        );
    }
}

#[test]
fn a_reply_that_nobody_reads_has_no_body() {
    let reply = reply::unread(context(None));
    assert_eq!((reply.status, reply.body), (499, Body::Empty));
}

#[test]
fn a_worker_that_is_set_up_says_so() {
    let reply = reply::healthy(context(None), false);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body, Body::Text("{\"status\":\"ok\"}".to_owned()));
}
