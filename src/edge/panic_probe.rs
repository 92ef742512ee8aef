//! Panics on request, to test what a panic does to others.
//!
//! This is compiled only with the feature of the same name, which no deployed bundle has.
#![allow(clippy::panic)]

use crate::exchange::{Event, Next, Step};
use crate::limits::protocol::Question;

/// The shopper for whom an object panics.
const POISON: u32 = u32::MAX;

/// Panics in the fetch event if the body asks for it.
///
/// Returns whether the body asks for a panic in the object.
pub fn in_fetch(event: &Event) -> bool {
    let Event::Body(body) = event else {
        return false;
    };
    assert!(
        !has(body, b"panic in fetch"),
        "asked to panic in the fetch event"
    );
    has(body, b"panic in object")
}

/// Marks the shopper of a chat for which the object is to panic.
pub fn poison(next: &mut Next) {
    if let Next::Step(Step::Ask { question, .. }, _) = next
        && let Question::Admit { shopper, .. } = question
    {
        *shopper = POISON;
    }
}

/// Panics in the object if the shopper is marked.
pub fn in_object(question: Question) {
    assert!(
        !matches!(
            question,
            Question::Admit {
                shopper: POISON,
                ..
            }
        ),
        "asked to panic in the object"
    );
}

fn has(body: &[u8], words: &[u8]) -> bool {
    body.windows(words.len()).any(|window| window == words)
}
