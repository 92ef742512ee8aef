//! What is decided before the body is read.

use concierge_proxy::gate::{Entry, Gate};
use concierge_proxy::head::{Needs, RequestHead};
use concierge_proxy::settings::Setting;

use crate::support::{NOW, ORIGIN, Settings, code, entropy, plan, post, preflight};

pub(super) fn outcome(gate: &Gate, head: &RequestHead<'_>) -> &'static str {
    match gate.receive(head, NOW) {
        Ok(Entry::Preflight) => "preflight",
        Ok(Entry::Health(_)) => "health",
        Ok(Entry::Capabilities(_)) => "capabilities",
        Ok(Entry::Webhook(_)) => "webhook",
        Ok(Entry::Admin(..)) => "admin",
        Ok(Entry::Assistant(_, route, _)) => route.name(),
        Err(refusal) => refusal.code(),
    }
}

fn good() -> Gate {
    Settings::good().open()
}

/// The key is missing, and the allow-list is valid.
fn misconfigured() -> Gate {
    Settings::good().with(Setting::ApiKey, "").open()
}

#[test]
fn the_checks_come_in_their_order() {
    // Everything is wrong at first. Then one fault after the other is fixed.
    let mut head = RequestHead {
        method: "PUT",
        path: "/nowhere",
        origin: Some("https://evil.com"),
        content_type: "text/plain",
        ..RequestHead::default()
    };
    assert_eq!(outcome(&misconfigured(), &head), "misconfigured_proxy");
    let gate = good();
    assert_eq!(outcome(&gate, &head), "not_found");
    head.path = "/v1/concierge/chat";
    assert_eq!(outcome(&gate, &head), "method_not_allowed");
    head.method = "POST";
    assert_eq!(outcome(&gate, &head), "origin_not_allowed");
    head.origin = Some(ORIGIN);
    assert_eq!(outcome(&gate, &head), "unsupported_media_type");
    head.content_type = "application/json";
    assert_eq!(outcome(&gate, &head), "chat");
    let plan = plan(&gate, &head, b"", NOW, entropy(1));
    assert_eq!(code(plan), "invalid_json_body");
}

#[test]
fn a_misconfigured_proxy_lets_no_chat_in() {
    for setting in Setting::ALL {
        let gate = Settings::good().with(setting, "nonsense").open();
        assert_eq!(
            outcome(&gate, &post()),
            "misconfigured_proxy",
            "{}",
            setting.name()
        );
        assert!(gate.proxy().is_err());
    }
    let bad_entry = Settings::good().with(Setting::AllowedOrigins, &format!("{ORIGIN}, nonsense"));
    assert_eq!(outcome(&bad_entry.open(), &post()), "misconfigured_proxy");
}

#[test]
fn the_page_can_read_that_the_proxy_is_misconfigured() {
    let half = Settings::good()
        .with(Setting::AllowedOrigins, &format!("nonsense, {ORIGIN}"))
        .open();
    for gate in [misconfigured(), half] {
        assert_eq!(gate.reader(&post()), Some(ORIGIN));
        assert_eq!(outcome(&gate, &preflight()), "preflight");
        let evil = RequestHead {
            origin: Some("https://evil.com"),
            ..post()
        };
        assert_eq!(gate.reader(&evil), None);
        assert_eq!(outcome(&gate, &evil), "misconfigured_proxy");
    }
}

#[test]
fn nothing_is_let_in_without_an_allow_list() {
    let gate = Settings::good().with(Setting::AllowedOrigins, " ").open();
    for origin in [None, Some("null"), Some(ORIGIN)] {
        let head = RequestHead { origin, ..post() };
        assert_eq!(outcome(&gate, &head), "misconfigured_proxy");
        assert_eq!(gate.reader(&head), None);
    }
}

#[test]
fn only_allowed_origins_may_chat() {
    for origin in [
        None,
        Some("null"),
        Some("https://evil.com"),
        Some("https://shop.example.com.evil.com"),
        Some("https://shop.example.com, https://shop.example.com"),
    ] {
        let head = RequestHead { origin, ..post() };
        assert_eq!(outcome(&good(), &head), "origin_not_allowed", "{origin:?}");
        assert_eq!(good().reader(&head), None, "{origin:?}");
    }
    assert_eq!(good().reader(&post()), Some(ORIGIN));
}

#[test]
fn a_preflight_is_answered_for_allowed_origins_alone() {
    assert_eq!(outcome(&good(), &preflight()), "preflight");
    for origin in [None, Some("null"), Some("https://evil.com")] {
        let head = RequestHead {
            origin,
            ..preflight()
        };
        assert_eq!(outcome(&good(), &head), "origin_not_allowed", "{origin:?}");
    }
    // On every path, so that a page can read what is wrong with its own.
    for path in ["/", "/nowhere", "/healthz", "/v1/concierge/chat"] {
        let head = RequestHead {
            path,
            ..preflight()
        };
        assert_eq!(outcome(&good(), &head), "preflight", "{path}");
    }
}

#[test]
fn the_path_is_matched_exactly() {
    for url in [
        "https://proxy.example.com/v1/concierge/chat",
        "https://proxy.example.com:8443/v1/concierge/chat?a=/b",
        "https://proxy.example.com/v1/concierge/chat#a",
        "https://proxy.example.com/v1/concierge/chat?",
        "http://[::1]:8787/v1/concierge/chat?a=http://b/c",
    ] {
        let head = arrived(url);
        assert_eq!(outcome(&good(), &head), "chat", "{url}");
    }
    for url in [
        "https://proxy.example.com",
        "https://proxy.example.com/",
        "https://proxy.example.com/v1/concierge/chat/",
        "https://proxy.example.com//v1/concierge/chat",
        "https://proxy.example.com/v1//concierge/chat",
        "https://proxy.example.com/V1/concierge/chat",
        "https://proxy.example.com/v1/concierge/chats",
        "https://proxy.example.com/v1/concierge",
        "https://proxy.example.com/v1/concierge/cha%74",
        "https://proxy.example.com/v1%2Fconcierge%2Fchat",
        "https://proxy.example.com/v1/concierge/chat;a",
        "https://proxy.example.com/v1/concierge/chat%00",
        "https://proxy.example.com/concierge/chat",
        "https://proxy.example.com/?/v1/concierge/chat",
        "https://proxy.example.com/a/v1/concierge/chat",
        "https://proxy.example.com/healthz/",
    ] {
        let head = arrived(url);
        assert_eq!(outcome(&good(), &head), "not_found", "{url}");
    }
}

fn arrived(url: &str) -> RequestHead<'_> {
    RequestHead::read(
        "POST",
        url,
        [
            "",
            "",
            ORIGIN,
            "",
            "192.0.2.1",
            "application/json",
            "*/*",
            "",
            "",
        ],
    )
}

#[test]
fn a_request_head_is_read_from_its_headers() {
    let headers = [
        "POST",
        "same-origin",
        "https://d.example",
        "g",
        "192.0.2.1",
        "e/f",
        "text/html, Text/Event-Stream;q=0.9",
        "Bearer h",
        "198.51.100.1, 192.0.2.1",
    ];
    let head = RequestHead {
        method: "OPTIONS",
        path: "/b",
        query: "c",
        origin: Some("https://d.example"),
        asks_for_method: true,
        accepts_events: true,
        content_type: "e/f",
        pass: "g",
        address: "192.0.2.1",
        authorization: "Bearer h",
        forwarded: "198.51.100.1, 192.0.2.1",
        own_origin: "https://a.example",
    };
    assert_eq!(
        RequestHead::read("OPTIONS", "https://a.example/b?c", headers),
        head
    );
    let none = RequestHead {
        method: "GET",
        path: "/",
        own_origin: "https://a.example",
        ..RequestHead::default()
    };
    assert_eq!(
        RequestHead::read("GET", "https://a.example/", [""; 9]),
        none
    );
}

#[test]
fn only_the_headers_that_decide_something_are_read() {
    let read = |method, url, tokens, app_proxy| {
        let needs = Needs { tokens, app_proxy };
        let reads = RequestHead::reads(method, url, needs);
        let names = RequestHead::HEADERS.into_iter().zip(reads);
        names
            .filter_map(|(name, is_read)| is_read.then_some(name))
            .collect::<Vec<_>>()
    };
    let url = "https://a.example/b?signature=c";
    let preflight = ["Access-Control-Request-Method", "Origin"];
    let get = [
        "Sec-Fetch-Site",
        "Origin",
        "Shopper-Pass",
        "CF-Connecting-IP",
    ];
    let post = [
        "Origin",
        "Shopper-Pass",
        "CF-Connecting-IP",
        "Content-Type",
        "Accept",
    ];
    assert_eq!(read("OPTIONS", url, true, true), preflight);
    assert_eq!(read("PUT", url, true, true), ["Origin"]);
    assert_eq!(read("POST", url, false, false), post);
    for method in ["GET", "HEAD"] {
        assert_eq!(read(method, url, false, false), get);
        let all = [&get[..], &["Authorization", "X-Forwarded-For"]].concat();
        assert_eq!(read(method, url, true, true), all);
    }
    // An address that anybody can make up is read only beside a signature.
    let unsigned = "https://a.example/signature?b=signature";
    let with_tokens = [&post[..], &["Authorization"]].concat();
    assert_eq!(read("POST", unsigned, true, true), with_tokens);
}

#[test]
fn a_page_of_the_workers_own_origin_may_get_without_origin() {
    let gate = |own: &str| Settings::good().with(Setting::AllowedOrigins, own).open();
    let url = "https://shop.example.com/v1/concierge/products?page=a";
    let get =
        |site, origin| RequestHead::read("GET", url, ["", site, origin, "", "", "", "", "", ""]);
    let own = gate("https://shop.example.com");
    let head = get("same-origin", "");
    assert_eq!(head.origin, Some("https://shop.example.com"));
    assert_eq!(own.reader(&head), Some("https://shop.example.com"));
    assert_eq!(outcome(&own, &head), "not_offered");
    // The origin has to be on the list like any other.
    let other = gate("https://other.example.com");
    assert_eq!(outcome(&other, &head), "origin_not_allowed");
    for site in [
        "",
        "none",
        "cross-site",
        "same-site",
        "Same-Origin",
        "same-origin, none",
    ] {
        assert_eq!(
            outcome(&own, &get(site, "")),
            "origin_not_allowed",
            "{site:?}"
        );
    }
    // `Origin` comes first where there is one.
    for origin in ["https://evil.com", "null"] {
        assert_eq!(
            outcome(&own, &get("same-origin", origin)),
            "origin_not_allowed"
        );
    }
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "post", ""] {
        let head = RequestHead { method, ..post() };
        let Err(refusal) = good().receive(&head, NOW).map(|_| ()) else {
            panic!("{method} got in")
        };
        assert_eq!(refusal.code(), "method_not_allowed", "{method}");
        assert!(refusal.message().contains("POST, OPTIONS"), "{method}");
    }
}

#[test]
fn a_content_type_is_json_in_any_case_and_with_any_parameters() {
    for content_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; a=b; c",
        " application/json\t",
        "application/json;",
    ] {
        let head = RequestHead {
            content_type,
            ..post()
        };
        assert_eq!(outcome(&good(), &head), "chat", "{content_type:?}");
    }
    for content_type in [
        "",
        ";",
        "text/plain",
        "text/plain; application/json",
        "text/json",
        "application/jsonp",
        "application/json-patch+json",
        "application/ld+json",
        "xapplication/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/json, text/plain",
        "text/plain, application/json",
        "application /json",
        "application/json\u{a0}",
    ] {
        let head = RequestHead {
            content_type,
            ..post()
        };
        assert_eq!(
            outcome(&good(), &head),
            "unsupported_media_type",
            "{content_type:?}"
        );
    }
}

#[test]
fn the_health_page_tells_whether_the_proxy_is_set_up() {
    for method in ["GET", "HEAD"] {
        let head = RequestHead {
            method,
            path: "/healthz",
            ..RequestHead::default()
        };
        assert_eq!(outcome(&good(), &head), "health", "{method}");
        assert_eq!(
            outcome(&misconfigured(), &head),
            "misconfigured_proxy",
            "{method}"
        );
    }
    for method in ["POST", "PUT", "OPTIONS"] {
        let head = RequestHead {
            method,
            path: "/healthz",
            asks_for_method: false,
            ..post()
        };
        assert_eq!(outcome(&good(), &head), "method_not_allowed", "{method}");
    }
}
