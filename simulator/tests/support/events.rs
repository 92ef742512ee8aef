//! A received chunked body of server-sent events.

use serde_json::Value;

use super::Reply;

/// The chunks that arrived, and whether the body ended.
pub struct Chunks {
    /// The chunks. The last one may be incomplete.
    pub list: Vec<String>,
    /// Whether the empty chunk that ends a body arrived.
    pub ended: bool,
}

impl Chunks {
    pub fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, Some(200));
        assert_eq!(reply.header("content-type"), Some("text/event-stream"));
        assert_eq!(reply.header("transfer-encoding"), Some("chunked"));
        assert_eq!(reply.header("content-length"), None);
        let mut list = Vec::new();
        let mut rest = reply.body.as_slice();
        while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
            let size = std::str::from_utf8(&rest[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            rest = &rest[end + 2..];
            if size == 0 {
                assert_eq!(rest, b"\r\n");
                return Self { list, ended: true };
            }
            list.push(String::from_utf8(rest[..size].to_vec()).unwrap());
            rest = &rest[size + 2..];
        }
        assert!(rest.is_empty(), "half a chunk");
        Self { list, ended: false }
    }
}

/// Returns the name and the data of a whole event.
pub fn event(chunk: &str) -> (&str, Value) {
    let lines = chunk.strip_suffix("\n\n").unwrap();
    let (name, data) = lines.split_once('\n').unwrap();
    let data = data.strip_prefix("data: ").unwrap();
    assert!(!data.contains('\n'), "one line");
    let name = name.strip_prefix("event: ").unwrap();
    (name, serde_json::from_str(data).unwrap())
}

/// Returns the text of a whole event with a piece of the message.
pub fn piece(chunk: &str) -> String {
    let (name, data) = event(chunk);
    assert_eq!(name, "message");
    assert_eq!(data.as_object().unwrap().len(), 1);
    data["text"].as_str().unwrap().to_owned()
}
