//! The JavaScript that the edge calls: three small errands, and the object's other half in
//! `limiter.js`.
//!
//! Whatever may throw is caught where it is bound: an exception that crossed Rust would leave its
//! borrows behind and its request without an answer.

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

#[wasm_bindgen]
extern "C" {
    /// The JavaScript half of a limiter object.
    pub type Host;

    /// The ledger's last snapshot.
    #[wasm_bindgen(method, catch)]
    pub fn read(this: &Host) -> Result<Option<Vec<u8>>, JsValue>;

    /// Stores a snapshot without holding back the answer.
    #[wasm_bindgen(method, catch)]
    pub fn write(this: &Host, snapshot: &[u8]) -> Result<(), JsValue>;

    /// Has `alarm` called at this time, in milliseconds since 1970.
    #[wasm_bindgen(method, catch, js_name = wakeAt)]
    pub fn wake_at(this: &Host, time: f64) -> Result<(), JsValue>;

    /// Has `flush` called in so many milliseconds.
    #[wasm_bindgen(method, catch, js_name = flushIn)]
    pub fn flush_in(this: &Host, ms: u32) -> Result<(), JsValue>;

    /// Deletes all that is stored.
    #[wasm_bindgen(method, catch)]
    pub fn clear(this: &Host) -> Result<(), JsValue>;
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
