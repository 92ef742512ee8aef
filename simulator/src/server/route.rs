//! The routing of requests to answers.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use uuid::Uuid;

use crate::catalogue::pictures;
use crate::catalogue::products::Product;
use crate::contract::answer::{Answer, Delivery};
use crate::server::app::App;
use crate::server::chat;
use crate::server::control;
use crate::server::delivery::Outgoing;
use crate::server::record::{End, Ticket};

/// The largest body that the API gateway accepts. The contract's limit is far lower.
const GATEWAY_MAX_BODY: usize = 10 * 1024 * 1024;

/// The two documented paths of the endpoint.
const CHAT_PATHS: [&str; 2] = ["/v1/concierge/chat", "/staging/v1/concierge/chat"];

const ABOUT: &str = "\
This is a simulator of the concierge API, for development and tests.
Nothing here is for sale. POST /v1/concierge/chat answers as the published contract says.
";

/// Answers one request. Returns an error if the connection has to break.
pub async fn respond(
    app: &App,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> io::Result<Response<Outgoing>> {
    let started = (app.now_ms)();
    let (parts, incoming) = request.into_parts();
    let control = app
        .control
        .as_ref()
        .filter(|_| parts.uri.path().starts_with(control::PREFIX));
    let ticket = match (&app.control, control) {
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
                Some(control) => control::answer(app, control, &parts, &body),
                None => route(app, &parts, &body, ticket.as_ref()).await,
            }
        }
        Err(error) if error.is::<LengthLimitError>() => gateway_dress(Answer::gateway(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Request Too Long",
        )),
        Err(error) => return Err(io::Error::other(error)),
    };

    if app.verbose {
        let (method, path) = (&parts.method, parts.uri.path());
        let status = answer.status.as_u16();
        let took = (app.now_ms)().saturating_sub(started);
        eprintln!("{method} {path} {status} {took} ms");
    }
    send(answer, &parts.method, reset, ticket)
}

async fn route(app: &App, parts: &Parts, body: &Bytes, ticket: Option<&Ticket>) -> Answer {
    let path = parts.uri.path();
    let readable = matches!(parts.method, Method::GET | Method::HEAD);
    if is_chat(path) {
        return gateway_dress(chat::answer(app, parts, body, ticket).await);
    }
    if readable && path == "/" {
        return Answer::text(StatusCode::OK, ABOUT);
    }
    let pictured = path
        .strip_prefix("/pictures/")
        .and_then(|name| name.strip_suffix(".svg"))
        .and_then(|handle| app.catalogue.by_handle(handle));
    if let Some(product) = pictured.filter(|_| readable) {
        return picture(product);
    }
    gateway_dress(Answer::gateway(
        StatusCode::FORBIDDEN,
        "Missing Authentication Token",
    ))
}

fn picture(product: &Product) -> Answer {
    Answer::new(StatusCode::OK, "image/svg+xml", pictures::svg(product))
        .with("cache-control", "public, max-age=86400")
        .with("x-content-type-options", "nosniff")
}

/// Sends an answer on the connection.
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

/// Adds the headers that a gateway sends. They must not reach a page.
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
