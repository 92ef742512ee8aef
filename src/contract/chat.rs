//! The chat contract: what is checked in a request's body, and what is sent on.
//!
//! The body that goes upstream is written anew. It has the contract's three fields and no other. A
//! future version of the assistant may give a meaning to `stream`, or to another name for the
//! session id, and the browser must not be able to set those. `context` may hold hints of any name,
//! and they are kept. Every field of every object is written once, under a name spelled in one way.
//! So a duplicated key cannot smuggle a second prompt past the check. Values are copied as they
//! were written.

use std::borrow::Cow;

use super::Refinement;
use super::answer::Object;
use super::body::{Body, MAX_BODY_BYTES, SESSION_ID, is_null, longer};
use crate::json::{self, Value};
use crate::origin::{self, AllowList};
use crate::refusal::{InvalidField, Refusal};

/// The longest prompt, in code points (published contract: 2,000 characters).
pub const MAX_PROMPT_CHARS: usize = 2_000;

/// The longest type of a refinement, in code points.
const MAX_KIND_CHARS: usize = 128;

/// The hint with the shopper's memories.
pub const MEMORIES: &str = "shopper_memories";

const PROMPT: &str = "prompt";
const CONTEXT: &str = "context";
const REFINEMENT: &str = "refinement";

/// A request body that meets the contract.
#[derive(Debug)]
pub struct Chat<'a> {
    body: Body<'a>,
    session_id: Option<Cow<'a, str>>,
}

/// A chat, as an assistant with a contract of its own needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// What the shopper wrote.
    pub prompt: String,
    /// The refinement that the shopper chose.
    pub refinement: Option<Refinement>,
    /// The least that a product may cost, a number as it was written.
    pub budget_min: Option<String>,
    /// The most that a product may cost, a number as it was written.
    pub budget_max: Option<String>,
    /// The URL of the page, or its origin.
    pub page_url: String,
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
        let mut chat = Self {
            body: Body::read(body)?,
            session_id: None,
        };
        chat.check_prompt()?;
        chat.session_id = chat.body.session_id()?;
        if chat.body.field(REFINEMENT).is_some() && chat.refinement().is_none() {
            return Err(Refusal::InvalidField(InvalidField::Refinement));
        }
        match chat.body.field(CONTEXT) {
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

    /// Returns the shopper's pass, where a header cannot carry it, or an empty text.
    pub fn pass(&self) -> Cow<'_, str> {
        self.body.pass()
    }

    /// Returns the body that goes upstream, with this session id, and without a hint of this name.
    ///
    /// # Errors
    ///
    /// Returns an error if the body has become larger than the contract allows.
    pub fn body(&self, session_id: &str, dropped: Option<&str>) -> Result<String, Refusal> {
        let mut out = String::with_capacity(MAX_BODY_BYTES);
        out.push('{');
        for field in &self.body.0 {
            let is_sent = match &*field.name {
                PROMPT => true,
                CONTEXT => !is_null(&field.value),
                _ => false,
            };
            match (&field.value, dropped) {
                (Value::Object(hints), Some(dropped)) if is_sent => {
                    let mut context = Object::begin();
                    for hint in hints.iter().filter(|hint| hint.name != dropped) {
                        context.value(&hint.name, &hint.value);
                    }
                    json::write_text(&field.name, &mut out);
                    out.push(':');
                    out.push_str(&context.end());
                    out.push(',');
                }
                _ if is_sent => {
                    field.write(&mut out);
                    out.push(',');
                }
                _ => {}
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

    /// Returns what an assistant with a contract of its own needs to know of the chat.
    ///
    /// The page's URL is taken from the context if its origin may call. Otherwise it is the origin
    /// that the browser vouches for.
    pub fn turn(&self, origin: Option<&str>, allowed: &AllowList) -> Turn {
        let hint = |name| {
            self.body
                .field(CONTEXT)
                .and_then(|context| context.get(name))
        };
        let number = |name| hint(name).and_then(Value::number).map(str::to_owned);
        let page_url = hint("page_url").and_then(Value::text);
        let page_url = page_url
            .filter(|url| origin::of_url(url).is_some_and(|origin| allowed.allows(&origin)));
        let prompt = self.body.field(PROMPT).and_then(Value::text);
        Turn {
            prompt: prompt.unwrap_or_default().into_owned(),
            refinement: self.refinement(),
            budget_min: number("budget_min"),
            budget_max: number("budget_max"),
            page_url: page_url
                .map_or_else(|| origin.unwrap_or_default().to_owned(), Cow::into_owned),
        }
    }

    /// Returns the refinement, or `None` if there is none or it is not valid.
    fn refinement(&self) -> Option<Refinement> {
        let refinement = self.body.field(REFINEMENT)?;
        let part = |name| refinement.get(name).and_then(Value::text);
        Some(Refinement {
            text: part("text")
                .filter(|text| !text.trim().is_empty() && !longer(text, MAX_PROMPT_CHARS))?
                .into_owned(),
            kind: part("type")
                .filter(|kind| !longer(kind, MAX_KIND_CHARS))?
                .into_owned(),
        })
    }

    fn check_prompt(&self) -> Result<(), Refusal> {
        let prompt = self
            .body
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
}
