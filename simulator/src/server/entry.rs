//! What the record keeps of one request.

use hyper::http::request::Parts;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The bytes kept of each body.
const BODY_KEPT: usize = 16 * 1024;
/// The characters kept of a prompt in a short entry.
const PROMPT_KEPT: usize = 60;
/// The characters kept of a session id. A usual one is far shorter.
const SESSION_KEPT: usize = 256;
/// The characters kept of a key, at its end: enough to tell keys apart.
const KEY_KEPT: usize = 6;

/// The short part of an entry, small enough to be kept for very many requests.
#[derive(Serialize)]
pub struct Brief {
    pub path: String,
    pub session_id: Option<String>,
    pub prompt: Option<String>,
    /// The end of the key. The rest is not recorded.
    pub key: Option<String>,
    /// Absent until an answer has begun.
    pub status: Option<u16>,
    /// Whether the client left before the answer was whole.
    pub aborted: bool,
    /// Whether all of the answer was sent, whatever it said.
    pub whole: bool,
    pub fault: Option<String>,
    /// When the head arrived, in milliseconds since 1970.
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
    /// Dropped when the entry is old.
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

/// The first characters of a string, if it is one.
fn start(value: &Value, length: usize) -> Option<String> {
    Some(value.as_str()?.chars().take(length).collect())
}

fn end(key: &str) -> String {
    let before = key.chars().count().saturating_sub(KEY_KEPT);
    key.chars().skip(before).collect()
}
