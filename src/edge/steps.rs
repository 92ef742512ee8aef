//! The steps of an exchange, and how each is performed.

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use worker::Env;
use worker::js_sys::{Array, ArrayBuffer, JSON, Promise, Reflect, Uint8Array, Uint32Array};
use worker::web_sys::{ReadableStreamDefaultReader, Request, Response};
use worker::worker_sys;

use super::bindings::Bindings;
use super::body::{self, Piece};
use super::task::{self, Interruption, Task, Timeout};
use super::{heads, init, signature};
use crate::assistants::UpstreamRequest;
use crate::exchange::{Event, Failure, Step};
use crate::limits::protocol::Question;
use crate::placement::Placement;

#[wasm_bindgen]
extern "C" {
    /// The global function. `web_sys` has it as a method, and would look up its object each time.
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &JsValue) -> Result<Promise, JsValue>;
}

/// The platform objects of one request.
pub struct Io {
    pub task: Rc<Task>,
    pub request: Request,
    pub bindings: Bindings,
    placement: Placement,
    pub upstream: Upstream,
    events: Events,
}

/// What goes on while a message is answered.
#[derive(Default)]
struct Events {
    reader: Option<ReadableStreamDefaultReader>,
    /// The read that is under way.
    read: Option<Promise>,
    /// The message that was sent.
    sent: Option<Promise>,
}

/// What has arrived from the upstream and has not been read or sent yet.
#[derive(Default)]
pub struct Upstream {
    response: Option<Response>,
    /// A whole answer.
    pub answer: Option<ArrayBuffer>,
    /// The rest of an answer whose first bytes are here.
    pub reader: Option<ReadableStreamDefaultReader>,
    pub first: Option<Uint8Array>,
}

impl Io {
    pub fn new(task: Rc<Task>, request: Request, env: Env, placement: Placement) -> Self {
        Self {
            task,
            request,
            bindings: env.unchecked_into(),
            placement,
            upstream: Upstream::default(),
            events: Events::default(),
        }
    }

    /// Performs a step, and returns the event that reports the result.
    pub async fn take(&mut self, step: Step, now: u64) -> Event {
        let timeout = |ms| Timeout { ms, now };
        let taken = match step {
            Step::ReadBody {
                max_bytes,
                timeout: ms,
            } => {
                let body = body::read(&self.task, &self.request, max_bytes, timeout(ms)).await;
                body.map(Event::Body)
            }
            Step::ReadSigned {
                header,
                max_bytes,
                timeout: ms,
            } => {
                let signature = self.request.headers().get(header);
                let body = body::read(&self.task, &self.request, max_bytes, timeout(ms)).await;
                body.map(|body| Event::Signed {
                    body,
                    signature: signature.ok().flatten().unwrap_or_default(),
                })
            }
            Step::CheckSignature { check, timeout: ms } => {
                let checked = signature::check(&self.task, &check, timeout(ms)).await;
                checked.map(Event::SignatureChecked)
            }
            Step::Ask {
                limiter,
                question,
                timeout: ms,
            } => self.ask(&limiter, question, timeout(ms)).await,
            Step::ReadUsage {
                objects,
                timeout: ms,
            } => self.read_usage(&objects, timeout(ms)).await,
            Step::Listen {
                request,
                timeout: ms,
            } => self.listen(&request, timeout(ms)).await,
            Step::Send {
                request,
                timeout: ms,
                listening,
            } => self.send(&request, listening, timeout(ms)).await,
            Step::Await { timeout: ms } => self.first(timeout(ms)).await,
            Step::Connect {
                host,
                port,
                timeout: ms,
            } => self.connect(&host, port, timeout(ms)).await,
            Step::ReadUpstream {
                max_bytes,
                timeout: ms,
            } => {
                let body = self.upstream.response.as_ref().and_then(Response::body);
                let body = body::read_at_most(&self.task, body, max_bytes, timeout(ms)).await;
                body.map(Event::UpstreamBody)
            }
            Step::ReadAnswer { timeout: ms } => self.read_answer(timeout(ms)).await,
            Step::ReadFirst { timeout: ms } => self.read_first(timeout(ms)).await,
            Step::Wait { pause } => self
                .task
                .pause(timeout(pause))
                .await
                .map(|_| Event::Elapsed),
        };
        taken.unwrap_or_else(|interruption| match interruption {
            Interruption::Elapsed => Event::Elapsed,
            Interruption::ShopperLeft => Event::Failed(Failure::ShopperLeft),
            Interruption::Broken(error) => Event::Failed(Failure::Broken(words(&error))),
        })
    }

    async fn ask(
        &self,
        limiter: &str,
        question: Question,
        timeout: Timeout,
    ) -> Result<Event, Interruption> {
        let stub = self.bindings.limiter_named(limiter, self.placement);
        let stub = stub.map_err(Interruption::Broken)?;
        let answer = self
            .task
            .settled(stub.ask(&question.to_words()), timeout)
            .await?;
        // The signal is first read here. It costs more than the call, and nothing before this waits
        // for long.
        if self.task.listen(|| self.request.signal()) {
            return Err(Interruption::ShopperLeft);
        }
        let words = answer
            .dyn_ref::<Array>()
            .map(|words| Uint32Array::new(words).to_vec());
        let answer = words.and_then(|words| question.read(&words));
        Ok(answer.map_or(Event::Failed(Failure::Unreadable), Event::Answer))
    }

    async fn read_usage(
        &self,
        objects: &[String],
        timeout: Timeout,
    ) -> Result<Event, Interruption> {
        let reads = Array::new();
        for object in objects {
            let usage = self.bindings.usage_named(object, self.placement);
            let read = usage.and_then(|usage| usage.read());
            reads.push(&read.map_err(Interruption::Broken)?.into());
        }
        let read = self.task.settled(Ok(Promise::all(&reads)), timeout).await?;
        let days = Array::from(&read);
        let bytes = days.iter().map(|day| Uint8Array::new(&day).to_vec());
        Ok(Event::Usage(bytes.collect()))
    }

    async fn send(
        &mut self,
        request: &UpstreamRequest,
        listening: bool,
        timeout: Timeout,
    ) -> Result<Event, Interruption> {
        self.upstream.let_go();
        let sent = init::of_request(request).and_then(|init| fetch(&request.url, &init));
        if listening {
            self.events.sent = Some(sent.map_err(Interruption::Broken)?);
            return self.first(timeout).await;
        }
        let response = self.task.settled(sent, timeout).await?;
        self.arrived(response.unchecked_into())
    }

    fn arrived(&mut self, response: Response) -> Result<Event, Interruption> {
        let head = heads::read_response(&response).map_err(Interruption::Broken)?;
        self.upstream.response = Some(response);
        Ok(Event::Head(head))
    }

    /// Opens a stream of events, and keeps its reader.
    async fn listen(
        &mut self,
        request: &UpstreamRequest,
        timeout: Timeout,
    ) -> Result<Event, Interruption> {
        let sent = init::of_request(request).and_then(|init| fetch(&request.url, &init));
        let response: Response = self.task.settled(sent, timeout).await?.unchecked_into();
        let head = heads::read_response(&response).map_err(Interruption::Broken)?;
        let body = response.body();
        self.events.reader = body.map(|body| body.get_reader().unchecked_into());
        Ok(Event::Head(head))
    }

    /// Waits for the first of what is under way: the response, or the next events.
    async fn first(&mut self, timeout: Timeout) -> Result<Event, Interruption> {
        let Some(sent) = self.events.sent.clone() else {
            return Err(Interruption::Broken("nothing was sent".into()));
        };
        let promise = match (&self.events.reader, &self.events.read) {
            (Some(_), Some(read)) => Promise::race(&Array::of2(&sent, read)),
            (Some(reader), None) => {
                let read = task::quiet(&reader.read());
                let race = Promise::race(&Array::of2(&sent, &read));
                self.events.read = Some(read);
                race
            }
            (None, _) => sent,
        };
        let value = self.task.settled(Ok(promise), timeout).await?;
        match value.dyn_into::<Response>() {
            Ok(response) => {
                self.events.sent = None;
                self.arrived(response)
            }
            Err(piece) => {
                self.events.read = None;
                let is_there = !piece.is_undefined();
                let bytes = is_there.then(|| piece.unchecked_into::<Piece>().value());
                let bytes = bytes.flatten();
                if bytes.is_none() {
                    self.events.reader = None;
                }
                let bytes = bytes.map(|bytes| bytes.to_vec());
                Ok(Event::Events(bytes.unwrap_or_default()))
            }
        }
    }

    /// Returns the reader of the events, if they are open.
    pub fn events(&self) -> Option<ReadableStreamDefaultReader> {
        self.events.reader.clone()
    }

    async fn connect(
        &self,
        host: &str,
        port: u16,
        timeout: Timeout,
    ) -> Result<Event, Interruption> {
        let address = JSON::parse(&format!(r#"{{"hostname":"{host}","port":{port}}}"#));
        let socket = address.and_then(|address| worker_sys::connect(address, JsValue::UNDEFINED));
        let socket = socket.map_err(Interruption::Broken)?;
        let opened = self.task.settled(socket.opened(), timeout).await;
        if let Ok(closed) = socket.close() {
            task::ignore(&closed);
        }
        match opened {
            Ok(_) => Ok(Event::Connected(true)),
            Err(Interruption::Broken(_)) => Ok(Event::Connected(false)),
            Err(interruption) => Err(interruption),
        }
    }

    async fn read_answer(&mut self, timeout: Timeout) -> Result<Event, Interruption> {
        let Some(response) = &self.upstream.response else {
            return Ok(Event::Read(0));
        };
        let buffer = self.task.settled(response.array_buffer(), timeout).await?;
        let buffer: ArrayBuffer = buffer.unchecked_into();
        let length = buffer.byte_length() as usize;
        self.upstream.answer = Some(buffer);
        Ok(Event::Read(length))
    }

    async fn read_first(&mut self, timeout: Timeout) -> Result<Event, Interruption> {
        let Some(body) = self.upstream.response.as_ref().and_then(Response::body) else {
            return Ok(Event::Read(0));
        };
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        let read = reader.read();
        self.upstream.reader = Some(reader);
        let piece: Piece = self.task.settled(Ok(read), timeout).await?.unchecked_into();
        self.upstream.first = piece.value();
        let length = self.upstream.first.as_ref().map_or(0, Uint8Array::length);
        Ok(Event::Read(length as usize))
    }

    /// Cancels what of the upstream nobody reads.
    pub fn let_upstream_go(&mut self) {
        self.upstream.let_go();
        if let Some(reader) = self.events.reader.take() {
            body::let_go(&reader);
        }
    }
}

impl Upstream {
    fn let_go(&mut self) {
        let Self {
            response, reader, ..
        } = std::mem::take(self);
        if let Some(reader) = reader {
            body::let_go(&reader);
        } else if let Some(body) = response.and_then(|response| response.body()) {
            body::let_go(&body);
        }
    }
}

/// Returns an error's message.
fn words(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).unwrap_or_default();
    message
        .as_string()
        .or_else(|| error.as_string())
        .unwrap_or_default()
}
