//! What the connections share, and the way from a request to its answer.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use uuid::Uuid;

use crate::answer::{Answer, Delivery};
use crate::catalogue::Catalogue;
use crate::control::Control;
use crate::delivery::Outgoing;
use crate::keys::Keys;
use crate::quota::Quota;
use crate::record::{End, Ticket};
use crate::server::Options;
use crate::session::Sessions;
use crate::{chat, control, pictures};

/// What an API gateway takes at most, long before the contract's own limit is looked at.
const GATEWAY_MAX_BODY: usize = 10 * 1024 * 1024;

/// The two documented addresses of the one endpoint.
const CHAT_PATHS: [&str; 2] = ["/v1/concierge/chat", "/staging/v1/concierge/chat"];

const ABOUT: &str = "\
This is a simulator of the concierge API, for development and tests.
Nothing here is for sale. POST /v1/concierge/chat answers as the published contract says.
";

/// The state of a running simulator.
pub struct App {
    pub url: String,
    pub storefront: String,
    pub keys: Keys,
    pub catalogue: Catalogue,
    pub quota: Mutex<Quota>,
    pub sessions: Mutex<Sessions>,
    /// Present only in a run with faults.
    pub control: Option<Control>,
    /// The clock, in milliseconds since 1970.
    pub now_ms: fn() -> u64,
    verbose: bool,
}

impl App {
    pub fn new(options: Options, url: String) -> io::Result<Self> {
        Ok(Self {
            url,
            storefront: options.storefront,
            keys: options.keys,
            catalogue: Catalogue::load()?,
            quota: Mutex::default(),
            sessions: Mutex::default(),
            control: options.faults.then(|| Control::new(now_ms, options.keep)),
            now_ms,
            verbose: options.verbose,
        })
    }

    /// Answers one request, or fails where the connection is to break.
    pub async fn respond(
        &self,
        request: Request<Incoming>,
        reset: Arc<AtomicBool>,
    ) -> io::Result<Response<Outgoing>> {
        let started = (self.now_ms)();
        let (parts, incoming) = request.into_parts();
        let control = self
            .control
            .as_ref()
            .filter(|_| parts.uri.path().starts_with(control::PREFIX));
        let ticket = match (&self.control, control) {
            (Some(control), None) => Some(control.record.open(&parts, is_chat(parts.uri.path()))),
            _ => None,
        };

        let answer = match Limited::new(incoming, GATEWAY_MAX_BODY).collect().await {
            Ok(collected) => {
                let body = collected.to_bytes();
                if let Some(ticket) = &ticket {
                    ticket.body(&body);
                }
                match control {
                    Some(control) => control.answer(self, &parts, &body),
                    None => self.route(&parts, &body, ticket.as_ref()).await,
                }
            }
            Err(error) if error.is::<LengthLimitError>() => gateway_dress(Answer::gateway(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request Too Long",
            )),
            Err(error) => return Err(io::Error::other(error)),
        };

        if self.verbose {
            let (method, path) = (&parts.method, parts.uri.path());
            let status = answer.status.as_u16();
            let took = (self.now_ms)().saturating_sub(started);
            eprintln!("{method} {path} {status} {took} ms");
        }
        send(answer, &parts.method, reset, ticket)
    }

    async fn route(&self, parts: &Parts, body: &Bytes, ticket: Option<&Ticket>) -> Answer {
        let path = parts.uri.path();
        let readable = matches!(parts.method, Method::GET | Method::HEAD);
        if is_chat(path) {
            return gateway_dress(chat::answer(self, parts, body, ticket).await);
        }
        if readable && path == "/" {
            return Answer::text(StatusCode::OK, ABOUT);
        }
        let picture = path
            .strip_prefix("/pictures/")
            .and_then(|name| name.strip_suffix(".svg"))
            .and_then(|handle| self.catalogue.by_handle(handle));
        if let Some(product) = picture.filter(|_| readable) {
            return pictures::answer(product);
        }
        gateway_dress(Answer::gateway(
            StatusCode::FORBIDDEN,
            "Missing Authentication Token",
        ))
    }
}

/// Hands an answer over to the connection.
fn send(
    answer: Answer,
    method: &Method,
    reset: Arc<AtomicBool>,
    mut ticket: Option<Ticket>,
) -> io::Result<Response<Outgoing>> {
    if answer.delivery == Delivery::ResetAtOnce {
        reset.store(true, Ordering::Relaxed);
        if let Some(ticket) = &mut ticket {
            ticket.end(End::Broken);
        }
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    if let Some(ticket) = &ticket {
        ticket.status(answer.status.as_u16());
    }
    let answer = answer.finished(method);
    let body = Outgoing::new(answer.body, answer.delivery, reset, ticket);
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    Ok(response)
}

fn is_chat(path: &str) -> bool {
    CHAT_PATHS.contains(&path)
}

/// Adds the headers by which a gateway gives itself away, and which are nobody else's business.
fn gateway_dress(answer: Answer) -> Answer {
    let id = Uuid::new_v4();
    let short = id.simple().to_string();
    answer
        .with("server", "awselb/2.0")
        .with("x-amzn-requestid", &id.to_string())
        .with("x-amz-apigw-id", short.get(..15).unwrap_or_default())
        .with("via", "1.1 sales-associate-gateway (CloudFront)")
        .and(
            "set-cookie",
            &format!("AWSALB={short}; Expires=Fri, 31 Dec 2027 23:59:59 GMT; Path=/"),
        )
}

/// Milliseconds since 1970 in UTC.
fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as u64)
}

/// A panic elsewhere leaves counters and lists that are still good to read.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
