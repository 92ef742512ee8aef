//! The published bodies of answers.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::contract::answer::Answer;
use crate::contract::omi::sentences;
use crate::contract::omi::settings::{Conversations, Nulls, Settings};
use crate::contract::omi::stored::{Conversation, Memory};

/// The words of a title.
const TITLE: usize = 6;
/// The length of each segment.
const SEGMENT_SECONDS: f64 = 4.0;

/// Returns the answer to a write. It says nothing, not even an id.
pub fn written() -> Answer {
    Answer::json(StatusCode::OK, &json!({}))
}

pub fn conversations<'a>(
    settings: &Settings,
    list: impl Iterator<Item = &'a Conversation>,
) -> Answer {
    let list = list.map(|own| told(conversation(settings, own), settings.nulls));
    let list: Vec<Value> = list.collect();
    Answer::json(StatusCode::OK, &json!({ "conversations": list }))
}

pub fn memories<'a>(settings: &Settings, list: impl Iterator<Item = &'a Memory>) -> Answer {
    let list = list.map(|own| told(memory(own), settings.nulls));
    let list: Vec<Value> = list.collect();
    Answer::json(StatusCode::OK, &json!({ "memories": list }))
}

fn conversation(settings: &Settings, own: &Conversation) -> Value {
    let (start, end) = match settings.conversations {
        Conversations::Published => ("start_time", "end_time"),
        Conversations::Source => ("start", "end"),
    };
    let sentences = sentences::of(&own.text);
    let segments: Vec<Value> = sentences
        .iter()
        .zip(0u32..)
        .map(|(text, place)| {
            let at = f64::from(place) * SEGMENT_SECONDS;
            json!({ "text": text, (start): at, (end): at + SEGMENT_SECONDS })
        })
        .collect();
    // Nobody has looked for a title in what was discarded.
    let looked_at = !own.is_discarded();
    let words = own.text.split_whitespace().take(TITLE);
    let mut body = json!({
        "id": own.id,
        "created_at": own.created,
        "started_at": own.started,
        "finished_at": own.finished,
        "structured": {
            "title": looked_at.then(|| words.collect::<Vec<_>>().join(" ")),
            "overview": sentences.first().filter(|_| looked_at),
        },
        "transcript_segments": segments,
        "geolocation": own.geolocation,
    });
    if let (Conversations::Published, Some(fields)) = (settings.conversations, body.as_object_mut())
    {
        fields.insert("text".to_owned(), own.text.as_str().into());
    }
    body
}

fn memory(own: &Memory) -> Value {
    json!({
        "id": own.id,
        "content": own.content,
        "created_at": own.created,
        "tags": own.tags,
    })
}

/// Returns a body with its null fields, or without them.
fn told(body: Value, nulls: Nulls) -> Value {
    match (nulls, body) {
        (Nulls::Omitted, Value::Object(fields)) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, told(value, nulls)))
            .collect(),
        (_, body) => body,
    }
}
