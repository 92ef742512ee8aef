//! The record's entry for one request.

use hyper::http::request::Parts;
use serde::Serialize;

use crate::contract::assistant::Assistant;
use crate::contract::note::{Note, Route};
use crate::contract::request::bearer;

/// The number of bytes kept of each body.
const BODY_KEPT: usize = 16 * 1024;
/// The number of characters kept of a prompt in a short entry.
const PROMPT_KEPT: usize = 60;
/// The number of characters kept of a session id. Usual ids are far shorter.
const SESSION_KEPT: usize = 256;
/// The number of characters kept from the end of a key. They are enough to tell keys apart.
const KEY_KEPT: usize = 6;

/// The short part of an entry. It is small enough to keep for very many requests.
#[derive(Serialize)]
pub struct Brief {
    /// The assistant that the path belongs to.
    pub assistant: Option<&'static str>,
    /// The endpoint. `None` if the API has no such path.
    pub endpoint: Option<&'static str>,
    pub path: String,
    /// The id of the conversation, whatever the assistant calls it, or of the person, for Omi.
    pub session_id: Option<String>,
    /// The shopper's message, whatever the assistant calls it, or the text of a write.
    pub prompt: Option<String>,
    /// The end of the key. The record does not contain the rest.
    pub key: Option<String>,
    /// The status. `None` until an answer has begun.
    pub status: Option<u16>,
    /// Whether the client left before the whole answer was sent.
    pub aborted: bool,
    /// Whether the whole answer was sent, with any status.
    pub whole: bool,
    pub fault: Option<String>,
    /// The time when the head arrived, in milliseconds since 1970.
    pub at: u64,
    pub ended_ms: Option<u64>,
}

/// The long part of an entry.
#[derive(Serialize)]
pub struct Detail {
    method: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
}

/// The whole entry.
#[derive(Serialize)]
pub struct Entry {
    #[serde(skip)]
    pub is_chat: bool,
    #[serde(flatten)]
    pub brief: Brief,
    /// The long part. It is dropped when the entry is old.
    #[serde(flatten)]
    pub detail: Option<Detail>,
}

impl Entry {
    pub fn new(parts: &Parts, assistant: Option<Assistant>, route: Option<Route>, at: u64) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect();
        let key = parts.headers.get("x-api-key");
        let key = key
            .map(|key| text(key.as_bytes()))
            .or_else(|| bearer(&parts.headers).map(str::to_owned));
        Self {
            is_chat: route.is_some_and(|route| route.is_chat),
            brief: Brief {
                assistant: assistant.map(Assistant::name),
                endpoint: route.map(|route| route.endpoint),
                path: parts.uri.path().to_owned(),
                session_id: None,
                prompt: None,
                key: key.map(|key| end(&key)),
                status: None,
                aborted: false,
                whole: false,
                fault: None,
                at,
                ended_ms: None,
            },
            detail: Some(Detail {
                method: parts.method.to_string(),
                query: parts.uri.query().map(str::to_owned),
                headers,
                body: String::new(),
            }),
        }
    }

    pub fn body(&mut self, body: &[u8], note: &Note) {
        self.brief.prompt = start(note.text.as_deref(), PROMPT_KEPT);
        self.brief.session_id = start(note.conversation.as_deref(), SESSION_KEPT);
        if let Some(detail) = &mut self.detail {
            let kept = body.get(..BODY_KEPT).unwrap_or(body);
            detail.body = String::from_utf8_lossy(kept).into_owned();
        }
    }
}

/// Returns the first characters of a text.
fn start(text: Option<&str>, length: usize) -> Option<String> {
    Some(text?.chars().take(length).collect())
}

fn end(key: &str) -> String {
    let before = key.chars().count().saturating_sub(KEY_KEPT);
    key.chars().skip(before).collect()
}
