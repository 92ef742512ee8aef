//! The edge: the only code that knows the platform. JavaScript runs the errands of a visit
//! (`errands.js`), and reports to it through the functions here.

mod bindings;
mod limiter;
#[cfg(feature = "panic-probe")]
mod panic_probe;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::config::{Raw, Setting};
use crate::gate::Chance;
use crate::isolate::Isolate;
use crate::reply::Body;
use crate::visit;

/// Run when an instance begins.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| bindings::panicked(&panic.to_string())));
}

/// What is to be done next for a request; JavaScript knows the errands by these names.
#[wasm_bindgen]
pub enum Errand {
    ReadBody,
    AskLimiter,
    Send,
    ReadError,
    Wait,
    CountRetry,
    ReadAnswer,
    ReadFirst,
    GiveBack,
    HandOn,
    Reply,
}

/// A request on its way.
#[wasm_bindgen]
pub struct Visit {
    visit: visit::Visit,
    isolate: Rc<RefCell<Isolate>>,
}

#[wasm_bindgen]
impl Visit {
    /// A request that has just arrived. The time is in milliseconds since 1970, here and below.
    #[wasm_bindgen(constructor)]
    pub fn new(env: &JsValue, request: String, now: f64) -> Result<Self, JsValue> {
        Self::with(env, |isolate, chance| {
            visit::Visit::begin(isolate, request, chance, now as u64)
        })
    }

    /// A request that came to nothing.
    pub fn fault(env: &JsValue, request: String, started: f64, now: f64) -> Result<Self, JsValue> {
        Self::with(env, |isolate, chance| {
            visit::Visit::fault(isolate, request, chance, started as u64, now as u64)
        })
    }

    fn with(
        env: &JsValue,
        begin: impl FnOnce(&mut Isolate, Chance) -> visit::Visit,
    ) -> Result<Self, JsValue> {
        let isolate = isolate(env);
        let chance = draw()?;
        let visit = begin(&mut isolate.borrow_mut(), chance);
        Ok(Self { visit, isolate })
    }

    pub fn errand(&self) -> Errand {
        match self.visit.errand() {
            visit::Errand::ReadBody => Errand::ReadBody,
            visit::Errand::AskLimiter => Errand::AskLimiter,
            visit::Errand::Send => Errand::Send,
            visit::Errand::ReadError => Errand::ReadError,
            visit::Errand::Wait => Errand::Wait,
            visit::Errand::CountRetry => Errand::CountRetry,
            visit::Errand::ReadAnswer => Errand::ReadAnswer,
            visit::Errand::ReadFirst => Errand::ReadFirst,
            visit::Errand::GiveBack => Errand::GiveBack,
            visit::Errand::HandOn => Errand::HandOn,
            visit::Errand::Reply => Errand::Reply,
        }
    }

    /// How long the errand may take, in milliseconds.
    pub fn patience(&self, now: f64) -> u32 {
        self.visit.patience(now as u64) as u32
    }

    /// How much of a body is read, in bytes.
    pub fn room(&self) -> u32 {
        self.visit.room() as u32
    }

    /// The limiter that is to be asked.
    pub fn home(&self) -> String {
        self.visit
            .identity()
            .map(|identity| identity.home.name())
            .unwrap_or_default()
    }

    /// Whom it is asked about.
    pub fn shopper(&self) -> u32 {
        #[cfg(feature = "panic-probe")]
        if let Some(poison) = panic_probe::poison(self.visit.attempt_body()) {
            return poison;
        }
        self.visit
            .identity()
            .map(|identity| identity.shopper.0)
            .unwrap_or_default()
    }

    /// Whether that one is new there.
    pub fn newcomer(&self) -> bool {
        self.visit
            .identity()
            .is_none_or(|identity| identity.newcomer)
    }

    /// The number under which the limiter may take the chat back.
    pub fn receipt(&self) -> u32 {
        self.visit.receipt()
    }

    /// Where the attempt goes.
    pub fn url(&self) -> String {
        self.visit
            .attempt()
            .map(|attempt| attempt.url.clone())
            .unwrap_or_default()
    }

    /// Under which headers, in lines.
    pub fn attempt_headers(&self) -> String {
        self.visit
            .attempt()
            .map(|attempt| attempt.headers.lines().to_owned())
            .unwrap_or_default()
    }

    /// With which body.
    pub fn attempt_body(&self) -> Vec<u8> {
        self.visit.attempt_body().as_bytes().to_vec()
    }

    /// The body of the request is there.
    pub fn body(&mut self, body: Vec<u8>, now: f64) {
        #[cfg(feature = "panic-probe")]
        panic_probe::in_fetch(&body);
        self.visit
            .body(&mut self.isolate.borrow_mut(), &body, now as u64);
    }

    /// The limiter has answered.
    pub fn verdict(&mut self, words: Vec<u32>, now: f64) {
        self.visit
            .verdict(&mut self.isolate.borrow_mut(), &words, now as u64);
    }

    /// The head of the upstream's answer is there, in lines.
    pub fn head(&mut self, lines: String, now: f64) {
        self.visit
            .head(&mut self.isolate.borrow_mut(), lines, now as u64);
    }

    /// The limiter has counted another request of the chat, or not.
    pub fn retry_counted(&mut self, counted: bool, now: f64) {
        self.visit
            .retry_counted(&mut self.isolate.borrow_mut(), counted, now as u64);
    }

    /// So many bytes of the upstream's answer are there: all of it, or the first.
    pub fn answer(&mut self, length: u32, now: f64) {
        self.visit
            .answer(&mut self.isolate.borrow_mut(), length as usize, now as u64);
    }

    /// The limiter has taken the chat back, or not.
    pub fn given_back(&mut self, words: Vec<u32>, now: f64) {
        self.visit
            .given_back(&mut self.isolate.borrow_mut(), &words, now as u64);
    }

    /// The body of the upstream's error is there.
    pub fn error_body(&mut self, body: Vec<u8>, now: f64) {
        self.visit
            .error_body(&mut self.isolate.borrow_mut(), &body, now as u64);
    }

    /// The errand came to nothing.
    pub fn failed(&mut self, reason: &str, now: f64) {
        let failure = bindings::failure(reason);
        self.visit
            .failed(&mut self.isolate.borrow_mut(), failure, now as u64);
    }

    pub fn status(&self) -> u16 {
        self.visit.end().map_or(500, |end| end.reply.status)
    }

    /// The reply's headers, in lines.
    pub fn headers(&self) -> String {
        self.visit
            .end()
            .map(|end| end.reply.headers.lines().to_owned())
            .unwrap_or_default()
    }

    /// The reply's body, where it is a text of our own.
    pub fn text(&self) -> Option<String> {
        match &self.visit.end()?.reply.body {
            Body::Text(text) => Some(text.clone()),
            Body::Empty | Body::Upstream => None,
        }
    }

    /// What the log is told beside the request's line, a line each; hardly ever anything.
    pub fn notices(&self) -> Option<String> {
        let notices = self.visit.notices();
        (!notices.is_empty()).then(|| notices.join("\n"))
    }

    /// Whether the reply is a stream of events.
    pub fn streams(&self) -> bool {
        self.visit.streams()
    }

    /// What ends a stream of events that was cut.
    pub fn error_event(&self) -> String {
        self.visit.error_event()
    }

    /// The log line.
    pub fn line(&self) -> String {
        self.visit
            .end()
            .map(|end| end.line.clone())
            .unwrap_or_default()
    }
}

/// Whether pages of this origin may read answers.
#[wasm_bindgen]
pub fn allows(env: &JsValue, origin: &str) -> bool {
    isolate(env).borrow().gate.origins.allows(origin)
}

/// What the log is told of an answer that was cut. Its visit may be over for long.
#[wasm_bindgen]
pub fn cut_notice(request_id: &str, reason: &str) -> String {
    bindings::failure(reason).cut_notice(request_id)
}

/// The isolate of this deployment, opened with the first request to an instance.
fn isolate(env: &JsValue) -> Rc<RefCell<Isolate>> {
    thread_local! {
        static ISOLATE: OnceCell<Rc<RefCell<Isolate>>> = const { OnceCell::new() };
    }
    ISOLATE.with(|isolate| {
        isolate
            .get_or_init(|| Rc::new(RefCell::new(Isolate::open(|setting| raw(env, setting)))))
            .clone()
    })
}

fn raw(env: &JsValue, setting: Setting) -> Raw {
    let value = bindings::setting(env, setting.name());
    match value.as_string() {
        Some(text) => Raw::Text(text),
        None if value.is_undefined() => Raw::Missing,
        None => Raw::NotText,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the edge draws what the core is given"
)]
fn draw() -> Result<Chance, JsValue> {
    let mut bytes = [0; Chance::BYTES];
    getrandom::fill(&mut bytes).map_err(|_| "there is no randomness")?;
    Ok(Chance::new(bytes))
}
