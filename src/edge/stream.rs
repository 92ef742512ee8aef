//! An answer that is passed on as it arrives.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use worker::js_sys::{Promise, Uint8Array};
use worker::web_sys::{
    AbortSignal, ReadableStreamDefaultReader, Response, TransformStream,
    WritableStreamDefaultWriter,
};
use worker::worker_sys::Context;

use super::body::{self, Piece};
use super::steps::Io;
use super::task::{self, Interruption, Task, Timeout, now};
use super::usage::Account;
use super::{init, response};
use crate::exchange::End;
use crate::relay::{Cut, Relay};

#[wasm_bindgen]
extern "C" {
    /// A pipe of bytes, which only workerd has and `web_sys` does not know.
    #[wasm_bindgen(extends = TransformStream)]
    pub type IdentityTransformStream;
    #[wasm_bindgen(constructor)]
    pub fn new() -> IdentityTransformStream;
}

#[wasm_bindgen(raw_module = "./streams.js")]
extern "C" {
    /// Resolves when the relay has ended. Ends the answer if the instance is lost before that.
    #[wasm_bindgen(js_name = seeThrough)]
    pub fn see_through(
        relayed: &JsValue,
        reader: Option<&ReadableStreamDefaultReader>,
        writer: &WritableStreamDefaultWriter,
        last_event: Option<String>,
        notice: &str,
    ) -> Promise;
}

/// Responds with the upstream's body as it arrives.
///
/// The request is kept alive until the answer has ended. One that breaks off is counted in the account.
pub fn forward(
    io: Io,
    end: &End,
    relay: Relay,
    account: Option<Account>,
    context: &Context,
) -> Result<Response, JsValue> {
    response::record(end, &io.bindings)?;
    let init = init::of_reply(&end.reply)?;
    let pipe = IdentityTransformStream::new();
    let writer = pipe.writable().get_writer()?;
    let Some(reader) = io.upstream.reader else {
        return Err("there is no answer to pass on".into());
    };
    let first = io.upstream.first;
    let (last_event, lost) = (relay.last_event(), relay.cut_notice(Cut::Broken).text);
    let (from, to) = (reader.clone(), writer.clone());
    let request_id = end.sample.as_ref().map(|sample| sample.request_id);
    let counted = account.zip(request_id);
    let relayed = task::run(|task, _| async move {
        let signal = io.request.signal();
        let mut stream = Stream {
            task,
            relay,
            reader,
            writer,
            counted,
        };
        if let Err(interruption) = stream.pass_on(first, signal).await {
            stream.cut(interruption).await?;
        }
        Ok(JsValue::UNDEFINED)
    })?;
    context.wait_until(&see_through(&relayed, Some(&from), &to, last_event, &lost))?;
    Response::new_with_opt_readable_stream_and_init(Some(&pipe.readable()), &init)
}

struct Stream {
    task: Rc<Task>,
    relay: Relay,
    reader: ReadableStreamDefaultReader,
    writer: WritableStreamDefaultWriter,
    /// Where the request was counted as answered, and its id there.
    counted: Option<(Account, [u8; 16])>,
}

impl Stream {
    async fn pass_on(
        &mut self,
        first: Option<Uint8Array>,
        signal: AbortSignal,
    ) -> Result<(), Interruption> {
        if self.task.listen(|| signal) {
            return Err(Interruption::ShopperLeft);
        }
        let mut piece = first;
        while let Some(bytes) = piece {
            let read = now();
            if self.relay.is_of_events() {
                let bytes = self.relay.pass(bytes.to_vec());
                self.write(&bytes).await?;
            } else {
                self.write_piece(&bytes).await?;
            }
            let now = now();
            let ms = self.relay.timeout(now.saturating_sub(read), now);
            let next = self
                .task
                .settled(Ok(self.reader.read()), Timeout { ms, now });
            piece = next.await?.unchecked_into::<Piece>().value();
        }
        if self.relay.is_of_events() {
            let rest = self.relay.rest();
            self.write(&rest).await?;
        }
        self.task.settled_whenever(&self.writer.close()).await?;
        Ok(())
    }

    async fn write(&self, bytes: &[u8]) -> Result<JsValue, Interruption> {
        self.write_piece(&Uint8Array::from(bytes)).await
    }

    async fn write_piece(&self, bytes: &Uint8Array) -> Result<JsValue, Interruption> {
        let written = self.writer.write_with_chunk(bytes);
        self.task.settled_whenever(&written).await
    }

    /// Ends an answer that is cut.
    ///
    /// A stream of events ends with an event that says so. Any other body ends with its connection
    /// broken.
    async fn cut(&self, interruption: Interruption) -> Result<(), JsValue> {
        let cut = match interruption {
            Interruption::Elapsed => Cut::TimedOut,
            Interruption::ShopperLeft => Cut::ShopperLeft,
            Interruption::Broken(_) => Cut::Broken,
        };
        // The upstream is cancelled first, because the browser may be slow to take the rest.
        body::let_go(&self.reader);
        response::write(&self.relay.cut_notice(cut))?;
        if let Some((account, request_id)) = &self.counted
            && let Some(outcome) = cut.outcome()
        {
            account.note_cut(*request_id, outcome);
        }
        match self.relay.last_event() {
            Some(event) => {
                if self.write(event.as_bytes()).await.is_ok() {
                    // This may fail if the shopper has left.
                    let _ = self.task.settled_whenever(&self.writer.close()).await;
                }
            }
            None => {
                let reason = JsValue::from("the answer was cut");
                task::ignore(&self.writer.abort_with_reason(&reason));
            }
        }
        Ok(())
    }
}
