//! Homie's answers.

use serde_json::json;

use super::{chat, compare, content, expected, fixture, history, homie};
use crate::support::shop::{JSON, answer, json_answer};

#[test]
fn a_full_answer_is_translated() {
    compare(homie(), "homie/answer.json");
}

#[test]
fn where_the_published_pages_contradict_each_other_both_are_read() {
    compare(homie(), "homie/contradictions.json");
}

#[test]
fn a_null_is_as_good_as_nothing() {
    compare(homie(), "homie/nulls.json");
}

#[test]
fn unknown_fields_change_nothing() {
    compare(homie(), "homie/unknown-fields.json");
}

#[test]
fn the_published_answer_to_a_chats_creation_is_read() {
    let told = homie().chat(None, |sent| {
        if sent.url.ends_with("/v1/chats") {
            answer(201, JSON, fixture("homie/chat.json"))
        } else {
            answer(201, JSON, fixture("homie/answer.json"))
        }
    });
    assert_eq!(content(&told), expected("homie/answer.json"));
    let url = "https://api.yourhomie.ai/v1/chats/3f2b8c1a-5d4e-4f6a-9b7c-8d9e0f1a2b3c/messages";
    assert_eq!(told.sent[1].url, url);
}

#[test]
fn a_chat_without_an_id_that_can_stand_in_a_path_is_an_error() {
    for id in [
        json!(null),
        json!(""),
        json!(7),
        json!("a/b"),
        json!("a?b"),
        json!("a.b"),
        json!("ä"),
        json!("a\nb"),
        json!("a".repeat(49)),
    ] {
        let told = homie().chat(None, |_| json_answer(201, &json!({"id": id})));
        assert_eq!((told.status, told.outcome()), (502, "upstream_error"));
        assert_eq!(told.sent.len(), 1, "{id}");
    }
}

#[test]
fn the_history_is_translated() {
    let mut shop = homie();
    let session = chat(&mut shop, None, &fixture("homie/answer.json"))
        .session()
        .to_owned();
    let told = history(&mut shop, &session, &fixture("homie/history.json"));
    assert_eq!(content(&told), expected("homie/history.json"));
    assert_eq!(told.session(), session);
}

#[test]
fn a_history_without_messages_is_empty() {
    let mut shop = homie();
    let session = chat(&mut shop, None, &fixture("homie/answer.json"))
        .session()
        .to_owned();
    for upstream in ["{}", r#"{"items":null}"#, r#"{"items":{}}"#] {
        let told = history(&mut shop, &session, upstream);
        assert_eq!(content(&told), json!({"messages": []}), "{upstream}");
    }
}

#[test]
fn an_answer_that_says_nothing_is_an_empty_one() {
    for upstream in [
        "",
        " ",
        "{}",
        r#"{"content":""}"#,
        r#"{"content":" \n"}"#,
        r#"{"content":null,"products":[]}"#,
        r#"{"content":7,"products":[{}]}"#,
        r#"{"id":"0b9d7a52-1c3e-4a5b-8d6f-7e8f9a0b1c2d"}"#,
    ] {
        let told = chat(&mut homie(), None, upstream);
        let got = (told.status, told.outcome());
        assert_eq!(got, (502, "upstream_empty_response"), "{upstream:?}");
    }
}
