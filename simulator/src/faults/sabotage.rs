//! The effect of each fault on an answer.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderValue};
use serde_json::json;
use uuid::Uuid;

use crate::contract::answer::{Answer, Delivery};
use crate::contract::errors::Code;
use crate::contract::published::{BreachFields, Envelope};
use crate::faults::fault::Fault;
use crate::faults::stream;

/// The parts of a request that a fault may use.
pub struct Victim<'a> {
    pub headers: &'a HeaderMap,
    /// The address of this simulator.
    pub url: &'a str,
}

impl Victim<'_> {
    fn key(&self) -> String {
        let key = self.headers.get("x-api-key");
        key.map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned())
            .unwrap_or_default()
    }

    /// Returns a message that must not reach a page. It contains markup and the caller's key.
    fn hostile_message(&self) -> String {
        let key = self.key();
        format!("<script>alert('upstream')</script><b>Engine failure</b> for x-api-key {key}")
    }
}

/// Applies a fault.
///
/// `good` asks the engine and returns its answer. Only the faults that need this answer call it,
/// because an engine that was not reached must remember nothing.
pub async fn apply(fault: Fault, victim: Victim<'_>, good: impl FnOnce() -> Answer) -> Answer {
    match fault {
        Fault::Nothing => good(),
        Fault::Delay(time) => {
            tokio::time::sleep(time).await;
            good()
        }
        Fault::HangBefore => std::future::pending().await,
        Fault::HangAfter => good().delivered(Delivery::HangAfterHalf),
        Fault::Trickle(pause) => good().delivered(Delivery::Trickle(pause)),
        Fault::ResetBefore => bare(StatusCode::OK).delivered(Delivery::ResetAtOnce),
        Fault::ResetAfter => good().delivered(Delivery::ResetAfterHalf),
        Fault::Truncated => good().delivered(Delivery::CutAfterHalf),
        Fault::NotJson => Answer::text(StatusCode::OK, "The engine is warming up.\n"),
        Fault::JsonAsHtml => good().with("content-type", "text/html; charset=utf-8"),
        Fault::BrokenJson => {
            let mut answer = good();
            answer.body.truncate(answer.body.len() / 2);
            answer
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
        Fault::Error(code) => hostile_error(code, &victim),
        Fault::UnknownError => error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "engine_out_of_ideas",
            &victim.hostile_message(),
        ),
        Fault::Oversized(size) => padded(good(), size),
        Fault::OversizedError(size) => {
            let code = Code::UpstreamFunctionError;
            error(code.status(), code.name(), &"x".repeat(size))
        }
        Fault::Gzip => compressed(good()),
        Fault::Headers => hostile_headers(good(), &victim),
        Fault::Status(status) => {
            page(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
        }
        Fault::BadRetryAfter => {
            let answer = hostile_error(Code::RateLimited, &victim);
            answer.with("retry-after", "in a while, <b>perhaps</b>; -1e999")
        }
        Fault::NoRequestId => {
            let code = Code::UpstreamFunctionError;
            let body = Envelope::new(code.name(), code.message(), "<i>req 17</i>");
            Answer::json(code.status(), &body)
        }
        Fault::KeyEcho => Answer::text(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("Traceback: x-api-key={}\n", victim.key()),
        )
        .with("x-debug-key", &victim.key()),
        Fault::Quota(remaining) => good()
            .with("x-ratelimit-limit", "500")
            .with("x-ratelimit-remaining", &remaining.to_string())
            .with("x-ratelimit-window", "hour")
            .with("x-ratelimit-tier", "trial"),
        Fault::Stream(pause) => stream::of(good()).delivered(Delivery::Events(pause)),
        Fault::StreamCut => stream::of(good()).delivered(Delivery::CutInThirdEvent),
        Fault::StreamStall => stream::of(good()).delivered(Delivery::HangAfterTwoEvents),
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

fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    let request_id = Uuid::new_v4().to_string();
    Answer::json(status, &Envelope::new(code, message, &request_id))
}

fn hostile_error(code: Code, victim: &Victim<'_>) -> Answer {
    let message = victim.hostile_message();
    let request_id = Uuid::new_v4().to_string();
    let mut body = Envelope::new(code.name(), &message, &request_id);
    match code {
        Code::UpstreamError => {
            body.detail = Some(json!({ "engine": { "trace": [message, null, 7] } }));
            Answer::json(code.status(), &body)
        }
        Code::RateLimited => {
            body.breach = Some(BreachFields {
                limit_window: "minute",
                limit: 30,
                tier: "trial",
            });
            Answer::json(code.status(), &body).with("retry-after", "18")
        }
        _ => Answer::json(code.status(), &body),
    }
}

/// Pads the message of a good answer until the body has this size.
fn padded(mut answer: Answer, size: usize) -> Answer {
    const FIELD: &[u8] = b"\"message\":\"";
    let missing = size.saturating_sub(answer.body.len());
    let place = answer
        .body
        .windows(FIELD.len())
        .position(|bytes| bytes == FIELD);
    if let Some(place) = place {
        let (before, after) = answer.body.split_at(place + FIELD.len());
        answer.body = [before, &vec![b'x'; missing], after].concat().into();
    }
    answer
}

fn compressed(mut answer: Answer) -> Answer {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let zipped = encoder
        .write_all(&answer.body)
        .and_then(|()| encoder.finish());
    // Writing to memory cannot fail.
    answer.body = zipped.unwrap_or_default().into();
    answer.with("content-encoding", "gzip")
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
