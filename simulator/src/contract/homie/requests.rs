//! The checks of a request's key, body and query.

use hyper::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::contract::homie::errors::Refusal;
use crate::contract::homie::settings::{Auth, Settings};
use crate::contract::request::Request;

/// The messages on a page of the history, if the request does not say.
const PAGE_SIZE: usize = 20;
const MAX_PAGE_SIZE: usize = 100;

/// Returns an error unless the request has one of the keys, in the right place.
pub fn key(settings: &Settings, request: &Request<'_>) -> Result<(), Refusal> {
    let known = |key: Option<&str>| key.is_some_and(|key| settings.keys.iter().any(|k| k == key));
    let own = known(request.header("x-api-key"));
    let token = known(request.bearer());
    let accepted = match settings.auth {
        Auth::XApiKey => own,
        Auth::Bearer => token,
        Auth::Either => own || token,
    };
    match accepted {
        true => Ok(()),
        false => Err(Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized")),
    }
}

/// The body of a request for a new chat.
pub struct Creation {
    pub chatbot: String,
    pub user: Option<String>,
}

pub fn creation(body: &[u8]) -> Result<Creation, Refusal> {
    let fields = object(body)?;
    let mut mistakes = Vec::new();
    let chatbot = fields.get("chatbotId").and_then(uuid_v4);
    if chatbot.is_none() {
        mistakes.push("chatbotId must be a UUID");
    }
    let user = fields.get("userId").filter(|id| !id.is_null());
    if user.is_some_and(|id| uuid_v4(id).is_none()) {
        mistakes.push("userId must be a UUID");
    }
    match (chatbot, mistakes.as_slice()) {
        (Some(chatbot), []) => Ok(Creation {
            chatbot,
            user: user.and_then(uuid_v4),
        }),
        _ => Err(invalid(mistakes)),
    }
}

/// Returns the shopper's message.
pub fn message(body: &[u8]) -> Result<String, Refusal> {
    let fields = object(body)?;
    let text = |name: &str| {
        let text = fields.get(name).and_then(Value::as_str);
        text.filter(|text| !text.trim().is_empty())
    };
    let mut mistakes = Vec::new();
    let message = text("message");
    if message.is_none() {
        mistakes.push("message should not be empty");
    }
    let url = text("currentUrl");
    if !url.is_some_and(|url| url.starts_with("https://") || url.starts_with("http://")) {
        mistakes.push("currentUrl must be a URL address");
    }
    match (message, mistakes.as_slice()) {
        (Some(message), []) => Ok(message.to_owned()),
        _ => Err(invalid(mistakes)),
    }
}

/// A page of the history. Pages are numbered from 1.
pub struct Page {
    pub number: usize,
    pub size: usize,
}

pub fn page(request: &Request<'_>) -> Result<Page, Refusal> {
    let number = |name: &str, usual: usize, most: usize| match request.parameter(name) {
        None => Some(usual),
        Some(text) => text.parse().ok().filter(|n| (1..=most).contains(n)),
    };
    let page = number("page", 1, usize::MAX);
    let size = number("size", PAGE_SIZE, MAX_PAGE_SIZE);
    match (page, size) {
        (Some(number), Some(size)) => Ok(Page { number, size }),
        (None, _) => Err(invalid(vec!["page must not be less than 1"])),
        (_, None) => Err(invalid(vec!["size must be from 1 to 100"])),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(invalid(vec!["the body must be an object"])),
        Err(error) => Err(Refusal::new(StatusCode::BAD_REQUEST, error.to_string())),
    }
}

fn invalid(mistakes: Vec<&'static str>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, mistakes)
}

/// Returns a text that is a UUID of version 4, as the contract says of all ids.
fn uuid_v4(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let id = Uuid::try_parse(text).ok()?;
    (id.get_version_num() == 4).then(|| text.to_owned())
}
