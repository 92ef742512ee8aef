//! The requests that the translated assistants get: where, under which headers, and with what.

mod homie;
mod omniops;
mod rewardsbot;

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use crate::support::shop::{Sent, Shop, Told, json_answer, visit};
use crate::support::{ORIGIN, Settings, api_key};

/// An answer that each assistant can read: to the creation of a chat, to a chat, and to the rest.
fn anything() -> Value {
    json!({
        "id": "3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c",
        "content": "A hat.",
        "agent_reply": "A hat.",
        "message": "A hat.",
        "conversation_id": "conv_abc123",
        "pagination": {
            "conversation_id": "conv-77",
            "session_id": "rank_88",
            "next_page_index": 1,
            "has_next_page": true,
        },
    })
}

/// A chat with this body, which is answered at once.
fn chat(shop: &mut Shop, body: &Value) -> Told {
    ask(shop, Route::Chat, &body.to_string())
}

fn ask(shop: &mut Shop, route: Route, input: &str) -> Told {
    let told = shop.ask(visit(route), input, |_| json_answer(200, &anything()));
    assert!((200..300).contains(&told.status), "{}", told.text);
    told
}

/// The last request of a chat with this body.
fn sent(settings: &Settings, body: &Value) -> Sent {
    let told = chat(&mut Shop::open(settings), body);
    told.sent.last().expect("a request").clone()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The headers without the version of ours, which changes.
fn headers(sent: &Sent) -> Vec<(String, String)> {
    let mut headers = sent.headers.clone();
    for (name, value) in &mut headers {
        if name == "User-Agent" {
            assert!(value.starts_with("concierge-proxy/"), "{value}");
            *value = "ours".to_owned();
        }
    }
    headers
}

/// Every operation that each assistant offers, in a conversation of its own.
fn everything() -> Vec<(Settings, Vec<Told>)> {
    [
        Settings::homie(),
        Settings::homie().with(Setting::AssistantAuth, "bearer"),
        Settings::rewards(),
        Settings::omniops(),
        Settings::omniops_as_built(),
    ]
    .map(|settings| {
        let mut shop = Shop::open(&settings);
        let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
        let session = first.session().to_owned();
        let page = first.body["next_page"].as_str().map(str::to_owned);
        let next = json!({"prompt": "a blue one", "session_id": session});
        let mut told = vec![first, chat(&mut shop, &next)];
        let offer = shop.isolate.gate.proxy().expect("right settings");
        let offer = offer.config.assistant.capabilities();
        let signup = json!({"session_id": session, "email": "anna@example.com", "consent": true});
        let click =
            json!({"session_id": session, "email": "anna@example.com", "product_id": "p-1"});
        for (route, input) in [
            (Route::History, format!("session_id={session}")),
            (
                Route::Products,
                format!("page={}", page.unwrap_or_default()),
            ),
            (Route::SignUp, signup.to_string()),
            (Route::Clicks, click.to_string()),
        ] {
            if offer.offer(route) {
                told.push(ask(&mut shop, route, &input));
            }
        }
        (settings, told)
    })
    .into()
}

#[test]
fn the_key_is_in_one_header_and_nowhere_else() {
    for (settings, told) in everything() {
        let key = settings.read().1.expect("right settings").api_key;
        for sent in told.iter().flat_map(|told| &told.sent) {
            let carriers = sent.headers.iter();
            let carriers = carriers.filter(|(_, value)| value.contains(&api_key('0')));
            assert_eq!(carriers.count(), usize::from(key.is_some()), "{sent:?}");
            let rest = format!("{} {:?}", sent.url, sent.text);
            assert!(!rest.contains("ak_concierge_"), "{rest}");
        }
    }
}

#[test]
fn the_signing_key_is_nowhere() {
    let key = "5a".repeat(32);
    for (settings, _) in everything() {
        let mut shop = Shop::open(&settings.with(Setting::SigningKey, &key));
        let told = chat(&mut shop, &json!({"prompt": "a red hat"}));
        let seen = format!("{told:?}");
        assert!(
            !seen.contains("5a5a5a5a") && !seen.contains("ZZZZ"),
            "{seen}"
        );
    }
}

#[test]
fn no_header_comes_from_a_browser() {
    let known = [
        "Content-Type",
        "Accept",
        "User-Agent",
        "x-api-key",
        "Authorization",
        "X-Domain",
    ];
    for (_, told) in everything() {
        for sent in told.iter().flat_map(|told| &told.sent) {
            for (name, value) in &sent.headers {
                assert!(known.contains(&&**name), "{name}");
                assert!(
                    !value.contains(ORIGIN) && !value.contains("192.0.2.1"),
                    "{value}"
                );
            }
        }
    }
}

#[test]
fn what_a_browser_adds_to_a_body_stays_behind() {
    let body = json!({
        "prompt": "a red hat",
        "chat": "smuggled", "message": "smuggled", "content": "smuggled",
        "chatbotId": "smuggled", "userId": "smuggled", "store": "smuggled",
        "conversationId": "smuggled", "conversation_id": "smuggled", "convo_id": "smuggled",
        "domain": "smuggled", "stream": "smuggled", "program": "smuggled",
        "context": {"occasion": "smuggled", "userId": "smuggled", "page_url": "https://smuggled.example"},
        "refinement": {"text": "red", "type": "colour", "category": "smuggled"},
    });
    for (settings, _) in everything() {
        let told = chat(&mut Shop::open(&settings), &body);
        for sent in &told.sent {
            let seen = format!("{sent:?}");
            assert!(!seen.contains("smuggled"), "{seen}");
        }
    }
}

#[test]
fn neither_the_session_id_nor_the_pass_of_a_page_goes_upstream() {
    for (_, told) in everything() {
        let secrets = [
            told[0].session().to_owned(),
            told[0].pass.clone().expect("a pass"),
        ];
        for sent in told.iter().flat_map(|told| &told.sent) {
            let seen = format!("{sent:?}");
            assert!(
                secrets.iter().all(|secret| !seen.contains(secret)),
                "{seen}"
            );
        }
    }
}

#[test]
fn a_shopper_has_another_id_at_every_assistant_and_under_every_key() {
    let id = |settings: &Settings| {
        let told = chat(&mut Shop::open(settings), &json!({"prompt": "a red hat"}));
        let body = &told.sent[0].body;
        let id = body.get("userId").or(body.pointer("/context/userId"));
        let id = id.or(body.get("session_id")).expect("an id");
        let id = id.as_str().expect("a text").to_owned();
        assert_eq!(
            uuid::Uuid::try_parse(&id)
                .expect("a UUID")
                .get_version_num(),
            4
        );
        id
    };
    let other = |settings: Settings| settings.with(Setting::ApiKey, &api_key('1'));
    let ids = [
        id(&Settings::homie()),
        id(&Settings::omniops()),
        id(&other(Settings::homie())),
        id(&other(Settings::omniops())),
    ];
    for (place, one) in ids.iter().enumerate() {
        assert!(!ids[..place].contains(one), "{ids:?}");
    }
    assert_eq!(id(&Settings::homie()), ids[0]);
}

#[test]
fn what_was_not_sealed_here_reaches_nobody() {
    let mut shop = Shop::open(&Settings::rewards());
    let session = "\u{1f3a9}".repeat(10);
    let signup = json!({"session_id": session, "email": "anna@example.com", "consent": true});
    let click = json!({"email": "anna@example.com", "product_id": "p-1"});
    for (route, input, code) in [
        (Route::SignUp, signup.to_string(), "session_not_found"),
        (Route::Clicks, click.to_string(), "session_not_found"),
        (Route::Products, "page=AAAA".to_owned(), "page_not_found"),
        (Route::Products, String::new(), "page_not_found"),
    ] {
        let told = shop.ask(visit(route), &input, |_| panic!("it was sent"));
        assert_eq!((told.status, told.outcome()), (404, code));
    }
}
