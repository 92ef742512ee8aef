//! The heads of the messages that come in: a request's, and an upstream's response's.

use wasm_bindgen::JsValue;
use worker::web_sys::{Headers, Request, Response};

use crate::head::{RequestHead, ResponseHead};

/// What is looked at of a request's head.
pub struct Head {
    method: String,
    url: String,
    headers: [String; 5],
}

impl Head {
    pub fn read(request: &Request) -> Result<Self, JsValue> {
        Ok(Self {
            method: request.method(),
            url: request.url(),
            headers: texts(&request.headers(), RequestHead::HEADERS)?,
        })
    }

    pub fn as_ref(&self) -> RequestHead<'_> {
        let headers = self.headers.each_ref().map(String::as_str);
        RequestHead::read(&self.method, &self.url, headers)
    }
}

/// Reads the head of an upstream's response.
pub fn read_response(response: &Response) -> Result<ResponseHead, JsValue> {
    let headers = texts(&response.headers(), ResponseHead::HEADERS)?;
    let headers = headers.each_ref().map(String::as_str);
    Ok(ResponseHead::read(response.status(), headers))
}

/// Returns the values of these headers, an absent one as an empty text.
fn texts<const N: usize>(headers: &Headers, names: [&str; N]) -> Result<[String; N], JsValue> {
    let mut texts = [const { String::new() }; N];
    for (text, name) in texts.iter_mut().zip(names) {
        *text = headers.get(name)?.unwrap_or_default();
    }
    Ok(texts)
}
