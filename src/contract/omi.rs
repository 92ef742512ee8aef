//! What a shopper asks to be remembered, and to see of it.

use std::borrow::Cow;

use super::body::{Body, longer};
use super::query;
use crate::json::Value;
use crate::refusal::{InvalidField, Refusal};

/// The most facts in one request.
pub const MAX_FACTS: usize = 20;
/// The longest fact, in code points.
pub const MAX_FACT_CHARS: usize = 500;
/// The most tags of a fact, and the longest of them, in code points.
const MAX_TAGS: usize = 10;
const MAX_TAG_CHARS: usize = 50;
/// The longest idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 128;
/// The form of a time up to its seconds.
const SECONDS: &str = "0000-00-00T00:00:00";
/// The longest time, in bytes.
const MAX_TIME_BYTES: usize = 35;
/// The most entries of a list, and how many there are if the page asks for no number.
const MAX_LIMIT: u32 = 100;
const DEFAULT_LIMIT: u32 = 25;
/// How far into a list a page may ask.
pub const MAX_OFFSET: u32 = 10_000;

/// What a shopper asks of their memory.
#[derive(Clone, PartialEq, Eq)]
pub enum Wish {
    /// Remember these facts.
    Facts(Vec<Fact>),
    /// Remember what this text says.
    Text(String),
    /// Keep this conversation.
    Conversation(Kept),
    /// Show a part of the list.
    List(Range),
}

/// A fact that is to be remembered.
#[derive(Clone, PartialEq, Eq)]
pub struct Fact {
    /// The fact, in words.
    pub content: String,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// A conversation that is to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// What was said.
    pub text: String,
    /// When it began (RFC 3339).
    pub started_at: Option<String>,
    /// When it ended (RFC 3339).
    pub finished_at: Option<String>,
    /// The language (BCP 47).
    pub language: Option<String>,
    /// What makes a repetition one conversation.
    pub idempotency_key: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// How many entries to skip.
    pub offset: u32,
    /// The most entries to show.
    pub limit: u32,
}

// What a person asks to be remembered is never printed.
impl std::fmt::Debug for Wish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wish(***)")
    }
}

impl Wish {
    /// Reads facts, or a text that says some.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
    pub fn read_memories(body: &Body<'_>) -> Result<Self, Refusal> {
        consent(body)?;
        match (body.field("memories"), body.field("text")) {
            (Some(Value::Array(facts)), None) if (1..=MAX_FACTS).contains(&facts.len()) => {
                let facts: Option<Vec<_>> = facts.iter().map(fact).collect();
                facts
                    .map(Self::Facts)
                    .ok_or(invalid(InvalidField::Memories))
            }
            (None, Some(text)) => words(text)
                .map(Self::Text)
                .ok_or(invalid(InvalidField::Text)),
            _ => Err(invalid(InvalidField::Memories)),
        }
    }

    /// Reads a conversation.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
    pub fn read_conversation(body: &Body<'_>) -> Result<Self, Refusal> {
        consent(body)?;
        let text = body.field("text").and_then(words);
        let part = |name, field, is_good: fn(&str) -> bool| match body.field(name) {
            None => Ok(None),
            Some(value) => {
                let text = value.text().filter(|text| is_good(text));
                text.map(|text| Some(text.into_owned()))
                    .ok_or(invalid(field))
            }
        };
        Ok(Self::Conversation(Kept {
            text: text.ok_or(invalid(InvalidField::Text))?,
            started_at: part("started_at", InvalidField::Time, is_time)?,
            finished_at: part("finished_at", InvalidField::Time, is_time)?,
            language: part("language", InvalidField::Language, is_language)?,
            idempotency_key: part("idempotency_key", InvalidField::IdempotencyKey, is_key)?,
        }))
    }

    /// Reads which part of a list is asked for.
    ///
    /// # Errors
    ///
    /// Returns an error if a number is not one, or out of its bounds.
    pub fn read_list(input: &[u8]) -> Result<Self, Refusal> {
        let query = str::from_utf8(input).unwrap_or_default();
        let number = |name, default, bounds: std::ops::RangeInclusive<u32>| {
            let Some(text) = query::parameter(query, name) else {
                return Ok(default);
            };
            let number = text.parse().ok();
            number
                .filter(|number| bounds.contains(number))
                .ok_or(invalid(InvalidField::Range))
        };
        Ok(Self::List(Range {
            offset: number("offset", 0, 0..=MAX_OFFSET)?,
            limit: number("limit", DEFAULT_LIMIT, 1..=MAX_LIMIT)?,
        }))
    }

    /// Returns what makes a repetition of the wish no second wish.
    pub fn idempotency_key(&self) -> Option<&str> {
        match self {
            Self::Conversation(kept) => kept.idempotency_key.as_deref(),
            _ => None,
        }
    }
}

fn invalid(field: InvalidField) -> Refusal {
    Refusal::InvalidField(field)
}

fn consent(body: &Body<'_>) -> Result<(), Refusal> {
    match body.field("consent").and_then(Value::boolean) {
        Some(true) => Ok(()),
        _ => Err(invalid(InvalidField::Consent)),
    }
}

fn fact(value: &Value<'_>) -> Option<Fact> {
    let content = words(value.get("content")?)?;
    let tags = value.get("tags").map_or(&[][..], Value::items);
    let tag = |tag: &Value<'_>| words(tag).filter(|tag| !longer(tag, MAX_TAG_CHARS));
    let tags: Option<Vec<_>> = tags.iter().map(tag).collect();
    let tags = tags.filter(|tags| tags.len() <= MAX_TAGS)?;
    (!longer(&content, MAX_FACT_CHARS)).then_some(Fact { content, tags })
}

/// Returns a text that says something.
fn words(value: &Value<'_>) -> Option<String> {
    let text = value.text().filter(|text| !text.trim().is_empty());
    text.map(Cow::into_owned)
}

/// Returns whether a text has the form of a time (RFC 3339, section 5.6).
fn is_time(text: &str) -> bool {
    let has_form = |text: &str, form: &str| {
        let is_as = |(byte, form): (u8, u8)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        };
        text.len() == form.len() && text.bytes().zip(form.bytes()).all(is_as)
    };
    let Some((time, rest)) = text.split_at_checked(SECONDS.len()) else {
        return false;
    };
    let (digits, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    let is_zone = zone == "Z" || ["+00:00", "-00:00"].iter().any(|form| has_form(zone, form));
    text.len() <= MAX_TIME_BYTES && has_form(time, SECONDS) && !digits.is_empty() && is_zone
}

fn is_language(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (2..=35).contains(&text.len()) && text.bytes().all(is_plain)
}

fn is_key(text: &str) -> bool {
    (1..=MAX_KEY_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
