//! The events of a message, in the shape that the switches choose.

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::homie::settings::{Data, Last, Outcome, Settings};
use crate::contract::sse;

/// The text of a comment.
pub const COMMENT: &str = ": keep-alive\n\n";

/// Returns the events of a message, in their order.
pub fn of(settings: &Settings, chat: &str, prompt: &str, content: &str) -> Vec<Bytes> {
    let mut writer = Writer {
        settings,
        chat,
        list: Vec::new(),
    };
    if settings.typing {
        writer.add("typing", "inProgress", "", Value::Null);
    }
    if settings.tools && settings.data == Data::Json {
        let call = json!({ "toolName": "search_products", "toolArgs": { "query": prompt } });
        writer.add("tool", "inProgress", "", call.clone());
        let mut done = call;
        if let Some(fields) = done.as_object_mut() {
            let hit =
                json!({ "product": { "offers": [{ "price": { "value": { "gross": [1] } } }] } });
            let insides = json!({ "index": "products-internal", "hits": [hit], "cost": 0.002 });
            fields.insert("toolResponse".to_owned(), insides);
        }
        writer.add("tool", "completed", "", done);
    }
    let pieces = sse::pieces(content);
    let sent = match settings.outcome {
        Outcome::Completed => pieces.len(),
        Outcome::Failed => pieces.len() / 2,
    };
    for piece in pieces.iter().take(sent) {
        writer.add("message", "inProgress", piece, Value::Null);
    }
    match (settings.data, settings.outcome) {
        // A text cannot say that the message is complete.
        (Data::Text, _) => {}
        (Data::Json, Outcome::Failed) => writer.add("message", "failed", "", Value::Null),
        (Data::Json, Outcome::Completed) => {
            let last = match settings.last {
                Last::Empty => "",
                Last::Whole => content,
            };
            writer.add("message", "completed", last, Value::Null);
        }
    }
    writer.list
}

struct Writer<'a> {
    settings: &'a Settings,
    chat: &'a str,
    list: Vec<Bytes>,
}

impl Writer<'_> {
    /// Adds an event. `tool` has the fields about a tool, or is null.
    fn add(&mut self, name: &str, status: &str, content: &str, tool: Value) {
        let mut text = String::new();
        if self.settings.comments {
            text.push_str(COMMENT);
        }
        let data = match self.settings.data {
            Data::Text => content.to_owned(),
            Data::Json => {
                let part = |name: &str| tool.get(name).cloned().unwrap_or_default();
                json!({
                    "chatId": self.chat,
                    "eventId": Uuid::new_v4().to_string(),
                    "toolName": part("toolName"),
                    "content": content,
                    "toolArgs": part("toolArgs"),
                    "toolResponse": part("toolResponse"),
                    "status": status,
                })
                .to_string()
            }
        };
        let name = self.settings.names.then_some(name);
        let id = self.settings.ids.then_some(self.list.len() as u64 + 1);
        text.push_str(&sse::event(name, id, &data));
        self.list.push(text.into());
    }
}
