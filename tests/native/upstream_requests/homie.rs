//! The requests to Homie.

use concierge_proxy::contract::route::Route;
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use super::{ask, chat, headers, pair, sent};
use crate::support::shop::Shop;
use crate::support::{CHATBOT, ORIGIN, Settings, api_key};

const CHAT: &str = "https://api.yourhomie.ai/v1/chats/3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c";

#[test]
fn a_first_chat_is_created_and_then_takes_the_message() {
    let mut shop = Shop::open(&Settings::homie());
    let told = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let [create, message] = &told.sent[..] else {
        panic!("{:?}", told.sent)
    };
    assert_eq!(
        (create.method, &*create.url),
        ("POST", "https://api.yourhomie.ai/v1/chats")
    );
    let user = create.body["userId"].as_str().expect("a text");
    assert_eq!(create.body, json!({"chatbotId": CHATBOT, "userId": user}));
    assert_eq!(
        (message.method, &*message.url),
        ("POST", &*format!("{CHAT}/messages"))
    );
    assert_eq!(
        message.body,
        json!({"message": "a red hat", "currentUrl": ORIGIN})
    );
}

#[test]
fn a_later_chat_is_only_the_message() {
    let mut shop = Shop::open(&Settings::homie());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let told = chat(
        &mut shop,
        &json!({"prompt": "a blue one", "session_id": first.session()}),
    );
    assert_eq!(told.urls(), [format!("{CHAT}/messages")]);
    assert_eq!(told.sent[0].body["message"], "a blue one");
    assert_eq!(told.session(), first.session());
}

#[test]
fn the_history_is_read_from_the_chat() {
    let mut shop = Shop::open(&Settings::homie());
    let first = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let told = ask(
        &mut shop,
        Route::History,
        &format!("session_id={}", first.session()),
    );
    let sent = &told.sent[0];
    assert_eq!(
        (sent.method, &*sent.url),
        ("GET", &*format!("{CHAT}/messages?size=50"))
    );
    assert_eq!(sent.text, None);
    let names: Vec<String> = headers(sent).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Accept", "User-Agent", "x-api-key"]);
}

#[test]
fn the_key_is_sent_in_the_way_that_the_settings_name() {
    let bearer = format!("Bearer {}", api_key('0'));
    for (auth, name, value) in [
        ("", "x-api-key", &api_key('0')),
        ("x-api-key", "x-api-key", &api_key('0')),
        ("bearer", "Authorization", &bearer),
    ] {
        let settings = Settings::homie().with(Setting::AssistantAuth, auth);
        let told = chat(&mut Shop::open(&settings), &json!({"prompt": "a red hat"}));
        for sent in &told.sent {
            let wanted = [
                pair("Content-Type", "application/json"),
                pair("Accept", "application/json"),
                pair("User-Agent", "ours"),
                pair(name, value),
            ];
            assert_eq!(headers(sent), wanted);
        }
    }
}

#[test]
fn the_branch_of_the_store_is_named_with_every_message() {
    let settings = Settings::homie().with(Setting::HomieStore, "Berlin-7_a.b~c");
    let mut shop = Shop::open(&settings);
    let told = chat(&mut shop, &json!({"prompt": "a red hat"}));
    let message = format!("{CHAT}/messages?store=Berlin-7_a.b~c");
    assert_eq!(told.urls(), ["https://api.yourhomie.ai/v1/chats", &message]);
}

#[test]
fn the_current_url_is_the_pages_only_if_its_origin_may_call() {
    let page = "https://shop.example.com/p/hat?size=m#top";
    for (context, current) in [
        (json!({"page_url": page}), page),
        (json!({"page_url": ORIGIN}), ORIGIN),
        (
            json!({"page_url": "https://SHOP.example.com/p"}),
            "https://SHOP.example.com/p",
        ),
        (json!({"page_url": "https://evil.example/p"}), ORIGIN),
        (
            json!({"page_url": "https://shop.example.com.evil.example/"}),
            ORIGIN,
        ),
        (
            json!({"page_url": "https://shop.example.com@evil.example/"}),
            ORIGIN,
        ),
        (json!({"page_url": "http://shop.example.com/p"}), ORIGIN),
        (json!({"page_url": "javascript:alert(1)"}), ORIGIN),
        (json!({"page_url": "/p/hat"}), ORIGIN),
        (json!({"page_url": ""}), ORIGIN),
        (json!({"page_url": 7}), ORIGIN),
        (json!({}), ORIGIN),
        (Value::Null, ORIGIN),
    ] {
        let sent = sent(
            &Settings::homie(),
            &json!({"prompt": "a red hat", "context": context}),
        );
        assert_eq!(sent.body["currentUrl"], current, "{context}");
    }
}

#[test]
fn the_requests_go_below_the_base_url_of_the_settings() {
    let settings = Settings::homie().with(Setting::BaseUrl, "https://staging.api.yourhomie.ai/");
    let told = chat(&mut Shop::open(&settings), &json!({"prompt": "a red hat"}));
    assert!(told.sent.iter().all(|sent| {
        sent.url
            .starts_with("https://staging.api.yourhomie.ai/v1/chats")
    }));
}

#[test]
fn the_chatbots_id_is_sent_in_its_usual_spelling() {
    let capitals = CHATBOT.to_uppercase();
    for spelling in [
        &*capitals,
        &CHATBOT.replace('-', ""),
        &format!("{{{CHATBOT}}}"),
    ] {
        let settings = Settings::homie().with(Setting::HomieChatbotId, spelling);
        let told = chat(&mut Shop::open(&settings), &json!({"prompt": "a red hat"}));
        assert_eq!(told.sent[0].body["chatbotId"], CHATBOT, "{spelling}");
    }
}

#[test]
fn a_prompt_is_sent_as_it_was_meant() {
    for prompt in ["\"}{", "a\nb", "\u{1f3a9}", "\u{0}", "</script>", "\\u0041"] {
        let sent = sent(&Settings::homie(), &json!({"prompt": prompt}));
        assert_eq!(sent.body["message"], prompt);
    }
}
