//! Answers as server-sent events: first the message in pieces, then the whole answer.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::contract::answer::Answer;

/// The most pieces of a message.
const PIECES: usize = 6;
/// The end of an event. The data is JSON in one line, so it cannot contain this.
const END: &[u8] = b"\n\n";

#[derive(Default, Deserialize)]
struct Prose {
    message: String,
}

/// Returns the same answer as a stream of events. The delivery adds the pauses between them.
pub fn of(mut answer: Answer) -> Answer {
    // Every recommendation has a message.
    let Prose { message } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let mut text = Vec::new();
    for piece in pieces(&message) {
        let data = json!({ "text": piece }).to_string();
        add(&mut text, "message", data.as_bytes());
    }
    add(&mut text, "done", &answer.body);
    answer.body = text.into();
    answer.with("content-type", "text/event-stream")
}

fn add(text: &mut Vec<u8>, name: &str, data: &[u8]) {
    text.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
    text.extend_from_slice(data);
    text.extend_from_slice(END);
}

/// Splits a message between words. It keeps spaces, so that the joined pieces are the message.
fn pieces(message: &str) -> Vec<String> {
    let words: Vec<&str> = message.split_inclusive(' ').collect();
    let size = words.len().div_ceil(PIECES).max(1);
    words.chunks(size).map(<[&str]>::concat).collect()
}

/// Returns the events of a body that [`of`] made, each with its end.
pub fn events(body: &Bytes) -> impl Iterator<Item = Bytes> + use<> {
    let mut rest = body.clone();
    std::iter::from_fn(move || {
        let end = rest.windows(END.len()).position(|bytes| bytes == END)?;
        Some(rest.split_to(end + END.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_few_and_lose_nothing() {
        let long = "word ".repeat(31);
        for message in [
            "",
            "One",
            "One two three.",
            " Two  blanks, ü ",
            long.as_str(),
        ] {
            let pieces = pieces(message);
            assert_eq!(pieces.concat(), message);
            assert!(pieces.len() <= PIECES, "{pieces:?}");
        }
        assert_eq!(pieces("One two three.").len(), 3);
    }
}
