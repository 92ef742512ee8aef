//! The record's entry for one request.

use hyper::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    pub path: String,
    pub session_id: Option<String>,
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

#[derive(Default, Deserialize)]
#[serde(default)]
struct Gist {
    prompt: Value,
    session_id: Value,
}

impl Entry {
    pub fn new(parts: &Parts, is_chat: bool, at: u64) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect();
        let key = parts.headers.get("x-api-key");
        Self {
            is_chat,
            brief: Brief {
                path: parts.uri.path().to_owned(),
                session_id: None,
                prompt: None,
                key: key.map(|key| end(&text(key.as_bytes()))),
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

    pub fn body(&mut self, body: &[u8]) {
        let kept = body.get(..BODY_KEPT).unwrap_or(body);
        if self.is_chat && kept.len() == body.len() {
            let gist: Gist = serde_json::from_slice(body).unwrap_or_default();
            self.brief.prompt = start(&gist.prompt, PROMPT_KEPT);
            self.brief.session_id = start(&gist.session_id, SESSION_KEPT);
        }
        if let Some(detail) = &mut self.detail {
            detail.body = String::from_utf8_lossy(kept).into_owned();
        }
    }
}

/// Returns the first characters of a value that is a string, and otherwise `None`.
fn start(value: &Value, length: usize) -> Option<String> {
    Some(value.as_str()?.chars().take(length).collect())
}

fn end(key: &str) -> String {
    let before = key.chars().count().saturating_sub(KEY_KEPT);
    key.chars().skip(before).collect()
}
