//! An answer by events that begins before its end is known.

use wasm_bindgen::prelude::*;
use worker::js_sys::{Function, Promise, Uint8Array};
use worker::web_sys::{Response, WritableStreamDefaultWriter};
use worker::worker_sys::Context;

use super::steps::Io;
use super::stream::{IdentityTransformStream, see_through};
use super::task::Interruption;
use super::{init, response};
use crate::exchange::{Beginning, End};
use crate::reply::Body;

/// An answer that has begun.
pub struct Live {
    writer: WritableStreamDefaultWriter,
    /// Ends the wait for the answer, which keeps the request alive.
    ended: Option<Function>,
}

impl Live {
    /// Begins an answer, and returns the response.
    ///
    /// The request is kept alive until the answer has ended.
    pub fn begin(
        io: &Io,
        beginning: &Beginning,
        context: &Context,
    ) -> Result<(Self, Response), JsValue> {
        let init = init::of_reply(&beginning.reply)?;
        let pipe = IdentityTransformStream::new();
        let writer = pipe.writable().get_writer()?;
        let mut ended = None;
        let relayed = Promise::new(&mut |resolve, _| ended = Some(resolve));
        let (last_event, lost) = beginning.if_lost();
        context.wait_until(&see_through(
            &relayed,
            io.events().as_ref(),
            &writer,
            last_event,
            &lost,
        ))?;
        let readable = pipe.readable();
        let response = Response::new_with_opt_readable_stream_and_init(Some(&readable), &init)?;
        Ok((Self { writer, ended }, response))
    }

    /// Sends more of the answer.
    pub async fn write(&self, io: &Io, text: &str) -> Result<JsValue, Interruption> {
        let bytes = Uint8Array::from(text.as_bytes());
        let written = self.writer.write_with_chunk(&bytes);
        io.task.settled_whenever(&written).await
    }

    /// Sends the last of the answer, and writes the log.
    pub async fn end(self, io: &mut Io, end: &End) -> Result<JsValue, JsValue> {
        response::record(end, &io.bindings)?;
        io.let_upstream_go();
        if let Body::Text(text) = &end.reply.body
            && self.write(io, text).await.is_ok()
        {
            // This may fail if the shopper has left.
            let _ = io.task.settled_whenever(&self.writer.close()).await;
        }
        match self.ended {
            Some(ended) => ended.call0(&JsValue::UNDEFINED),
            None => Ok(JsValue::UNDEFINED),
        }
    }
}
