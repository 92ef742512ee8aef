//! The paths of the page's contract: which methods they allow, and which assistants offer them.

use concierge_proxy::contract::route::{CAPABILITIES_PATH, Route};
use concierge_proxy::head::RequestHead;
use concierge_proxy::settings::Setting;

use super::checks::outcome;
use crate::support::{NOW, ORIGIN, Settings, post, preflight};

const ROUTES: [(Route, &str, &str); 5] = [
    (Route::Chat, "POST", "/v1/concierge/chat"),
    (Route::Products, "GET", "/v1/concierge/products"),
    (Route::History, "GET", "/v1/concierge/history"),
    (Route::SignUp, "POST", "/v1/concierge/signup"),
    (Route::Clicks, "POST", "/v1/concierge/clicks"),
];

/// The assistants, with their names and the routes that they offer.
fn assistants() -> [(&'static str, Settings, &'static [Route]); 6] {
    use Route::{Chat, Clicks, History, Products, SignUp};
    [
        ("sales-associate", Settings::good(), &[Chat]),
        ("homie", Settings::homie(), &[Chat, History]),
        ("rewardsbot", Settings::rewardsbot(), &[Chat, Products]),
        (
            "rewardsbot with a program",
            Settings::rewards(),
            &[Chat, Products, SignUp, Clicks],
        ),
        ("omniops", Settings::omniops(), &[Chat]),
        (
            "omniops as built",
            Settings::omniops_as_built(),
            &[Chat, History],
        ),
    ]
}

fn head(method: &'static str, path: &'static str) -> RequestHead<'static> {
    RequestHead {
        method,
        path,
        ..post()
    }
}

#[test]
fn every_route_has_its_path_and_its_method() {
    let gate = Settings::rewards().open();
    for (route, method, path) in ROUTES {
        assert_eq!(Route::of(path, method), Some(route));
        assert_eq!((route.method(), route.path()), (method, path));
        assert_eq!(route.has_body(), method == "POST");
        let wanted = if route == Route::History {
            "not_offered"
        } else {
            route.name()
        };
        assert_eq!(outcome(&gate, &head(method, path)), wanted);
    }
}

#[test]
fn a_path_that_is_only_alike_is_not_found() {
    let gate = Settings::rewards().open();
    for path in [
        "/v1/concierge/product",
        "/v1/concierge/products/",
        "/v1/concierge/Products",
        "/v1/concierge/history/1",
        "/v1/concierge/signup%20",
        "/v1/concierge/sign-up",
        "/v1/concierge/click",
        "/v1/concierge/spy",
        "/v1/concierge/offers",
        "/spy/x",
        "/offers/x",
        "/chat/x",
        "/v1/chats",
        "/v1/concierge/capabilities/",
        // There are no webhooks without their secret.
        "/v1/webhooks/omniops",
        "/v1/capabilities",
    ] {
        for method in ["GET", "POST"] {
            assert_eq!(outcome(&gate, &head(method, path)), "not_found", "{path}");
        }
    }
}

#[test]
fn any_other_method_is_told_the_right_ones() {
    let gate = Settings::rewards().open();
    for (_, right, path) in ROUTES {
        for method in ["GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "get", ""] {
            if method == right {
                continue;
            }
            let refusal = gate
                .receive(&head(method, path), NOW)
                .map(|_| ())
                .expect_err("a refusal");
            assert_eq!(refusal.code(), "method_not_allowed", "{method} {path}");
            assert!(
                refusal.message().contains(&format!("{right}, OPTIONS")),
                "{method} {path}"
            );
        }
    }
}

#[test]
fn every_assistant_offers_its_routes_and_no_others() {
    for (name, settings, offered) in assistants() {
        let gate = settings.open();
        for (route, method, path) in ROUTES {
            let wanted = if offered.contains(&route) {
                route.name()
            } else {
                "not_offered"
            };
            assert_eq!(outcome(&gate, &head(method, path)), wanted, "{name} {path}");
        }
    }
}

#[test]
fn only_pages_of_allowed_origins_may_use_a_route() {
    let gate = Settings::rewards().open();
    for (_, method, path) in ROUTES {
        for origin in [None, Some("null"), Some("https://evil.example")] {
            let head = RequestHead {
                origin,
                ..head(method, path)
            };
            assert_eq!(
                outcome(&gate, &head),
                "origin_not_allowed",
                "{path} {origin:?}"
            );
        }
        let asked = RequestHead {
            path,
            ..preflight()
        };
        assert_eq!(outcome(&gate, &asked), "preflight");
    }
}

#[test]
fn only_a_route_with_a_body_needs_its_type() {
    let gate = Settings::rewards().open();
    for (route, method, path) in ROUTES {
        let head = RequestHead {
            content_type: "",
            ..head(method, path)
        };
        let wanted = match route {
            Route::Products => "products",
            Route::History => "not_offered",
            _ => "unsupported_media_type",
        };
        assert_eq!(outcome(&gate, &head), wanted, "{path}");
    }
}

#[test]
fn the_checks_come_in_their_order_on_every_route() {
    let misconfigured = Settings::good().with(Setting::ApiKey, "").open();
    let gate = Settings::good().open();
    for (route, method, path) in ROUTES {
        // Everything is wrong at first. Then one fault after the other is fixed.
        let mut head = RequestHead {
            method: "PUT",
            path: "/nowhere",
            origin: Some("https://evil.example"),
            content_type: "text/plain",
            ..RequestHead::default()
        };
        assert_eq!(outcome(&misconfigured, &head), "misconfigured_proxy");
        assert_eq!(outcome(&gate, &head), "not_found");
        head.path = path;
        assert_eq!(outcome(&gate, &head), "method_not_allowed", "{path}");
        head.method = method;
        assert_eq!(outcome(&gate, &head), "origin_not_allowed", "{path}");
        head.origin = Some(ORIGIN);
        let wanted = if route == Route::Chat {
            "unsupported_media_type"
        } else {
            "not_offered"
        };
        assert_eq!(outcome(&gate, &head), wanted, "{path}");
    }
}

#[test]
fn anybody_may_ask_what_the_assistant_can_do_by_get_or_head() {
    for (name, settings, _) in assistants() {
        let gate = settings.open();
        for origin in [None, Some("https://evil.example"), Some(ORIGIN)] {
            for (method, wanted) in [
                ("GET", "capabilities"),
                ("HEAD", "capabilities"),
                ("POST", "method_not_allowed"),
                ("PUT", "method_not_allowed"),
            ] {
                let head = RequestHead {
                    origin,
                    ..head(method, CAPABILITIES_PATH)
                };
                assert_eq!(outcome(&gate, &head), wanted, "{name} {method}");
            }
        }
    }
    let misconfigured = Settings::good().with(Setting::ApiKey, "").open();
    let head = head("GET", CAPABILITIES_PATH);
    assert_eq!(outcome(&misconfigured, &head), "misconfigured_proxy");
}
