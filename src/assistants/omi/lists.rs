//! What omi.me lists: memories and conversations, with their documented fields alone.

use super::RECALLED;
use crate::assistants::reading;
use crate::attempts::Outcome;
use crate::contract::answer::Object;
use crate::contract::omi::{MAX_OFFSET, Range};
use crate::json::{Value, quoted};

/// The most segments of a conversation that are shown.
const MAX_SEGMENTS: usize = 200;

/// Translates the list of this name, of which this part was asked for.
pub(super) fn read(body: &[u8], name: &str, range: Range) -> Result<Object, Outcome> {
    let answer = reading::object(body)?;
    let most = range.limit as usize;
    let write = if name == "memories" {
        memory
    } else {
        conversation
    };
    let items = reading::items(&answer, name);
    let entries = reading::list(&mut items.iter(), most, &write);
    let mut object = Object::begin();
    object.list(name, &entries, String::clone);
    let next = range.offset + range.limit;
    let has_next = items.len() >= most && next <= MAX_OFFSET;
    let next = has_next.then(|| next.to_string());
    object.raw("next_offset", next.as_deref().unwrap_or("null"));
    Ok(object)
}

/// Returns the memories in an answer, each as a JSON string, if they can be read.
pub(in crate::assistants) fn read_memories(body: &[u8]) -> Option<Vec<String>> {
    let answer = reading::object(body).ok()?;
    let mut items = reading::items(&answer, "memories").iter();
    let most = RECALLED.limit as usize;
    Some(reading::list(&mut items, most, &|item| {
        reading::text(item, "content").map(|content| quoted(&content))
    }))
}

/// Returns a memory with its documented fields alone.
fn memory(item: &Value<'_>) -> Option<String> {
    let mut object = Object::begin();
    object.optional("id", reading::text(item, "id").as_deref());
    object.text("content", &reading::text(item, "content")?);
    object.optional("created_at", reading::text(item, "created_at").as_deref());
    let tags: Vec<_> = reading::items(item, "tags")
        .iter()
        .filter_map(Value::text)
        .collect();
    object.texts("tags", &tags);
    Some(object.end())
}

/// Returns a conversation with its documented fields, without where it took place.
fn conversation(item: &Value<'_>) -> Option<String> {
    let mut object = Object::begin();
    object.text("id", &reading::text(item, "id")?);
    for name in ["created_at", "started_at", "finished_at"] {
        object.optional(name, reading::text(item, name).as_deref());
    }
    let structured = item.get("structured");
    let part = |name| structured.and_then(|structured| reading::text(structured, name));
    object.optional("title", part("title").as_deref());
    object.optional("overview", part("overview").as_deref());
    let segments = reading::items(item, "transcript_segments");
    let said = |segment: &Value<'_>| reading::text(segment, "text");
    let said = reading::list(&mut segments.iter(), MAX_SEGMENTS, &said);
    // The published page has a text, and the public source its segments alone.
    let text = reading::text(item, "text").unwrap_or_else(|| said.join("\n"));
    object.text("text", &text);
    Some(object.end())
}
