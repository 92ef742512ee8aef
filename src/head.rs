//! The heads of the incoming messages: a browser's request and an upstream's response.
//!
//! Only the few parts that decide anything are read, and each head is read once.

use crate::app_proxy;
use crate::media_type::MediaType;

/// The parts of a request that are read before its body.
///
/// An absent header is an empty string, except for `Origin`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as it was sent, without the query.
    pub path: &'a str,
    /// The query as it was sent, without its `?`.
    pub query: &'a str,
    /// The origin of the page: `Origin`, or the worker's own for a page that got the worker's own.
    ///
    /// A browser sends no `Origin` with a GET to the page's own origin (Fetch, section 3.2). There
    /// `Sec-Fetch-Site: same-origin` says the same, and no page can set it (Fetch Metadata).
    pub origin: Option<&'a str>,
    /// Whether `Access-Control-Request-Method` is present, which makes OPTIONS a preflight.
    pub asks_for_method: bool,
    /// Whether `Accept` names a stream of events.
    pub accepts_events: bool,
    /// `Content-Type`.
    pub content_type: &'a str,
    /// `Shopper-Pass`.
    pub pass: &'a str,
    /// The address that the platform vouches for, `CF-Connecting-IP`.
    pub address: &'a str,
    /// `Authorization`.
    pub authorization: &'a str,
    /// `X-Forwarded-For`, which anybody can make up.
    pub forwarded: &'a str,
    /// The worker's own origin.
    pub own_origin: &'a str,
}

/// Which headers the settings make worth reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// Those with the tokens of shoppers whom the merchant's server vouches for, or of the merchant.
    pub tokens: bool,
    /// Those of requests that Shopify passes on.
    pub app_proxy: bool,
}

/// The parts of a response's head that are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body, if the proxy knows it.
    pub media_type: Option<MediaType>,
    /// Whether the response says that it has no body.
    pub is_empty: bool,
    /// How many bytes the body has, if that is known.
    pub length: Option<usize>,
    /// The wait before a retry, if the upstream gives it in seconds.
    pub retry_after: Option<u32>,
    /// When the upstream's limit ends, in the upstream's own unit.
    pub reset: Option<u64>,
    /// What is left of the store's hourly quota.
    pub quota: Option<QuotaHeaders>,
}

/// What an upstream's answer says about the store's hourly quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaHeaders {
    /// How many requests an hour allows.
    pub cap: u32,
    /// How many are left.
    pub remaining: u32,
}

impl<'a> RequestHead<'a> {
    /// The headers that may be read, in the order in which `read` takes them.
    pub const HEADERS: [&'static str; 9] = [
        "Access-Control-Request-Method",
        "Sec-Fetch-Site",
        "Origin",
        "Shopper-Pass",
        "CF-Connecting-IP",
        "Content-Type",
        "Accept",
        "Authorization",
        "X-Forwarded-For",
    ];

    /// Returns which of the headers are read.
    ///
    /// Each costs time, so one that decides nothing is left alone.
    pub fn reads(method: &str, url: &str, needs: Needs) -> [bool; 9] {
        let (get, post) = (matches!(method, "GET" | "HEAD"), method == "POST");
        let preflight = method == "OPTIONS";
        let asks = get || post;
        [
            preflight,
            get,
            true,
            asks,
            asks,
            post,
            post,
            asks && needs.tokens,
            asks && needs.app_proxy && app_proxy::is_claimed(query(url)),
        ]
    }

    /// Reads a head from the method, the absolute URL and the headers.
    ///
    /// An absent header is an empty string, and so is one that is not read.
    pub fn read(method: &'a str, url: &'a str, headers: [&'a str; 9]) -> Self {
        let [
            asked_method,
            site,
            origin,
            pass,
            address,
            content_type,
            accept,
            authorization,
            forwarded,
        ] = headers;
        let (own_origin, target) = split(url);
        let is_own_page = origin.is_empty() && site == "same-origin";
        let origin = if is_own_page { own_origin } else { origin };
        Self {
            method,
            path: path(target),
            query: query(target),
            origin: Some(origin).filter(|origin| !origin.is_empty()),
            asks_for_method: !asked_method.is_empty(),
            accepts_events: accepts(accept, MediaType::EventStream),
            content_type,
            pass,
            address,
            authorization,
            forwarded,
            own_origin,
        }
    }
}

impl ResponseHead {
    /// The headers that are read, in the order in which `read` takes them.
    ///
    /// The last two are read only if there is an error.
    pub const HEADERS: [&'static str; 7] = [
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "Retry-After",
        "X-RateLimit-Reset",
    ];

    /// Returns whether the body is a stream of events.
    pub fn is_stream_of_events(&self) -> bool {
        self.status == 200 && self.media_type == Some(MediaType::EventStream)
    }

    /// Returns how many of the headers are read under this status.
    pub const fn count(status: u16) -> usize {
        if status < 400 { 5 } else { 7 }
    }

    /// Reads a head from the status and the headers.
    ///
    /// An absent header is an empty string.
    pub fn read(status: u16, headers: [&str; 7]) -> Self {
        let [
            content_type,
            length,
            encoding,
            cap,
            remaining,
            retry_after,
            reset,
        ] = headers;
        // For a compressed body, only the compressed length is known.
        let is_plain = matches!(encoding, "" | "identity");
        let quota = cap.parse().ok().zip(remaining.parse().ok());
        Self {
            status,
            media_type: MediaType::of(content_type),
            is_empty: length == "0",
            length: length.parse().ok().filter(|_| is_plain),
            retry_after: seconds(retry_after),
            reset: reset.trim().parse().ok(),
            quota: quota.map(|(cap, remaining)| QuotaHeaders { cap, remaining }),
        }
    }
}

/// Returns whether an `Accept` names this type (RFC 9110, section 12.5.1).
///
/// A wildcard is not enough: every browser sends one. The weights do not matter.
fn accepts(accept: &str, media_type: MediaType) -> bool {
    accept
        .split(',')
        .any(|range| MediaType::of(range) == Some(media_type))
}

/// Splits an absolute URL before its path, which begins with the third slash.
fn split(url: &str) -> (&str, &str) {
    let start = url.match_indices('/').nth(2);
    start
        .and_then(|(at, _)| url.split_at_checked(at))
        .unwrap_or((url, "/"))
}

/// Returns the query of a URL, or an empty text if it has none.
fn query(target: &str) -> &str {
    let whole = target.split('#').next().unwrap_or_default();
    whole.split_once('?').map_or("", |(_, query)| query)
}

fn path(target: &str) -> &str {
    target.split(['?', '#']).next().unwrap_or_default()
}

/// Reads a number of seconds.
///
/// A number that does not fit counts as the longest time.
fn seconds(text: &str) -> Option<u32> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}
