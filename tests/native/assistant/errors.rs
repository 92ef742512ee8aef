//! Errors: which code each one keeps, and what is made of all the others.

use concierge_proxy::assistants::Judgement;
use concierge_proxy::attempts::Outcome;
use concierge_proxy::refusal::Refusal;

use super::{API, HTML, JSON, answer, head, wait_head};

const THEIR_ID: &str = "1f4e2d6c-aaaa-4bbb-8ccc-001122334455";
const ERROR: &str = include_str!("../../fixtures/published/error.json");

fn envelope(code: &str) -> String {
    format!("{{\"error\":\"{code}\",\"message\":\"secret\",\"request_id\":\"{THEIR_ID}\"}}")
}

#[test]
fn the_published_errors_keep_their_codes() {
    for (status, code, told) in [
        (400, "invalid_json_body", "invalid_json_body"),
        (400, "body_must_be_object", "body_must_be_object"),
        (400, "body_too_large", "body_too_large"),
        (400, "missing_prompt", "missing_prompt"),
        (400, "prompt_too_long", "prompt_too_long"),
        (401, "invalid_api_key", "misconfigured_api_key"),
        (429, "rate_limited", "rate_limited"),
        (500, "misconfigured_api_key", "misconfigured_api_key"),
        (502, "upstream_invoke_error", "upstream_invoke_error"),
        (502, "upstream_function_error", "upstream_function_error"),
        (502, "upstream_error", "upstream_error"),
        (502, "upstream_empty_response", "upstream_empty_response"),
        // The proxy asks by POST alone: a 405 is not the page's to mend.
        (405, "method_not_allowed", "upstream_error"),
    ] {
        let got = answer(&head(status, JSON), envelope(code).as_bytes());
        assert_eq!(got, (told, Some(THEIR_ID.to_owned())), "{status} {code}");
    }
    let got = answer(&head(400, JSON), ERROR.as_bytes());
    assert_eq!(
        got,
        (
            "missing_prompt",
            Some("1f4e2d6c-9999-4aaa-8bbb-001122334455".to_owned())
        )
    );
}

#[test]
fn a_code_under_another_status_is_only_an_error() {
    for (status, code) in [
        (400, "invalid_api_key"),
        (400, "misconfigured_api_key"),
        (400, "unheard_of"),
        (400, ""),
        (403, "invalid_api_key"),
        (404, "missing_prompt"),
        (413, "body_too_large"),
        (422, "missing_prompt"),
        (500, "missing_prompt"),
        (500, "unheard_of"),
        (502, "unheard_of"),
        (502, "misconfigured_api_key"),
        (503, "upstream_invoke_error"),
        (500, "origin_not_allowed"),
        (500, "limiter_unavailable"),
    ] {
        let got = answer(&head(status, JSON), envelope(code).as_bytes());
        assert_eq!(
            got,
            ("upstream_error", Some(THEIR_ID.to_owned())),
            "{status} {code}"
        );
    }
}

#[test]
fn what_stands_before_the_upstream_speaks_no_envelope() {
    for (status, content_type, body, told) in [
        (400, HTML, "<html>", "upstream_error"),
        (401, HTML, "<html>", "misconfigured_api_key"),
        (
            401,
            JSON,
            "{\"message\":\"Unauthorized\"}",
            "misconfigured_api_key",
        ),
        (403, JSON, "{\"message\":\"Forbidden\"}", "upstream_error"),
        (
            403,
            JSON,
            "{\"message\":\"Missing Authentication Token\"}",
            "upstream_error",
        ),
        (403, HTML, "<html>", "upstream_error"),
        (404, JSON, "{\"message\":\"Not Found\"}", "upstream_error"),
        (405, HTML, "", "upstream_error"),
        (
            413,
            JSON,
            "{\"message\":\"Request Too Long\"}",
            "upstream_error",
        ),
        (
            429,
            JSON,
            "{\"message\":\"Too Many Requests\"}",
            "upstream_error",
        ),
        (429, HTML, "<html>", "upstream_error"),
        (500, JSON, "{\"message\":null}", "upstream_error"),
        (500, HTML, "<html>", "upstream_error"),
        (
            502,
            JSON,
            "{\"message\": \"Internal server error\"}",
            "upstream_error",
        ),
        (503, HTML, "<html>", "upstream_error"),
        (
            504,
            JSON,
            "{\"message\": \"Endpoint request timed out\"}",
            "upstream_error",
        ),
        (504, HTML, "<html>", "upstream_error"),
        (599, "", "", "upstream_error"),
    ] {
        let got = answer(&head(status, content_type), body.as_bytes());
        assert_eq!(got, (told, None), "{status} {content_type} {body}");
    }
}

#[test]
fn a_hostile_body_says_nothing() {
    let huge = format!("{{\"error\":\"{}\"}}", "x".repeat(16_000));
    let deep = "[".repeat(16_000);
    let deep_field = format!(
        "{{\"detail\":{}{},\"error\":\"missing_prompt\"}}",
        "[".repeat(4_000),
        "]".repeat(4_000)
    );
    for body in [
        "",
        "null",
        "[]",
        "\"missing_prompt\"",
        "{",
        "{\"error\":5}",
        "{\"error\":[\"missing_prompt\"]}",
        "{\"error\":{\"error\":\"missing_prompt\"}}",
        "{\"error\":\"Missing_Prompt\"}",
        "{\"error\":\"missing_prompt \"}",
        "{\"error\":\"missing_prompt\"} x",
        "\u{feff}{\"error\":\"missing_prompt\"}",
        "{\"error\":\"missing_prompt",
        &huge,
        &deep,
        &deep_field,
    ] {
        assert_eq!(
            answer(&head(400, JSON), body.as_bytes()).0,
            "upstream_error",
            "{body:.40}"
        );
    }
    assert_eq!(
        answer(&head(400, JSON), b"{\"error\":\"missing_prompt\xff\"}").0,
        "upstream_error"
    );
    assert_eq!(
        answer(&head(400, JSON), b"{\"error\":\"missing\\u005fprompt\"}").0,
        "missing_prompt"
    );
}

#[test]
fn a_request_id_is_kept_where_it_is_a_uuid() {
    let upper = THEIR_ID.to_uppercase();
    for (id, kept) in [
        (THEIR_ID, true),
        (&*upper, true),
        ("1f4e2d6c-...", false),
        ("", false),
        ("<script>", false),
    ] {
        let body = format!("{{\"error\":\"upstream_error\",\"request_id\":\"{id}\"}}");
        let got = answer(&head(502, JSON), body.as_bytes());
        assert_eq!(
            got,
            ("upstream_error", kept.then(|| THEIR_ID.to_owned())),
            "{id}"
        );
    }
    for id in ["5", "null", "[]"] {
        let body = format!("{{\"error\":\"upstream_error\",\"request_id\":{id}}}");
        assert_eq!(answer(&head(502, JSON), body.as_bytes()).1, None, "{id}");
    }
}

#[test]
fn a_field_of_another_type_takes_nothing_from_the_others() {
    for other in ["limit_window", "limit", "tier", "detail", "message"] {
        for value in ["null", "5", "[]", "{}"] {
            let body = format!(
                "{{\"error\":\"missing_prompt\",\"{other}\":{value},\"request_id\":\"{THEIR_ID}\"}}"
            );
            let got = answer(&head(400, JSON), body.as_bytes());
            let kept = ("missing_prompt", Some(THEIR_ID.to_owned()));
            assert_eq!(got, kept, "{other}: {value}");
        }
    }
    let body = b"{\"error\":\"missing_prompt\",\"request_id\":null}";
    assert_eq!(answer(&head(400, JSON), body), ("missing_prompt", None));
}

#[test]
fn only_what_is_surely_no_envelope_is_the_gateways() {
    let outcome = |body: Option<&[u8]>| API.read_error(&head(502, JSON), body, 0).outcome;
    for body in ["", " ", "{}", "[]", r#"{"message":"Bad Gateway"}"#] {
        assert_eq!(
            outcome(Some(body.as_bytes())),
            Outcome::GatewayFailed,
            "{body}"
        );
    }
    // Of another type, or of another code.
    let refused = Outcome::Refused(Refusal::UpstreamError);
    for body in [r#"{"error":17}"#, r#"{"error":"something_new"}"#] {
        assert_eq!(outcome(Some(body.as_bytes())), refused, "{body}");
    }
}

#[test]
fn a_502_whose_body_cannot_be_read_is_what_its_status_says() {
    let outcome =
        |status, body: Option<&[u8]>| API.read_error(&head(status, JSON), body, 0).outcome;
    // Cut off, with half a surrogate pair, or not read at all.
    let bodies = [
        Some(r#"{"error":"upstream_error","detail":"aaa"#),
        Some(r#"{"error":"upstream_error","detail":"\ud83d"}"#),
        None,
    ];
    for body in bodies.map(|body| body.map(str::as_bytes)) {
        assert_eq!(outcome(502, body), Outcome::EngineError, "{body:?}");
        // No other status is the engine's own.
        let refused = Outcome::Refused(Refusal::UpstreamError);
        assert_eq!(outcome(500, body), refused, "{body:?}");
        assert_eq!(outcome(503, body), refused, "{body:?}");
    }
}

#[test]
fn only_the_envelope_speaks_of_the_stores_cap() {
    for (content_type, body) in [
        (JSON, r#"{"message":"Too Many Requests"}"#),
        (JSON, r#"{"error":"throttled","limit_window":"day"}"#),
        (JSON, r#"{"error":"rate_limited""#),
        (JSON, ""),
        (HTML, "<html>"),
        ("", ""),
    ] {
        let head = wait_head(429, content_type, "99999999");
        let outcome = match API.judge(&head) {
            Judgement::End(outcome) => outcome,
            Judgement::ReadError => API.read_error(&head, Some(body.as_bytes()), 0).outcome,
            other => panic!("{other:?}"),
        };
        assert_eq!(outcome, Outcome::GatewayThrottled, "{content_type} {body}");
    }
}
