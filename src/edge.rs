//! The edge: the only code that knows the platform.
//!
//! It performs the steps of an exchange and reports the results. It decides nothing.

mod bindings;
mod body;
mod heads;
mod init;
mod limiter;
mod live;
#[cfg(feature = "panic-probe")]
mod panic_probe;
mod response;
mod signature;
mod steps;
mod storage;
mod stream;
mod task;
mod usage;

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use worker::js_sys::Reflect;
use worker::web_sys::{Request, Response};
use worker::{Env, event, worker_sys};

use crate::entropy::Entropy;
use crate::exchange::{End, Event, Exchange, Failure, Next};
use crate::head::Needs;
use crate::isolate::Isolate;
use crate::settings::{Raw, Setting};
use heads::Head;
use live::Live;
use steps::Io;
use usage::Account;

#[wasm_bindgen(raw_module = "./instance.js")]
extern "C" {
    /// Tells the shim that the instance is about to trap.
    #[wasm_bindgen(js_name = onPanic)]
    fn on_panic();
}

/// Installs the panic hook when an instance starts.
#[event(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        on_panic();
    }));
}

/// Answers a request.
///
/// Returns the response, or a promise of it if the request has to wait.
///
/// This is exported by hand, because `#[event(fetch)]` answers an error with a text of its own,
/// without the headers that let a page read it. Here the shim gets the error, and asks for `fault`.
#[wasm_bindgen]
pub fn fetch(request: Request, env: Env, context: worker_sys::Context) -> Result<JsValue, JsValue> {
    task::run(|task, reply| async move {
        let isolate = isolate(&env);
        let mut now = task::now();
        let head = Head::read(&request, isolate.borrow().gate.needs())?;
        let entropy = draw().ok_or("no randomness is available")?;
        let mut next = Exchange::begin(&mut isolate.borrow_mut(), &head.as_ref(), entropy, now);
        let mut io = Io::new(task, request, env, isolate.borrow().placement());
        let mut live: Option<Live> = None;
        loop {
            let (event, exchange) = match next {
                Next::Step(step, exchange) => (io.take(step, now).await, exchange),
                Next::Begin(beginning, step, exchange) => {
                    let (begun, response) = Live::begin(&io, &beginning, &context)?;
                    reply.give(Ok(response.into()));
                    live = Some(begun);
                    next = Next::Write(beginning.bytes, step, exchange);
                    continue;
                }
                Next::Write(text, step, exchange) => {
                    if let Some(live) = &live
                        && live.write(&io, &text).await.is_err()
                    {
                        (Event::Failed(Failure::ShopperLeft), exchange)
                    } else {
                        next = Next::Step(step, exchange);
                        continue;
                    }
                }
                Next::Respond(end) => {
                    // A request that fails here is counted as a fault.
                    let account = account(&isolate, &end, &io, &context);
                    let answer = match live {
                        Some(live) => live.end(&mut io, &end).await?,
                        None => io.respond(&end)?.into(),
                    };
                    if let Some(account) = account {
                        account.note(&end);
                    }
                    return Ok(answer);
                }
                Next::Forward(end, relay) => {
                    let account = account(&isolate, &end, &io, &context);
                    let answer = stream::forward(io, &end, relay, account.clone(), &context)?;
                    if let Some(account) = account {
                        account.note(&end);
                    }
                    return Ok(answer.into());
                }
            };
            now = task::now();
            #[cfg(feature = "panic-probe")]
            let is_poisoned = panic_probe::in_fetch(&event);
            next = exchange.handle(&mut isolate.borrow_mut().memory, event, now);
            #[cfg(feature = "panic-probe")]
            if is_poisoned {
                panic_probe::poison(&mut next);
            }
        }
    })
}

/// Answers a request that failed outside its exchange.
///
/// Its instance was lost, or the platform failed it. `started` is in milliseconds since 1970.
#[wasm_bindgen]
pub fn fault(
    request: &Request,
    env: &Env,
    context: &worker_sys::Context,
    started: f64,
) -> Result<Response, JsValue> {
    let head = Head::read(request, Needs::default())?;
    // The answer matters more than how random its id is.
    let entropy = draw().unwrap_or(Entropy::new([0; Entropy::BYTES]));
    let isolate = isolate(env);
    let end = Exchange::fault(
        &isolate.borrow(),
        &head.as_ref(),
        entropy,
        started as u64,
        task::now(),
    );
    let bindings = env.unchecked_ref();
    let response = response::of_fault(&end, bindings)?;
    Account::new(&isolate, bindings, context).note(&end);
    Ok(response)
}

/// Returns where a request is counted, if it is.
fn account(
    isolate: &Rc<RefCell<Isolate>>,
    end: &End,
    io: &Io,
    context: &worker_sys::Context,
) -> Option<Account> {
    let account = || Account::new(isolate, &io.bindings, context);
    end.is_counted().then(account)
}

/// Returns the isolate of this deployment, which the first request to an instance opens.
fn isolate(env: &Env) -> Rc<RefCell<Isolate>> {
    thread_local! {
        static ISOLATE: OnceCell<Rc<RefCell<Isolate>>> = const { OnceCell::new() };
    }
    ISOLATE.with(|isolate| {
        isolate
            .get_or_init(|| Rc::new(RefCell::new(Isolate::open(|setting| raw(env, setting)))))
            .clone()
    })
}

/// Returns what the platform holds for a setting.
///
/// `worker`'s own `Env::var` does not distinguish a missing setting from one that is not text.
fn raw(env: &Env, setting: Setting) -> Raw {
    let value = Reflect::get(env, &setting.name().into()).unwrap_or_default();
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
fn draw() -> Option<Entropy> {
    let mut bytes = [0; Entropy::BYTES];
    getrandom::fill(&mut bytes).ok()?;
    Some(Entropy::new(bytes))
}
