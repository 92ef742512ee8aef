//! The effect of each fault on an answer.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::contract::answer::{Answer, Delivery};
use crate::contract::assistant::Assistant;
use crate::contract::request::bearer;
use crate::faults::fault::Fault;
use crate::faults::hostile;
use crate::faults::stream;

/// The parts of a request that a fault may use.
pub struct Victim<'a> {
    pub assistant: Assistant,
    pub headers: &'a HeaderMap,
    /// The address of this simulator.
    pub url: &'a str,
}

impl Victim<'_> {
    fn key(&self) -> String {
        let key = self.headers.get("x-api-key");
        key.map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned())
            .or_else(|| bearer(self.headers).map(str::to_owned))
            .unwrap_or_default()
    }

    /// Returns an error of the assistant's contract.
    fn error(&self, code: &str, message: &str) -> Answer {
        let answer = self.assistant.error(code, message);
        answer.unwrap_or_else(|| {
            let reason = format!("{} has no error '{code}'.\n", self.assistant);
            Answer::text(StatusCode::BAD_REQUEST, reason)
        })
    }

    /// Returns a message that must not reach a page. It contains markup and the caller's key.
    fn hostile_message(&self) -> String {
        let key = self.key();
        format!("<script>alert('upstream')</script><b>Engine failure</b> for x-api-key {key}")
    }
}

/// Applies a fault.
///
/// `good` asks the engine and returns its answer. Only the faults that need this answer await it,
/// because an engine that was not reached must remember nothing.
pub async fn apply(fault: Fault, victim: Victim<'_>, good: impl Future<Output = Answer>) -> Answer {
    let fields = victim.assistant.fields();
    match fault {
        Fault::Nothing => good.await,
        Fault::Delay(time) => {
            tokio::time::sleep(time).await;
            good.await
        }
        Fault::HangBefore => std::future::pending().await,
        Fault::HangAfter => good.await.delivered(Delivery::HangAfterHalf),
        Fault::Trickle(pause) => good.await.delivered(Delivery::Trickle(pause)),
        Fault::ResetBefore => bare(StatusCode::OK).delivered(Delivery::ResetAtOnce),
        Fault::ResetAfter => good.await.delivered(Delivery::ResetAfterHalf),
        Fault::Truncated => good.await.delivered(Delivery::CutAfterHalf),
        Fault::NotJson => Answer::text(StatusCode::OK, "The engine is warming up.\n"),
        Fault::JsonAsHtml => good.await.with("content-type", "text/html; charset=utf-8"),
        Fault::BrokenJson => {
            let half = |body: Bytes| body.slice(..body.len() / 2);
            good.await.edited(Box::new(half))
        }
        Fault::Empty => Answer::new(StatusCode::OK, "application/json", ""),
        Fault::EmptyChunked => {
            Answer::new(StatusCode::OK, "application/json", "").delivered(Delivery::NothingInChunks)
        }
        Fault::Html502 => page(StatusCode::BAD_GATEWAY),
        Fault::Html503 => page(StatusCode::SERVICE_UNAVAILABLE),
        Fault::Html504 => page(StatusCode::GATEWAY_TIMEOUT),
        Fault::Unavailable(seconds) => {
            Answer::gateway(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
                .with("retry-after", &seconds.to_string())
        }
        Fault::Gateway403 => Answer::gateway(StatusCode::FORBIDDEN, "Forbidden"),
        Fault::Gateway413 => Answer::gateway(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"),
        Fault::Gateway429 => Answer::gateway(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests"),
        Fault::Throttled(seconds) => {
            page(StatusCode::TOO_MANY_REQUESTS).with("retry-after", &seconds.to_string())
        }
        Fault::Redirect => {
            bare(StatusCode::FOUND).with("location", &format!("{}/stolen", victim.url))
        }
        Fault::Error(code) => victim.error(code, &victim.hostile_message()),
        Fault::UnknownError => victim.assistant.unknown_error(&victim.hostile_message()),
        Fault::Oversized(size) => {
            let replies = fields.replies;
            let edit = move |body: Bytes| padded(body, replies, size);
            good.await.edited(Box::new(edit))
        }
        Fault::OversizedError(size) => victim.error(victim.assistant.failure(), &"x".repeat(size)),
        Fault::Gzip => compressed(good.await),
        Fault::Headers => hostile_headers(good.await, &victim),
        Fault::Status(status) => {
            page(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Fault::BadRetryAfter => {
            let answer = victim.error(victim.assistant.busy(), &victim.hostile_message());
            answer.with("retry-after", "in a while, <b>perhaps</b>; -1e999")
        }
        Fault::NoRequestId => {
            let message = "The engine raised an unhandled error.";
            nameless(victim.error(victim.assistant.failure(), message))
        }
        Fault::KeyEcho => Answer::text(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("Traceback: x-api-key={}\n", victim.key()),
        )
        .with("x-debug-key", &victim.key()),
        Fault::Quota(remaining) => good
            .await
            .with("x-ratelimit-limit", "500")
            .with("x-ratelimit-remaining", &remaining.to_string())
            .with("x-ratelimit-window", "hour")
            .with("x-ratelimit-tier", "trial"),
        Fault::Stream(pause) => {
            stream::of(good.await, fields.replies).delivered(Delivery::Events(pause))
        }
        Fault::StreamCut => {
            stream::of(good.await, fields.replies).delivered(Delivery::CutInThirdEvent)
        }
        Fault::StreamStall => {
            stream::of(good.await, fields.replies).delivered(Delivery::HangAfterTwoEvents)
        }
        Fault::Hostile(kind) => {
            let mut change = hostile::Change::new(kind, fields);
            good.await.edited(Box::new(move |body| change.apply(body)))
        }
    }
}

fn bare(status: StatusCode) -> Answer {
    Answer::new(status, "", "")
}

/// Returns an HTML page like those of load balancers.
fn page(status: StatusCode) -> Answer {
    let body = format!(
        "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"
    );
    Answer::html(status, body)
}

/// Replaces the id of an error, if it has one, by one that is not an id.
fn nameless(answer: Answer) -> Answer {
    answer.edited(Box::new(|body| {
        let mut fields: Value = serde_json::from_slice(&body).unwrap_or_default();
        if let Some(id) = fields.get_mut("request_id") {
            *id = "<i>req 17</i>".into();
        }
        fields.to_string().into()
    }))
}

/// Pads the message of a good answer until the body has this size.
///
/// A body without a message gets a field for it. A body without fields is filled up.
fn padded(body: Bytes, replies: &[&str], size: usize) -> Bytes {
    const FIELD: &[u8] = b"\"padding\":\"";
    // No comma follows the only field.
    let end: &[u8] = match body.as_ref() {
        b"{}" => b"\"",
        _ => b"\",",
    };
    let missing = size.saturating_sub(body.len());
    let place = replies
        .iter()
        .find_map(|name| end_of(&body, format!("\"{name}\":\"").as_bytes()));
    let (place, padding) = match (place, end_of(&body, b"{")) {
        (Some(place), _) => (place, b"x".repeat(missing)),
        (None, Some(place)) => {
            let filler = b"x".repeat(missing.saturating_sub(FIELD.len() + end.len()));
            (place, [FIELD, &filler, end].concat())
        }
        (None, None) => (body.len(), b"x".repeat(missing)),
    };
    let (before, after) = body.split_at(place);
    [before, &padding, after].concat().into()
}

/// Returns the place after the first occurrence of some bytes.
fn end_of(body: &[u8], bytes: &[u8]) -> Option<usize> {
    let place = body.windows(bytes.len()).position(|own| own == bytes)?;
    Some(place + bytes.len())
}

fn compressed(answer: Answer) -> Answer {
    // The encoder goes on from event to event. Writing to memory cannot fail.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let is_stream = answer.live.is_some();
    let zip = move |body: Bytes| {
        let _ = encoder.write_all(&body);
        let _ = match is_stream {
            true => encoder.flush(),
            false => encoder.try_finish(),
        };
        std::mem::take(encoder.get_mut()).into()
    };
    answer
        .edited(Box::new(zip))
        .with("content-encoding", "gzip")
}

fn hostile_headers(answer: Answer, victim: &Victim<'_>) -> Answer {
    let many = (0..20).fold(answer, |answer, number| {
        answer.and(
            "set-cookie",
            &format!("stolen{number}=yes; Path=/; SameSite=None"),
        )
    });
    let key = HeaderValue::from_str(&victim.key());
    let mut answer = many
        .with("server", "secret-internal-host/1.0")
        .with("x-powered-by", "secret-engine")
        .with("access-control-allow-origin", "*")
        .with("access-control-allow-credentials", "true")
        .with("access-control-expose-headers", "*")
        .with("x-request-id", "not-the-proxys-own")
        .with("content-security-policy", "default-src *")
        .with("clear-site-data", "\"*\"")
        .with("refresh", "0; url=https://attacker.example/")
        .with("link", "<https://attacker.example/x.css>; rel=stylesheet")
        .with("strict-transport-security", "max-age=0")
        .with("cache-control", "public, max-age=31536000")
        .with("age", "12")
        .with("etag", "\"good\"")
        .with("vary", "*")
        .with("content-disposition", "attachment; filename=answer.exe")
        .with("content-location", "https://attacker.example/")
        .with("www-authenticate", "Basic realm=\"shop\"")
        .with("report-to", "{\"url\":\"https://attacker.example/\"}")
        .with("nel", "{\"report_to\":\"x\"}")
        .with("alt-svc", "h3=\"attacker.example:443\"")
        .with("service-worker-allowed", "/")
        .with("x-frame-options", "ALLOWALL")
        .with("retry-after", "86400");
    if let Ok(key) = key {
        answer.headers.insert("x-api-key", key);
    }
    answer
}
