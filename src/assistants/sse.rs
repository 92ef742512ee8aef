//! A stream of server-sent events, read as it arrives (HTML standard).

/// The longest event that is read, in bytes. A longer one is dropped.
const MAX_EVENT_BYTES: usize = 65_536;

/// An event that has arrived.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    /// Its name, or an empty text.
    pub name: String,
    /// Its data, whose lines are parted by line breaks.
    pub data: String,
}

/// Reads events from pieces that may end anywhere, even within a character.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parser {
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// Whether the last byte was a carriage return, so that a line feed belongs to it.
    after_return: bool,
    event: Event,
    has_data: bool,
}

impl Parser {
    /// Takes the next piece, and returns the events that are complete.
    pub(super) fn take(&mut self, piece: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in piece {
            let is_rest_of_end = self.after_return && *byte == b'\n';
            self.after_return = *byte == b'\r';
            match byte {
                _ if is_rest_of_end => {}
                b'\n' | b'\r' => events.extend(self.end_line()),
                _ => self.line.push(*byte),
            }
            if self.line.len() > MAX_EVENT_BYTES {
                self.line.clear();
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<Event> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let line = String::from_utf8_lossy(&line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event.name),
            "data" if self.event.data.len() + value.len() <= MAX_EVENT_BYTES => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}
