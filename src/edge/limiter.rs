//! The Rust half of a limiter object: its decisions, its storage, its alarm and its timer.
//!
//! It holds nothing of JavaScript's, because what Rust holds is never collected. The object holds
//! this half. If this half held the object's storage, the object could not be collected either. So
//! each call brings the storage along.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use worker::Env;
use worker::js_sys::Function;

use super::storage::Storage;
use super::task::now;
use crate::isolate::Isolate;
use crate::limits::protocol::Question;
use crate::limits::write_behind::WriteBehind;
use crate::pass::Shopper;

/// The key under which the ledger is stored.
const LEDGER: &str = "ledger";

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
        let write_behind = match storage.stored(LEDGER)? {
            Some(snapshot) => WriteBehind::restore(&snapshot),
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
        let name = |shopper| proxy.log_name(Shopper(shopper));
        let (answer, ops) = write_behind.answer(question, &proxy.config.limits, &name, now());
        storage.carry_out(ops, LEDGER, flush)?;
        Ok(answer.to_words())
    }

    /// Writes the ledger if a flush is pending.
    pub fn flush(&mut self, storage: &Storage, flush: &Function) -> Result<(), JsValue> {
        let horizon = self.isolate.borrow().horizon();
        let ops = self
            .write_behind
            .as_mut()
            .map(|write_behind| write_behind.flush(horizon, now()));
        storage.carry_out(ops.unwrap_or_default(), LEDGER, flush)
    }

    /// Drops what no window needs any more, and a ledger that cannot be read.
    ///
    /// The alarm was set for the time when the last admission so far would no longer be needed.
    pub fn alarm(&mut self, storage: &Storage, flush: &Function) -> Result<(), JsValue> {
        let horizon = self.isolate.borrow().horizon();
        let write_behind = self.write_behind.get_or_insert_default();
        storage.carry_out(write_behind.alarm(horizon, now()), LEDGER, flush)
    }
}
