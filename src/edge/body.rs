//! Incoming bodies, read up to a limit.

use wasm_bindgen::prelude::*;
use worker::js_sys::{JSON, Promise, Uint8Array};
use worker::web_sys::{ReadableStream, Request};

use super::heads;
use super::task::{self, Interruption, Task, Timeout};

#[wasm_bindgen]
extern "C" {
    /// A reader that fills a buffer of ours (BYOB). Only workerd has `readAtLeast`.
    type Reader;
    #[wasm_bindgen(method, catch, js_name = getReader)]
    fn get_reader(this: &Body, options: &JsValue) -> Result<Reader, JsValue>;
    #[wasm_bindgen(method, catch, js_name = readAtLeast)]
    fn read_at_least(this: &Reader, min: u32, view: &Uint8Array) -> Result<Promise, JsValue>;

    #[wasm_bindgen(extends = ReadableStream)]
    type Body;

    /// What a read resolves to.
    pub type Piece;
    #[wasm_bindgen(method, getter)]
    pub fn value(this: &Piece) -> Option<Uint8Array>;

    /// A body or a reader that is to be cancelled.
    type Source;
    #[wasm_bindgen(method, catch)]
    fn cancel(this: &Source) -> Result<Promise, JsValue>;
}

/// Reads the body of a request, at most `max_bytes` of it.
pub async fn read(
    task: &Task,
    request: &Request,
    max_bytes: usize,
    timeout: Timeout,
) -> Result<Vec<u8>, Interruption> {
    // The runtime enforces a declared length. Only a body without one may be endless.
    let length = heads::declared_length(request).map_err(Interruption::Broken)?;
    if length.is_some_and(|length| length <= max_bytes) {
        let buffer = task.settled(request.array_buffer(), timeout).await?;
        return Ok(Uint8Array::new(&buffer).to_vec());
    }
    read_at_most(task, request.body(), max_bytes, timeout).await
}

/// Reads the first bytes of a body, at most `max_bytes`.
///
/// They are collected in one buffer, so a body of many small pieces takes no more memory than a
/// whole one.
pub async fn read_at_most(
    task: &Task,
    body: Option<ReadableStream>,
    max_bytes: usize,
    timeout: Timeout,
) -> Result<Vec<u8>, Interruption> {
    let Some(body) = body else {
        return Ok(Vec::new());
    };
    let reader = byob_reader(body.unchecked_into()).map_err(Interruption::Broken)?;
    let view = Uint8Array::new_with_length(max_bytes as u32);
    let read = task
        .settled(reader.read_at_least(max_bytes as u32, &view), timeout)
        .await;
    // The rest is not read.
    let_go(&reader);
    let bytes = read?.unchecked_into::<Piece>().value();
    Ok(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

fn byob_reader(body: Body) -> Result<Reader, JsValue> {
    body.get_reader(&JSON::parse(r#"{"mode":"byob"}"#)?)
}

/// Cancels a body or its reader, and ignores a failure.
pub fn let_go(source: &impl AsRef<JsValue>) {
    if let Ok(promise) = source.as_ref().unchecked_ref::<Source>().cancel() {
        task::ignore(&promise);
    }
}
