//! The table of outcomes, whose order is stored.

use concierge_proxy::usage::outcome::{Class, Outcome};

use crate::refusals;

/// The table. An outcome keeps its place for ever; a new one goes to the end.
const PINNED: [&str; 35] = [
    "other",
    "ok",
    "shopper_left",
    "misconfigured_proxy",
    "not_found",
    "not_offered",
    "session_not_found",
    "page_not_found",
    "method_not_allowed",
    "origin_not_allowed",
    "insufficient_scope",
    "omi_not_enabled",
    "in_progress",
    "in_doubt",
    "unsupported_media_type",
    "invalid_signature",
    "invalid_shopper_token",
    "body_too_large",
    "invalid_json_body",
    "body_must_be_object",
    "missing_prompt",
    "prompt_too_long",
    "invalid_field",
    "rate_limited",
    "limiter_unavailable",
    "misconfigured_api_key",
    "upstream_invoke_error",
    "upstream_function_error",
    "upstream_error",
    "upstream_empty_response",
    "upstream_timeout",
    "internal_error",
    "invalid_admin_token",
    "request_not_found",
    "usage_unavailable",
];

#[test]
fn every_outcome_keeps_its_place() {
    let names: Vec<_> = Outcome::all().map(Outcome::name).collect();
    assert_eq!(names, PINNED);
    for (place, name) in PINNED.iter().enumerate() {
        assert_eq!(Outcome::named(name).place(), place);
        assert_eq!(Outcome::numbered(place).name(), *name);
    }
}

#[test]
fn every_refusal_has_an_outcome_of_its_class() {
    for refusal in refusals::all() {
        let outcome = Outcome::named(refusal.code());
        assert_eq!(outcome.name(), refusal.code());
        let class = if refusal.status() < 500 {
            Class::Refused
        } else {
            Class::Failed
        };
        assert_eq!(outcome.class(), class, "{}", refusal.code());
    }
    assert_eq!(Outcome::named("ok").class(), Class::Ok);
    assert_eq!(Outcome::named("shopper_left").class(), Class::Left);
}

#[test]
fn what_no_version_knows_is_other() {
    assert_eq!(Outcome::named("made_up").name(), "other");
    for place in [PINNED.len(), 255, 256, usize::MAX] {
        assert_eq!(Outcome::numbered(place).name(), "other");
    }
}
