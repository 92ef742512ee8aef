//! The JavaScript that the edge calls: two small functions, neither of which throws. An exception
//! that crossed Rust would leave its borrows behind and its request without an answer.

use wasm_bindgen::prelude::*;

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
