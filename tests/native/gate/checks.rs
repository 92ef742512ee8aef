//! What is decided before the body is read.

use concierge_proxy::arrival::Arrival;
use concierge_proxy::config::Setting;
use concierge_proxy::gate::{Entry, Gate};

use crate::support::{NOW, ORIGIN, Settings, chance, code, plan, post, preflight};

fn outcome(gate: &Gate, arrival: &Arrival<'_>) -> &'static str {
    match gate.receive(arrival) {
        Ok(Entry::Preflight) => "preflight",
        Ok(Entry::Health) => "health",
        Ok(Entry::Chat) => "chat",
        Err(refusal) => refusal.code(),
    }
}

fn good() -> Gate {
    Settings::good().open()
}

/// A key is missing; the allow-list is right.
fn misconfigured() -> Gate {
    Settings::good().with(Setting::ApiKey, "").open()
}

#[test]
fn the_checks_come_in_their_order() {
    // Everything is wrong; one thing after the other is mended.
    let mut arrival = Arrival {
        method: "PUT",
        path: "/nowhere",
        origin: Some("https://evil.com"),
        content_type: "text/plain",
        ..Arrival::default()
    };
    assert_eq!(outcome(&misconfigured(), &arrival), "misconfigured_proxy");
    let gate = good();
    assert_eq!(outcome(&gate, &arrival), "not_found");
    arrival.path = "/v1/concierge/chat";
    assert_eq!(outcome(&gate, &arrival), "method_not_allowed");
    arrival.method = "POST";
    assert_eq!(outcome(&gate, &arrival), "origin_not_allowed");
    arrival.origin = Some(ORIGIN);
    assert_eq!(outcome(&gate, &arrival), "unsupported_media_type");
    arrival.content_type = "application/json";
    assert_eq!(outcome(&gate, &arrival), "chat");
    let plan = plan(&gate, &arrival, b"", NOW, chance(1));
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
        let evil = Arrival {
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
        let arrival = Arrival { origin, ..post() };
        assert_eq!(outcome(&gate, &arrival), "misconfigured_proxy");
        assert_eq!(gate.reader(&arrival), None);
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
        let arrival = Arrival { origin, ..post() };
        assert_eq!(
            outcome(&good(), &arrival),
            "origin_not_allowed",
            "{origin:?}"
        );
        assert_eq!(good().reader(&arrival), None, "{origin:?}");
    }
    assert_eq!(good().reader(&post()), Some(ORIGIN));
}

#[test]
fn a_preflight_is_answered_for_allowed_origins_alone() {
    assert_eq!(outcome(&good(), &preflight()), "preflight");
    for origin in [None, Some("null"), Some("https://evil.com")] {
        let arrival = Arrival {
            origin,
            ..preflight()
        };
        assert_eq!(
            outcome(&good(), &arrival),
            "origin_not_allowed",
            "{origin:?}"
        );
    }
    // On every path, so that a page can read what is wrong with its own.
    for path in ["/", "/nowhere", "/healthz", "/v1/concierge/chat"] {
        let arrival = Arrival {
            path,
            ..preflight()
        };
        assert_eq!(outcome(&good(), &arrival), "preflight", "{path}");
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
        let arrival = arrived(url);
        assert_eq!(outcome(&good(), &arrival), "chat", "{url}");
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
        let arrival = arrived(url);
        assert_eq!(outcome(&good(), &arrival), "not_found", "{url}");
    }
}

fn arrived(url: &str) -> Arrival<'static> {
    let lines = format!("POST\n{url}\n{ORIGIN}\n\napplication/json\n\n192.0.2.1");
    Arrival::from_lines(lines.leak())
}

#[test]
fn an_arrival_is_read_from_its_lines() {
    let lines = "OPTIONS\nhttps://a.example/b?c\nhttps://d.example\nPOST\ne/f\ng\n192.0.2.1";
    let arrival = Arrival {
        method: "OPTIONS",
        path: "/b",
        origin: Some("https://d.example"),
        asks_for_method: true,
        content_type: "e/f",
        pass: "g",
        address: "192.0.2.1",
    };
    assert_eq!(Arrival::from_lines(lines), arrival);
    let none = Arrival {
        method: "GET",
        path: "/",
        ..Arrival::default()
    };
    assert_eq!(
        Arrival::from_lines("GET\nhttps://a.example/\n\n\n\n\n"),
        none
    );
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "post", ""] {
        let arrival = Arrival { method, ..post() };
        let Err(refusal) = good().receive(&arrival).map(|_| ()) else {
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
        let arrival = Arrival {
            content_type,
            ..post()
        };
        assert_eq!(outcome(&good(), &arrival), "chat", "{content_type:?}");
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
        let arrival = Arrival {
            content_type,
            ..post()
        };
        assert_eq!(
            outcome(&good(), &arrival),
            "unsupported_media_type",
            "{content_type:?}"
        );
    }
}

#[test]
fn the_health_page_tells_whether_the_proxy_is_set_up() {
    for method in ["GET", "HEAD"] {
        let arrival = Arrival {
            method,
            path: "/healthz",
            ..Arrival::default()
        };
        assert_eq!(outcome(&good(), &arrival), "health", "{method}");
        assert_eq!(
            outcome(&misconfigured(), &arrival),
            "misconfigured_proxy",
            "{method}"
        );
    }
    for method in ["POST", "PUT", "OPTIONS"] {
        let arrival = Arrival {
            method,
            path: "/healthz",
            asks_for_method: false,
            ..post()
        };
        assert_eq!(outcome(&good(), &arrival), "method_not_allowed", "{method}");
    }
}
