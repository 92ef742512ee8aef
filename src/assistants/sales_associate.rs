//! The Sales Associate API, v1, as its published contract has it.

use std::borrow::Cow;

use uuid::Uuid;

use super::{Failure, Head, Judgement};
use crate::attempts::Ending;
use crate::json::{self, Field, Value};
use crate::limits::Window;
use crate::media_type;
use crate::refusal::{Refusal, StoreLimit};

pub(super) const KEY_HEADER: &str = "x-api-key";

/// Where a full upstream does not say when to come back, or of which window it speaks: the
/// shortest one that the contract has.
const DEFAULT_WINDOW: Window = Window::Minute;

/// How deep an error's body may be nested: `detail` is any JSON.
const MAX_ERROR_DEPTH: usize = 64;

/// The platform's own answers for an upstream that it could not connect to.
const NO_CONNECTION: [u16; 6] = [521, 522, 523, 525, 526, 530];

pub(super) fn endpoint(base_url: &str) -> String {
    format!("{base_url}/concierge/chat")
}

pub(super) fn judge(head: &Head<'_>) -> Judgement {
    match head.status {
        // Nothing could be said under 204 and 205, whatever the content type promises.
        200..300 if head.content_length == "0" || matches!(head.status, 204 | 205) => {
            Judgement::End(Ending::Refused(Refusal::UpstreamEmptyResponse))
        }
        200..300 if media_type::is(head.content_type, media_type::JSON) => {
            Judgement::Pass(media_type::JSON)
        }
        200..300 if media_type::is(head.content_type, media_type::EVENT_STREAM) => {
            Judgement::Pass(media_type::EVENT_STREAM)
        }
        status if NO_CONNECTION.contains(&status) => Judgement::End(Ending::NoConnection),
        400.. if media_type::is(head.content_type, media_type::JSON) => Judgement::ReadError,
        401 => Judgement::End(Ending::KeyRefused),
        // Only the envelope speaks of the store's cap; this is the gateway's own throttle.
        429 => Judgement::End(Ending::GatewayThrottled),
        502 | 503 => Judgement::End(Ending::GatewayFailed),
        504 | 520 | 524 => Judgement::End(Ending::Lost),
        _ => Judgement::End(Ending::Refused(Refusal::UpstreamError)),
    }
}

pub(super) fn read_error(head: &Head<'_>, body: Option<&[u8]>) -> Failure {
    // None where there is a body that cannot be read: it may be the engine's.
    let read = body.and_then(|body| match json::read(body, MAX_ERROR_DEPTH) {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(_) => Some(Vec::new()),
        Err(_) => body.trim_ascii().is_empty().then(Vec::new),
    });
    let is_envelope = |fields: &Vec<Field<'_>>| fields.iter().any(|field| field.name == "error");
    let is_unreadable = read.is_none();
    let from_gateway = read.as_ref().is_some_and(|fields| !is_envelope(fields));
    let envelope = read.unwrap_or_default();
    let ending = match (head.status, &*text(&envelope, "error")) {
        (400, "body_too_large") => Ending::Refused(Refusal::BodyTooLarge),
        (400, "invalid_json_body") => Ending::Refused(Refusal::InvalidJsonBody),
        (400, "body_must_be_object") => Ending::Refused(Refusal::BodyMustBeObject),
        (400, "missing_prompt") => Ending::Refused(Refusal::MissingPrompt),
        (400, "prompt_too_long") => Ending::Refused(Refusal::PromptTooLong),
        (401, _) => Ending::KeyRefused,
        (429, "rate_limited") => store_limit(head, &text(&envelope, "limit_window")),
        (429, _) => Ending::GatewayThrottled,
        (500, "misconfigured_api_key") => Ending::Refused(Refusal::MisconfiguredApiKey),
        (502, "upstream_invoke_error") => Ending::EngineFailed(Refusal::UpstreamInvokeError),
        (502, "upstream_function_error") => Ending::EngineFailed(Refusal::UpstreamFunctionError),
        (502, "upstream_empty_response") => Ending::EngineFailed(Refusal::UpstreamEmptyResponse),
        (502, "upstream_error") => Ending::EngineError,
        // A long `detail`, or a body that broke off: the contract asks for a retry of its status.
        (502, _) if is_unreadable => Ending::EngineError,
        (502 | 503, _) if from_gateway => Ending::GatewayFailed,
        (504 | 520 | 524, _) => Ending::Lost,
        _ => Ending::Refused(Refusal::UpstreamError),
    };
    let request_id = Uuid::try_parse(&text(&envelope, "request_id"))
        .ok()
        .map(|id| {
            id.hyphenated()
                .encode_lower(&mut Uuid::encode_buffer())
                .to_owned()
        });
    Failure { ending, request_id }
}

/// A field's text, empty where it has none.
fn text<'a>(envelope: &[Field<'a>], name: &str) -> Cow<'a, str> {
    envelope
        .iter()
        .find(|field| field.name == name)
        .and_then(|field| field.value.text())
        .unwrap_or_default()
}

/// No wait is longer than its window: by then the whole budget is there again.
fn store_limit(head: &Head<'_>, window: &str) -> Ending {
    let window = Window::named(window);
    let most = window.unwrap_or(DEFAULT_WINDOW).seconds();
    let seconds = head.wait().unwrap_or(DEFAULT_WINDOW.seconds());
    Ending::StoreLimited(StoreLimit {
        window,
        retry_after: seconds.clamp(1, most),
    })
}
