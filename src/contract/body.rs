//! A body of the page's contract: a JSON object of a bounded size.

use std::borrow::Cow;

use crate::json::{self, Field, Value};
use crate::refusal::{InvalidField, Refusal};

/// The largest body, in bytes (published contract: 8 KiB).
///
/// It bounds the body that arrives, and the one that goes upstream.
pub const MAX_BODY_BYTES: usize = 8_192;
/// The longest session id that a client may pick, in code points.
pub const MAX_SESSION_ID_CHARS: usize = 128;
/// The deepest nesting of arrays and objects, including the body itself.
pub const MAX_DEPTH: usize = 64;

pub(super) const SESSION_ID: &str = "session_id";
const SHOPPER_PASS: &str = "shopper_pass";

/// The fields of a body, each once.
#[derive(Debug)]
pub struct Body<'a>(pub(super) Vec<Field<'a>>);

impl<'a> Body<'a> {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// Returns the first rule that it breaks, in the published order: size, JSON, object.
    pub fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::BodyTooLarge);
        }
        match json::read(body, MAX_DEPTH) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::BodyMustBeObject),
            Err(_) => Err(Refusal::InvalidJsonBody),
        }
    }

    /// Returns a field's value, or `None` if it is absent or null.
    pub fn field(&self, name: &str) -> Option<&Value<'a>> {
        self.0
            .iter()
            .find(|field| field.name == name)
            .map(|field| &field.value)
            .filter(|value| !is_null(value))
    }

    /// Returns the session id, or `None` if the client sent none.
    ///
    /// # Errors
    ///
    /// Returns an error if it is not a string, or is too long.
    pub fn session_id(&self) -> Result<Option<Cow<'a, str>>, Refusal> {
        let Some(value) = self.field(SESSION_ID) else {
            return Ok(None);
        };
        let id = value
            .text()
            .filter(|id| !longer(id, MAX_SESSION_ID_CHARS))
            .ok_or(Refusal::InvalidField(InvalidField::SessionId))?;
        // A page that has no id yet may send an empty string.
        Ok(Some(id).filter(|id| !id.is_empty()))
    }

    /// Returns the shopper's pass, where a header cannot carry it, or an empty text.
    pub fn pass(&self) -> Cow<'_, str> {
        let pass = self.field(SHOPPER_PASS).and_then(Value::text);
        pass.unwrap_or_default()
    }
}

pub(super) fn is_null(value: &Value<'_>) -> bool {
    matches!(value, Value::Scalar("null"))
}

/// Returns whether a text has more code points than this.
pub(super) fn longer(text: &str, chars: usize) -> bool {
    text.len() > chars && text.chars().count() > chars
}
