//! The limiter, from both sides: the call into the object, and the object itself.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;
use worker::{Env, js_sys};

use super::bindings::{self, Failure};
use super::{gate, now};
use crate::gate::Plan;
use crate::limits::Window;
use crate::limits::keeper::{Chores, Keeper};
use crate::limits::verdict::Verdict;
use crate::memory::Refusals;

/// How long the limiter may take, in milliseconds. Past that nothing is let through: a gate that
/// opens when its limiter is slow is one that an attacker would slow down.
const DEADLINE_MS: u32 = 1_000;

thread_local! {
    static REFUSALS: RefCell<Refusals> = RefCell::default();
}

/// The verdict on a chat: the one that this isolate remembers, else its home's. Where there is
/// none, the reason comes back.
pub async fn verdict(env: &Env, plan: &Plan) -> Result<Verdict, String> {
    let asker = plan.asker();
    let asked = now();
    let remembered = REFUSALS.with_borrow(|refusals| refusals.recall(&asker, asked));
    if let Some(verdict) = remembered {
        return Ok(verdict);
    }
    let verdict = ask(env, plan).await?;
    REFUSALS.with_borrow_mut(|refusals| refusals.note(asker, verdict, asked));
    Ok(verdict)
}

async fn ask(env: &Env, plan: &Plan) -> Result<Verdict, String> {
    let Plan {
        home,
        shopper,
        newcomer,
        ..
    } = plan;
    let words = bindings::ask_limiter(env, &home.name(), shopper.0, *newcomer, DEADLINE_MS).await;
    match words.map_err(Failure::from) {
        Ok(words) => words
            .dyn_into::<js_sys::Uint32Array>()
            .ok()
            .and_then(|words| Verdict::from_words(&words.to_vec()))
            .ok_or("limiter: its verdict cannot be read".to_owned()),
        Err(Failure::Other(reason)) => Err(format!("limiter: {reason}")),
        Err(_) => Err("limiter: timeout".to_owned()),
    }
}

/// One home's limiter, the Rust half.
#[wasm_bindgen]
pub struct Limiter {
    /// None where the stored ledger cannot be read: then nothing is admitted until the alarm.
    keeper: Option<Keeper>,
    host: bindings::Host,
    env: Env,
}

#[wasm_bindgen]
impl Limiter {
    /// Takes up what the object has stored.
    #[wasm_bindgen(constructor)]
    pub fn new(host: bindings::Host, env: Env) -> Result<Self, JsValue> {
        let keeper = match host.read()? {
            Some(snapshot) => Keeper::restore(&snapshot),
            None => Some(Keeper::default()),
        };
        Ok(Self { keeper, host, env })
    }

    /// Decides one chat. There is no await in it, so that no other decision comes between.
    pub fn admit(&mut self, shopper: u32, newcomer: bool, now: f64) -> Result<Vec<u32>, JsValue> {
        #[cfg(feature = "panic-probe")]
        super::panic_probe::in_object(shopper);
        let gate = gate(&self.env);
        let proxy = gate
            .proxy()
            .map_err(|_| js_sys::Error::new("the settings are wrong"))?;
        let keeper = self
            .keeper
            .as_mut()
            .ok_or_else(|| js_sys::Error::new("the stored ledger cannot be read"))?;
        let limits = &proxy.config.limits;
        let (verdict, chores) = keeper.admit(limits, shopper, newcomer, now as u64);
        self.carry_out(chores)?;
        Ok(verdict.to_words().into())
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
        gate(&self.env)
            .proxy()
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
