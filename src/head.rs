//! The heads of the two messages that come in, a request's and an upstream's response's: the few
//! parts that decide anything, each head read once.

use crate::media_type::MediaType;

/// The parts of a request that are looked at before its body. Absent headers are empty texts,
/// except for `Origin`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestHead<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, as it was sent, without the query.
    pub path: &'a str,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// Whether `Access-Control-Request-Method` is there, which makes OPTIONS a preflight.
    pub asks_for_method: bool,
    /// `Content-Type`.
    pub content_type: &'a str,
    /// `Shopper-Pass`.
    pub pass: &'a str,
    /// The address that the platform vouches for, `CF-Connecting-IP`.
    pub address: &'a str,
}

/// The beginning of an upstream's response.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// The HTTP status.
    pub status: u16,
    /// What the body is, where the proxy knows the type.
    pub media_type: Option<MediaType>,
    /// Whether the response says that it has no body.
    pub is_empty: bool,
    /// How many bytes the body has, where that is known.
    pub length: Option<usize>,
    /// In how many seconds to come back, where the upstream says it in seconds.
    pub retry_after: Option<u32>,
    /// What is left of the store's hour.
    pub quota: Option<QuotaHeaders>,
}

/// What an upstream's answer says of the store's own hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaHeaders {
    /// How many requests an hour has.
    pub cap: u32,
    /// How many are left.
    pub remaining: u32,
}

impl<'a> RequestHead<'a> {
    /// The headers that are looked at, in the order in which `read` takes them.
    pub const HEADERS: [&'static str; 5] = [
        "Origin",
        "Access-Control-Request-Method",
        "Content-Type",
        "Shopper-Pass",
        "CF-Connecting-IP",
    ];

    /// Reads a head: the method, the absolute URL, and the headers, an absent one as an empty text.
    pub fn read(method: &'a str, url: &'a str, headers: [&'a str; 5]) -> Self {
        let [origin, asked_method, content_type, pass, address] = headers;
        Self {
            method,
            path: path(url),
            origin: Some(origin).filter(|origin| !origin.is_empty()),
            asks_for_method: !asked_method.is_empty(),
            content_type,
            pass,
            address,
        }
    }
}

impl ResponseHead {
    /// The headers that are looked at, in the order in which `read` takes them.
    pub const HEADERS: [&'static str; 6] = [
        "Content-Type",
        "Content-Length",
        "Content-Encoding",
        "Retry-After",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
    ];

    /// Reads a head: the status and the headers, an absent one as an empty text.
    pub fn read(status: u16, headers: [&str; 6]) -> Self {
        let [content_type, length, encoding, retry_after, cap, remaining] = headers;
        // Of a packed body only the packed length is known.
        let is_plain = matches!(encoding, "" | "identity");
        let quota = cap.parse().ok().zip(remaining.parse().ok());
        Self {
            status,
            media_type: MediaType::of(content_type),
            is_empty: length == "0",
            length: length.parse().ok().filter(|_| is_plain),
            retry_after: seconds(retry_after),
            quota: quota.map(|(cap, remaining)| QuotaHeaders { cap, remaining }),
        }
    }
}

/// The path of an absolute URL, which begins with the third slash.
fn path(url: &str) -> &str {
    let start = url.match_indices('/').nth(2);
    let path = start.and_then(|(at, _)| url.get(at..)).unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or_default()
}

/// A number of seconds. More digits than fit are a long time.
fn seconds(text: &str) -> Option<u32> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}
