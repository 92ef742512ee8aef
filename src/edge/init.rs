//! The options of a response and of a request.
//!
//! Each is made by one call, as JSON that JavaScript parses. With a call for each header, a chat
//! would take thirty.

use serde::Serialize;
use wasm_bindgen::prelude::*;
use worker::js_sys::{JSON, JsString};
use worker::web_sys::ResponseInit;

use crate::assistants::UpstreamRequest;
use crate::headers::Headers;
use crate::reply::Reply;

#[derive(Serialize)]
struct ResponseOptions<'a> {
    status: u16,
    headers: &'a Headers,
}

#[derive(Serialize)]
struct RequestOptions<'a> {
    method: &'a str,
    headers: &'a Headers,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    redirect: &'a str,
}

/// Returns the options of a response.
pub fn of_reply(reply: &Reply) -> Result<ResponseInit, JsValue> {
    let options = ResponseOptions {
        status: reply.status,
        headers: &reply.headers,
    };
    object(&options).map(JsCast::unchecked_into)
}

/// Returns the options of a request upstream.
///
/// No redirect is followed, because the key is in a header.
pub fn of_request(request: &UpstreamRequest) -> Result<JsValue, JsValue> {
    object(&RequestOptions {
        method: request.method,
        headers: &request.headers,
        body: request.body.as_deref(),
        redirect: "manual",
    })
}

fn object(options: &impl Serialize) -> Result<JsValue, JsValue> {
    let json = serde_json::to_string(options)
        .map_err(|_| JsString::from("the options cannot be serialised"))?;
    JSON::parse(&json)
}
