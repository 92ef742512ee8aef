//! Size, encoding, syntax and nesting.

use super::{SID, decision, sent};

#[test]
fn what_is_no_json_is_refused() {
    let bodies: [&[u8]; 28] = [
        b"",
        b" ",
        b"\0",
        b"{",
        b"}",
        b"{\"prompt\":\"a\"",
        b"{\"prompt\":\"a}",
        b"{\"prompt\":\"a\"}}",
        b"{\"prompt\":\"a\"} x",
        b"{\"prompt\":\"a\"}\0",
        b"{\"prompt\":\"a\"}{}",
        b"{\"prompt\":\"a\",}",
        b"{,\"prompt\":\"a\"}",
        b"{prompt:\"a\"}",
        b"{'prompt':'a'}",
        b"{\"prompt\":undefined}",
        b"{\"prompt\":\"a\",\"n\":NaN}",
        b"{\"prompt\":\"a\",\"n\":01}",
        b"{\"prompt\":\"a\",\"n\":+1}",
        b"{\"prompt\":\"a\",\"n\":.5}",
        b"{\"prompt\":\"a\",\"n\":1.}",
        b"{\"prompt\":\"a\" /* b */}",
        b"{\"prompt\":\"a\nb\"}",
        b"{\"prompt\":\"\\x61\"}",
        b"{\"prompt\":\"\\u00\"}",
        b"\xef\xbb\xbf{\"prompt\":\"a\"}",
        b"{\"prompt\":\"\xff\"}",
        b"prompt=a",
    ];
    for body in bodies {
        assert_eq!(
            decision(body),
            "invalid_json_body",
            "{}",
            body.escape_ascii()
        );
    }
}

#[test]
fn bad_utf8_is_refused_wherever_it_stands() {
    for bad in [
        &b"\xff"[..],
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
    ] {
        for (before, behind) in [
            (&b"{\"prompt\":\""[..], &b"\"}"[..]),
            (b"{\"prompt\":\"a\",\"other\":\"", b"\"}"),
            (b"{\"prompt\":\"a\",\"", b"\":1}"),
            (b"{\"prompt\":\"a\",\"context\":{\"a\":[\"", b"\"]}}"),
        ] {
            let body = [before, bad, behind].concat();
            assert_eq!(
                decision(&body),
                "invalid_json_body",
                "{}",
                body.escape_ascii()
            );
        }
    }
}

#[test]
fn json_that_is_no_object_is_told_so() {
    for body in [
        "null",
        "true",
        "0",
        "1e400",
        "\"prompt\"",
        "[]",
        " [{\"prompt\":\"a\"}] ",
    ] {
        assert_eq!(decision(body), "body_must_be_object", "{body}");
    }
}

#[test]
fn white_space_around_the_body_does_no_harm() {
    for body in [
        " {\"prompt\":\"a\"}",
        "{\"prompt\":\"a\"}\r\n",
        "\t{ \"prompt\" : \"a\" }\n",
    ] {
        assert_eq!(decision(body), "ok", "{body}");
    }
}

fn nested(open: &str, close: &str, levels: usize) -> String {
    format!("{}{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn a_body_is_nested_64_deep_at_most() {
    // The body itself is one level, the context another.
    for (levels, expected) in [(63, "ok"), (64, "invalid_json_body")] {
        let array = nested("[", "]", levels);
        assert_eq!(
            decision(format!("{{\"prompt\":\"a\",\"x\":{array}}}")),
            expected
        );
        let object = format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        assert_eq!(
            decision(format!("{{\"prompt\":\"a\",\"x\":{object}}}")),
            expected
        );
        let mixed = format!("{}1{}", "[{\"a\":".repeat(32), "}]".repeat(32));
        assert_eq!(
            decision(format!("{{\"prompt\":\"a\",\"x\":{mixed}}}")),
            "invalid_json_body"
        );
    }
    for (levels, expected) in [(62, "ok"), (63, "invalid_json_body")] {
        let array = nested("[", "]", levels);
        assert_eq!(
            decision(format!(
                "{{\"prompt\":\"a\",\"context\":{{\"x\":{array}}}}}"
            )),
            expected
        );
        let object = format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
        assert_eq!(
            decision(format!(
                "{{\"prompt\":\"a\",\"context\":{{\"x\":{object}}}}}"
            )),
            expected
        );
    }
    for (levels, expected) in [(64, "body_must_be_object"), (65, "invalid_json_body")] {
        assert_eq!(decision(nested("[", "]", levels)), expected);
    }
}

#[test]
fn a_body_of_brackets_alone_is_refused_and_breaks_nothing() {
    for body in [
        "[".repeat(8_192),
        nested("[", "]", 4_096),
        "{\"a\":".repeat(1_600),
        format!("{}1{}", "{\"a\":".repeat(1_300), "}".repeat(1_300)),
        format!("{{\"prompt\":\"a\",\"x\":{}}}", nested("[", "]", 4_000)),
    ] {
        assert_eq!(decision(&body), "invalid_json_body");
    }
}

#[test]
fn brackets_inside_of_texts_and_side_by_side_are_not_nested() {
    for value in [
        format!("\"{}\"", "[{".repeat(100)),
        format!("\"\\\"{}\"", "[".repeat(100)),
        format!("\"\\\\\", \"y\":\"{}\"", "[".repeat(100)),
        format!("[{}[]]", "[],".repeat(100)),
    ] {
        assert_eq!(
            decision(format!("{{\"prompt\":\"a\",\"x\":{value}}}")),
            "ok",
            "{value}"
        );
    }
    // A quote that is escaped does not end the text, a backslash that is escaped does not keep it.
    let deep = "[".repeat(64);
    let body = format!(
        "{{\"prompt\":\"a\",\"x\":[\"\\\\\",{deep}{}]}}",
        "]".repeat(64)
    );
    assert_eq!(decision(body), "invalid_json_body");
}

/// A chat of exactly so many bytes, as it comes.
fn chat_of(bytes: usize, session_id: &str) -> String {
    let body = |filling: &str| {
        format!("{{\"prompt\":\"a\",\"context\":{{\"x\":\"{filling}\"}}{session_id}}}")
    };
    let body = body(&"b".repeat(bytes - body("").len()));
    assert_eq!(body.len(), bytes);
    body
}

#[test]
fn a_body_is_8192_bytes_long_at_most_as_it_comes() {
    let with_id = format!(",\"session_id\":\"{SID}\"");
    assert_eq!(decision(chat_of(8_192, &with_id)), "ok");
    assert_eq!(decision(chat_of(8_193, &with_id)), "body_too_large");
    assert_eq!(decision(" ".repeat(8_193)), "body_too_large");
    assert_eq!(decision([0xff; 8_193]), "body_too_large");
    // White space is counted as it comes, and is not sent on.
    let padded = format!("{{\"prompt\":\"a\"{}}}", " ".repeat(8_178));
    assert_eq!(padded.len(), 8_192);
    assert_eq!(decision(padded), "ok");
}

#[test]
fn a_body_is_8192_bytes_long_at_most_as_it_goes() {
    let added = format!(",\"session_id\":\"{SID}\"").len();
    let fits = chat_of(8_192 - added, "");
    assert_eq!(sent(&fits).len(), 8_192);
    assert_eq!(decision(chat_of(8_192 - added + 1, "")), "body_too_large");
    assert_eq!(decision(chat_of(8_192, "")), "body_too_large");
}

#[test]
fn many_fields_and_items_are_read_in_no_time() {
    let fields: String = (0..1_000)
        .map(|number| format!(",\"{number}\":0"))
        .collect();
    assert_eq!(decision(format!("{{\"prompt\":\"a\"{fields}}}")), "ok");
    let items = "0,".repeat(4_000);
    assert_eq!(
        decision(format!("{{\"prompt\":\"a\",\"x\":[{items}0]}}")),
        "ok"
    );
}
