//! The fields that the contract names.

use concierge_proxy::contract::chat::Chat;
use concierge_proxy::refusal::{InvalidField, Refusal};

use super::{decision, refusal};

#[test]
fn a_prompt_is_a_text_that_says_something() {
    for body in [
        "{}",
        r#"{"Prompt":"a"}"#,
        r#"{"context":{"prompt":"a"}}"#,
        r#"{"prompt":null}"#,
        r#"{"prompt":0}"#,
        r#"{"prompt":true}"#,
        r#"{"prompt":["a"]}"#,
        r#"{"prompt":{"a":"b"}}"#,
        r#"{"prompt":""}"#,
        r#"{"prompt":" "}"#,
        r#"{"prompt":"\t\r\n "}"#,
        r#"{"prompt":"\u0020\u000a"}"#,
        "{\"prompt\":\"\u{a0}\u{2003}\u{3000}\u{2028}\"}",
        r#"{"prompt":"\u00a0\u2003"}"#,
        r#"{"prompt":"a","prompt":""}"#,
    ] {
        assert_eq!(decision(body), "missing_prompt", "{body}");
    }
    for body in [
        r#"{"prompt":"a"}"#,
        r#"{"prompt":"0"}"#,
        r#"{"prompt":"  a  "}"#,
        r#"{"prompt":"\u0000"}"#,
        r#"{"prompt":"","prompt":"a"}"#,
        r#"{"pro\u006dpt":"a"}"#,
    ] {
        assert_eq!(decision(body), "ok", "{body}");
    }
}

#[test]
fn a_prompt_is_2000_code_points_long_at_most() {
    for (char, times, expected) in [
        ("a", 2_000, "ok"),
        ("a", 2_001, "prompt_too_long"),
        ("\u{e4}", 2_000, "ok"),
        ("\u{e4}", 2_001, "prompt_too_long"),
        // Four bytes and two UTF-16 units each, one code point: 8,000 bytes in all.
        ("\u{1f381}", 2_000, "ok"),
        ("\u{1f381}", 2_001, "prompt_too_long"),
        (" ", 2_001, "missing_prompt"),
    ] {
        let body = format!("{{\"prompt\":\"{}\"}}", char.repeat(times));
        assert!(body.len() <= 8_192);
        assert_eq!(decision(body), expected, "{times} times {char:?}");
    }
}

#[test]
fn an_escape_counts_as_the_one_character_it_spells() {
    let body = |times: usize| format!("{{\"prompt\":\"{}\"}}", "\\n".repeat(times - 1) + "a");
    assert_eq!(decision(body(2_000)), "ok");
    assert_eq!(decision(body(2_001)), "prompt_too_long");
    // A surrogate pair of escapes is one, too.
    let pairs = "\\ud83c\\udf81".repeat(500);
    for (more, expected) in [(1_500, "ok"), (1_501, "prompt_too_long")] {
        let body = format!("{{\"prompt\":\"{pairs}{}\"}}", "a".repeat(more));
        assert!(body.len() <= 8_192);
        assert_eq!(decision(body), expected);
    }
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for half in [
        "\\ud83c",
        "\\udf81",
        "\\ud83cx",
        "\\ud83c\\ud83c",
        "\\udf81\\ud83c",
    ] {
        for body in [
            format!("{{\"prompt\":\"{half}\"}}"),
            format!("{{\"prompt\":\"a\",\"session_id\":\"{half}\"}}"),
            format!("{{\"prompt\":\"a\",\"{half}\":1}}"),
            format!("{{\"prompt\":\"a\",\"context\":{{\"{half}\":1}}}}"),
            format!("{{\"prompt\":\"a\",\"context\":{{\"x\":[\"{half}\"]}}}}"),
        ] {
            assert_eq!(decision(&body), "invalid_json_body", "{body}");
        }
    }
}

#[test]
fn a_session_id_is_a_short_text_or_nothing() {
    let long = |chars: usize| format!("\"{}\"", "\u{e4}".repeat(chars));
    for (value, expected) in [
        ("\"a\"".to_owned(), Ok(Some("a".to_owned()))),
        ("\"\\u0061\"".to_owned(), Ok(Some("a".to_owned()))),
        ("\" \"".to_owned(), Ok(Some(" ".to_owned()))),
        (long(128), Ok(Some("\u{e4}".repeat(128)))),
        ("\"\"".to_owned(), Ok(None)),
        ("null".to_owned(), Ok(None)),
        (long(129), Err(())),
        ("0".to_owned(), Err(())),
        ("1e400".to_owned(), Err(())),
        ("true".to_owned(), Err(())),
        ("[]".to_owned(), Err(())),
        ("[\"a\"]".to_owned(), Err(())),
        ("{}".to_owned(), Err(())),
    ] {
        let body = format!("{{\"prompt\":\"a\",\"session_id\":{value}}}");
        let read = Chat::check(body.as_bytes()).map(|chat| chat.session_id().map(str::to_owned));
        let expected = expected.map_err(|()| Refusal::InvalidField(InvalidField::SessionId));
        assert_eq!(read, expected, "{body}");
    }
    let none = Chat::check(br#"{"prompt":"a"}"#).unwrap();
    assert_eq!(none.session_id(), None);
    let twice = Chat::check(br#"{"prompt":"a","session_id":"b","session_id":"c"}"#).unwrap();
    assert_eq!(twice.session_id(), Some("c"));
}

#[test]
fn a_context_is_an_object_or_nothing() {
    for value in ["{}", "null", " { } ", r#"{"occasion":"birthday"}"#] {
        assert_eq!(
            decision(format!("{{\"prompt\":\"a\",\"context\":{value}}}")),
            "ok",
            "{value}"
        );
    }
    for value in ["[]", "[{}]", "\"{}\"", "0", "false"] {
        let body = format!("{{\"prompt\":\"a\",\"context\":{value}}}");
        assert_eq!(
            refusal(&body),
            Refusal::InvalidField(InvalidField::Context),
            "{value}"
        );
    }
}

#[test]
fn the_first_broken_rule_is_told_in_the_published_order() {
    for (body, expected) in [
        (format!("{{{}", " ".repeat(8_192)), "body_too_large"),
        (
            "{\"prompt\":0,\"context\":[}".to_owned(),
            "invalid_json_body",
        ),
        ("[{\"prompt\":0}]".to_owned(), "body_must_be_object"),
        (
            "{\"context\":0,\"session_id\":0}".to_owned(),
            "missing_prompt",
        ),
        (
            format!(
                "{{\"context\":0,\"session_id\":0,\"prompt\":\"{}\"}}",
                "a".repeat(2_001)
            ),
            "prompt_too_long",
        ),
        (
            "{\"context\":0,\"session_id\":0,\"prompt\":\"a\"}".to_owned(),
            "invalid_field",
        ),
    ] {
        assert_eq!(decision(&body), expected, "{body}");
    }
}
