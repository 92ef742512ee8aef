//! The checks of bodies. A wrong form is answered with 400, and nothing to store with 422.

use serde_json::{Map, Value, json};

use crate::contract::omi::errors::Refusal;
use crate::contract::omi::sentences;
use crate::contract::omi::settings::{Settings, TextNull};
use crate::contract::time::{is_iso_8601, iso_8601, milliseconds};

/// The sources of a conversation's text.
const CONVERSATION_SOURCES: [&str; 3] = ["audio_transcript", "message", "other_text"];
/// The sources of the text that memories are taken from.
const MEMORY_SOURCES: [&str; 3] = ["email", "social_post", "other"];
/// The length of a conversation without an end.
const USUAL_LENGTH_MS: u64 = 5 * 60_000;
/// The most memories that are taken from one text.
const MOST_FROM_TEXT: usize = 20;

/// A new conversation.
pub struct NewConversation {
    pub text: String,
    pub started: String,
    pub finished: String,
    /// The place, or null.
    pub geolocation: Value,
}

/// Checks a new conversation. `now_ms` is the time at which it starts if it does not say.
pub fn conversation(body: &[u8], now_ms: u64) -> Result<NewConversation, Refusal> {
    let fields = object(body)?;
    let text = source(&fields, &CONVERSATION_SOURCES)?;
    self::text(&fields, "language")?;
    let started = time(&fields, "started_at")?;
    let finished = time(&fields, "finished_at")?;
    let geolocation = place(&fields)?;
    let text = text.filter(|text| !text.trim().is_empty());
    let text = text.ok_or_else(|| Refusal::empty("text is required"))?;
    let start_ms = started.and_then(milliseconds).unwrap_or(now_ms);
    let end = || iso_8601(start_ms.saturating_add(USUAL_LENGTH_MS));
    Ok(NewConversation {
        text: text.to_owned(),
        started: started.map_or_else(|| iso_8601(start_ms), str::to_owned),
        finished: finished.map_or_else(end, str::to_owned),
        geolocation,
    })
}

/// A new memory. Its tags are null if it has none.
pub struct NewMemory {
    pub content: String,
    pub tags: Value,
}

/// Checks new memories. Returns the given ones, and then those in the text.
pub fn memories(settings: &Settings, body: &[u8]) -> Result<Vec<NewMemory>, Refusal> {
    let fields = object(body)?;
    let text = source(&fields, &MEMORY_SOURCES)?.unwrap_or_default();
    let given = match fields.get("memories") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list.iter().map(memory).collect::<Result<Vec<_>, _>>()?,
        Some(_) => return Err(Refusal::form("memories must be a list")),
    };
    if settings.text_null == TextNull::Required && !fields.contains_key("text") {
        return Err(Refusal::empty("text is required"));
    }
    let sentences = sentences::of(text).into_iter().take(MOST_FROM_TEXT);
    let facts = sentences.map(|content| NewMemory {
        content,
        tags: Value::Null,
    });
    let all: Vec<NewMemory> = given.into_iter().chain(facts).collect();
    match all.is_empty() {
        true => Err(Refusal::empty("text or memories are required")),
        false => Ok(all),
    }
}

fn memory(value: &Value) -> Result<NewMemory, Refusal> {
    let content = value.get("content").and_then(Value::as_str);
    let content = content.ok_or_else(|| Refusal::form("content must be a text"))?;
    if content.trim().is_empty() {
        return Err(Refusal::empty("content must not be empty"));
    }
    let tags = match value.get("tags") {
        None | Some(Value::Null) => Value::Null,
        Some(Value::Array(tags)) if tags.iter().all(Value::is_string) => json!(tags),
        Some(_) => return Err(Refusal::form("tags must be a list of texts")),
    };
    Ok(NewMemory {
        content: content.to_owned(),
        tags,
    })
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::form("the body must be an object")),
    }
}

/// Returns the text of a write. Checks where it is said to come from.
fn source<'a>(
    fields: &'a Map<String, Value>,
    sources: &[&str],
) -> Result<Option<&'a str>, Refusal> {
    let source = text(fields, "text_source")?;
    if source.is_some_and(|source| !sources.contains(&source)) {
        let known = sources.join(", ");
        return Err(Refusal::form(format!("text_source is not one of {known}")));
    }
    text(fields, "text_source_spec")?;
    text(fields, "text")
}

/// Returns a text that may be missing or null.
fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::form(format!("{name} must be a text"))),
    }
}

fn time<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    let time = text(fields, name)?;
    match time.is_none_or(is_iso_8601) {
        true => Ok(time),
        false => Err(Refusal::form(format!("{name} must be a time in ISO 8601"))),
    }
}

fn place(fields: &Map<String, Value>) -> Result<Value, Refusal> {
    let Some(place) = fields.get("geolocation").filter(|place| !place.is_null()) else {
        return Ok(Value::Null);
    };
    match (place.get("latitude"), place.get("longitude")) {
        (Some(latitude), Some(longitude)) if latitude.is_number() && longitude.is_number() => {
            Ok(json!({ "latitude": latitude, "longitude": longitude }))
        }
        _ => Err(Refusal::form("geolocation must have two numbers")),
    }
}
