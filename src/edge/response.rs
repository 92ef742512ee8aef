//! The response to a browser, and the writing of the log.

use wasm_bindgen::prelude::*;
use worker::js_sys::{JSON, Object};
use worker::web_sys::Response;

use super::bindings::Bindings;
use super::init;
use super::steps::Io;
use crate::exchange::End;
use crate::log::{Entry, Level};
use crate::reply::Body;

#[wasm_bindgen]
extern "C" {
    /// The console with `catch`. An exception that passed through Rust would leave its borrows
    /// behind.
    #[wasm_bindgen(catch, js_namespace = console)]
    fn log(line: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = console)]
    fn warn(line: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = console)]
    fn error(line: &str) -> Result<(), JsValue>;
    /// Logs what failed, with the error.
    #[wasm_bindgen(catch, js_namespace = console, js_name = error)]
    pub fn error_of(what: &str, error: &JsValue) -> Result<(), JsValue>;

    /// Makes a response without the constructor.
    #[wasm_bindgen(catch, js_namespace = Response)]
    fn json(body: &JsValue, init: &JsValue) -> Result<Response, JsValue>;
}

impl Io {
    /// Responds with a text of ours, or with the upstream's whole answer.
    pub fn respond(mut self, end: &End) -> Result<Response, JsValue> {
        record(end, &self.bindings)?;
        let init = init::of_reply(&end.reply)?;
        let text = match &end.reply.body {
            Body::Upstream => {
                let answer = self.upstream.answer.take();
                let answer = answer.as_ref().map(AsRef::<Object>::as_ref);
                return Response::new_with_opt_buffer_source_and_init(answer, &init);
            }
            Body::Text(text) => Some(text.as_str()),
            Body::Empty => None,
        };
        self.let_upstream_go();
        Response::new_with_opt_str_and_init(text, &init)
    }
}

/// Returns the response to a request that failed.
///
/// It is not made with the constructor, because that may be what failed.
pub fn of_fault(end: &End, bindings: &Bindings) -> Result<Response, JsValue> {
    record(end, bindings)?;
    let text = match &end.reply.body {
        Body::Text(text) => text,
        Body::Empty | Body::Upstream => "null",
    };
    json(&JSON::parse(text)?, init::of_reply(&end.reply)?.as_ref())
}

/// Writes what is known at the end of a request: its log entries, and its data point if it has one.
pub fn record(end: &End, bindings: &Bindings) -> Result<(), JsValue> {
    end.log.iter().try_for_each(write)?;
    if let Some(point) = &end.data_point {
        let written =
            JSON::parse(point).and_then(|point| bindings.analytics().write_data_point(&point));
        // A chart is worth no chat.
        if let Err(error) = written {
            error_of("the data point was not written", &error)?;
        }
    }
    Ok(())
}

/// Writes an entry to the log.
pub fn write(entry: &Entry) -> Result<(), JsValue> {
    match entry.level {
        Level::Info => log(&entry.text),
        Level::Warn => warn(&entry.text),
        Level::Error => error(&entry.text),
    }
}
