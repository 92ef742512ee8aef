//! The heads of the incoming messages: a browser's request and an upstream's response.
//!
//! Each name that crosses to JavaScript costs a call to decode it. Each value that crosses back
//! costs a call to encode it. So the names are made once per instance, and the values cross as one
//! text with one value per line.

use wasm_bindgen::prelude::*;
use worker::js_sys::{Array, JsString};
use worker::web_sys::{Request, Response};

use crate::head::{Needs, RequestHead, ResponseHead};

#[wasm_bindgen]
extern "C" {
    /// Headers that are looked up by names that JavaScript already has.
    type Headers;
    #[wasm_bindgen(method, catch)]
    fn get(this: &Headers, name: &JsString) -> Result<JsValue, JsValue>;

    /// A request or a response.
    type Message;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &Message) -> Headers;
    #[wasm_bindgen(method, getter)]
    fn method(this: &Message) -> String;
    #[wasm_bindgen(method, getter)]
    fn url(this: &Message) -> String;
}

thread_local! {
    static OF_REQUEST: [JsString; 9] = RequestHead::HEADERS.map(JsString::from);
    static OF_RESPONSE: [JsString; 7] = ResponseHead::HEADERS.map(JsString::from);
    static LENGTH: JsString = JsString::from("Content-Length");
}

/// The parts of a request's head that are read.
pub struct Head {
    method: String,
    url: String,
    reads: [bool; 9],
    /// The headers that are read.
    headers: String,
}

impl Head {
    pub fn read(request: &Request, needs: Needs) -> Result<Self, JsValue> {
        let request: &Message = request.unchecked_ref();
        let (method, url) = (request.method(), request.url());
        let reads = RequestHead::reads(&method, &url, needs);
        let parts = Array::new();
        OF_REQUEST.with(|all| {
            let read = all.iter().zip(reads).filter(|(_, is_read)| *is_read);
            add(&parts, request, read.map(|(name, _)| name))
        })?;
        Ok(Self {
            method,
            url,
            reads,
            headers: text(&parts),
        })
    }

    pub fn as_ref(&self) -> RequestHead<'_> {
        let mut lines = self.headers.split('\n');
        let headers = self.reads.map(|is_read| {
            let line = is_read.then(|| lines.next()).flatten();
            line.unwrap_or_default()
        });
        RequestHead::read(&self.method, &self.url, headers)
    }
}

/// Reads the head of an upstream's response.
pub fn read_response(response: &Response) -> Result<ResponseHead, JsValue> {
    let parts = Array::new();
    let status = response.status();
    let names = ResponseHead::count(status);
    OF_RESPONSE.with(|all| add(&parts, response.unchecked_ref(), all.iter().take(names)))?;
    Ok(ResponseHead::read(status, lines(&text(&parts))))
}

/// Returns how many bytes a request declares for its body, if it does.
pub fn declared_length(request: &Request) -> Result<Option<usize>, JsValue> {
    let headers = request.unchecked_ref::<Message>().headers();
    let length = LENGTH.with(|name| headers.get(name))?;
    Ok(length.as_string().and_then(|length| length.parse().ok()))
}

fn add<'a>(
    parts: &Array,
    message: &Message,
    names: impl Iterator<Item = &'a JsString>,
) -> Result<(), JsValue> {
    let headers = message.headers();
    for name in names {
        parts.push(&headers.get(name)?);
    }
    Ok(())
}

/// Joins the parts, which contain no line breaks.
///
/// An absent part becomes an empty line.
fn text(parts: &Array) -> String {
    parts.join("\n").into()
}

fn lines<const N: usize>(text: &str) -> [&str; N] {
    let mut lines = [""; N];
    for (place, line) in lines.iter_mut().zip(text.split('\n')) {
        *place = line;
    }
    lines
}
