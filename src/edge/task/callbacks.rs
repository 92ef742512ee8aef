//! The functions that JavaScript calls to wake a task.

use wasm_bindgen::prelude::*;
use worker::js_sys::{Function, Promise};

use super::registry::Tasks;
use super::{Interruption, Outcome, Task};

#[wasm_bindgen]
extern "C" {
    /// A function of ours that JavaScript calls.
    ///
    /// Its `bind` takes a plain number. The one of `js_sys` takes a JavaScript value, which would
    /// have to be made first.
    #[wasm_bindgen(extends = Function)]
    pub type Callback;
    #[wasm_bindgen(method)]
    pub fn bind(this: &Callback, this_arg: &JsValue, token: f64) -> Callback;

    /// A promise whose rejection is caught by such a function.
    pub type Quietable;
    #[wasm_bindgen(method)]
    pub fn catch(this: &Quietable, rejected: &Callback) -> Promise;
}

#[wasm_bindgen(raw_module = "./instance.js")]
extern "C" {
    /// Makes a promise call one of two functions, which outlive it, with the token.
    ///
    /// The shim catches what they throw. An uncaught trap would keep the lost instance from being
    /// collected.
    pub fn watch(promise: &Promise, resolved: &Callback, rejected: &Callback, token: f64);
}

thread_local! {
    pub static CALLBACKS: Callbacks = Callbacks::new();
}

/// The functions that JavaScript calls to wake a task. They live as long as the instance.
pub struct Callbacks {
    pub resolved: Callback,
    pub rejected: Callback,
    pub rang: Callback,
    pub left: Callback,
    pub ignored: Callback,
}

impl Callbacks {
    fn new() -> Self {
        let with_task = |act: fn(&Task)| {
            Closure::<dyn Fn(f64)>::new(move |id| {
                if let Some(task) = Tasks::find(id as u32) {
                    act(&task);
                }
            })
            .into_js_value()
            .unchecked_into()
        };
        let settling = |outcome: fn(JsValue) -> Outcome| {
            Closure::<dyn Fn(f64, JsValue)>::new(move |token, value| settle(token, outcome(value)))
                .into_js_value()
                .unchecked_into()
        };
        Self {
            resolved: settling(Ok),
            rejected: settling(|error| Err(Interruption::Broken(error))),
            rang: with_task(Task::ring),
            left: with_task(|task| task.wake(Err(Interruption::ShopperLeft))),
            ignored: Closure::<dyn Fn()>::new(|| {})
                .into_js_value()
                .unchecked_into(),
        }
    }
}

/// How many waits of a task have tokens of their own.
///
/// A JavaScript number is exact up to 2^53.
const WAITS: u32 = 1 << 20;

/// Returns the number by which a promise knows a task and its wait.
pub fn token(task: u32, wait: u32) -> f64 {
    f64::from(task) * f64::from(WAITS) + f64::from(wait % WAITS)
}

fn settle(token: f64, outcome: Outcome) {
    let token = token as u64;
    let (id, wait) = (token / u64::from(WAITS), token % u64::from(WAITS));
    let task = u32::try_from(id).ok().and_then(Tasks::find);
    if let Some(task) = task
        && u64::from(task.wait.get() % WAITS) == wait
    {
        task.wake(outcome);
    }
}
