//! The edge: the only code that knows the platform. JavaScript takes the steps of an exchange
//! (`steps.js`), and reports through the functions here.

mod bindings;
mod limiter;
#[cfg(feature = "panic-probe")]
mod panic_probe;
mod told;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::config::{Raw, Setting};
use crate::exchange::{self, Event, Next, Step};
use crate::gate::Entropy;
use crate::head::{RequestHead, ResponseHead};
use crate::isolate::Isolate;
use crate::relay::{Cut, Relay};

/// Run when an instance begins.
#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| bindings::panicked(&panic.to_string())));
}

/// Why a step came to nothing, or an answer was cut.
#[wasm_bindgen]
pub enum Failure {
    Elapsed,
    ShopperLeft,
    Broken,
}

/// A request on its way, and then its answer.
#[wasm_bindgen]
pub struct Exchange {
    state: State,
    /// What JavaScript is to do next.
    told: String,
    isolate: Rc<RefCell<Isolate>>,
    #[cfg(feature = "panic-probe")]
    poisoned: bool,
}

enum State {
    Running(exchange::Exchange, Step),
    Relaying(Relay),
    Over,
}

#[wasm_bindgen]
impl Exchange {
    /// A request that has just arrived, or one that has come to nothing. The time is in milliseconds
    /// since 1970, here and below.
    #[wasm_bindgen(constructor)]
    pub fn new(
        env: &JsValue,
        request: &str,
        started: f64,
        now: f64,
        failed: bool,
    ) -> Result<Self, JsValue> {
        let isolate = isolate(env);
        let entropy = draw()?;
        let [method, url, headers @ ..] = lines::<7>(request);
        let head = RequestHead::read(method, url, headers);
        let (started, now) = (started as u64, now as u64);
        let next = if failed {
            let isolate = isolate.borrow();
            let end = exchange::Exchange::fault(&isolate, &head, entropy, started, now);
            Next::Respond(end)
        } else {
            exchange::Exchange::begin(&isolate.borrow(), &head, entropy, now)
        };
        let mut exchange = Self {
            state: State::Over,
            told: String::new(),
            isolate,
            #[cfg(feature = "panic-probe")]
            poisoned: false,
        };
        exchange.go_on(next);
        Ok(exchange)
    }

    /// What is to be done next, handed out once.
    pub fn step(&mut self) -> String {
        std::mem::take(&mut self.told)
    }

    /// A body is there: the request's, or that of the upstream's error.
    pub fn bytes(&mut self, bytes: Vec<u8>, now: f64) {
        let event = match self.state {
            State::Running(_, Step::ReadBody { .. }) => {
                #[cfg(feature = "panic-probe")]
                {
                    panic_probe::in_fetch(&bytes);
                    self.poisoned = panic_probe::is_poison(&bytes);
                }
                Event::Body(bytes)
            }
            _ => Event::ErrorBody(bytes),
        };
        self.handle(event, now);
    }

    /// The limiter has answered, in words.
    pub fn answer(&mut self, words: &[u32], now: f64) {
        let answer = match self.state {
            State::Running(_, Step::Ask { question, .. }) => question.read(words),
            _ => None,
        };
        let unreadable = Event::Failed(exchange::Failure::Unreadable);
        self.handle(answer.map_or(unreadable, Event::Answer), now);
    }

    /// The head of the upstream's response is there, in lines.
    pub fn head(&mut self, head: &str, now: f64) {
        let [status, headers @ ..] = lines::<7>(head);
        let head = ResponseHead::read(status.parse().unwrap_or_default(), headers);
        self.handle(Event::Head(head), now);
    }

    /// So many bytes of the upstream's answer are there, all of it or the first; or so many
    /// connections came about, one or none.
    pub fn number(&mut self, number: u32, now: f64) {
        let event = match self.state {
            State::Running(_, Step::Connect { .. }) => Event::Connected(number > 0),
            _ => Event::Read(number as usize),
        };
        self.handle(event, now);
    }

    /// The step came to nothing.
    pub fn failed(&mut self, failure: Failure, words: String, now: f64) {
        let event = match failure {
            Failure::Elapsed => Event::Elapsed,
            Failure::ShopperLeft => Event::Failed(exchange::Failure::ShopperLeft),
            Failure::Broken => Event::Failed(exchange::Failure::Broken(words)),
        };
        self.handle(event, now);
    }

    /// What may be passed on of a stream of events, now that these bytes are there, or its end.
    pub fn pass(&mut self, bytes: Option<Vec<u8>>) -> Vec<u8> {
        match (&mut self.state, bytes) {
            (State::Relaying(relay), Some(bytes)) => relay.pass(bytes),
            (State::Relaying(relay), None) => relay.rest(),
            _ => Vec::new(),
        }
    }

    /// How long the answer's next bytes may take. The browser took this long for the last ones.
    pub fn timeout(&mut self, browser_took: f64, now: f64) -> f64 {
        match &mut self.state {
            State::Relaying(relay) => relay.timeout(browser_took as u64, now as u64) as f64,
            _ => 0.0,
        }
    }

    fn handle(&mut self, event: Event, now: f64) {
        if let State::Running(exchange, _) = std::mem::replace(&mut self.state, State::Over) {
            let mut isolate = self.isolate.borrow_mut();
            let next = exchange.handle(&mut isolate.memory, event, now as u64);
            drop(isolate);
            self.go_on(next);
        }
    }

    fn go_on(&mut self, next: Next) {
        #[cfg(feature = "panic-probe")]
        let next = panic_probe::poison(next, self.poisoned);
        self.told = told::told(&next);
        self.state = match next {
            Next::Step(step, exchange) => State::Running(exchange, step),
            Next::Respond(_) => State::Over,
            Next::Forward(_, relay) => State::Relaying(relay),
        };
    }
}

/// Whether pages of this origin may read answers.
#[wasm_bindgen]
pub fn allows(env: &JsValue, origin: &str) -> bool {
    isolate(env).borrow().gate.origins.allows(origin)
}

/// What the log is told of an answer that was cut. Its instance may be lost.
#[wasm_bindgen]
pub fn cut_notice(request_id: &str, failure: Failure) -> String {
    let cut = match failure {
        Failure::Elapsed => Cut::TimedOut,
        Failure::ShopperLeft => Cut::ShopperLeft,
        Failure::Broken => Cut::Broken,
    };
    cut.notice(request_id).text
}

/// The first lines of a text; empty ones where it has fewer.
fn lines<const N: usize>(text: &str) -> [&str; N] {
    let mut lines = [""; N];
    for (place, line) in lines.iter_mut().zip(text.split('\n')) {
        *place = line;
    }
    lines
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
fn draw() -> Result<Entropy, JsValue> {
    let mut bytes = [0; Entropy::BYTES];
    getrandom::fill(&mut bytes).map_err(|_| "there is no randomness")?;
    Ok(Entropy::new(bytes))
}
