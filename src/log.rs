//! One line a request: what became of it, and never what was said in it.
//!
//! There is no prompt, address, pass, query string or key in a line, because there is no field
//! that could hold one.

use serde::Serialize;

/// The outcome of a chat that went well.
pub const OK: &str = "ok";
/// How an attempt ended that brought a chat.
pub const ANSWERED: &str = "answered";
/// The outcome where the shopper went away before the answer began, and the end of an attempt that
/// was under way then.
pub const SHOPPER_LEFT: &str = "shopper_left";

/// What the log is told at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How much it matters.
    pub level: Level,
    /// One line of JSON.
    pub text: String,
}

/// How much an entry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing is wrong.
    Info,
    /// The merchant should have a look.
    Warn,
    /// Something failed.
    Error,
}

/// What is known of a request at its end.
#[derive(Debug, Default, Serialize)]
pub struct Line<'a> {
    /// Our id, as in `X-Request-Id`.
    pub request_id: &'a str,
    /// `ok`, the refusal's code, or `shopper_left`.
    pub outcome: &'a str,
    /// The status of the reply, which nobody reads where the shopper has left.
    pub status: u16,
    /// From the arrival to the beginning of the reply, in milliseconds.
    pub total_ms: u64,
    /// Of these, waiting for the limiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limiter_ms: Option<u64>,
    /// Of these, from the first request upstream to the last answer's head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_ms: Option<u64>,
    /// The status of the upstream's error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<u16>,
    /// The upstream's own id of the request, where it refused with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_request_id: Option<&'a str>,
    /// The requests upstream, in order.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub attempts: &'a [AttemptRecord],
    /// Whether the chat was refunded to its shopper's budget.
    #[serde(skip_serializing_if = "is_false")]
    pub refunded: bool,
    /// The budget that refused, and its window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<&'a str>,
    /// The window of that budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<&'a str>,
    /// A keyed hash of the shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shopper: Option<&'a str>,
    /// The start of the limiter's name, itself a keyed hash of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limiter: Option<&'a str>,
    /// What the merchant has to know: which settings are wrong, or why something failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
}

/// One request upstream.
#[derive(Debug, Serialize)]
pub struct AttemptRecord {
    /// `primary` or `fallback`.
    pub url: &'static str,
    /// `current` or `next`.
    pub key: &'static str,
    /// Why it ended.
    pub ended: &'static str,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// A notice that the upstream refuses a key, `current` or `next`.
pub fn key_refused(key: &str) -> Entry {
    Level::Warn.entry(format!("{{\"notice\":\"key_refused\",\"key\":\"{key}\"}}"))
}

/// A notice that little is left of the store's hour.
pub fn store_running_low(percent: u32, remaining: u32, cap: u32) -> Entry {
    Level::Warn.entry(format!(
        "{{\"notice\":\"store_running_low\",\"percent\":{percent},\"remaining\":{remaining},\"cap\":{cap}}}"
    ))
}

/// A notice that an answer that had begun was not whole.
pub fn answer_cut(request_id: &str, reason: &str) -> Entry {
    Level::Error.entry(format!(
        "{{\"notice\":\"answer_cut\",\"request_id\":\"{request_id}\",\"reason\":\"{reason}\"}}"
    ))
}

impl Level {
    fn entry(self, text: String) -> Entry {
        Entry { level: self, text }
    }
}

impl Line<'_> {
    /// The line as the log is told it: a reply of 500 or more is a failure.
    pub fn to_entry(&self) -> Entry {
        let level = if self.status < 500 {
            Level::Info
        } else {
            Level::Error
        };
        level.entry(self.to_json())
    }

    /// The line, as JSON.
    pub fn to_json(&self) -> String {
        // Texts and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}
