//! Homie's events, as a page gets them: words of the assistant, and nothing else.

use concierge_proxy::assistants::{Assistant, Call, Ids, Links, Operation};
use concierge_proxy::contract::chat::Turn;
use concierge_proxy::contract::events::Part;
use serde_json::{Value, json};

use crate::support::Settings;

const CHAT: &str = "3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c";

/// A chat that has been created, and whose message is about to be answered.
fn call() -> Call {
    let (_, config) = Settings::homie().read();
    let assistant: Assistant = config.expect("the settings are right").assistant;
    let turn = Turn {
        prompt: "A hat".to_owned(),
        refinement: None,
        budget_min: None,
        budget_max: None,
        page_url: String::new(),
    };
    let ids = Ids {
        shopper: [1; 16],
        conversation: [2; 16],
        request: String::new(),
        time: String::new(),
    };
    let mut call = assistant
        .call(Operation::Chat(turn), &ids, None)
        .expect("a chat is offered");
    let created = json!({"id": CHAT}).to_string();
    call.read_answer(created.as_bytes(), Links::Https)
        .expect("it was created");
    call
}

fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

/// What a page gets of these events: words, or a full stop for each sign of work.
fn told(events: &str) -> String {
    let parts = call().read_events(events.as_bytes());
    let word = |part: &Part| match part {
        Part::Typing => ".".to_owned(),
        Part::Delta(text) => text.clone(),
    };
    parts.iter().map(word).collect()
}

#[test]
fn words_are_passed_on_in_either_form() {
    assert_eq!(
        told(&event(&json!({"chatId": CHAT, "content": "A hat."}))),
        "A hat."
    );
    assert_eq!(told(&event(&json!({"content": "A hat."}))), "A hat.");
    assert_eq!(told("data: A hat.\n\n"), "A hat.");
    assert_eq!(told("event: typing\ndata: x\n\n"), ".");
}

#[test]
fn the_last_event_does_not_repeat_what_was_said() {
    let said = event(&json!({"content": "A ", "status": "inProgress"}));
    let last = event(&json!({"content": "A hat.", "status": "completed"}));
    assert_eq!(told(&format!("{said}{last}")), "A hat.");
}

#[test]
fn nothing_of_another_chat_is_passed_on() {
    assert_eq!(
        told(&event(&json!({"chatId": "another", "content": "secret"}))),
        ""
    );
}

#[test]
fn what_tools_do_and_what_went_wrong_is_only_a_sign_of_work() {
    let mut found = json!("secret");
    for _ in 0..62 {
        found = json!([found]);
    }
    for data in [
        json!({"chatId": CHAT, "toolName": "search", "toolResponse": found}),
        json!({"chatId": CHAT, "toolName": "search", "content": "secret"}),
        json!({"chatId": CHAT, "status": "failed", "content": "secret"}),
        json!({"chatId": CHAT, "content": ["secret"]}),
    ] {
        assert_eq!(told(&event(&data)), ".", "{data}");
    }
    assert_eq!(told("event: error\ndata: secret\n\n"), ".");
    assert_eq!(
        told("event: error\ndata: {\"content\":\"secret\"}\n\n"),
        "."
    );
}

#[test]
fn what_looks_like_json_and_is_none_is_never_passed_on() {
    let deep = format!("{}1{}", "[".repeat(99), "]".repeat(99));
    for data in [
        r#"{"chatId":"secret","content":"A"#,
        r#"  {"chatId":"secret""#,
        r#"["secret"]"#,
        r#""secret""#,
        &format!(r#"{{"chatId":"secret","a":{deep}}}"#),
        "{\ndata: \"chatId\":\"secret\"",
    ] {
        assert_eq!(told(&format!("data: {data}\n\n")), ".", "{data}");
    }
    // JavaScript cuts a text within a character. That text is lost, and no other.
    let half = r#"{"chatId":"secret","content":"\ud83d"}"#;
    assert_eq!(told(&format!("data: {half}\n\n")), "");
    let half = format!(r#"{{"chatId":"{CHAT}","content":"\ud83d"}}"#);
    assert_eq!(
        told(&format!("data: {half}\n\ndata: A hat.\n\n")),
        ".A hat."
    );
}

#[test]
fn no_stream_is_kept_longer_than_64_kib_of_words() {
    let word = "a".repeat(1_024);
    let told = told(&format!("data: {word}\n\n").repeat(100));
    assert_eq!(told.matches('a').count(), 65_536);
    assert_eq!(told.matches('.').count(), 36);
}
