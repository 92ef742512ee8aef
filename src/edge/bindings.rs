//! The JavaScript that the edge calls: `platform.js`, and the object's other half in `shim.js`.

use wasm_bindgen::prelude::*;
use worker::js_sys;
use worker::web_sys::{AbortSignal, ReadableStream, Request, Response};

#[wasm_bindgen(
    raw_module = "./platform.js",
    wasm_bindgen_futures = worker::wasm_bindgen_futures,
    js_sys = worker::js_sys
)]
extern "C" {
    #[wasm_bindgen(js_name = describe)]
    pub fn describe(request: &Request) -> String;

    #[wasm_bindgen(js_name = describeHead)]
    pub fn describe_head(response: &Response) -> String;

    #[wasm_bindgen(catch, js_name = readAtMost)]
    pub async fn read_at_most(
        body: Option<ReadableStream>,
        limit: u32,
    ) -> Result<js_sys::Uint8Array, JsValue>;

    #[wasm_bindgen(catch, js_name = readInTime)]
    pub async fn read_in_time(
        body: Option<ReadableStream>,
        limit: u32,
        ms: u32,
    ) -> Result<js_sys::Uint8Array, JsValue>;

    #[wasm_bindgen(catch, js_name = askLimiter)]
    pub async fn ask_limiter(
        namespace: &JsValue,
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
        shopper: &AbortSignal,
        ms: u32,
    ) -> Result<JsValue, JsValue>;

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
    #[wasm_bindgen(method)]
    pub fn read(this: &Host) -> Option<Vec<u8>>;

    /// Stores a snapshot without holding back the answer.
    #[wasm_bindgen(method)]
    pub fn write(this: &Host, snapshot: &[u8]);

    /// Has `alarm` called at this time, in milliseconds since 1970.
    #[wasm_bindgen(method, js_name = wakeAt)]
    pub fn wake_at(this: &Host, time: f64);

    /// Has `flush` called in so many milliseconds.
    #[wasm_bindgen(method, js_name = flushIn)]
    pub fn flush_in(this: &Host, ms: u32);

    /// Deletes all that is stored.
    #[wasm_bindgen(method)]
    pub fn clear(this: &Host);

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub fn console_log(line: &str);

    #[wasm_bindgen(js_namespace = console, js_name = error)]
    pub fn console_error(line: &str);

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn now() -> f64;
}
