//! The Sales Associate API, v1, as its published contract describes it.

use std::borrow::Cow;

use uuid::Uuid;

use super::reading::NO_CONNECTION;
use super::{Capabilities, Destination, Judgement, Reading, UpstreamError, UpstreamRequest};
use crate::attempts::Outcome;
use crate::contract::answer::Object;
use crate::contract::body::{MAX_BODY_BYTES, MAX_DEPTH};
use crate::contract::chat::MEMORIES;
use crate::head::ResponseHead;
use crate::json::{self, Field, Value};
use crate::limits::Window;
use crate::media_type::MediaType;
use crate::refusal::{Refusal, StoreLimit};
use crate::secret::Secret;

pub(super) const PUBLISHED_URLS: (Option<&str>, Option<&str>) = (
    Some("https://api.youromi.com/v1"),
    Some("https://nxgsc3wl3l.execute-api.us-east-1.amazonaws.com/prod/v1"),
);

pub(super) const CAPABILITIES: Capabilities = Capabilities {
    streaming: false,
    history: false,
    pages: false,
    refinements: false,
    signup: false,
};

/// Returns the cap of a day by the cap of an hour (published contract: trial and production keys).
pub(super) const fn day_cap(hour_cap: u32) -> Option<u32> {
    match hour_cap {
        500 => Some(2_000),
        5_000 => Some(50_000),
        _ => None,
    }
}

const KEY_PREFIX: &str = "ak_concierge_";
const KEY_HEX_DIGITS: usize = 48;

/// The window to assume if a 429 names none, or does not say when to retry.
///
/// It is the shortest window in the contract.
const DEFAULT_WINDOW: Window = Window::Minute;

/// The deepest nesting of an error's body.
///
/// Its `detail` may be any JSON.
const MAX_ERROR_DEPTH: usize = 64;

/// Reads a key of the published form.
pub(super) fn read_key(text: &str) -> Result<Secret, String> {
    let hex = text
        .strip_prefix(KEY_PREFIX)
        .filter(|hex| hex.len() == KEY_HEX_DIGITS)
        .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
    match hex {
        Some(_) => Ok(Secret::new(text)),
        None => Err(format!(
            "must be {KEY_PREFIX} followed by {KEY_HEX_DIGITS} hex digits"
        )),
    }
}

pub(super) fn request(body: &str, target: &Destination<'_>) -> UpstreamRequest {
    let mut request = target.post("/concierge/chat", body.to_owned());
    target.authorise(&mut request, "x-api-key", "");
    request
}

/// Returns a body with these memories in its context, as many as fit, or `None` if none does.
///
pub(super) fn remind(body: &str, memories: &[String]) -> Option<String> {
    const CONTEXT: &str = "context";
    let Ok(Value::Object(fields)) = json::read(body.as_bytes(), MAX_DEPTH) else {
        return None;
    };
    let context = fields.iter().find(|field| field.name == CONTEXT);
    let hints = match context.map(|field| &field.value) {
        Some(Value::Object(hints)) => hints.as_slice(),
        _ => &[],
    };
    (1..=memories.len()).rev().find_map(|count| {
        let mut reminded = Object::begin();
        for field in fields.iter().filter(|field| field.name != CONTEXT) {
            reminded.value(&field.name, &field.value);
        }
        let mut context = Object::begin();
        for hint in hints {
            context.value(&hint.name, &hint.value);
        }
        let memories = memories.get(..count)?;
        context.raw(MEMORIES, &format!("[{}]", memories.join(",")));
        reminded.raw(CONTEXT, &context.end());
        Some(reminded.end()).filter(|reminded| reminded.len() <= MAX_BODY_BYTES)
    })
}

pub(super) fn judge(head: &ResponseHead) -> Judgement {
    match (head.status, head.media_type) {
        // A 204 or 205 has no body, whatever the content type promises.
        (200..300, _) if head.is_empty || matches!(head.status, 204 | 205) => {
            Judgement::End(Outcome::Refused(Refusal::UpstreamEmptyResponse))
        }
        (200..300, Some(media_type)) => Judgement::Pass(media_type),
        (status, _) if NO_CONNECTION.contains(&status) => Judgement::End(Outcome::NoConnection),
        (400.., Some(MediaType::Json)) => Judgement::ReadError,
        (401, _) => Judgement::End(Outcome::KeyRefused),
        // Only the envelope is about the store's cap. This is the gateway's own throttling.
        (429, _) => Judgement::End(Outcome::GatewayThrottled),
        (502 | 503, _) => Judgement::End(Outcome::GatewayFailed),
        (504 | 520 | 524, _) => Judgement::End(Outcome::Lost),
        _ => Judgement::End(Outcome::Refused(Refusal::UpstreamError)),
    }
}

/// Reads an answer that is sent as an event. It is in the page's contract already.
pub(super) fn read_answer(body: &[u8]) -> Result<Reading, Outcome> {
    if body.is_empty() {
        // The turn has happened, so there is no retry.
        return Err(Outcome::Refused(Refusal::UpstreamEmptyResponse));
    }
    let text = str::from_utf8(body).map_err(|_| Outcome::Refused(Refusal::UpstreamError))?;
    Ok(Reading::Unchanged(text.to_owned()))
}

pub(super) fn read_error(head: &ResponseHead, body: Option<&[u8]>) -> UpstreamError {
    // `None` means that the body cannot be read. It may be the engine's.
    let read = body.and_then(|body| match json::read(body, MAX_ERROR_DEPTH) {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(_) => Some(Vec::new()),
        Err(_) => body.trim_ascii().is_empty().then(Vec::new),
    });
    let is_envelope = |fields: &Vec<Field<'_>>| fields.iter().any(|field| field.name == "error");
    let is_unreadable = read.is_none();
    let from_gateway = read.as_ref().is_some_and(|fields| !is_envelope(fields));
    let envelope = read.unwrap_or_default();
    let outcome = match (head.status, &*text(&envelope, "error")) {
        (400, "body_too_large") => Outcome::Refused(Refusal::BodyTooLarge),
        (400, "invalid_json_body") => Outcome::Refused(Refusal::InvalidJsonBody),
        (400, "body_must_be_object") => Outcome::Refused(Refusal::BodyMustBeObject),
        (400, "missing_prompt") => Outcome::Refused(Refusal::MissingPrompt),
        (400, "prompt_too_long") => Outcome::Refused(Refusal::PromptTooLong),
        (401, _) => Outcome::KeyRefused,
        (429, "rate_limited") => store_limit(head, &text(&envelope, "limit_window")),
        (429, _) => Outcome::GatewayThrottled,
        (500, "misconfigured_api_key") => Outcome::Refused(Refusal::MisconfiguredApiKey),
        (502, "upstream_invoke_error") => Outcome::EngineFailed(Refusal::UpstreamInvokeError),
        (502, "upstream_function_error") => Outcome::EngineFailed(Refusal::UpstreamFunctionError),
        (502, "upstream_empty_response") => Outcome::EngineFailed(Refusal::UpstreamEmptyResponse),
        (502, "upstream_error") => Outcome::EngineError,
        // The `detail` was too long, or the body broke off. The contract asks for a retry of this
        // status.
        (502, _) if is_unreadable => Outcome::EngineError,
        (502 | 503, _) if from_gateway => Outcome::GatewayFailed,
        (504 | 520 | 524, _) => Outcome::Lost,
        _ => Outcome::Refused(Refusal::UpstreamError),
    };
    let request_id = Uuid::try_parse(&text(&envelope, "request_id"))
        .ok()
        .map(|id| id.to_string());
    UpstreamError {
        outcome,
        request_id,
    }
}

/// Returns a field's text, or an empty string if it has none.
fn text<'a>(envelope: &[Field<'a>], name: &str) -> Cow<'a, str> {
    envelope
        .iter()
        .find(|field| field.name == name)
        .and_then(|field| field.value.text())
        .unwrap_or_default()
}

/// Returns the outcome for a store whose cap is reached.
///
/// No wait is longer than its window. By then the whole budget is available again.
fn store_limit(head: &ResponseHead, window: &str) -> Outcome {
    let window = Window::named(window);
    let most = window.unwrap_or(DEFAULT_WINDOW).seconds();
    let seconds = head.retry_after.unwrap_or(DEFAULT_WINDOW.seconds());
    Outcome::StoreLimited(StoreLimit {
        window,
        retry_after: seconds.clamp(1, most),
    })
}
