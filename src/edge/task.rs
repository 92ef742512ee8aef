//! The future of one request, and what wakes it: a promise, a timer, or a shopper who leaves.
//!
//! This is a small executor of our own, because the one of `wasm_bindgen_futures` leaks here. What
//! it registers with a promise stays until the promise settles, and many promises never do. Those
//! are the promises of a step that timed out, and all promises of a request that the runtime cuts
//! off. Here a promise knows its task only by a number.

mod callbacks;
mod registry;

use std::cell::{Cell, OnceCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use callbacks::{CALLBACKS, Callback, token, watch};
use registry::TASKS;
use wasm_bindgen::prelude::*;
use worker::js_sys::{Date, Function, Promise};
use worker::web_sys::AbortSignal;

#[wasm_bindgen]
extern "C" {
    /// Passes an argument to the callback, which saves a closure for each timer.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Callback, ms: f64, task: f64) -> f64;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: f64);
}

/// The task of a request, or of an answer that is passed on.
pub struct Task {
    id: u32,
    /// The future, which is taken out while it runs.
    future: Cell<Option<Pin<Box<dyn Future<Output = ()>>>>>,
    /// The number of the current wait. An outcome of an earlier wait is ignored.
    wait: Cell<u32>,
    outcome: Cell<Option<Outcome>>,
    signal: OnceCell<AbortSignal>,
    /// The timer. One timer serves several waits in a row.
    timer: Cell<Option<Timer>>,
    /// When the current wait ends, in milliseconds since 1970.
    due: Cell<u64>,
    /// How long the current wait may take, in milliseconds.
    timeout: Cell<u64>,
    /// Whether the last sweep found the task overdue.
    overdue: Cell<bool>,
}

#[derive(Clone, Copy)]
struct Timer {
    handle: f64,
    rings_at: u64,
}

/// How long a wait may take: `ms` milliseconds from `now`.
#[derive(Clone, Copy)]
pub struct Timeout {
    pub ms: u64,
    pub now: u64,
}

/// The result of a wait.
type Outcome = Result<JsValue, Interruption>;

/// Why a wait ends without a value.
pub enum Interruption {
    /// Its time is up.
    Elapsed,
    /// The shopper has left.
    ShopperLeft,
    /// The promise was rejected with this.
    Broken(JsValue),
}

/// Returns the time, in milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge tells the core the time"
)]
pub fn now() -> u64 {
    Date::now() as u64
}

/// Runs a future.
///
/// Returns its result, or a promise of the result if the future has to wait.
pub fn run<F>(begin: impl FnOnce(Rc<Task>, Rc<End>) -> F) -> Result<JsValue, JsValue>
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    let end = Rc::new(End::default());
    Task::spawn(|task| {
        let (future, end) = (begin(task, end.clone()), end.clone());
        async move { end.give(future.await) }
    });
    if let Some(outcome) = end.outcome.take() {
        return outcome;
    }
    let promise = Promise::new(&mut |resolve, reject| {
        end.settle.set(Some((resolve, reject)));
    });
    Ok(promise.into())
}

/// The result of a future, and the functions that settle its promise.
#[derive(Default)]
pub struct End {
    /// Whether the result was given. The rest of the future has none.
    given: Cell<bool>,
    outcome: Cell<Option<Result<JsValue, JsValue>>>,
    settle: Cell<Option<(Function, Function)>>,
}

impl End {
    /// Gives the result, which the future may go on after.
    pub fn give(&self, outcome: Result<JsValue, JsValue>) {
        if self.given.replace(true) {
            return;
        }
        let Some((resolve, reject)) = self.settle.take() else {
            self.outcome.set(Some(outcome));
            return;
        };
        // A promise's own functions never throw.
        let _ = match outcome {
            Ok(value) => resolve.call1(&JsValue::UNDEFINED, &value),
            Err(error) => reject.call1(&JsValue::UNDEFINED, &error),
        };
    }
}

/// Keeps the rejection of a promise from being reported.
pub fn ignore(promise: &Promise) {
    CALLBACKS.with(|callbacks| watch(promise, &callbacks.ignored, &callbacks.ignored, 0.0));
}

/// Returns a promise that resolves to nothing if this one is rejected.
pub fn quiet(promise: &Promise) -> Promise {
    CALLBACKS.with(|callbacks| {
        let promise: &callbacks::Quietable = promise.unchecked_ref();
        promise.catch(&callbacks.ignored)
    })
}

impl Task {
    fn new(id: u32) -> Self {
        Self {
            id,
            future: Cell::default(),
            wait: Cell::default(),
            outcome: Cell::default(),
            signal: OnceCell::new(),
            timer: Cell::default(),
            due: Cell::new(u64::MAX),
            timeout: Cell::default(),
            overdue: Cell::default(),
        }
    }

    fn spawn<F>(begin: impl FnOnce(Rc<Self>) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        let task = TASKS.with_borrow_mut(|tasks| tasks.add(now()));
        let future = begin(task.clone());
        task.future.set(Some(Box::pin(future)));
        task.run();
    }

    /// Waits for a promise, but no longer than the timeout.
    pub async fn settled(
        &self,
        promise: Result<Promise, JsValue>,
        timeout: Timeout,
    ) -> Result<JsValue, Interruption> {
        let promise = promise.map_err(Interruption::Broken)?;
        self.begin_wait();
        self.watch(&promise);
        self.set_timer(timeout);
        self.outcome().await
    }

    /// Waits for a promise, however long it takes.
    pub async fn settled_whenever(&self, promise: &Promise) -> Result<JsValue, Interruption> {
        self.begin_wait();
        self.watch(promise);
        self.due.set(u64::MAX);
        self.outcome().await
    }

    /// Waits until the time is up, which is an interruption like any other.
    pub async fn pause(&self, timeout: Timeout) -> Result<JsValue, Interruption> {
        self.begin_wait();
        self.set_timer(timeout);
        self.outcome().await
    }

    /// Makes each wait from now on end when the shopper leaves.
    ///
    /// Returns whether the shopper has already left.
    pub fn listen(&self, signal: impl FnOnce() -> AbortSignal) -> bool {
        let signal = self.signal.get_or_init(|| {
            let signal = signal();
            CALLBACKS.with(|callbacks| {
                let left = callbacks.left.bind(&JsValue::UNDEFINED, f64::from(self.id));
                signal.set_onabort(Some(&left));
            });
            signal
        });
        signal.aborted()
    }

    fn begin_wait(&self) {
        self.wait.set(self.wait.get().wrapping_add(1));
        self.outcome.set(None);
    }

    fn watch(&self, promise: &Promise) {
        CALLBACKS.with(|callbacks| {
            let token = token(self.id, self.wait.get());
            watch(promise, &callbacks.resolved, &callbacks.rejected, token);
        });
    }

    async fn outcome(&self) -> Outcome {
        let outcome = poll_fn(|_| self.outcome.take().map_or(Poll::Pending, Poll::Ready)).await;
        match outcome {
            // If the shopper has left, that is why the promise was rejected.
            Err(Interruption::Broken(_)) if self.has_left() => Err(Interruption::ShopperLeft),
            outcome => outcome,
        }
    }

    fn has_left(&self) -> bool {
        self.signal.get().is_some_and(AbortSignal::aborted)
    }

    fn set_timer(&self, Timeout { ms, now }: Timeout) {
        self.timeout.set(ms);
        self.due.set(now.saturating_add(ms));
        if self
            .timer
            .get()
            .is_none_or(|timer| timer.rings_at > self.due.get())
        {
            self.stop_timer();
            self.start_timer(ms, now);
        }
    }

    fn start_timer(&self, ms: u64, now: u64) {
        let id = f64::from(self.id);
        let handle = CALLBACKS.with(|callbacks| set_timeout(&callbacks.rang, ms as f64, id));
        let rings_at = now.saturating_add(ms);
        self.timer.set(Some(Timer { handle, rings_at }));
    }

    fn stop_timer(&self) {
        if let Some(timer) = self.timer.take() {
            clear_timeout(timer.handle);
        }
    }

    fn ring(&self) {
        self.timer.set(None);
        let (now, due) = (now(), self.due.get());
        if due == u64::MAX {
            return;
        }
        if now < due {
            // A clock that is set back must not make a wait longer than its timeout.
            self.start_timer((due - now).min(self.timeout.get()), now);
        } else {
            self.wake(Err(Interruption::Elapsed));
        }
    }

    fn wake(&self, outcome: Outcome) {
        self.outcome.set(Some(outcome));
        self.run();
    }

    fn run(&self) {
        let Some(mut future) = self.future.take() else {
            return;
        };
        let mut context = Context::from_waker(Waker::noop());
        match future.as_mut().poll(&mut context) {
            Poll::Pending => self.future.set(Some(future)),
            Poll::Ready(()) => {
                self.stop_timer();
                TASKS.with_borrow_mut(|tasks| tasks.remove(self.id));
            }
        }
    }
}
