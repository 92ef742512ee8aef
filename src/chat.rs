//! The chat contract: what is checked of a request's body, and what is sent on of it.
//!
//! The body that goes upstream is written anew. Every field of every object stands in it once
//! (the last one written wins, as `JSON.parse` has it), under a name spelled one way, so that a
//! duplicated key can not smuggle a second prompt past the check. Values are copied as they were
//! written: a number keeps all its digits, a string its escapes. Unknown fields are kept.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::json_text::JsonText;
use crate::refusal::{Field, Refusal};

/// The largest body, in bytes, as it comes and as it goes (published contract: 8 KiB).
pub const MAX_BODY_BYTES: usize = 8_192;
/// The longest prompt, in code points (published contract: 2,000 characters).
pub const MAX_PROMPT_CHARS: usize = 2_000;
/// The longest session id that a client may pick, in code points.
pub const MAX_SESSION_ID_CHARS: usize = 128;
/// The deepest nesting of arrays and objects, the body itself counted.
pub const MAX_DEPTH: usize = 64;

const PROMPT: &str = "prompt";
const SESSION_ID: &str = "session_id";
const CONTEXT: &str = "context";

/// A request body that keeps the contract.
#[derive(Debug)]
pub struct Chat<'a> {
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
    session_id: Option<Cow<'a, str>>,
}

impl<'a> Chat<'a> {
    /// Checks a body, in the published order: size, JSON, object, prompt; then the fields the
    /// contract leaves open.
    ///
    /// # Errors
    ///
    /// The first rule that the body breaks.
    pub fn check(body: &'a [u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Refusal::BodyTooLarge);
        }
        let whole: &RawValue =
            serde_json::from_slice(body).map_err(|_| Refusal::InvalidJsonBody)?;
        if depth(whole.get()) > MAX_DEPTH {
            return Err(Refusal::InvalidJsonBody);
        }
        if !whole.get().starts_with('{') {
            return Err(Refusal::BodyMustBeObject);
        }
        let Fields(fields) = parse(whole)?;
        let mut chat = Self {
            fields,
            session_id: None,
        };
        chat.check_prompt()?;
        chat.session_id = chat.check_session_id()?;
        if let Some(context) = chat.field(CONTEXT)
            && !context.starts_with('{')
        {
            return Err(Refusal::InvalidField(Field::Context));
        }
        Ok(chat)
    }

    /// The session id that the client sent, if it sent one.
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// The body that goes upstream, in this conversation.
    ///
    /// # Errors
    ///
    /// Where it has become larger than the contract allows.
    pub fn body(&self, session_id: &str) -> Result<String, Refusal> {
        let mut out = String::with_capacity(MAX_BODY_BYTES);
        out.push('{');
        for (name, value) in &self.fields {
            if name == SESSION_ID || (name == CONTEXT && value.get() == "null") {
                continue;
            }
            write_name(name, &mut out);
            write_once(value, &mut out)?;
            out.push(',');
        }
        write_name(SESSION_ID, &mut out);
        write_text(session_id, &mut out);
        out.push('}');
        if out.len() > MAX_BODY_BYTES {
            return Err(Refusal::BodyTooLarge);
        }
        Ok(out)
    }

    fn check_prompt(&self) -> Result<(), Refusal> {
        let raw = self.field(PROMPT).ok_or(Refusal::MissingPrompt)?;
        if !raw.starts_with('"') {
            return Err(Refusal::MissingPrompt);
        }
        let prompt = text(raw)?;
        if prompt.trim().is_empty() {
            return Err(Refusal::MissingPrompt);
        }
        if longer(&prompt, MAX_PROMPT_CHARS) {
            return Err(Refusal::PromptTooLong);
        }
        Ok(())
    }

    fn check_session_id(&self) -> Result<Option<Cow<'a, str>>, Refusal> {
        let Some(raw) = self.field(SESSION_ID) else {
            return Ok(None);
        };
        if !raw.starts_with('"') {
            return Err(Refusal::InvalidField(Field::SessionId));
        }
        let id = text(raw)?;
        if longer(&id, MAX_SESSION_ID_CHARS) {
            return Err(Refusal::InvalidField(Field::SessionId));
        }
        // A page that keeps its id in an empty text has none yet.
        Ok(Some(id).filter(|id| !id.is_empty()))
    }

    /// The text of a field's value; none where it is absent or null.
    fn field(&self, name: &str) -> Option<&'a str> {
        self.fields
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.get())
            .filter(|value| *value != "null")
    }
}

/// The fields of an object, each once.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                while let Some((JsonText(name), value)) = map.next_entry()? {
                    match fields.iter_mut().find(|(other, _)| *other == name) {
                        Some(field) => field.1 = value,
                        None => fields.push((name, value)),
                    }
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// Writes a value so that every field of every object in it stands once.
fn write_once(value: &RawValue, out: &mut String) -> Result<(), Refusal> {
    match value.get().as_bytes().first() {
        Some(b'{') => {
            let Fields(fields) = parse(value)?;
            write_all('{', '}', &fields, out, |(name, value), out| {
                write_name(name, out);
                write_once(value, out)
            })
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = parse(value)?;
            write_all('[', ']', &items, out, |item, out| write_once(item, out))
        }
        _ => {
            out.push_str(value.get());
            Ok(())
        }
    }
}

fn write_all<T>(
    open: char,
    close: char,
    items: &[T],
    out: &mut String,
    write: impl Fn(&T, &mut String) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out)?;
    }
    out.push(close);
    Ok(())
}

fn write_name(name: &str, out: &mut String) {
    write_text(name, out);
    out.push(':');
}

fn write_text(text: &str, out: &mut String) {
    // A text always serialises; the display form of a value is its JSON.
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn parse<'a, T: Deserialize<'a>>(value: &'a RawValue) -> Result<T, Refusal> {
    serde_json::from_str(value.get()).map_err(|_| Refusal::InvalidJsonBody)
}

/// The text of a JSON string. Half a surrogate pair, which JSON can spell and UTF-8 can not, is
/// refused as invalid.
fn text(raw: &str) -> Result<Cow<'_, str>, Refusal> {
    serde_json::from_str(raw)
        .map(|JsonText(text)| text)
        .map_err(|_| Refusal::InvalidJsonBody)
}

fn longer(text: &str, chars: usize) -> bool {
    text.len() > chars && text.chars().count() > chars
}

/// How deep arrays and objects are nested in a text that is known to be JSON.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in json.bytes() {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
