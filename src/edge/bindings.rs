//! The JavaScript that the edge calls: two small errands, neither of which throws. An exception that
//! crossed Rust would leave its borrows behind and its request without an answer.

use wasm_bindgen::prelude::*;

use crate::visit::Failure;

/// What `LATE` and `LEFT` are in `clock.js`, and `UNREACHABLE` in `errands.js`.
const LATE: &str = "timeout";
const LEFT: &str = "left";
const UNREACHABLE: &str = "no connection";

#[wasm_bindgen(raw_module = "./panics.js")]
extern "C" {
    /// Says that the instance is about to trap.
    pub fn panicked(message: &str);
}

#[wasm_bindgen(raw_module = "./settings.js")]
extern "C" {
    /// What the platform holds for a setting.
    pub fn setting(env: &JsValue, name: &str) -> JsValue;
}

/// The failure that JavaScript reports by this word.
pub fn failure(reason: &str) -> Failure<'_> {
    match reason {
        LATE => Failure::Late,
        LEFT => Failure::Left,
        UNREACHABLE => Failure::Unreachable,
        other => Failure::Other(other),
    }
}
