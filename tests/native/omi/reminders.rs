//! What the assistant is told of a shopper's memories.

use concierge_proxy::contract::route::Route;
use concierge_proxy::exchange::{Event, Failure};
use concierge_proxy::settings::Setting;
use serde_json::{Value, json};

use super::{ask_with, bearer, settings};
use crate::support::shop::{HTML, JSON, Reaction, Shop, answer, json_answer};

fn reminding() -> Shop {
    let settings = settings()
        .with(Setting::OmiContext, "on")
        .with(Setting::UpstreamAttempts, "1");
    Shop::open(&settings)
}

/// The context of the chat that went to the assistant, and how often the memories were read.
fn remind(shop: &mut Shop, scope: &str, body: &Value, memories: &Reaction) -> (Value, usize) {
    let authorization = bearer(json!({"scope": scope}));
    let told = ask_with(
        shop,
        Route::Chat,
        &authorization,
        &body.to_string(),
        |sent| {
            if sent.url.contains("api.omi.me") {
                assert!(
                    sent.url.ends_with("person&limit=10&offset=0"),
                    "{}",
                    sent.url
                );
                return memories.clone();
            }
            // The assistant is not reached, which ends the chat without another step.
            answer(522, HTML, "")
        },
    );
    assert_eq!(told.outcome(), "upstream_invoke_error");
    assert_eq!(
        told.ended(),
        ["no_connection"],
        "only the chat is an attempt"
    );
    let (chat, reads) = told.sent.split_last().expect("a chat");
    (
        chat.body.get("context").cloned().unwrap_or_default(),
        reads.len(),
    )
}

fn known() -> Reaction {
    let memories: Vec<_> = (1..=12)
        .map(|n| json!({"content": format!("Fact {n}")}))
        .collect();
    json_answer(200, &json!({"memories": memories}))
}

#[test]
fn the_assistant_is_given_ten_memories_if_the_shopper_wants_that() {
    let body =
        json!({"prompt": "hat", "context": {"locale": "en", "shopper_memories": ["forged"]}});
    let (context, reads) = remind(&mut reminding(), "read_memories", &body, &known());
    let ten: Vec<_> = (1..=10).map(|n| format!("Fact {n}")).collect();
    assert_eq!(context, json!({"locale": "en", "shopper_memories": ten}));
    assert_eq!(reads, 1);
    // Only a token can stand for a memory.
    let (context, _) = remind(&mut reminding(), "", &body, &known());
    assert_eq!(context, json!({"locale": "en"}));
    let plain = json!({"prompt": "hat"});
    let (context, _) = remind(&mut reminding(), "read_memories", &plain, &known());
    assert_eq!(context, json!({"shopper_memories": ten}));
    // Not without the scope, and not unless it is switched on.
    let (context, reads) = remind(&mut reminding(), "create_memories", &plain, &known());
    assert_eq!((context, reads), (Value::Null, 0));
    let off = settings().with(Setting::UpstreamAttempts, "1");
    let (context, reads) = remind(&mut Shop::open(&off), "read_memories", &plain, &known());
    assert_eq!((context, reads), (Value::Null, 0));
}

#[test]
fn memories_that_do_not_come_in_time_or_in_form_change_no_chat() {
    let body = json!({"prompt": "hat", "context": {"locale": "en"}});
    for reaction in [
        Reaction::Event(Event::Elapsed),
        Reaction::Event(Event::Failed(Failure::Broken("reset".to_owned()))),
        answer(403, JSON, "{}"),
        answer(500, HTML, ""),
        answer(200, JSON, "{"),
        answer(200, JSON, r#"{"memories":[{"content":null},7]}"#),
    ] {
        let (context, reads) = remind(&mut reminding(), "read_memories", &body, &reaction);
        assert_eq!((context, reads), (json!({"locale": "en"}), 1));
    }
}

#[test]
fn memories_are_read_once_a_conversation_and_again_a_minute_after_a_failure() {
    let mut shop = reminding();
    let body = json!({"prompt": "hat", "session_id": "a"});
    let read = |shop: &mut Shop, body: &Value, reaction: &Reaction| {
        remind(shop, "read_memories", body, reaction).1
    };
    assert_eq!(read(&mut shop, &body, &known()), 1);
    assert_eq!(read(&mut shop, &body, &known()), 0);
    assert_eq!(
        read(
            &mut shop,
            &json!({"prompt": "hat", "session_id": "b"}),
            &known()
        ),
        1
    );
    shop.now += 3_600_000;
    assert_eq!(read(&mut shop, &body, &answer(500, HTML, "")), 1);
    assert_eq!(read(&mut shop, &body, &known()), 0);
    shop.now += 60_000;
    assert_eq!(read(&mut shop, &body, &known()), 1);
}

#[test]
fn as_many_memories_go_along_as_fit_into_a_body() {
    let long: Vec<_> = (1..=10)
        .map(|_| json!({"content": "a".repeat(1_000)}))
        .collect();
    let memories = json_answer(200, &json!({"memories": long}));
    let body = json!({"prompt": "p".repeat(1_900)});
    let (context, _) = remind(&mut reminding(), "read_memories", &body, &memories);
    assert_eq!(
        context["shopper_memories"].as_array().map(Vec::len),
        Some(6)
    );
}

#[test]
fn a_context_needs_an_assistant_that_has_one_and_the_capability() {
    let on = || settings().with(Setting::OmiContext, "on");
    let mistakes = on()
        .with(Setting::OmiCapabilities, "create_memories")
        .mistakes();
    assert_eq!(
        mistakes,
        ["OMI_CONTEXT is on without read_memories in OMI_CAPABILITIES"]
    );
    let homie = on()
        .with(Setting::Assistant, "homie")
        .with(Setting::HomieChatbotId, crate::support::CHATBOT);
    assert_eq!(
        homie.mistakes(),
        ["OMI_CONTEXT is on, but only sales-associate has a context"]
    );
    assert_eq!(on().with(Setting::OmiContext, "yes").mistakes().len(), 1);
}
