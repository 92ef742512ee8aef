//! Server-sent events: their text, and a message in pieces.

/// The most pieces of a message.
const PIECES: usize = 6;
/// The end of an event.
pub const END: &str = "\n\n";

/// Returns the text of an event. Each line of the data has a line of its own.
pub fn event(name: Option<&str>, id: Option<u64>, data: &str) -> String {
    let mut text = String::new();
    if let Some(name) = name {
        text.push_str(&format!("event: {name}\n"));
    }
    if let Some(id) = id {
        text.push_str(&format!("id: {id}\n"));
    }
    let lines: Vec<String> = data
        .split('\n')
        .map(|line| format!("data: {line}"))
        .collect();
    text.push_str(&lines.join("\n"));
    text.push_str(END);
    text
}

/// Splits a message between words. It keeps spaces, so that the joined pieces are the message.
pub fn pieces(message: &str) -> Vec<String> {
    let words: Vec<&str> = message.split_inclusive(' ').collect();
    let size = words.len().div_ceil(PIECES).max(1);
    words.chunks(size).map(<[&str]>::concat).collect()
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

    #[test]
    fn an_event_has_the_fields_that_it_is_given() {
        assert_eq!(event(None, None, "{}"), "data: {}\n\n");
        let whole = "event: message\nid: 7\ndata: a\ndata: b\n\n";
        assert_eq!(event(Some("message"), Some(7), "a\nb"), whole);
    }
}
