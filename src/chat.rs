//! The chat contract: what is checked in a request's body, and what is sent on.
//!
//! The body that goes upstream is written anew. It has the contract's three fields and no other. A
//! future version of the assistant may give a meaning to `stream`, or to another name for the
//! session id, and the browser must not be able to set those. `context` may hold hints of any name,
//! and they are kept. Every field of every object is written once, under a name spelled in one way.
//! So a duplicated key cannot smuggle a second prompt past the check. Values are copied as they
//! were written.

use std::borrow::Cow;

use crate::json::{self, Field, Value};
use crate::refusal::{InvalidField, Refusal};

/// The largest body, in bytes (published contract: 8 KiB).
///
/// It bounds the body that arrives, and the one that goes upstream.
pub const MAX_BODY_BYTES: usize = 8_192;
/// The longest prompt, in code points (published contract: 2,000 characters).
pub const MAX_PROMPT_CHARS: usize = 2_000;
/// The longest session id that a client may pick, in code points.
pub const MAX_SESSION_ID_CHARS: usize = 128;
/// The deepest nesting of arrays and objects, including the body itself.
pub const MAX_DEPTH: usize = 64;

const PROMPT: &str = "prompt";
const SESSION_ID: &str = "session_id";
const CONTEXT: &str = "context";

/// A request body that meets the contract.
#[derive(Debug)]
pub struct Chat<'a> {
    fields: Vec<Field<'a>>,
    session_id: Option<Cow<'a, str>>,
}

impl<'a> Chat<'a> {
    /// Checks a body against the contract.
    ///
    /// The order is the published one: size, JSON, object, prompt. After that come the fields that
    /// the contract leaves open.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
    pub fn check(body: &'a [u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::BodyTooLarge);
        }
        let whole = json::read(body, MAX_DEPTH).map_err(|_| Refusal::InvalidJsonBody)?;
        let Value::Object(fields) = whole else {
            return Err(Refusal::BodyMustBeObject);
        };
        let mut chat = Self {
            fields,
            session_id: None,
        };
        chat.check_prompt()?;
        chat.session_id = chat.check_session_id()?;
        match chat.field(CONTEXT) {
            None => Ok(chat),
            // An engine that reads a number as infinity cannot write it as JSON.
            Some(context @ Value::Object(_)) if context.is_finite() => Ok(chat),
            Some(_) => Err(Refusal::InvalidField(InvalidField::Context)),
        }
    }

    /// Returns the session id that the client sent, if it sent one.
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// Returns the body that goes upstream, with this session id.
    ///
    /// # Errors
    ///
    /// Returns an error if the body has become larger than the contract allows.
    pub fn body(&self, session_id: &str) -> Result<String, Refusal> {
        let mut out = String::with_capacity(MAX_BODY_BYTES);
        out.push('{');
        for field in &self.fields {
            let is_sent = match &*field.name {
                PROMPT => true,
                CONTEXT => !is_null(&field.value),
                _ => false,
            };
            if is_sent {
                field.write(&mut out);
                out.push(',');
            }
        }
        json::write_text(SESSION_ID, &mut out);
        out.push(':');
        json::write_text(session_id, &mut out);
        out.push('}');
        if out.len() > MAX_BODY_BYTES {
            return Err(Refusal::BodyTooLarge);
        }
        Ok(out)
    }

    fn check_prompt(&self) -> Result<(), Refusal> {
        let prompt = self
            .field(PROMPT)
            .and_then(Value::text)
            .ok_or(Refusal::MissingPrompt)?;
        if prompt.trim().is_empty() {
            return Err(Refusal::MissingPrompt);
        }
        if longer(&prompt, MAX_PROMPT_CHARS) {
            return Err(Refusal::PromptTooLong);
        }
        Ok(())
    }

    fn check_session_id(&self) -> Result<Option<Cow<'a, str>>, Refusal> {
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

    /// Returns a field's value, or `None` if it is absent or null.
    fn field(&self, name: &str) -> Option<&Value<'a>> {
        self.fields
            .iter()
            .find(|field| field.name == name)
            .map(|field| &field.value)
            .filter(|value| !is_null(value))
    }
}

fn is_null(value: &Value<'_>) -> bool {
    matches!(value, Value::Scalar("null"))
}

fn longer(text: &str, chars: usize) -> bool {
    text.len() > chars && text.chars().count() > chars
}
