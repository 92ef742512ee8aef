//! What the translated assistants have in common: how their keys and their answers are read.
//!
//! Nothing in an answer is trusted. A text stays a text, whatever is in it. A field of another type
//! than the documented one counts as absent.

use std::borrow::Cow;

use crate::attempts::Outcome;
use crate::contract::Refinement;
use crate::contract::answer::MAX_REFINEMENTS;
use crate::head::ResponseHead;
use crate::json::{self, Value};
use crate::origin;
use crate::refusal::Refusal;
use crate::secret::Secret;

/// How deep an upstream's JSON may be nested.
const MAX_DEPTH: usize = 64;
/// The fewest and the most characters of a key. Whoever has a pass can try out shorter ones.
const KEY_CHARS: std::ops::RangeInclusive<usize> = 16..=512;
/// The longest link that is passed on, in bytes.
const MAX_LINK_BYTES: usize = 2_048;

/// The platform's own statuses for an upstream that it could not connect to.
pub(super) const NO_CONNECTION: [u16; 6] = [521, 522, 523, 525, 526, 530];

/// Which links may be passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    /// Those that are https.
    Https,
    /// Also http ones to this machine, where the upstream is, too.
    OfThisMachine,
}

/// Reads a key whose form is not published.
pub(super) fn read_key(text: &str) -> Result<Secret, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain && KEY_CHARS.contains(&text.len()) {
        Ok(Secret::new(text))
    } else {
        Err("must be 16 to 512 visible ASCII characters".to_owned())
    }
}

/// Returns what a status means whatever the assistant, or `None` if the assistant decides.
pub(super) fn of_platform(head: &ResponseHead) -> Option<Outcome> {
    match head.status {
        // A 204 and a 205 have no body.
        200..300 if head.is_empty || matches!(head.status, 204 | 205) => {
            Some(Outcome::Refused(Refusal::UpstreamEmptyResponse))
        }
        status if NO_CONNECTION.contains(&status) => Some(Outcome::NoConnection),
        504 | 520 | 524 => Some(Outcome::Lost),
        _ => None,
    }
}

/// Reads a body that has to be a JSON object.
pub(super) fn object(body: &[u8]) -> Result<Value<'_>, Outcome> {
    match json::read_leniently(body, MAX_DEPTH) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ if body.trim_ascii().is_empty() => Err(Outcome::Refused(Refusal::UpstreamEmptyResponse)),
        _ => Err(malformed()),
    }
}

/// Returns the outcome of an answer that is not of the documented form.
pub(super) const fn malformed() -> Outcome {
    Outcome::Refused(Refusal::UpstreamError)
}

/// Returns a field's text, or `None` if it is not a string or is blank.
pub(super) fn text(value: &Value<'_>, name: &str) -> Option<String> {
    let text = value.get(name).and_then(Value::text)?;
    Some(text.into_owned()).filter(|text| !text.trim().is_empty())
}

/// Returns a field's id, or `None` if it is too long or cannot stand in a path as it is.
pub(super) fn id(value: &Value<'_>, name: &str, max_bytes: usize) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_id = |id: &String| id.len() <= max_bytes && id.bytes().all(is_plain);
    text(value, name).filter(is_id)
}

/// Returns a field's number as it was written, or `None` if it is not one.
pub(super) fn number(value: &Value<'_>, name: &str) -> Option<String> {
    value.get(name).and_then(Value::number).map(str::to_owned)
}

/// Returns a field's link, or `None` if it is not one that may be passed on.
pub(super) fn link(value: &Value<'_>, name: &str, links: Links) -> Option<String> {
    link_of(value.get(name)?, links)
}

/// Returns the link that a value is, or `None` if it is not one that may be passed on.
pub(super) fn link_of(value: &Value<'_>, links: Links) -> Option<String> {
    let text = value.text()?;
    is_safe(&text, links).then(|| Cow::into_owned(text))
}

fn is_safe(link: &str, links: Links) -> bool {
    let has_scheme = link.starts_with("https://")
        || links == Links::OfThisMachine && link.starts_with("http://");
    has_scheme
        && link.len() <= MAX_LINK_BYTES
        && !link.contains(|char: char| char.is_whitespace() || char.is_control())
        && origin::of_url(link).is_some()
}

/// Returns the items of a field that is an array.
pub(super) fn items<'a, 'b>(value: &'a Value<'b>, name: &str) -> &'a [Value<'b>] {
    value.get(name).map(Value::items).unwrap_or_default()
}

/// Reads at most so many of these items, without those that cannot be read.
pub(super) fn list<T>(
    items: &mut dyn Iterator<Item = &Value<'_>>,
    most: usize,
    read: &dyn Fn(&Value<'_>) -> Option<T>,
) -> Vec<T> {
    let mut list = Vec::new();
    for item in items {
        if list.len() == most {
            break;
        }
        list.extend(read(item));
    }
    list
}

/// Reads refinements of this kind, each of which is a text.
pub(super) fn refinements(items: &[Value<'_>], kind: &str) -> Vec<Refinement> {
    list(&mut items.iter(), MAX_REFINEMENTS, &|item| {
        let text = item.text().filter(|text| !text.trim().is_empty())?;
        Some(Refinement {
            text: text.into_owned(),
            kind: kind.to_owned(),
        })
    })
}
