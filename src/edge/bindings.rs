//! The JavaScript that the edge calls: `platform.js`, and the object's other half in `shim.js`.
//!
//! Whatever may throw is caught where it is bound: an exception that crossed Rust would leave its
//! borrows behind and its request without an answer.

use wasm_bindgen::prelude::*;
use worker::Env;
use worker::js_sys::Uint8Array;
use worker::web_sys::{Request, Response};

/// What `LATE` and `LEFT` are in `platform.js`.
const LATE: &str = "timeout";
const LEFT: &str = "left";

#[wasm_bindgen(
    raw_module = "./platform.js",
    wasm_bindgen_futures = worker::wasm_bindgen_futures,
    js_sys = worker::js_sys
)]
extern "C" {
    #[wasm_bindgen(catch)]
    pub fn describe(request: &Request) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = describeHead)]
    pub fn describe_head(response: &Response) -> Result<String, JsValue>;

    #[wasm_bindgen(catch, js_name = readAtMost)]
    pub async fn read_at_most(
        message: &JsValue,
        limit: u32,
        ms: u32,
    ) -> Result<Uint8Array, JsValue>;

    #[wasm_bindgen(catch, js_name = askLimiter)]
    pub async fn ask_limiter(
        env: &Env,
        home: &str,
        shopper: u32,
        newcomer: bool,
        ms: u32,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch)]
    pub async fn send(
        url: &str,
        headers: &str,
        body: &str,
        shopper: &Request,
        ms: u32,
    ) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch)]
    pub fn drop(response: &Response) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, js_name = replyWithText)]
    pub fn reply_with_text(status: u16, headers: &str, text: &str) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch, js_name = replyWithNothing)]
    pub fn reply_with_nothing(status: u16, headers: &str) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch, js_name = replyWithBodyOf)]
    pub fn reply_with_body_of(
        response: &Response,
        status: u16,
        headers: &str,
    ) -> Result<Response, JsValue>;
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

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub fn console_log(line: &str);

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub fn console_error(line: &str);

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn now() -> f64;
}

/// Why an errand came to nothing.
pub enum Failure {
    /// Its time was over.
    Late,
    /// The shopper has left.
    Left,
    /// Something else, in the words of the platform or of an object of ours.
    Other(String),
}

impl From<JsValue> for Failure {
    fn from(reason: JsValue) -> Self {
        match reason.as_string().as_deref() {
            Some(LATE) => Self::Late,
            Some(LEFT) => Self::Left,
            Some(text) => Self::Other(text.to_owned()),
            None => Self::Other(
                reason
                    .unchecked_into::<worker::js_sys::Error>()
                    .message()
                    .into(),
            ),
        }
    }
}
