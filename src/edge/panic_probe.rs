//! Panics on request, for the tests of what a panic does to others. It is compiled only with the
//! feature of this name, which no deployed bundle has.
#![allow(clippy::panic)]

/// The shopper for whom an object panics.
const POISON: u32 = u32::MAX;

/// Panics in the fetch event where the body asks for it.
pub fn in_fetch(body: &[u8]) {
    assert!(
        !has(body, b"panic in fetch"),
        "asked to panic in the fetch event"
    );
}

/// The shopper that stands in for one whose chat asks for a panic in the object.
pub fn poison(body: &str) -> Option<u32> {
    has(body.as_bytes(), b"panic in object").then_some(POISON)
}

/// Panics in the object where the shopper is marked.
pub fn in_object(shopper: u32) {
    assert!(shopper != POISON, "asked to panic in the object");
}

fn has(body: &[u8], words: &[u8]) -> bool {
    body.windows(words.len()).any(|window| window == words)
}
