//! What is counted: its way to the object of its day, and the Rust half of that object.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use worker::Env;
use worker::js_sys::{Function, Promise, Uint8Array};
use worker::worker_sys::Context;

use super::bindings::Bindings;
use super::response::{self, error_of};
use super::storage::Storage;
use super::task::{self, Interruption, Task, Timeout, now};
use crate::exchange::{End, USAGE_TIMEOUT_MS};
use crate::isolate::Isolate;
use crate::log;
use crate::usage::{Batch, Delivery, Keeper};

/// The key under which the counts are stored.
const USAGE: &str = "usage";

/// Where a request is counted.
///
/// A count is worth no chat, so what goes wrong is only logged.
#[derive(Clone)]
pub struct Account {
    isolate: Rc<RefCell<Isolate>>,
    bindings: Bindings,
    /// A [`Context`], which cannot be cloned as one.
    context: JsValue,
}

impl Account {
    pub fn new(isolate: &Rc<RefCell<Isolate>>, bindings: &Bindings, context: &Context) -> Self {
        Self {
            isolate: isolate.clone(),
            bindings: bindings.clone(),
            context: AsRef::<JsValue>::as_ref(context).clone(),
        }
    }

    /// Counts a request that ends.
    pub fn note(&self, end: &End) {
        self.count(|batch| {
            let sample = end.sample.as_ref();
            let is_due = sample.is_some_and(|sample| batch.note(sample, now()));
            let lifted = end.lifted;
            is_due | lifted.is_some_and(|lifted| batch.lift(lifted, now()))
        });
    }

    /// Counts an answer that broke off, after its request was counted as answered.
    pub fn note_cut(&self, request_id: [u8; 16], outcome: &'static str) {
        self.count(|batch| batch.note_cut(request_id, outcome, now()));
    }

    /// Counts something, and has the counts delivered in a few seconds if nothing has yet.
    fn count(&self, count: impl FnOnce(&mut Batch) -> bool) {
        let is_due = count(&mut self.isolate.borrow_mut().batch);
        let context = self.context.unchecked_ref();
        if is_due && let Err(error) = schedule(&self.isolate, &self.bindings, context) {
            let _ = error_of("the counts cannot be delivered", &error);
        }
    }
}

fn schedule(
    isolate: &Rc<RefCell<Isolate>>,
    bindings: &Bindings,
    context: &Context,
) -> Result<(), JsValue> {
    let (isolate, bindings) = (isolate.clone(), bindings.clone());
    let delivered = task::run(|task, _| async move {
        let ms = Batch::PAUSE_MS;
        let _ = task.pause(Timeout { ms, now: now() }).await;
        let placement = isolate.borrow().placement();
        loop {
            let Some(Delivery { object, bytes }) = isolate.borrow_mut().take_usage() else {
                return Ok(JsValue::UNDEFINED);
            };
            let usage = bindings.usage_named(&object, placement)?;
            let bytes = Uint8Array::from(bytes.as_slice());
            if let Err(interruption) = deliver(&task, usage.report(&bytes)).await {
                let error = match interruption {
                    Interruption::Broken(error) => error,
                    Interruption::Elapsed | Interruption::ShopperLeft => "timeout".into(),
                };
                response::write(&log::counts_lost())?;
                error_of("the object of the day did not take them", &error)?;
            }
        }
    })?;
    context.wait_until(delivered.unchecked_ref())
}

async fn deliver(task: &Task, sent: Result<Promise, JsValue>) -> Result<JsValue, Interruption> {
    let (ms, now) = (USAGE_TIMEOUT_MS, now());
    task.settled(sent, Timeout { ms, now }).await
}

/// The Rust half of the object that counts one day.
#[wasm_bindgen]
pub struct Usage {
    keeper: Keeper,
}

#[wasm_bindgen]
impl Usage {
    /// Restores what the object has stored.
    ///
    /// Counts that cannot be read begin anew: no limit depends on them.
    #[wasm_bindgen(constructor)]
    pub fn new(storage: &Storage, _env: &Env) -> Result<Self, JsValue> {
        let stored = storage.stored(USAGE)?;
        let keeper = stored.and_then(|snapshot| Keeper::restore(&snapshot));
        Ok(Self {
            keeper: keeper.unwrap_or_default(),
        })
    }

    /// Adds what an isolate has counted.
    pub fn report(
        &mut self,
        storage: &Storage,
        flush: &Function,
        bytes: &[u8],
    ) -> Result<(), JsValue> {
        match self.keeper.report(bytes, now()) {
            Some(ops) => storage.carry_out_confirmed(ops, USAGE, flush),
            None => response::write(&log::counts_lost()),
        }
    }

    /// Returns all that was counted.
    ///
    /// It is stored first. A counter that somebody has read must not be smaller after a crash.
    pub fn read(&mut self, storage: &Storage, flush: &Function) -> Result<Vec<u8>, JsValue> {
        self.flush(storage, flush)?;
        Ok(self.keeper.read())
    }

    /// Writes the counts if a flush is pending.
    pub fn flush(&mut self, storage: &Storage, flush: &Function) -> Result<(), JsValue> {
        storage.carry_out_confirmed(self.keeper.flush(now()), USAGE, flush)
    }

    /// Deletes the counts, which are old enough.
    pub fn alarm(&mut self, storage: &Storage, flush: &Function) -> Result<(), JsValue> {
        storage.carry_out_confirmed(self.keeper.alarm(), USAGE, flush)
    }
}
