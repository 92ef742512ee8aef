//! Answers as server-sent events: first the message in pieces, then the whole answer.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::contract::answer::Answer;
use crate::contract::note::text_of;
use crate::contract::sse::{self, END};

/// Returns the same answer as a stream of events. The delivery adds the pauses between them.
///
/// `replies` are the fields that may have the message. An answer that is a stream stays as it is.
pub fn of(mut answer: Answer, replies: &[&str]) -> Answer {
    if answer.live.is_some() {
        return answer;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = replies.iter().find_map(|name| text_of(&body, name));
    let mut text = String::new();
    for piece in sse::pieces(&message.unwrap_or_default()) {
        let data = json!({ "text": piece }).to_string();
        text.push_str(&sse::event(Some("message"), None, &data));
    }
    let whole = String::from_utf8_lossy(&answer.body);
    text.push_str(&sse::event(Some("done"), None, &whole));
    answer.body = text.into();
    answer.with("content-type", "text/event-stream")
}

/// Returns the events of a body that [`of`] made, each with its end.
pub fn events(body: &Bytes) -> impl Iterator<Item = Bytes> + use<> {
    let mut rest = body.clone();
    std::iter::from_fn(move || {
        let end = rest
            .windows(END.len())
            .position(|bytes| bytes == END.as_bytes())?;
        Some(rest.split_to(end + END.len()))
    })
}
