//! The requests to Omniops, in both dialects.

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::json;

use super::{ask, chat, headers, pair, sent};
use crate::support::shop::Shop;
use crate::support::{ORIGIN, Settings, api_key};

const API: &str = "https://omniops.example.com/api";

#[test]
fn as_documented_a_chat_has_a_key_and_the_domain_in_its_headers() {
    let sent = sent(&Settings::omniops(), &json!({"prompt": "a red hat"}));
    assert_eq!((sent.method, &*sent.url), ("POST", &*format!("{API}/chat")));
    let wanted = [
        pair("Content-Type", "application/json"),
        pair("Accept", "application/json"),
        pair("User-Agent", "ours"),
        pair("Authorization", &format!("Bearer {}", api_key('0'))),
        pair("X-Domain", "www.example.com"),
    ];
    assert_eq!(headers(&sent), wanted);
    let user = sent.body["context"]["userId"].as_str().expect("a text");
    let body = json!({"message": "a red hat", "context": {"pageUrl": ORIGIN, "userId": user}});
    assert_eq!(sent.body, body);
}

#[test]
fn as_built_a_chat_has_no_key_and_the_domain_and_a_session_in_its_body() {
    let sent = sent(
        &Settings::omniops_as_built(),
        &json!({"prompt": "a red hat"}),
    );
    assert_eq!((sent.method, &*sent.url), ("POST", &*format!("{API}/chat")));
    let wanted = [
        pair("Content-Type", "application/json"),
        pair("Accept", "application/json"),
        pair("User-Agent", "ours"),
    ];
    assert_eq!(headers(&sent), wanted);
    let session = sent.body["session_id"].as_str().expect("a text");
    let body = json!({"message": "a red hat", "session_id": session, "domain": "www.example.com"});
    assert_eq!(sent.body, body);
}

#[test]
fn a_later_chat_names_the_conversation_and_the_same_shopper() {
    for (settings, name, shopper) in [
        (Settings::omniops(), "conversationId", "/context/userId"),
        (
            Settings::omniops_as_built(),
            "conversation_id",
            "/session_id",
        ),
    ] {
        let mut shop = Shop::open(&settings);
        let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
        let next = json!({"prompt": "a blue one", "session_id": first.session()});
        let second = chat(&mut shop, &next);
        let (first, second) = (&first.sent[0].body, &second.sent[0].body);
        assert_eq!(first.get(name), None);
        assert_eq!(second[name], "conv_abc123");
        assert_eq!(second["message"], "a blue one");
        assert_eq!(second.pointer(shopper), first.pointer(shopper));
        assert!(second.pointer(shopper).is_some());
    }
}

#[test]
fn the_history_is_read_with_the_shoppers_own_session() {
    let mut shop = Shop::open(&Settings::omniops_as_built());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let session = first.sent[0].body["session_id"].as_str().expect("a text");
    let told = ask(
        &mut shop,
        Route::History,
        &format!("session_id={}", first.session()),
    );
    let sent = &told.sent[0];
    let url = format!("{API}/conversations/conv_abc123/messages?session_id={session}&limit=50");
    assert_eq!((sent.method, &sent.url, &sent.text), ("GET", &url, &None));
}

#[test]
fn the_domain_is_sent_in_lower_case() {
    let settings = Settings::omniops().with(Setting::OmniopsDomain, "WWW.Example.com:8080");
    let sent = sent(&settings, &json!({"prompt": "a red hat"}));
    assert_eq!(headers(&sent)[4], pair("X-Domain", "www.example.com:8080"));
}

#[test]
fn a_refinement_and_a_budget_are_not_sent() {
    let body = json!({
        "prompt": "a red hat", "refinement": {"text": "Large", "type": "size"},
        "context": {"budget_max": 250},
    });
    for settings in [Settings::omniops(), Settings::omniops_as_built()] {
        let sent = sent(&settings, &body);
        let text = sent.text.expect("a body");
        assert!(!text.contains("Large") && !text.contains("250"), "{text}");
    }
}
