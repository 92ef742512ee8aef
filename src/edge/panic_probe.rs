//! Panics on request, for the tests of what a panic does to others. It is compiled only with the
//! feature of this name, which no deployed bundle has.
#![allow(clippy::panic)]

use crate::exchange::{Next, Step};
use crate::limits::protocol::Question;

/// The shopper for whom an object panics.
const POISON: u32 = u32::MAX;

/// Panics in the fetch event where the body asks for it.
pub fn in_fetch(body: &[u8]) {
    assert!(
        !has(body, b"panic in fetch"),
        "asked to panic in the fetch event"
    );
}

/// Whether a chat asks for a panic in the object.
pub fn is_poison(body: &[u8]) -> bool {
    has(body, b"panic in object")
}

/// Marks the shopper of a poisoned chat.
pub fn poison(mut next: Next, poisoned: bool) -> Next {
    if let Next::Step(Step::Ask { question, .. }, _) = &mut next
        && let Question::Admit { shopper, .. } = question
        && poisoned
    {
        *shopper = POISON;
    }
    next
}

/// Panics in the object where the shopper is marked.
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
