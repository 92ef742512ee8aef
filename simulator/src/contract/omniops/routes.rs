//! The paths of the API, and what the record keeps of a request to it.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use crate::contract::answer::Answer;
use crate::contract::fields::Fields;
use crate::contract::note::{Note, Route, text_of};
use crate::contract::request::segments;

pub const ENDPOINTS: &[&str] = &["chat", "history"];

pub const FIELDS: Fields = Fields {
    replies: &["response", "message"],
    texts: &[
        "response",
        "message",
        "content",
        "title",
        "name",
        "shortDescription",
    ],
    links: &["source", "url", "permalink", "image", "images"],
    prices: &["price", "salePrice"],
    nullable: &[
        "image",
        "images",
        "price",
        "salePrice",
        "stockStatus",
        "shortDescription",
        "relevance",
    ],
    lists: &["products", "searchResults", "sources"],
};

/// An endpoint.
#[derive(Debug, PartialEq, Eq)]
pub enum Endpoint {
    Chat,
    /// The history of the conversation in the path.
    History(String),
}

impl Endpoint {
    pub fn find(method: &Method, path: &str) -> Option<Self> {
        let parts = segments(path);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match (method, parts.as_slice()) {
            (&Method::POST, ["api", "chat"]) => Some(Self::Chat),
            (&Method::GET, ["api", "conversations", id, "messages"]) => {
                Some(Self::History((*id).to_owned()))
            }
            _ => None,
        }
    }
}

pub fn find(method: &Method, path: &str) -> Option<Route> {
    let endpoint = Endpoint::find(method, path)?;
    let is_chat = endpoint == Endpoint::Chat;
    Some(Route {
        endpoint: if is_chat { "chat" } else { "history" },
        is_chat,
    })
}

pub fn note(method: &Method, path: &str, body: &[u8]) -> Note {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let conversation = match Endpoint::find(method, path) {
        Some(Endpoint::History(id)) => Some(id),
        _ => text_of(&body, "conversationId").or_else(|| text_of(&body, "conversation_id")),
    };
    Note {
        conversation,
        text: text_of(&body, "message"),
        hint: None,
    }
}

/// Answers a request to a path that the API does not have.
pub fn stray() -> Answer {
    Answer::json(StatusCode::NOT_FOUND, &json!({ "error": "Not found" }))
}

pub fn too_large() -> Answer {
    let body = json!({ "error": "Request body too large" });
    Answer::json(StatusCode::PAYLOAD_TOO_LARGE, &body)
}

/// Adds the headers of the server's framework. They must not reach a page.
pub fn dressed(answer: Answer) -> Answer {
    answer
        .with("x-powered-by", "Next.js")
        .with("x-vercel-id", "iad1::simulated")
}
