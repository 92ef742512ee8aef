//! The events that come while Homie answers a message.

use super::reading;
use crate::assistants::sse::{Event, Parser};
use crate::contract::events::Part;
use crate::json::{self, Value};

/// The deepest nesting of an event's data, such as what a tool has found.
const MAX_DEPTH: usize = 64;
/// The most that is passed on of an answer in parts, in bytes. The answer itself comes whole.
const MAX_SAID_BYTES: usize = 65_536;
/// The status of an event that more events follow.
const IN_PROGRESS: &str = "inProgress";
/// The status and the name of an event that brings an error, whose words are not for browsers.
const FAILED: &str = "failed";
const ERROR: &str = "error";

/// What has come of an answer by events.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listener {
    parser: Parser,
    said: String,
}

impl Listener {
    /// Reads the next piece of the events of this chat.
    pub(super) fn read(&mut self, piece: &[u8], chat_id: Option<&str>) -> Vec<Part> {
        let events = self.parser.take(piece);
        let part = |event: Event| self.part(&event, chat_id);
        events.into_iter().filter_map(part).collect()
    }

    /// The contract leaves open what events are called, and whether their data is JSON.
    ///
    /// What tools do and are told is not for browsers.
    fn part(&mut self, event: &Event, chat_id: Option<&str>) -> Option<Part> {
        let text = match json::read_leniently(event.data.as_bytes(), MAX_DEPTH) {
            _ if event.name == ERROR => String::new(),
            Ok(value @ Value::Object(_)) => {
                let of_chat = reading::text(&value, "chatId");
                if of_chat.is_some() && of_chat.as_deref() != chat_id {
                    return None;
                }
                let status = reading::text(&value, "status");
                let is_tool = reading::text(&value, "toolName").is_some();
                if is_tool || status.as_deref() == Some(FAILED) {
                    return Some(Part::Typing);
                }
                let text = value
                    .get("content")
                    .and_then(Value::text)
                    .unwrap_or_default();
                let is_last = status.is_some_and(|status| status != IN_PROGRESS);
                // The last event may bring the whole text once more.
                match text.strip_prefix(self.said.as_str()) {
                    Some(rest) if is_last => rest.to_owned(),
                    _ => text.into_owned(),
                }
            }
            _ if event.name == "typing" => String::new(),
            // What looks like JSON and cannot be read may be anything.
            _ if event.data.trim_start().starts_with(['{', '[', '"']) => String::new(),
            _ => event.data.clone(),
        };
        if text.is_empty() || self.said.len() + text.len() > MAX_SAID_BYTES {
            return Some(Part::Typing);
        }
        self.said.push_str(&text);
        Some(Part::Delta(text))
    }
}
