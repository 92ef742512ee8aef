//! One line a request: what became of it, and never what was said in it.
//!
//! There is no prompt, address, pass, query string or key in a line, because there is no field
//! that could hold one.

use serde::Serialize;

/// The outcome of a chat that went well.
pub const OK: &str = "ok";
/// The outcome where the shopper went away before the answer began.
pub const SHOPPER_LEFT: &str = "shopper_left";

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
    /// Of these, waiting for the upstream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_ms: Option<u64>,
    /// The status of the upstream's error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_status: Option<u16>,
    /// The upstream's own id of the request, where it refused with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream_request_id: Option<&'a str>,
    /// The budget that refused, and its window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<&'a str>,
    /// The window of that budget.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<&'a str>,
    /// A keyed hash of the shopper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shopper: Option<&'a str>,
    /// The beginning of the home's name, itself a keyed hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home: Option<&'a str>,
    /// What the merchant has to know: which settings are wrong, or why something failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<&'a str>,
}

impl Line<'_> {
    /// The line, as JSON.
    pub fn to_json(&self) -> String {
        // Texts and numbers always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}
