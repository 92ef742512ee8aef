//! The paths of the API, and what the record keeps of a request to it.

use hyper::{Method, StatusCode};
use serde_json::Value;

use crate::contract::answer::Answer;
use crate::contract::fields::Fields;
use crate::contract::note::{Note, Route, text_of};
use crate::contract::request::segments;
use crate::contract::rewardsbot::errors::Refusal;

pub const ENDPOINTS: &[&str] = &[
    "chat",
    "pages",
    "clicks",
    "signup",
    "click-link",
    "spy",
    "offers",
    "discovery",
];

pub const FIELDS: Fields = Fields {
    replies: &["agent_reply"],
    texts: &[
        "agent_reply",
        "product_warning",
        "name",
        "description",
        "brand",
        "options",
        "query",
    ],
    links: &["direct_link", "detail_link", "image_url"],
    prices: &["value", "price"],
    nullable: &[
        "agent_reply",
        "product_warning",
        "refinement_result",
        "pagination",
        "name",
        "direct_link",
        "detail_link",
        "image_url",
        "value",
        "price",
        "description",
        "rebate_pct",
        "presentment_id",
        "merchant",
        "brand",
        "category",
        "currency",
        "on_sale",
    ],
    lists: &["search_results", "items"],
};

/// An endpoint, with what stands in its path.
#[derive(Debug, PartialEq, Eq)]
pub enum Endpoint {
    Chat(String),
    Pages {
        conversation: String,
        session: String,
        index: String,
    },
    Clicks(String),
    Signup(String),
    /// The click that a link makes, with the email in its URL.
    ClickLink(String),
    Spy(String),
    Offers,
    Discovery,
}

impl Endpoint {
    pub fn find(method: &Method, path: &str) -> Option<Self> {
        let parts = segments(path);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Some(match (method, parts.as_slice()) {
            (&Method::POST, ["chat", id]) => Self::Chat((*id).to_owned()),
            (
                &Method::GET,
                [
                    "inventory",
                    "ranking-sessions",
                    conversation,
                    session,
                    "pages",
                    index,
                ],
            ) => Self::Pages {
                conversation: (*conversation).to_owned(),
                session: (*session).to_owned(),
                index: (*index).to_owned(),
            },
            (&Method::POST, ["clickthrough", id]) => Self::Clicks((*id).to_owned()),
            (&Method::GET, ["clickthrough", id]) => Self::ClickLink((*id).to_owned()),
            (&Method::POST, ["signup", id]) => Self::Signup((*id).to_owned()),
            (&Method::GET, ["spy", id]) => Self::Spy((*id).to_owned()),
            (_, ["offers", ..]) => Self::Offers,
            (_, ["v1", "discovery", ..]) => Self::Discovery,
            _ => return None,
        })
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Chat(_) => "chat",
            Self::Pages { .. } => "pages",
            Self::Clicks(_) => "clicks",
            Self::Signup(_) => "signup",
            Self::ClickLink(_) => "click-link",
            Self::Spy(_) => "spy",
            Self::Offers => "offers",
            Self::Discovery => "discovery",
        }
    }

    fn conversation(self) -> Option<String> {
        match self {
            Self::Chat(id)
            | Self::Clicks(id)
            | Self::Signup(id)
            | Self::ClickLink(id)
            | Self::Spy(id) => Some(id),
            Self::Pages { conversation, .. } => Some(conversation),
            Self::Offers | Self::Discovery => None,
        }
    }
}

pub fn find(method: &Method, path: &str) -> Option<Route> {
    let endpoint = Endpoint::find(method, path)?;
    Some(Route {
        endpoint: endpoint.name(),
        is_chat: matches!(endpoint, Endpoint::Chat(_)),
    })
}

pub fn note(method: &Method, path: &str, body: &[u8]) -> Note {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    Note {
        conversation: Endpoint::find(method, path).and_then(Endpoint::conversation),
        text: text_of(&body, "chat"),
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

/// Adds the headers of the server. They must not reach a page.
pub fn dressed(answer: Answer) -> Answer {
    answer
        .with("server", "uvicorn")
        .with("x-process-time", "0.42")
}
