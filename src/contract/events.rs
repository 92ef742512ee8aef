//! The events of a chat that is answered in parts (HTML standard, server-sent events).
//!
//! They are `delta` and `status` events, and at last one `answer` or `error`.

use super::answer::Object;

/// What keeps a connection open while there is nothing to say.
pub const HEARTBEAT: &str = ":\n\n";

/// A part of an answer that is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// More of the message.
    Delta(String),
    /// The assistant is at work.
    Typing,
}

impl Part {
    /// Returns the part as an event.
    pub fn to_event(&self) -> String {
        let mut data = Object::begin();
        let name = match self {
            Self::Delta(text) => {
                data.text("text", text);
                "delta"
            }
            Self::Typing => {
                data.text("state", "typing");
                "status"
            }
        };
        event(name, &data.end())
    }
}

/// Returns the event that ends a chat with its answer.
pub fn answer(json: &str) -> String {
    event("answer", json)
}

/// Returns an event. Each line of the data becomes one of its lines.
pub fn event(name: &str, data: &str) -> String {
    let mut event = format!("event: {name}\n");
    for line in data.split(['\n', '\r']).filter(|line| !line.is_empty()) {
        event.push_str("data: ");
        event.push_str(line);
        event.push('\n');
    }
    event.push('\n');
    event
}
