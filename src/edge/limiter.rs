//! The Rust half of a limiter object: its decisions, its storage, its alarm and its timer.
//!
//! It holds nothing of JavaScript's, because what Rust holds is never collected. The object holds
//! this half. If this half held the object's storage, the object could not be collected either. So
//! each call brings the storage along.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use worker::js_sys::{Function, JSON, Promise, Uint8Array};
use worker::{Env, worker_sys::DurableObjectStorage};

use super::response;
use super::task::now;
use crate::isolate::Isolate;
use crate::limits::protocol::Question;
use crate::limits::write_behind::WriteBehind;
use crate::storage::StorageOps;

/// The key under which the ledger is stored.
const LEDGER: &str = "ledger";

#[wasm_bindgen]
extern "C" {
    /// An object's storage, with what `worker_sys` lacks.
    ///
    /// That is synchronous reads, and the options of a write. They let an answer leave before the
    /// write is confirmed.
    #[wasm_bindgen(extends = DurableObjectStorage)]
    pub type Storage;
    #[wasm_bindgen(method, getter)]
    fn kv(this: &Storage) -> SyncKv;
    #[wasm_bindgen(method, catch)]
    fn put(
        this: &Storage,
        key: &str,
        value: &Uint8Array,
        options: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &Storage, time: f64, options: &JsValue) -> Result<Promise, JsValue>;

    type SyncKv;
    #[wasm_bindgen(method, catch)]
    fn get(this: &SyncKv, key: &str) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: f64) -> f64;
}

#[wasm_bindgen]
pub struct Limiter {
    /// `None` if the stored ledger cannot be read. Nothing is admitted then until the alarm.
    write_behind: Option<WriteBehind>,
    isolate: Rc<RefCell<Isolate>>,
}

#[wasm_bindgen]
impl Limiter {
    /// Restores what the object has stored.
    #[wasm_bindgen(constructor)]
    pub fn new(storage: &Storage, env: &Env) -> Result<Self, JsValue> {
        let write_behind = match storage.kv().get(LEDGER)? {
            Some(snapshot) => WriteBehind::restore(&snapshot.to_vec()),
            None => Some(WriteBehind::default()),
        };
        Ok(Self {
            write_behind,
            isolate: super::isolate(env),
        })
    }

    /// Answers a question.
    ///
    /// Question and answer are encoded as words. There is no await, so no other decision comes in
    /// between. The object's `flush` is called when something has to be written later.
    pub fn ask(
        &mut self,
        storage: &Storage,
        flush: &Function,
        words: &[u32],
    ) -> Result<Vec<u32>, JsValue> {
        let question = Question::from_words(words).ok_or("unknown question")?;
        #[cfg(feature = "panic-probe")]
        super::panic_probe::in_object(question);
        let isolate = self.isolate.borrow();
        let proxy = isolate
            .gate
            .proxy()
            .map_err(|_| "the settings are invalid")?;
        let write_behind = self.write_behind.as_mut();
        let write_behind = write_behind.ok_or("the stored ledger cannot be read")?;
        let (answer, ops) = write_behind.answer(question, &proxy.config.limits, now());
        carry_out(ops, storage, flush)?;
        Ok(answer.to_words())
    }

    /// Writes the ledger if a flush is pending.
    pub fn flush(&mut self, storage: &Storage, flush: &Function) -> Result<(), JsValue> {
        let horizon = self.isolate.borrow().horizon();
        let ops = self
            .write_behind
            .as_mut()
            .map(|write_behind| write_behind.flush(horizon, now()));
        carry_out(ops.unwrap_or_default(), storage, flush)
    }

    /// Drops what no window needs any more, and a ledger that cannot be read.
    ///
    /// The alarm was set for the time when the last admission so far would no longer be needed.
    pub fn alarm(&mut self, storage: &Storage, flush: &Function) -> Result<(), JsValue> {
        let horizon = self.isolate.borrow().horizon();
        let write_behind = self.write_behind.get_or_insert_default();
        carry_out(write_behind.alarm(horizon, now()), storage, flush)
    }
}

/// Carries out the storage operations of a call.
///
/// No answer waits for a write.
fn carry_out(ops: StorageOps, storage: &Storage, flush: &Function) -> Result<(), JsValue> {
    if let Some(snapshot) = ops.write {
        let snapshot = Uint8Array::from(snapshot.as_slice());
        log_failure(&storage.put(LEDGER, &snapshot, &unconfirmed()?)?);
    }
    if let Some(time) = ops.wake_at {
        log_failure(&storage.set_alarm(time as f64, &unconfirmed()?)?);
    }
    if let Some(ms) = ops.flush_in {
        set_timeout(flush, ms as f64);
    }
    if ops.clear {
        log_failure(&storage.delete_all()?);
    }
    Ok(())
}

fn unconfirmed() -> Result<JsValue, JsValue> {
    JSON::parse(r#"{"allowUnconfirmed":true}"#)
}

/// Logs a write that fails.
///
/// The runtime ends an object whose storage fails, and the next one starts from what is stored.
fn log_failure(write: &Promise) {
    thread_local! {
        static FAILED: Closure<dyn FnMut(JsValue)> = Closure::new(|error: JsValue| {
            let _ = response::error_of("the limiter could not write", &error);
        });
    }
    let _ = FAILED.with(|failed| write.catch(failed));
}
