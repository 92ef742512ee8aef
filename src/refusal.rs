//! Every refusal: its status, its code, and the message that a developer reads.
//!
//! The policy:
//!
//! - Every refusal is the documented envelope, `{"error", "message", "request_id"}`. Its code is a
//!   documented one wherever one fits, and one of our own only where none does.
//! - A message is made here, from the code. It never quotes anything that a browser or an upstream
//!   sent, nor the value of a setting.
//! - A refusal says who can fix it. A 4xx is for the caller to fix, and a 429 by waiting for the
//!   time in `Retry-After`. A 500 is for the merchant to fix. With 502 to 504, the upstream or the
//!   limiter is at fault.
//! - The type cannot hold a status below 400.

mod field;
mod notice;

pub use field::InvalidField;

use std::borrow::Cow;

use crate::limits::protocol::Exceeded;
use crate::limits::{Tier, Window};
use crate::settings::Mistake;
use crate::token::Fault;

/// The wait after an object failed, in seconds.
///
/// It is long enough for a restarted object.
const OBJECT_RETRY_AFTER: u32 = 5;

/// Why a request is not answered with a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Settings are missing or wrong.
    MisconfiguredProxy(Vec<Mistake>),
    /// No such path.
    NotFound,
    /// The path does not allow this method, only the ones named here.
    MethodNotAllowed(&'static str),
    /// The page's origin is missing, or not on the merchant's list.
    OriginNotAllowed,
    /// The assistant does not offer what this path is for.
    NotOffered,
    /// The session id stands for no conversation of this shopper.
    SessionNotFound,
    /// The text stands for no page of products, or not any more.
    PageNotFound,
    /// The token does not allow what is asked for.
    InsufficientScope,
    /// omi.me does not allow it for this person.
    OmiNotEnabled,
    /// The same is under way under this idempotency key, for at most this many seconds.
    InProgress(u32),
    /// Nobody knows what became of it under this idempotency key.
    InDoubt,
    /// The body is not declared to be JSON.
    UnsupportedMediaType,
    /// The signature is not the one of the body or the query.
    InvalidSignature,
    /// The token does not say who the shopper is.
    InvalidShopperToken(Fault),
    /// The admin token is missing or wrong.
    InvalidAdminToken,
    /// No refusal of this id is known, or not any more.
    RequestNotFound,
    /// What was counted cannot be read.
    UsageUnavailable,
    /// A webhook's body is larger than 64 KiB.
    WebhookTooLarge,
    /// The body is larger than the contract allows.
    BodyTooLarge,
    /// The body is not JSON.
    InvalidJsonBody,
    /// The body is JSON but not an object.
    BodyMustBeObject,
    /// The prompt is missing, or has only white space.
    MissingPrompt,
    /// The prompt is longer than the contract allows.
    PromptTooLong,
    /// A field has the wrong type.
    InvalidField(InvalidField),
    /// One of our own budgets is spent.
    RateLimited(Exceeded),
    /// The store's own budget upstream is spent.
    StoreLimited(StoreLimit),
    /// The circuit is open, because the upstream has failed.
    ///
    /// A retry may help after this many seconds.
    CircuitOpen(u32),
    /// The limiter gave no answer, so nothing is let through.
    LimiterUnavailable,
    /// The upstream does not accept the key, or does not know what it stands for.
    MisconfiguredApiKey,
    /// The upstream could not be reached, or could not reach its engine.
    UpstreamInvokeError,
    /// The upstream's engine failed.
    UpstreamFunctionError,
    /// The upstream's engine, or the gateway in front of it, gave an error.
    UpstreamError,
    /// The upstream's engine gave an empty answer.
    UpstreamEmptyResponse,
    /// The upstream did not begin to answer in time.
    UpstreamTimeout,
    /// A fault of ours.
    InternalError,
}

/// What the upstream said about the store's budget.
///
/// How large that budget is stays private to the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreLimit {
    /// The window that is full, if the upstream named one.
    pub window: Option<Window>,
    /// The seconds until a retry may help.
    pub retry_after: u32,
}

impl Refusal {
    /// Returns the HTTP status, 400 or more.
    pub fn status(&self) -> u16 {
        match self {
            Self::BodyTooLarge
            | Self::InvalidJsonBody
            | Self::BodyMustBeObject
            | Self::MissingPrompt
            | Self::PromptTooLong
            | Self::InvalidField(_) => 400,
            Self::InvalidSignature | Self::InvalidShopperToken(_) | Self::InvalidAdminToken => 401,
            Self::OriginNotAllowed | Self::InsufficientScope | Self::OmiNotEnabled => 403,
            Self::NotFound
            | Self::NotOffered
            | Self::SessionNotFound
            | Self::PageNotFound
            | Self::RequestNotFound => 404,
            Self::MethodNotAllowed(_) => 405,
            Self::InProgress(_) | Self::InDoubt => 409,
            Self::WebhookTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited(_) | Self::StoreLimited(_) => 429,
            Self::MisconfiguredProxy(_) | Self::MisconfiguredApiKey | Self::InternalError => 500,
            Self::CircuitOpen(_)
            | Self::UpstreamInvokeError
            | Self::UpstreamFunctionError
            | Self::UpstreamError
            | Self::UpstreamEmptyResponse => 502,
            Self::LimiterUnavailable | Self::UsageUnavailable => 503,
            Self::UpstreamTimeout => 504,
        }
    }

    /// Returns the machine-readable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MisconfiguredProxy(_) => "misconfigured_proxy",
            Self::NotFound => "not_found",
            Self::NotOffered => "not_offered",
            Self::SessionNotFound => "session_not_found",
            Self::PageNotFound => "page_not_found",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::InsufficientScope => "insufficient_scope",
            Self::OmiNotEnabled => "omi_not_enabled",
            Self::InProgress(_) => "in_progress",
            Self::InDoubt => "in_doubt",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::InvalidSignature => "invalid_signature",
            Self::InvalidShopperToken(_) => "invalid_shopper_token",
            Self::InvalidAdminToken => "invalid_admin_token",
            Self::RequestNotFound => "request_not_found",
            Self::UsageUnavailable => "usage_unavailable",
            Self::WebhookTooLarge | Self::BodyTooLarge => "body_too_large",
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

    /// Returns the message that a developer reads.
    pub fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::MisconfiguredProxy(mistakes) => return misconfigured(mistakes).into(),
            Self::NotFound => "Not found. Send chats to /v1/concierge/chat.",
            Self::NotOffered => {
                "The store's assistant does not offer this. /v1/concierge/capabilities says what \
                 it does."
            }
            Self::SessionNotFound => {
                "There is no such conversation of this shopper. Send the session_id of the last answer, \
                 or begin a new one with a chat."
            }
            Self::PageNotFound => {
                "There is no such page any more. Send the next_page of an answer, or the chat again."
            }
            Self::MethodNotAllowed(allowed) => {
                return format!("This path allows only {allowed}.").into();
            }
            Self::OriginNotAllowed => {
                "The Origin header is missing or not allowed. The proxy's operator can add the \
                 origin to ALLOWED_ORIGINS."
            }
            Self::InsufficientScope => {
                "The shopper's token has no omi_uid, or its scope does not name this."
            }
            Self::OmiNotEnabled => {
                "omi.me does not allow this for the shopper. They must have enabled the app there, \
                 and the app must have the capability."
            }
            Self::InProgress(_) => {
                "The same is under way under this idempotency_key. Ask again in a moment."
            }
            Self::InDoubt => {
                "It may have been done under this idempotency_key, or not. Look at the list before you \
                 send it under another key."
            }
            Self::UnsupportedMediaType => "Send the body with Content-Type: application/json.",
            Self::InvalidSignature => "The signature does not belong to this request.",
            Self::InvalidShopperToken(fault) => fault.message(),
            Self::InvalidAdminToken => {
                "The Authorization header must be Bearer and the ADMIN_TOKEN."
            }
            Self::RequestNotFound => {
                "No refusal with this request_id is known. Only the last ones of a day are kept. A log line \
                 has limiter, shopper and budget instead."
            }
            Self::UsageUnavailable => "What was counted cannot be read. Retry in a few seconds.",
            Self::WebhookTooLarge => "The request body exceeds 65536 bytes.",
            Self::BodyTooLarge => "The request body exceeds 8192 bytes.",
            Self::InvalidJsonBody => {
                "The request body is not valid JSON. It must be UTF-8, without unpaired \
                 surrogates, and nested at most 64 levels deep."
            }
            Self::BodyMustBeObject => "The request body must be a JSON object.",
            Self::MissingPrompt => "The field prompt must be a non-empty string.",
            Self::PromptTooLong => "The field prompt exceeds 2000 characters.",
            Self::InvalidField(field) => field.message(),
            Self::RateLimited(exceeded) => return rate_limited(exceeded).into(),
            Self::StoreLimited(limit) => {
                return format!(
                    "The store's rate limit has been reached. Retry after {}s.",
                    limit.retry_after
                )
                .into();
            }
            Self::LimiterUnavailable => "The rate limiter did not answer. Retry in a few seconds.",
            Self::MisconfiguredApiKey => {
                "The assistant rejected the store's API key. The proxy's operator must replace it."
            }
            Self::CircuitOpen(_) => "The assistant has failed repeatedly. Retry in a few seconds.",
            Self::UpstreamInvokeError => "The assistant could not be reached.",
            Self::UpstreamFunctionError => "The assistant failed.",
            Self::UpstreamError => "The assistant answered with an error.",
            Self::UpstreamEmptyResponse => "The assistant returned an empty answer.",
            Self::UpstreamTimeout => "The assistant did not answer in time.",
            Self::InternalError => {
                "The proxy failed. Report the request_id to the proxy's operator."
            }
        })
    }

    /// Returns the seconds until a retry may help, if that is known.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited(exceeded) => Some(exceeded.retry_after),
            Self::StoreLimited(limit) => Some(limit.retry_after),
            Self::CircuitOpen(seconds) | Self::InProgress(seconds) => Some(*seconds),
            Self::LimiterUnavailable | Self::UsageUnavailable => Some(OBJECT_RETRY_AFTER),
            _ => None,
        }
    }

    /// Returns the budget that refuses, as bodies and log lines name it.
    pub fn tier(&self) -> Option<&'static str> {
        match self {
            Self::RateLimited(exceeded) => Some(exceeded.tier.name()),
            Self::StoreLimited(_) => Some("store"),
            _ => None,
        }
    }

    /// Returns the window that is full.
    pub fn limit_window(&self) -> Option<&'static str> {
        match self {
            Self::RateLimited(exceeded) => Some(exceeded.cap.window.name()),
            Self::StoreLimited(limit) => limit.window.map(Window::name),
            _ => None,
        }
    }

    /// Returns the cap that is reached, if it is ours to tell.
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
        Tier::Shopper | Tier::Done | Tier::Pending => "",
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
