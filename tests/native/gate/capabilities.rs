//! What a page is told about the assistant behind the proxy.

use concierge_proxy::contract::route::CAPABILITIES_PATH;
use concierge_proxy::exchange::{End, Exchange, Next};
use concierge_proxy::head::RequestHead;
use concierge_proxy::reply::Body;
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use crate::support::{ORIGIN, Settings, entropy, header, post};

fn asked(settings: &Settings, origin: Option<&str>) -> End {
    let head = RequestHead {
        method: "GET",
        path: CAPABILITIES_PATH,
        origin,
        content_type: "",
        ..post()
    };
    match Exchange::begin(
        &mut settings.isolate(),
        &head,
        entropy(1),
        1_800_000_000_000,
    ) {
        Next::Respond(end) => end,
        other => panic!("it asks somebody: {other:?}"),
    }
}

fn body(end: &End) -> Value {
    match &end.reply.body {
        Body::Text(text) => serde_json::from_str(text).expect("JSON"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_assistant_says_what_it_can_do() {
    let names = ["history", "pages", "refinements", "signup"];
    for (settings, assistant, able) in [
        (Settings::good(), "sales-associate", &[][..]),
        (Settings::homie(), "homie", &["history"]),
        (
            Settings::rewardsbot(),
            "rewardsbot",
            &["pages", "refinements"],
        ),
        (
            Settings::rewards(),
            "rewardsbot",
            &["pages", "refinements", "signup"],
        ),
        (Settings::omniops(), "omniops", &[]),
        (Settings::omniops_as_built(), "omniops", &["history"]),
    ] {
        let end = asked(&settings, Some(ORIGIN));
        assert_eq!(end.reply.status, 200);
        let told = body(&end);
        assert_eq!(told["assistant"], assistant);
        assert!(told["streaming"].is_boolean());
        for name in names {
            assert_eq!(
                told[name],
                json!(able.contains(&name)),
                "{assistant}: {name}"
            );
        }
        assert_eq!(
            told.as_object().map(serde_json::Map::len),
            Some(2 + names.len())
        );
    }
}

#[test]
fn the_answer_may_be_cached_for_five_minutes() {
    let end = asked(&Settings::homie(), Some(ORIGIN));
    let header = |name| header(&end.reply.headers, name);
    assert_eq!(
        header("Cache-Control").as_deref(),
        Some("public, max-age=300")
    );
    assert_eq!(header("Vary").as_deref(), Some("Origin"));
    assert_eq!(header("Content-Type").as_deref(), Some("application/json"));
    assert_eq!(header("X-Content-Type-Options").as_deref(), Some("nosniff"));
    assert_eq!(header("Shopper-Pass"), None);
}

#[test]
fn only_pages_of_allowed_origins_may_read_it() {
    for (origin, told) in [
        (Some(ORIGIN), Some(ORIGIN)),
        (Some("https://evil.example"), None),
        (None, None),
    ] {
        let end = asked(&Settings::homie(), origin);
        let allowed = header(&end.reply.headers, "Access-Control-Allow-Origin");
        assert_eq!(allowed.as_deref(), told);
    }
}

#[test]
fn it_shows_no_setting() {
    let settings = Settings::rewards().with(Setting::BaseUrl, "https://upstream.example.com");
    let told = body(&asked(&settings, Some(ORIGIN))).to_string();
    for secret in ["acme", "upstream", "5a5a"] {
        assert!(!told.contains(secret), "{told}");
    }
}
