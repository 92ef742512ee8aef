//! What goes upstream.

use concierge_proxy::contract::chat::Chat;
use concierge_proxy::refusal::{InvalidField, Refusal};
use proptest::prelude::*;

use super::{SID, read, sent};
use crate::support::cases;
use crate::support::json::Json;

const PUBLISHED: &str = include_str!("../../fixtures/published/chat-request.json");

#[test]
fn the_published_example_goes_upstream_with_our_session_id() {
    let id = Chat::check(PUBLISHED.as_bytes())
        .unwrap()
        .session_id()
        .map(str::to_owned);
    assert_eq!(id.as_deref(), Some("9b1f4e2d-6cb2-4f10-9ec0-1234567890ab"));
    let expected = PUBLISHED.replace("9b1f4e2d-6cb2-4f10-9ec0-1234567890ab", SID);
    assert_eq!(
        read(PUBLISHED).last_wins(),
        Json::parse(&expected).last_wins()
    );
}

#[test]
fn values_go_upstream_as_they_were_written() {
    for value in [
        "9e307",
        "-9.9e307",
        "1e-99999999999999999999",
        "1e-400",
        "-0",
        "1.0",
        "1.10",
        "1E+2",
        "12345678901234567890",
        "0.1000000000000000055511151231257827",
        "123456789012345678901234567890.123456789",
        "\"\\u0000\"",
        "\"\\u00e4\\/\\b\"",
        "\"\\ud83c\\udf81\"",
        "\"\u{1f381}\u{2028}\u{7f}\"",
        "true",
        "null",
        "[]",
        "{}",
        "[1.0,null,\"\\/\"]",
    ] {
        let body = sent(&format!(
            "{{\"prompt\":\"a\",\"context\":{{\"x\":{value},\"y\":[{value}]}}}}"
        ));
        assert!(body.contains(&format!("\"x\":{value},")), "{body}");
        assert!(body.contains(&format!("\"y\":[{value}]}}")), "{body}");
    }
}

#[test]
fn the_prompt_goes_upstream_as_it_was_written() {
    for prompt in [
        "  a  ",
        "a\\u0000b",
        "\\u0061",
        "\\ud83c\\udf81",
        "\u{1f381}",
        "a\\\\\\\"b",
    ] {
        let body = sent(&format!("{{\"prompt\":\"{prompt}\"}}"));
        assert!(body.contains(&format!("\"prompt\":\"{prompt}\"")), "{body}");
    }
}

#[test]
fn a_field_that_stands_twice_goes_upstream_once_as_the_last_one() {
    for body in [
        r#"{"prompt":"evil","prompt":"good"}"#,
        r#"{"prompt":"evil","pro\u006dpt":"good"}"#,
        r#"{"pro\u006dpt":"evil","prompt":"good"}"#,
        r#"{"\u0070\u0072\u006f\u006d\u0070\u0074":"evil","x":1,"prompt":0,"prompt":"good"}"#,
    ] {
        let sent = read(body);
        assert_eq!(sent.field("prompt"), Some(&Json::text("good")), "{body}");
    }
    for (context, expected) in [
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
        (
            r#"{"a":{"b":1,"b":[{"c":1,"c":2}]}}"#,
            r#"{"a":{"b":[{"c":2}]}}"#,
        ),
        (
            r#"{"a":[[{"b":1,"\u0062":{"c":0,"c":9}}]]}"#,
            r#"{"a":[[{"b":{"c":9}}]]}"#,
        ),
        (r#"{"":1,"":2}"#, r#"{"":2}"#),
    ] {
        let sent = read(&format!("{{\"prompt\":\"a\",\"context\":{context}}}"));
        assert_eq!(
            sent.field("context"),
            Some(&Json::parse(expected)),
            "{context}"
        );
    }
    let sent = read(r#"{"prompt":"a","context":{"old":1},"context":{"new":1}}"#);
    assert_eq!(sent.field("context"), Some(&Json::parse(r#"{"new":1}"#)));
}

#[test]
fn names_that_only_look_alike_are_kept_apart() {
    let sent = read(
        "{\"prompt\":\"a\",\"context\":{\"prompt\":\"b\",\"Prompt\":1,\"prompt \":2,\"\u{440}rompt\":3,\"prompt\\u0000\":4}}",
    );
    assert_eq!(sent.field("prompt"), Some(&Json::text("a")));
    let context = sent.field("context").expect("a context");
    assert_eq!(context.field("prompt"), Some(&Json::text("b")));
    for (name, value) in [
        ("Prompt", "1"),
        ("prompt ", "2"),
        ("\u{440}rompt", "3"),
        ("prompt\0", "4"),
    ] {
        assert_eq!(
            context.field(name),
            Some(&Json::Number(value.to_owned())),
            "{name:?}"
        );
    }
}

#[test]
fn our_session_id_goes_upstream_whatever_was_sent() {
    for body in [
        r#"{"prompt":"a"}"#.to_owned(),
        r#"{"prompt":"a","session_id":null}"#.to_owned(),
        r#"{"prompt":"a","session_id":""}"#.to_owned(),
        r#"{"session_id":"evil","prompt":"a"}"#.to_owned(),
        r#"{"session_id":"evil","prompt":"a","session_id":"worse"}"#.to_owned(),
        r#"{"prompt":"a","session\u005fid":"evil"}"#.to_owned(),
        r#"{"session_id":null,"prompt":"a","\u0073ession_id":"evil"}"#.to_owned(),
        format!(r#"{{"prompt":"a","session_id":"{SID}"}}"#),
    ] {
        assert_eq!(
            read(&body).field("session_id"),
            Some(&Json::text(SID)),
            "{body}"
        );
        assert!(!sent(&body).contains("evil"), "{body}");
    }
}

#[test]
fn a_context_of_null_does_not_go_upstream() {
    for body in [
        r#"{"prompt":"a","context":null}"#,
        r#"{"prompt":"a","context":{"a":1},"context":null}"#,
    ] {
        assert_eq!(read(body).field("context"), None, "{body}");
    }
    // Deeper, null is a value like any other.
    let sent = read(r#"{"prompt":"a","context":{"context":null}}"#);
    assert_eq!(
        sent.field("context"),
        Some(&Json::parse(r#"{"context":null}"#))
    );
}

#[test]
fn unknown_fields_are_dropped_and_unknown_hints_kept() {
    for field in [
        r#""stream":true"#,
        r#""sessionId":"evil""#,
        r#""Session_id":"evil""#,
        r#""session_id ":"evil""#,
        r#""model":{"y":[1]}"#,
        r#""Prompt":"evil""#,
        r#""":0"#,
    ] {
        let body = format!(r#"{{{field},"prompt":"a",{field},"context":{{{field}}}}}"#);
        let expected = format!(r#"{{"prompt":"a","context":{{{field}}},"session_id":"{SID}"}}"#);
        assert_eq!(sent(&body), expected, "{field}");
    }
}

#[test]
fn a_number_that_no_double_can_be_is_refused() {
    for number in [
        "1e999",
        "-1e999",
        "1e308",
        "1E+400",
        "1e99999999999999999999",
        "17977e304",
    ] {
        for context in [
            format!("{{\"budget_max\":{number}}}"),
            format!("{{\"a\":[1,{{\"b\":[{number}]}}]}}"),
        ] {
            let body = format!("{{\"prompt\":\"a\",\"context\":{context}}}");
            let refused = Chat::check(body.as_bytes()).map(|_| ());
            let expected = Err(Refusal::InvalidField(InvalidField::Context));
            assert_eq!(refused, expected, "{body}");
        }
        // As a text it is one, and what is dropped harms nobody.
        sent(&format!("{{\"prompt\":\"{number}\",\"x\":{number}}}"));
        sent(&format!(
            "{{\"prompt\":\"a\",\"context\":{{\"x\":\"{number}\"}}}}"
        ));
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["prompt", "session_id", "context", "a", "b", "\u{e4}", "\"", "\\", ""])
            .prop_map(str::to_owned),
        1 => "\\PC{0,4}",
        1 => any::<String>().prop_map(|text| text.chars().take(4).collect()),
    ]
}

fn value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?".prop_map(Json::Number),
        name().prop_map(Json::Text),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((name(), inner), 0..5).prop_map(Json::Object),
        ]
    })
}

fn named(name: &str, value: impl Strategy<Value = Json>) -> impl Strategy<Value = (String, Json)> {
    (Just(name.to_owned()), value)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_body_goes_upstream_as_json_parse_would_read_it(
        mut fields in prop::collection::vec((name(), value()), 0..6),
        last in (
            named("prompt", "\\PC{0,8}a".prop_map(Json::Text)),
            named("session_id", prop_oneof![Just(Json::Null), "\\PC{0,8}".prop_map(Json::Text)]),
            named("context", prop_oneof![
                Just(Json::Null),
                prop::collection::vec((name(), value()), 0..5).prop_map(Json::Object),
            ]),
        ),
    ) {
        // Whatever else has one of the three names stands before them.
        fields.extend([last.0, last.1, last.2]);
        let mut body = String::new();
        Json::Object(fields.clone()).spell(&mut body);
        prop_assume!(body.len() <= 8_000);

        let sent = Chat::check(body.as_bytes()).and_then(|chat| chat.body(SID, None));
        prop_assert!(sent.is_ok(), "{}: {:?}", body, sent);
        let sent = Json::parse(&sent.unwrap());
        prop_assert!(!sent.has_twins());

        fields.push(("session_id".to_owned(), Json::text(SID)));
        let Json::Object(mut expected) = Json::Object(fields).last_wins() else {
            panic!("an object")
        };
        expected.retain(|(name, value)| match &**name {
            "prompt" | "session_id" => true,
            "context" => *value != Json::Null,
            _ => false,
        });
        prop_assert_eq!(sent.last_wins(), Json::Object(expected), "{}", body);
    }

    #[test]
    fn no_body_breaks_the_check(body in prop_oneof![
        any::<Vec<u8>>(),
        "[{}\\[\\]\":,\\\\a0-9eu \n-]{0,60}".prop_map(String::into_bytes),
        "\\{\"prompt\":\"a\",[{}\\[\\]\":,\\\\a0-9 ]{0,40}\\}".prop_map(String::into_bytes),
    ]) {
        if let Ok(chat) = Chat::check(&body) {
            prop_assert!(chat.body(SID, None).is_ok());
            prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok());
        }
    }
}
