//! The replies to browsers, down to each header.

mod standing;

pub use standing::{DryRun, Quota};

use serde::Serialize;

use crate::contract::events;
use crate::headers::Headers;
use crate::media_type::MediaType;
use crate::refusal::Refusal;
use standing::push_standing;

/// How long a browser may cache a preflight, in seconds.
///
/// It is the longest that Chromium allows.
const PREFLIGHT_MAX_AGE: &str = "7200";

const NO_STORE: &str = "no-store";
/// A change of the assistant shows within five minutes.
const CAPABILITIES_CACHING: &str = "public, max-age=300";

/// The text format of Prometheus, version 0.0.4.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The headers that are exposed to a page.
///
/// Every page may also read the CORS-safelisted response-header names (Fetch standard).
const EXPOSED_HEADERS: &str = "X-Request-Id, Allow, Retry-After, Shopper-Pass, X-RateLimit-Limit, \
     X-RateLimit-Remaining, X-RateLimit-Window, X-RateLimit-Tier, X-RateLimit-Dry-Run, RateLimit, \
     RateLimit-Policy, Server-Timing";

/// An answer to a browser.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

/// Where a reply's body comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Body {
    /// No body.
    Empty,
    /// This text.
    Text(String),
    /// The upstream's body, unchanged.
    Upstream,
}

/// What a reply has to know about its request.
#[derive(Debug, Clone, Copy)]
pub struct ReplyContext<'a> {
    /// The page's origin, if the page may read the reply.
    pub origin: Option<&'a str>,
    /// Our id of the request.
    pub request_id: &'a str,
    /// Where the time went.
    pub timing: Timing,
}

/// Where the time of a request went, in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timing {
    /// The time that the limiter took, if it was asked.
    pub limiter: Option<u64>,
    /// The time that the upstream took, if anything was sent there.
    pub upstream: Option<u64>,
    /// The total time.
    pub total: u64,
}

impl Reply {
    /// Adds a pass to the JSON of an answer, where its header may not arrive.
    pub fn add_pass(&mut self, pass: &str) {
        if let Body::Text(json) = &mut self.body
            && let Some(object) = json.trim_end().strip_suffix('}')
        {
            let comma = if object.ends_with('{') { "" } else { "," };
            *json = format!("{object}{comma}\"shopper_pass\":\"{pass}\"}}");
        }
    }
}

/// Returns the answer to a preflight (Fetch standard, CORS protocol).
pub fn preflight(context: ReplyContext<'_>) -> Reply {
    let mut headers = base(context);
    headers.push("Access-Control-Allow-Methods", "POST");
    headers.push(
        "Access-Control-Allow-Headers",
        "Content-Type, Shopper-Pass, Authorization",
    );
    headers.push("Access-Control-Max-Age", PREFLIGHT_MAX_AGE);
    Reply {
        status: 204,
        headers,
        body: Body::Empty,
    }
}

/// Returns the reply to a shopper who has left, which nobody reads.
///
/// Web servers log this status in that case.
pub fn unread(context: ReplyContext<'_>) -> Reply {
    Reply {
        status: 499,
        headers: base(context),
        body: Body::Empty,
    }
}

/// Returns the answer to a webhook that has been taken.
pub fn taken(context: ReplyContext<'_>) -> Reply {
    Reply {
        status: 204,
        headers: base(context),
        body: Body::Empty,
    }
}

/// Returns the answer of a worker whose settings are valid.
pub fn healthy(context: ReplyContext<'_>, dry_run: bool) -> Reply {
    let json = if dry_run {
        r#"{"status":"ok","limits":"dry_run"}"#
    } else {
        r#"{"status":"ok"}"#
    };
    text(200, base(context), json.to_owned())
}

/// Returns the reply to a chat: the upstream's body, and none of its headers.
pub fn chat(
    context: ReplyContext<'_>,
    status: u16,
    media_type: MediaType,
    quota: Option<Quota>,
    new_pass: Option<&str>,
) -> Reply {
    let mut headers = start(context);
    // No intermediary may hold back or change a stream of events.
    let caching = match media_type {
        MediaType::EventStream => "no-cache, no-transform",
        MediaType::Json => NO_STORE,
    };
    headers.push("Cache-Control", caching);
    headers.push("Content-Type", media_type.name());
    push_timing(&mut headers, context.timing);
    push_standing(&mut headers, quota, None, new_pass);
    Reply {
        status,
        headers,
        body: Body::Upstream,
    }
}

/// Returns the reply to a request whose answer is translated.
pub fn answer(
    context: ReplyContext<'_>,
    status: u16,
    json: &str,
    quota: Option<Quota>,
    new_pass: Option<&str>,
) -> Reply {
    let mut headers = base(context);
    push_timing(&mut headers, context.timing);
    push_standing(&mut headers, quota, None, new_pass);
    text(status, headers, json.to_owned())
}

/// Returns the reply to a chat that is answered by events, with the events that are known.
pub fn events(
    context: ReplyContext<'_>,
    events: &str,
    quota: Option<Quota>,
    new_pass: Option<&str>,
) -> Reply {
    let mut reply = chat(context, 200, MediaType::EventStream, quota, new_pass);
    reply.body = Body::Text(events.to_owned());
    reply
}

/// Returns the refusal of a chat whose answer has begun, as its last event.
pub fn last_event(context: ReplyContext<'_>, refusal: &Refusal) -> Reply {
    Reply {
        status: refusal.status(),
        headers: base(context),
        body: Body::Text(events::event(
            "error",
            &envelope(refusal, context.request_id),
        )),
    }
}

/// Returns what the assistant can do, which pages may cache.
pub fn capabilities(context: ReplyContext<'_>, json: &str) -> Reply {
    let mut headers = start(context);
    headers.push("Cache-Control", CAPABILITIES_CACHING);
    text(200, headers, json.to_owned())
}

/// Returns what was counted, in the text format of Prometheus.
pub fn metrics(context: ReplyContext<'_>, text: &str) -> Reply {
    let mut headers = base(context);
    headers.push("Content-Type", METRICS_TYPE);
    Reply {
        status: 200,
        headers,
        body: Body::Text(text.to_owned()),
    }
}

/// Returns a refusal, in the documented envelope.
pub fn refusal(
    context: ReplyContext<'_>,
    refusal: &Refusal,
    request_id: Option<&str>,
    quota: Option<Quota>,
    new_pass: Option<&str>,
) -> Reply {
    let mut headers = base(context);
    if let Refusal::MethodNotAllowed(allowed) = refusal {
        headers.push("Allow", allowed);
    }
    if let Some(seconds) = refusal.retry_after() {
        headers.push("Retry-After", &seconds.to_string());
    }
    push_timing(&mut headers, context.timing);
    push_standing(&mut headers, quota, Some(refusal), new_pass);
    let body = envelope(refusal, request_id.unwrap_or(context.request_id));
    text(refusal.status(), headers, body)
}

/// Returns the event that ends a stream of events that was cut.
///
/// It begins with a blank line, because the stream may have been cut in the middle of an event.
pub fn error_event(request_id: &str) -> String {
    let data = envelope(&Refusal::UpstreamError, request_id);
    format!("\n\n{}", events::event("error", &data))
}

fn envelope(refusal: &Refusal, request_id: &str) -> String {
    let envelope = Envelope {
        error: refusal.code(),
        message: &refusal.message(),
        request_id,
        limit_window: refusal.limit_window(),
        limit: refusal.limit(),
        tier: refusal.tier(),
    };
    // Strings and numbers always serialise.
    serde_json::to_string(&envelope).unwrap_or_default()
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a str,
    message: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit_window: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<&'a str>,
}

fn text(status: u16, mut headers: Headers, text: String) -> Reply {
    headers.push("Content-Type", MediaType::Json.name());
    Reply {
        status,
        headers,
        body: Body::Text(text),
    }
}

fn base(context: ReplyContext<'_>) -> Headers {
    let mut headers = start(context);
    headers.push("Cache-Control", NO_STORE);
    headers
}

fn start(context: ReplyContext<'_>) -> Headers {
    let mut headers = Headers::default();
    headers.push("Vary", "Origin");
    headers.push("X-Request-Id", context.request_id);
    headers.push("X-Content-Type-Options", "nosniff");
    if let Some(origin) = context.origin {
        headers.push("Access-Control-Allow-Origin", origin);
        headers.push("Access-Control-Expose-Headers", EXPOSED_HEADERS);
    }
    headers
}

/// Adds `Server-Timing` (W3C), which the browser's developer tools show.
fn push_timing(headers: &mut Headers, timing: Timing) {
    let mut metrics = String::new();
    let known = [("limiter", timing.limiter), ("upstream", timing.upstream)];
    for (name, ms) in known {
        if let Some(ms) = ms {
            metrics += &format!("{name};dur={ms}, ");
        }
    }
    metrics += &format!("total;dur={}", timing.total);
    headers.push("Server-Timing", &metrics);
}
