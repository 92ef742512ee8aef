//! One home's limiter, the Rust half of the object.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::{bindings, isolate};
use crate::isolate::Isolate;
use crate::limits::keeper::{Chores, Keeper};
use crate::limits::verdict::Standing;
use crate::limits::{Limits, Window};

#[wasm_bindgen]
pub struct Limiter {
    /// None where the stored ledger cannot be read: then nothing is admitted until the alarm.
    keeper: Option<Keeper>,
    host: bindings::Host,
    isolate: Rc<RefCell<Isolate>>,
}

#[wasm_bindgen]
impl Limiter {
    /// Takes up what the object has stored.
    #[wasm_bindgen(constructor)]
    pub fn new(host: bindings::Host, env: &JsValue) -> Result<Self, JsValue> {
        let keeper = match host.read()? {
            Some(snapshot) => Keeper::restore(&snapshot),
            None => Some(Keeper::default()),
        };
        let isolate = isolate(env);
        Ok(Self {
            keeper,
            host,
            isolate,
        })
    }

    /// Decides one chat. There is no await in it, so that no other decision comes between.
    pub fn admit(
        &mut self,
        shopper: u32,
        newcomer: bool,
        receipt: u32,
        now: f64,
    ) -> Result<Vec<u32>, JsError> {
        #[cfg(feature = "panic-probe")]
        super::panic_probe::in_object(shopper);
        self.decide(|keeper, limits| {
            let (verdict, chores) = keeper.admit(limits, shopper, newcomer, receipt, now as u64);
            (verdict.to_words(), chores)
        })
    }

    /// Gives a chat back under the number that it came with. How the shopper stands then comes
    /// back in words, none where nothing was given back.
    pub fn give_back(&mut self, shopper: u32, receipt: u32, now: f64) -> Result<Vec<u32>, JsError> {
        self.decide(|keeper, limits| {
            let (standing, chores) = keeper.give_back(limits, shopper, receipt, now as u64);
            let words = standing.map(|Standing { remaining, reset }| vec![remaining, reset]);
            (words.unwrap_or_default(), chores)
        })
    }

    /// Decides another request upstream for a chat that is counted already.
    pub fn admit_retry(&mut self, now: f64) -> Result<bool, JsError> {
        self.decide(|keeper, limits| keeper.admit_retry(limits, now as u64))
    }

    fn decide<T>(
        &mut self,
        decision: impl FnOnce(&mut Keeper, &Limits) -> (T, Chores),
    ) -> Result<T, JsError> {
        let isolate = self.isolate.clone();
        let isolate = isolate.borrow();
        let proxy = isolate
            .gate
            .proxy()
            .map_err(|_| JsError::new("the settings are wrong"))?;
        let keeper = self
            .keeper
            .as_mut()
            .ok_or_else(|| JsError::new("the stored ledger cannot be read"))?;
        let (decided, chores) = decision(keeper, &proxy.config.limits);
        self.carry_out(chores)
            .map_err(|_| JsError::new("the storage failed"))?;
        Ok(decided)
    }

    /// Stores what the last second has brought.
    pub fn flush(&mut self, now: f64) -> Result<(), JsValue> {
        let horizon = self.horizon();
        let Some(keeper) = &mut self.keeper else {
            return Ok(());
        };
        let chores = keeper.flush(horizon, now as u64);
        self.carry_out(chores)
    }

    /// Drops what no window needs any more, and a ledger that cannot be read: the alarm was set
    /// for the time when the most of it would be needed no more.
    pub fn alarm(&mut self, now: f64) -> Result<(), JsValue> {
        let horizon = self.horizon();
        let chores = self
            .keeper
            .get_or_insert_default()
            .alarm(horizon, now as u64);
        self.carry_out(chores)
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

    fn carry_out(&self, chores: Chores) -> Result<(), JsValue> {
        if let Some(snapshot) = chores.write {
            self.host.write(&snapshot)?;
        }
        if let Some(time) = chores.wake_at {
            self.host.wake_at(time as f64)?;
        }
        if let Some(ms) = chores.flush_in {
            self.host.flush_in(ms as u32)?;
        }
        if chores.clear {
            self.host.clear()?;
        }
        Ok(())
    }
}
