//! The answers of Omniops, which either dialect reads in either form.

use serde_json::json;

use super::{chat, compare, content, expected, fixture, history, homie, omniops, omniops_as_built};
use crate::support::shop::Shop;

/// A shop in each dialect.
fn shops() -> [Shop; 2] {
    [omniops(), omniops_as_built()]
}

#[test]
fn the_documented_answer_is_translated_bare_and_wrapped() {
    for name in ["omniops/documented.json", "omniops/wrapped.json"] {
        for shop in shops() {
            compare(shop, name);
        }
    }
}

#[test]
fn the_answer_of_the_source_is_translated_bare_and_wrapped() {
    for name in ["omniops/as-built.json", "omniops/wrapped-as-built.json"] {
        for shop in shops() {
            compare(shop, name);
        }
    }
}

#[test]
fn pictures_prices_and_stock_are_read_in_every_form() {
    for shop in shops() {
        compare(shop, "omniops/variants.json");
    }
}

#[test]
fn a_null_is_as_good_as_nothing() {
    for shop in shops() {
        compare(shop, "omniops/nulls.json");
    }
}

#[test]
fn unknown_fields_change_nothing() {
    for shop in shops() {
        compare(shop, "omniops/unknown-fields.json");
    }
}

#[test]
fn of_two_replies_the_documented_one_is_taken() {
    let upstream = json!({"response": "documented", "message": "as built"});
    let told = chat(&mut omniops(), None, &upstream.to_string());
    assert_eq!(told.body["message"], "documented");
    let upstream = json!({"response": " ", "message": "as built"});
    let told = chat(&mut omniops(), None, &upstream.to_string());
    assert_eq!(told.body["message"], "as built");
}

#[test]
fn a_conversation_is_continued_under_the_id_of_either_form() {
    for name in ["conversationId", "conversation_id"] {
        for mut shop in shops() {
            let upstream = json!({"message": "A hat.", name: "conv_1"}).to_string();
            let first = chat(&mut shop, None, &upstream);
            assert_eq!(first.sent[0].body.get("conversationId"), None);
            assert_eq!(first.sent[0].body.get("conversation_id"), None);
            let second = chat(&mut shop, Some(first.session()), &upstream);
            let body = &second.sent[0].body;
            let id = body.get("conversationId").or(body.get("conversation_id"));
            assert_eq!(id, Some(&json!("conv_1")), "{name}");
            assert_eq!(second.session(), first.session());
        }
    }
}

#[test]
fn an_id_that_cannot_stand_in_a_path_begins_no_conversation() {
    for id in [
        json!("a/b"),
        json!("a.b"),
        json!(""),
        json!(7),
        json!("a".repeat(49)),
    ] {
        let mut shop = omniops();
        let upstream = json!({"response": "A hat.", "conversationId": id}).to_string();
        let first = chat(&mut shop, None, &upstream);
        let second = chat(&mut shop, Some(first.session()), &upstream);
        assert_eq!(second.sent[0].body.get("conversationId"), None, "{id}");
    }
}

#[test]
fn an_answer_without_success_is_an_error() {
    let upstream = json!({"success": false, "message": "We are sorry.", "error": "secret"});
    for mut shop in shops() {
        let told = chat(&mut shop, None, &upstream.to_string());
        assert_eq!((told.status, told.outcome()), (502, "upstream_error"));
    }
}

#[test]
fn the_history_is_translated_bare_and_wrapped() {
    let mut shop = omniops_as_built();
    let session = chat(&mut shop, None, &fixture("omniops/as-built.json"))
        .session()
        .to_owned();
    let bare = fixture("omniops/history.json");
    let wrapped = format!(r#"{{"success":true,"data":{bare}}}"#);
    for upstream in [bare, wrapped] {
        let told = history(&mut shop, &session, &upstream);
        assert_eq!(content(&told), expected("omniops/history.json"));
        assert_eq!(told.session(), session);
    }
}

#[test]
fn a_conversation_that_the_upstream_does_not_know_is_not_found() {
    let mut shop = omniops_as_built();
    let session = chat(&mut shop, None, &fixture("omniops/as-built.json"))
        .session()
        .to_owned();
    let upstream = r#"{"success":false,"messages":[],"conversation":null}"#;
    let told = history(&mut shop, &session, upstream);
    assert_eq!((told.status, told.outcome()), (404, "session_not_found"));
}

#[test]
fn an_answer_that_says_nothing_is_an_empty_one() {
    for upstream in [
        "",
        "{}",
        r#"{"success":true,"data":{}}"#,
        r#"{"response":null,"message":" "}"#,
        r#"{"conversationId":"conv_1","shoppingMetadata":{"products":[{"id":1}]}}"#,
    ] {
        for mut shop in shops() {
            let told = chat(&mut shop, None, upstream);
            let got = (told.status, told.outcome());
            assert_eq!(got, (502, "upstream_empty_response"), "{upstream:?}");
        }
    }
}

#[test]
fn what_is_no_object_is_an_error_at_every_assistant() {
    for upstream in [
        "[]",
        "null",
        "7",
        "\"text\"",
        "{",
        "{}{}",
        "{\"a\":}",
        "<html>",
        "\u{feff}{}",
    ] {
        for mut shop in [homie(), super::rewardsbot(), omniops(), omniops_as_built()] {
            let told = chat(&mut shop, None, upstream);
            let got = (told.status, told.outcome());
            assert_eq!(got, (502, "upstream_error"), "{upstream:?}");
        }
    }
}
