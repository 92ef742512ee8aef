//! What the record and the faults know of a request.

use serde_json::Value;

/// The endpoint that a method and a path name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its name, as in the record and in the filters of a fault.
    pub endpoint: &'static str,
    /// Whether its requests carry a shopper's message.
    pub is_chat: bool,
}

/// The parts of a request that tell it from others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Note {
    /// The id of the conversation, or of the person where there is no conversation. `None` if the
    /// request names none.
    pub conversation: Option<String>,
    /// The shopper's message, or the text that is written.
    pub text: Option<String>,
    /// The fault that the request asks for itself.
    pub hint: Option<Value>,
}

/// Returns a field of a JSON object, if it is a string.
pub fn text_of(body: &Value, name: &str) -> Option<String> {
    Some(body.get(name)?.as_str()?.to_owned())
}
