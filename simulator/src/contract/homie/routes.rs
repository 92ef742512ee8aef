//! The paths of the API, and what the record keeps of a request to it.

use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::contract::answer::Answer;
use crate::contract::fields::Fields;
use crate::contract::homie::errors::Refusal;
use crate::contract::homie::settings::Events;
use crate::contract::note::{Note, Route, text_of};
use crate::contract::request::segments;

pub const ENDPOINTS: &[&str] = &["create", "message", "events", "history"];

pub const FIELDS: Fields = Fields {
    replies: &["content"],
    texts: &[
        "content",
        "suggestions",
        "designation",
        "brand",
        "category",
        "description",
        "recommendationText",
        "priceInfo",
        "title",
        "text",
        "value",
    ],
    links: &["uri", "url", "image"],
    prices: &["price"],
    nullable: &[
        "userId",
        "suggestions",
        "gtin",
        "brand",
        "designation",
        "uri",
        "url",
        "image",
        "price",
        "priceInfo",
        "currency",
        "availability",
        "category",
        "description",
        "recommendationText",
        "location",
        "flags",
        "prevPage",
        "nextPage",
        "toolName",
        "toolArgs",
        "toolResponse",
    ],
    lists: &["products"],
};

/// An endpoint, with the id of the chat in its path.
#[derive(Debug, PartialEq, Eq)]
pub enum Endpoint {
    Create,
    Message(String),
    History(String),
    /// The events of a chat, under one of the two paths.
    Events(String, Events),
}

impl Endpoint {
    pub fn find(method: &Method, path: &str) -> Option<Self> {
        let parts = segments(path);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ["v1", "chats", rest @ ..] = parts.as_slice() else {
            return None;
        };
        let chat = || rest.first().map(|id| (*id).to_owned());
        match (method, rest) {
            (&Method::POST, []) => Some(Self::Create),
            (&Method::POST, [_, "messages"]) => chat().map(Self::Message),
            (&Method::GET, [_, "messages"]) => chat().map(Self::History),
            (&Method::GET, [_, "events"]) => chat().map(|id| Self::Events(id, Events::Chat)),
            (&Method::GET, [_, "messages", "events"]) => {
                chat().map(|id| Self::Events(id, Events::Messages))
            }
            _ => None,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Message(_) => "message",
            Self::History(_) => "history",
            Self::Events(..) => "events",
        }
    }

    fn chat(self) -> Option<String> {
        match self {
            Self::Create => None,
            Self::Message(id) | Self::History(id) | Self::Events(id, _) => Some(id),
        }
    }
}

pub fn find(method: &Method, path: &str) -> Option<Route> {
    let endpoint = Endpoint::find(method, path)?;
    Some(Route {
        endpoint: endpoint.name(),
        is_chat: matches!(endpoint, Endpoint::Message(_)),
    })
}

pub fn note(method: &Method, path: &str, body: &[u8]) -> Note {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    Note {
        conversation: Endpoint::find(method, path).and_then(Endpoint::chat),
        text: text_of(&body, "message"),
        hint: None,
    }
}

/// Refuses a request to a path that the API does not have.
pub fn stray(method: &Method, path: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, format!("Cannot {method} {path}"))
}

pub fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "request entity too large")
}

/// Adds the headers of the server's framework. They must not reach a page.
pub fn dressed(answer: Answer) -> Answer {
    answer.with("x-powered-by", "Express")
}
