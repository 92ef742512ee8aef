//! Every refusal there is: its status, its code, and the words a developer reads.
//!
//! The policy:
//!
//! - Every refusal is the documented envelope, `{"error", "message", "request_id"}`, with a
//!   documented code wherever one fits and one of our own only where none does.
//! - A message is made here, from the code. Nothing that a browser or an upstream sent is ever
//!   quoted in one, and no setting's value.
//! - A refusal says who can mend it: a 4xx is the caller's to mend, 429 wants the time in
//!   `Retry-After`, 500 is the merchant's, 502 to 504 lie with the upstream or the limiter.
//! - The type can hold no status below 400.

use std::borrow::Cow;

use crate::config::Mistake;
use crate::limits::protocol::Exceeded;
use crate::limits::{Tier, Window};

/// After a limiter that failed: long enough for a restarted object, in seconds.
const LIMITER_RETRY_AFTER: u32 = 5;

/// Why a request is not answered with a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Settings are missing or wrong.
    MisconfiguredProxy(Vec<Mistake>),
    /// No such path.
    NotFound,
    /// The path does not know this method, but the ones named here.
    MethodNotAllowed(&'static str),
    /// The page's origin is not on the merchant's list, or there is none.
    OriginNotAllowed,
    /// The body is not declared to be JSON.
    UnsupportedMediaType,
    /// The body is larger than the contract allows.
    BodyTooLarge,
    /// The body is not JSON.
    InvalidJsonBody,
    /// The body is JSON but not an object.
    BodyMustBeObject,
    /// There is no prompt, or only white space.
    MissingPrompt,
    /// The prompt is longer than the contract allows.
    PromptTooLong,
    /// A field is not of its type.
    InvalidField(InvalidField),
    /// One of our own budgets is spent.
    RateLimited(Exceeded),
    /// The store's own budget upstream is spent.
    StoreLimited(StoreLimit),
    /// The circuit is open: the upstream has failed. Retry in so many seconds.
    CircuitOpen(u32),
    /// The limiter gave no answer, so nothing is let through.
    LimiterUnavailable,
    /// The upstream does not take the key, or does not know what it stands for.
    MisconfiguredApiKey,
    /// The upstream could not be reached, or could not reach its engine.
    UpstreamInvokeError,
    /// The upstream's engine failed.
    UpstreamFunctionError,
    /// The upstream's engine, or what stands before it, gave an error.
    UpstreamError,
    /// The upstream's engine gave nothing.
    UpstreamEmptyResponse,
    /// The upstream did not begin to answer in time.
    UpstreamTimeout,
    /// A fault of ours.
    InternalError,
}

/// A field whose type the proxy checks beyond what the published contract does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidField {
    /// The conversation's id.
    SessionId,
    /// The hints.
    Context,
}

/// What the upstream said of the store's budget. Its number stays the merchant's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimit {
    /// The window that is full, where the upstream named one.
    pub window: Option<Window>,
    /// In how many seconds to try again.
    pub retry_after: u32,
}

impl Refusal {
    /// The HTTP status, 400 or more.
    pub fn status(&self) -> u16 {
        match self {
            Self::BodyTooLarge
            | Self::InvalidJsonBody
            | Self::BodyMustBeObject
            | Self::MissingPrompt
            | Self::PromptTooLong
            | Self::InvalidField(_) => 400,
            Self::OriginNotAllowed => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited(_) | Self::StoreLimited(_) => 429,
            Self::MisconfiguredProxy(_) | Self::MisconfiguredApiKey | Self::InternalError => 500,
            Self::CircuitOpen(_)
            | Self::UpstreamInvokeError
            | Self::UpstreamFunctionError
            | Self::UpstreamError
            | Self::UpstreamEmptyResponse => 502,
            Self::LimiterUnavailable => 503,
            Self::UpstreamTimeout => 504,
        }
    }

    /// The machine-readable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MisconfiguredProxy(_) => "misconfigured_proxy",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::BodyTooLarge => "body_too_large",
            Self::InvalidJsonBody => "invalid_json_body",
            Self::BodyMustBeObject => "body_must_be_object",
            Self::MissingPrompt => "missing_prompt",
            Self::PromptTooLong => "prompt_too_long",
            Self::InvalidField(_) => "invalid_field",
            Self::RateLimited(_) | Self::StoreLimited(_) => "rate_limited",
            Self::LimiterUnavailable => "limiter_unavailable",
            Self::MisconfiguredApiKey => "misconfigured_api_key",
            Self::CircuitOpen(_) | Self::UpstreamInvokeError => "upstream_invoke_error",
            Self::UpstreamFunctionError => "upstream_function_error",
            Self::UpstreamError => "upstream_error",
            Self::UpstreamEmptyResponse => "upstream_empty_response",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::InternalError => "internal_error",
        }
    }

    /// What a developer reads.
    pub fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::MisconfiguredProxy(mistakes) => return misconfigured(mistakes).into(),
            Self::NotFound => "There is nothing at this path. Chats go to /v1/concierge/chat.",
            Self::MethodNotAllowed(allowed) => {
                return format!("This path answers only {allowed}.").into();
            }
            Self::OriginNotAllowed => {
                "A request needs an Origin that may use the proxy. Its operator can add one to \
                 ALLOWED_ORIGINS."
            }
            Self::UnsupportedMediaType => "Send the body with Content-Type: application/json.",
            Self::BodyTooLarge => "The request body exceeds 8192 bytes.",
            Self::InvalidJsonBody => {
                "The request body is not valid JSON: it must be UTF-8, without half surrogate \
                 pairs, nested at most 64 deep."
            }
            Self::BodyMustBeObject => "The request body must be a JSON object.",
            Self::MissingPrompt => "The field prompt must be a text that is not empty.",
            Self::PromptTooLong => "The field prompt exceeds 2000 characters.",
            Self::InvalidField(InvalidField::SessionId) => {
                "The field session_id must be a text of at most 128 characters."
            }
            Self::InvalidField(InvalidField::Context) => {
                "The field context must be an object, with no number too large for a double."
            }
            Self::RateLimited(exceeded) => return rate_limited(exceeded).into(),
            Self::StoreLimited(limit) => {
                return format!(
                    "The store's rate limit is reached. Retry after {}s.",
                    limit.retry_after
                )
                .into();
            }
            Self::LimiterUnavailable => "The rate limiter did not answer. Retry in a few seconds.",
            Self::MisconfiguredApiKey => {
                "The assistant does not accept the store's API key. Its operator has to replace \
                 it."
            }
            Self::CircuitOpen(_) => "The assistant has failed of late. Retry in a few seconds.",
            Self::UpstreamInvokeError => "The assistant could not be reached.",
            Self::UpstreamFunctionError => "The assistant failed.",
            Self::UpstreamError => "The assistant answered with an error.",
            Self::UpstreamEmptyResponse => "The assistant gave no answer.",
            Self::UpstreamTimeout => "The assistant did not answer in time.",
            Self::InternalError => "The proxy failed. Report the request_id to its operator.",
        })
    }

    /// In how many seconds a retry may help, where that is known.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited(exceeded) => Some(exceeded.retry_after),
            Self::StoreLimited(limit) => Some(limit.retry_after),
            Self::CircuitOpen(seconds) => Some(*seconds),
            Self::LimiterUnavailable => Some(LIMITER_RETRY_AFTER),
            _ => None,
        }
    }

    /// The budget that refuses, as bodies and log lines name it.
    pub fn tier(&self) -> Option<&'static str> {
        match self {
            Self::RateLimited(exceeded) => Some(exceeded.tier.name()),
            Self::StoreLimited(_) => Some("store"),
            _ => None,
        }
    }

    /// The window that is full.
    pub fn limit_window(&self) -> Option<&'static str> {
        match self {
            Self::RateLimited(exceeded) => Some(exceeded.cap.window.name()),
            Self::StoreLimited(limit) => limit.window.map(Window::name),
            _ => None,
        }
    }

    /// The cap that is reached, where it is ours to tell.
    pub fn limit(&self) -> Option<u32> {
        match self {
            Self::RateLimited(exceeded) => Some(exceeded.cap.count),
            _ => None,
        }
    }
}

fn misconfigured(mistakes: &[Mistake]) -> String {
    let mut message = "The proxy is not set up".to_owned();
    for (index, mistake) in mistakes.iter().enumerate() {
        message += if index == 0 { ". " } else { "; " };
        message += &mistake.to_string();
    }
    message.push('.');
    message
}

fn rate_limited(exceeded: &Exceeded) -> String {
    let whose = match exceeded.tier {
        Tier::Shopper => "",
        Tier::Newcomer => " for new shoppers on this network",
        Tier::Network => " for this network",
    };
    format!(
        "Rate limit exceeded for window '{}' (cap {}{whose}). Retry after {}s.",
        exceeded.cap.window.name(),
        exceeded.cap.count,
        exceeded.retry_after
    )
}
