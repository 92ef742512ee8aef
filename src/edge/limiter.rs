//! One home's limiter, the Rust half of the object.
//!
//! It holds nothing of JavaScript's: what the table of external references holds is never collected,
//! and the JavaScript half, which holds this one, could not be either.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::isolate;
use crate::isolate::Isolate;
use crate::limits::Window;
use crate::limits::keeper::{Chores, Keeper};
use crate::limits::protocol::Question;

#[wasm_bindgen]
pub struct Limiter {
    /// None where the stored ledger cannot be read: then nothing is admitted until the alarm.
    keeper: Option<Keeper>,
    /// What the last call leaves to be done.
    chores: Chores,
    isolate: Rc<RefCell<Isolate>>,
}

#[wasm_bindgen]
impl Limiter {
    /// Takes up what the object has stored.
    #[wasm_bindgen(constructor)]
    pub fn new(snapshot: Option<Vec<u8>>, env: &JsValue) -> Self {
        let keeper = match snapshot {
            Some(snapshot) => Keeper::restore(&snapshot),
            None => Some(Keeper::default()),
        };
        Self {
            keeper,
            chores: Chores::default(),
            isolate: isolate(env),
        }
    }

    /// Answers a question, both in words. There is no await in it, so that no other decision comes
    /// between.
    pub fn ask(&mut self, words: &[u32], now: f64) -> Result<Vec<u32>, JsError> {
        let question =
            Question::from_words(words).ok_or_else(|| JsError::new("there is no such question"))?;
        #[cfg(feature = "panic-probe")]
        super::panic_probe::in_object(question);
        let isolate = self.isolate.borrow();
        let proxy = isolate
            .gate
            .proxy()
            .map_err(|_| JsError::new("the settings are wrong"))?;
        let keeper = self
            .keeper
            .as_mut()
            .ok_or_else(|| JsError::new("the stored ledger cannot be read"))?;
        let (answer, chores) = keeper.answer(question, &proxy.config.limits, now as u64);
        self.chores = chores;
        Ok(answer.to_words())
    }

    /// Has what the last second has brought stored.
    pub fn flush(&mut self, now: f64) {
        let horizon = self.horizon();
        if let Some(keeper) = &mut self.keeper {
            self.chores = keeper.flush(horizon, now as u64);
        }
    }

    /// Drops what no window needs any more, and a ledger that cannot be read: the alarm was set
    /// for the time when the most of it would be needed no more.
    pub fn alarm(&mut self, now: f64) {
        let horizon = self.horizon();
        let keeper = self.keeper.get_or_insert_default();
        self.chores = keeper.alarm(horizon, now as u64);
    }

    /// The longest window in milliseconds; while the settings are wrong, the longest there is, so
    /// that nothing is forgotten meanwhile.
    fn horizon(&self) -> u64 {
        let isolate = self.isolate.borrow();
        let proxy = isolate.gate.proxy();
        proxy
            .map_or(Window::Day, |proxy| proxy.config.limits.horizon())
            .millis()
    }

    /// The snapshot that is to be stored, if any, handed out once.
    pub fn snapshot(&mut self) -> Option<Vec<u8>> {
        self.chores.write.take()
    }

    /// When the alarm is to go off, if it is to be set.
    pub fn wake_at(&self) -> Option<f64> {
        self.chores.wake_at.map(|time| time as f64)
    }

    /// In how many milliseconds `flush` is to be called, if at all.
    pub fn flush_in(&self) -> Option<f64> {
        self.chores.flush_in.map(|ms| ms as f64)
    }

    /// Whether all that is stored is to be deleted.
    pub fn clears(&self) -> bool {
        self.chores.clear
    }
}
