//! The paths of the API, and what the record keeps of a request to it.

use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::contract::fields::Fields;
use crate::contract::note::{Note, Route, text_of};
use crate::contract::omi::errors::Refusal;
use crate::contract::omi::settings::Capability;
use crate::contract::request::{Request, segments};

pub const ENDPOINTS: &[&str] = &[
    "create-conversations",
    "create-memories",
    "read-conversations",
    "read-memories",
];

/// A conversation's segments are not among the lists, because conversations are repeated already.
pub const FIELDS: Fields = Fields {
    replies: &["content", "text", "overview"],
    texts: &["content", "text", "title", "overview", "tags"],
    links: &[],
    prices: &[],
    nullable: &[
        "started_at",
        "finished_at",
        "title",
        "overview",
        "geolocation",
        "tags",
    ],
    lists: &["conversations", "memories"],
};

/// An endpoint: the app in its path, and the capability that it needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub app: String,
    pub capability: Capability,
}

impl Endpoint {
    pub fn find(method: &Method, path: &str) -> Option<Self> {
        let parts = segments(path);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let ["v2", "integrations", app, rest @ ..] = parts.as_slice() else {
            return None;
        };
        let capability = match (method, rest) {
            (&Method::POST, ["user", "conversations"]) => Capability::CreateConversations,
            (&Method::POST, ["user", "memories"]) => Capability::CreateMemories,
            (&Method::GET, ["conversations"]) => Capability::ReadConversations,
            (&Method::GET, ["memories"]) => Capability::ReadMemories,
            _ => return None,
        };
        Some(Self {
            app: (*app).to_owned(),
            capability,
        })
    }
}

/// Returns the name of the endpoint that needs a capability.
fn name(capability: Capability) -> &'static str {
    match capability {
        Capability::CreateConversations => "create-conversations",
        Capability::CreateMemories => "create-memories",
        Capability::ReadConversations => "read-conversations",
        Capability::ReadMemories => "read-memories",
    }
}

/// Returns the endpoint. None is a chat, because nobody answers what is stored.
pub fn find(method: &Method, path: &str) -> Option<Route> {
    let endpoint = Endpoint::find(method, path)?;
    Some(Route {
        endpoint: name(endpoint.capability),
        is_chat: false,
    })
}

/// Returns the person in place of a conversation, and the text or the first memory of a write.
pub fn note(request: &Request<'_>) -> Note {
    let body: Value = serde_json::from_slice(request.body).unwrap_or_default();
    let first = || text_of(body.get("memories")?.get(0)?, "content");
    Note {
        conversation: request.parameter("uid"),
        text: text_of(&body, "text").or_else(first),
        hint: None,
    }
}

/// Refuses a request to a path that the API does not have.
pub fn stray() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Not Found")
}

pub fn too_large() -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
}
