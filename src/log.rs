//! The log: one line per request, with its outcome and never with its content.
//!
//! No line contains a prompt, address, pass, query string or key, because no field could hold one.

use serde::Serialize;

/// The outcome of a request that got what it asked for.
pub const OK: &str = "ok";
/// The end of an attempt that brought an answer.
pub const ANSWERED: &str = "answered";
/// The end of a request upstream that brought a part, such as a new chat's id.
pub const CONTINUED: &str = "continued";
/// The outcome if the shopper left before the answer began.
///
/// It is also the end of an attempt that was under way at that time.
pub const SHOPPER_LEFT: &str = "shopper_left";

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The severity.
    pub level: Level,
    /// One line of JSON.
    pub text: String,
}

/// The severity of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing is wrong.
    Info,
    /// The merchant should have a look.
    Warn,
    /// Something failed.
    Error,
}

/// What is known about a request at its end.
#[derive(Debug, Default, Serialize)]
pub struct Line<'a> {
    /// Our id, as in `X-Request-Id`.
    pub request_id: &'a str,
    /// `ok`, the refusal's code, or `shopper_left`.
    pub outcome: &'a str,
    /// What the merchant should be woken for, under a name that stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<&'a str>,
    /// What was asked for, if it was not a chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'a str>,
    /// The status of the reply, which nobody reads if the shopper has left.
    pub status: u16,
    /// The time from the arrival to the beginning of the reply, in milliseconds.
    pub total_ms: u64,
    /// The part of `total_ms` that was spent waiting for the limiter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limiter_ms: Option<u64>,
    /// The part of `total_ms` from the first request upstream to the last head or failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_ms: Option<u64>,
    /// The status of the upstream's error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<u16>,
    /// The upstream's own id of the request, if its refusal has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_request_id: Option<&'a str>,
    /// The requests upstream, in order.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    pub attempts: &'a [AttemptRecord],
    /// Whether the chat was refunded to its shopper's budget.
    #[serde(skip_serializing_if = "is_false")]
    pub refunded: bool,
    /// The budget that refused the chat, or would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<&'a str>,
    /// The window of that budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<&'a str>,
    /// Whether the budgets are only tried out. The chat of a full one is not refused then.
    #[serde(skip_serializing_if = "is_false")]
    pub dry_run: bool,
    /// A keyed hash of the shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shopper: Option<&'a str>,
    /// Whether the merchant knows the shopper.
    #[serde(skip_serializing_if = "is_false")]
    pub verified: bool,
    /// The limiter's name, itself a keyed hash of the network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limiter: Option<&'a str>,
    /// What the merchant must know: which settings are wrong, or why something failed.
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
    /// How it ended.
    pub ended: &'static str,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// Returns a notice that the upstream refuses a key, `current` or `next`.
pub fn key_refused(key: &str) -> Entry {
    Level::Warn.entry(format!("{{\"notice\":\"key_refused\",\"key\":\"{key}\"}}"))
}

/// Returns a notice that little is left of the store's hourly quota.
pub fn store_running_low(percent: u32, remaining: u32, cap: u32) -> Entry {
    Level::Warn.entry(format!(
        "{{\"notice\":\"store_running_low\",\"percent\":{percent},\"remaining\":{remaining},\"cap\":{cap}}}"
    ))
}

/// Returns a notice that an answer was cut after it had begun.
pub fn answer_cut(request_id: &str, reason: &str) -> Entry {
    Level::Error.entry(format!(
        "{{\"notice\":\"answer_cut\",\"request_id\":\"{request_id}\",\"reason\":\"{reason}\"}}"
    ))
}

/// Returns a notice that counts did not reach the object of their day.
pub fn counts_lost() -> Entry {
    Level::Warn.entry(r#"{"notice":"counts_lost"}"#.to_owned())
}

/// Returns a notice that an object could not write. The next one starts from what is stored.
pub fn storage_failed() -> Entry {
    Level::Error.entry(r#"{"notice":"storage_failed"}"#.to_owned())
}

/// Returns a notice that the merchant has lifted what held a shopper, if one is named, or a network.
pub fn lifted(
    request_id: &str,
    limiter: &str,
    shopper: Option<&str>,
    budget: &str,
    count: u32,
) -> Entry {
    let shopper = shopper.map_or_else(String::new, |name| format!(",\"shopper\":\"{name}\""));
    Level::Info.entry(format!(
        "{{\"notice\":\"lifted\",\"request_id\":\"{request_id}\",\"limiter\":\"{limiter}\"{shopper},\"budget\":\"{budget}\",\"count\":{count}}}"
    ))
}

/// Returns a notice of an event that the assistant has reported, with its figures, which are JSON.
pub fn webhook(event: &str, figures: impl Iterator<Item = (&'static str, String)>) -> Entry {
    let mut text = format!("{{\"notice\":\"webhook\",\"event\":\"{event}\"");
    for (name, figure) in figures {
        text += &format!(",\"{name}\":{figure}");
    }
    text.push('}');
    Level::Info.entry(text)
}

impl Level {
    fn entry(self, text: String) -> Entry {
        Entry { level: self, text }
    }
}

impl Line<'_> {
    /// Returns the line as a log entry.
    ///
    /// A reply of 500 or more is an error.
    pub fn to_entry(&self) -> Entry {
        let level = if self.status < 500 {
            Level::Info
        } else {
            Level::Error
        };
        level.entry(self.to_json())
    }

    /// Returns the line as JSON.
    pub fn to_json(&self) -> String {
        // Strings and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}
