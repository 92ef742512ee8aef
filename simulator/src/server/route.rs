//! The routing of requests to answers.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use crate::catalogue::pictures;
use crate::catalogue::products::Product;
use crate::contract::answer::{Answer, Delivery};
use crate::contract::assistant::Assistant;
use crate::contract::note::{Note, Route};
use crate::contract::request::Request as Call;
use crate::contract::shop::Shop;
use crate::server::app::App;
use crate::server::control;
use crate::server::delivery::Outgoing;
use crate::server::encounter::Encounter;
use crate::server::record::{End, Ticket};
use crate::server::site::Site;

/// The largest body that a server accepts. Some contracts have a far lower limit.
const MAX_BODY: usize = 10 * 1024 * 1024;

const ABOUT: &str = "\
This is a simulator of shopping assistants' APIs, for development and tests.
Nothing here is for sale. Each API answers as its published contract says.
";

/// Answers one request. Returns an error if the connection has to break.
pub async fn respond(
    app: &App,
    site: &Site,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> io::Result<Response<Outgoing>> {
    let started = (app.now_ms)();
    let (parts, incoming) = request.into_parts();
    let control = app
        .control
        .as_ref()
        .filter(|_| parts.uri.path().starts_with(control::PREFIX));
    let place = Place::of(site, &parts);
    let ticket = match (&app.control, control) {
        (Some(control), None) => {
            let assistant = place.api.map(|(assistant, _)| assistant);
            Some(control.record.open(&parts, assistant, place.route))
        }
        _ => None,
    };

    let answer = match Limited::new(incoming, MAX_BODY).collect().await {
        Ok(collected) => {
            let body = collected.to_bytes();
            let note = place.note(&parts, &body);
            if let Some(ticket) = &ticket {
                ticket.body(&body, &note);
            }
            match control {
                Some(control) => control::answer(app, control, &parts, &body),
                None => route(app, site, &place, &parts, &body, &note, ticket.as_ref()).await,
            }
        }
        Err(error) if error.is::<LengthLimitError>() => match place.api {
            Some((assistant, _)) => assistant.dressed(assistant.too_large()),
            None => Answer::text(StatusCode::PAYLOAD_TOO_LARGE, "Too large.\n"),
        },
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

/// What a request's head leads to.
struct Place<'a> {
    /// The assistant, and the path within its API.
    api: Option<(Assistant, &'a str)>,
    /// The endpoint. `None` if the API has no such path.
    route: Option<Route>,
}

impl<'a> Place<'a> {
    fn of(site: &Site, parts: &'a Parts) -> Self {
        let api = site.mount.find(parts.uri.path());
        let route = api.and_then(|(assistant, path)| assistant.route(&parts.method, path));
        Self { api, route }
    }

    fn note(&self, parts: &Parts, body: &[u8]) -> Note {
        match (self.api, self.route) {
            (Some((assistant, path)), Some(_)) => assistant.note(&call(parts, path, body)),
            _ => Note::default(),
        }
    }
}

/// Returns a request as its contract sees it. `path` is the one within the assistant's API.
fn call<'a>(parts: &'a Parts, path: &'a str, body: &'a [u8]) -> Call<'a> {
    Call {
        method: &parts.method,
        path,
        query: parts.uri.query(),
        headers: &parts.headers,
        body,
    }
}

async fn route(
    app: &App,
    site: &Site,
    place: &Place<'_>,
    parts: &Parts,
    body: &Bytes,
    note: &Note,
    ticket: Option<&Ticket>,
) -> Answer {
    let api = place
        .api
        .and_then(|(assistant, path)| Some((app.api(assistant)?, path)));
    if let (Some((api, path)), Some(route)) = (api, place.route) {
        let assistant = api.assistant();
        let shop = Shop {
            catalogue: &app.catalogue,
            storefront: &app.storefront,
            url: &site.url,
            now_ms: (app.now_ms)(),
        };
        let call = call(parts, path, body);
        let encounter = Encounter {
            control: app.control.as_ref(),
            url: &site.url,
            headers: &parts.headers,
            assistant,
            endpoint: route.endpoint,
            note,
            ticket,
        };
        return assistant.dressed(api.answer(shop, &call, encounter).await);
    }
    let path = parts.uri.path();
    let readable = matches!(parts.method, Method::GET | Method::HEAD);
    if readable && path == "/" {
        return Answer::text(StatusCode::OK, ABOUT);
    }
    let pictured = path
        .strip_prefix("/pictures/")
        .and_then(|name| name.strip_suffix(".svg"))
        .and_then(|handle| app.catalogue.by_handle(handle));
    match (pictured.filter(|_| readable), place.api) {
        (Some(product), _) => picture(product),
        (None, Some((assistant, path))) => assistant.dressed(assistant.stray(&parts.method, path)),
        (None, None) => Answer::text(StatusCode::NOT_FOUND, "There is nothing here.\n"),
    }
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
    let mut answer = answer.finished(method);
    let mut response = Response::new(());
    *response.status_mut() = answer.status;
    *response.headers_mut() = std::mem::take(&mut answer.headers);
    Ok(response.map(|()| Outgoing::new(answer, reset, ticket)))
}
