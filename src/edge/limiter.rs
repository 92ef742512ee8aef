//! The limiter, from both sides: the call into the object, and the object itself.

use wasm_bindgen::prelude::*;
use worker::{Env, js_sys};

use super::{bindings, gate};
use crate::gate::Plan;
use crate::limits::Window;
use crate::limits::keeper::{Chores, Keeper};
use crate::limits::verdict::Verdict;

/// The binding of the objects.
const BINDING: &str = "LIMITER";

/// How long the limiter may take, in milliseconds. Past that nothing is let through: a gate that
/// opens when its limiter is slow is one that an attacker would slow down.
const DEADLINE_MS: u32 = 1_000;

/// Asks the home of a chat's shopper. Where there is no verdict, the reason comes back.
pub async fn ask(env: &Env, plan: &Plan) -> Result<Verdict, String> {
    let namespace = js_sys::Reflect::get(env, &BINDING.into()).unwrap_or_default();
    let answer = bindings::ask_limiter(
        &namespace,
        &plan.home.name(),
        plan.shopper.0,
        plan.newcomer,
        DEADLINE_MS,
    )
    .await
    .unwrap_or_default();
    let reason = match answer.dyn_into::<js_sys::Uint32Array>() {
        Ok(words) => match Verdict::from_words(&words.to_vec()) {
            Some(verdict) => return Ok(verdict),
            None => "unreadable".to_owned(),
        },
        Err(reason) => reason.as_string().unwrap_or_default(),
    };
    Err(format!("limiter: {reason}"))
}

/// One home's limiter, the Rust half.
#[wasm_bindgen]
pub struct Limiter {
    keeper: Keeper,
    host: bindings::Host,
    env: Env,
}

#[wasm_bindgen]
impl Limiter {
    /// Takes up what the object has stored.
    #[wasm_bindgen(constructor)]
    pub fn new(host: bindings::Host, env: Env) -> Result<Self, JsValue> {
        let keeper = match host.read() {
            Some(snapshot) => {
                Keeper::restore(&snapshot).ok_or("the stored ledger can not be read")?
            }
            None => Keeper::default(),
        };
        Ok(Self { keeper, host, env })
    }

    /// Decides one chat. There is no await in it, so that no other decision comes between.
    pub fn admit(&mut self, shopper: u32, newcomer: bool, now: f64) -> Result<Vec<u32>, JsValue> {
        #[cfg(feature = "panic-probe")]
        super::panic_probe::in_object(shopper);
        let gate = gate(&self.env);
        let limits = &gate
            .proxy()
            .map_err(|_| "the settings are wrong")?
            .config
            .limits;
        let (verdict, chores) = self.keeper.admit(limits, shopper, newcomer, now as u64);
        self.carry_out(chores);
        Ok(verdict.to_words().into())
    }

    /// Stores what the last second has brought.
    pub fn flush(&mut self, now: f64) {
        let chores = self.keeper.flush(self.horizon(), now as u64);
        self.carry_out(chores);
    }

    /// Drops what no window needs any more.
    pub fn alarm(&mut self, now: f64) {
        let chores = self.keeper.alarm(self.horizon(), now as u64);
        self.carry_out(chores);
    }

    /// The longest window in milliseconds; while the settings are wrong, the longest there is, so
    /// that nothing is forgotten meanwhile.
    fn horizon(&self) -> u64 {
        gate(&self.env)
            .proxy()
            .map_or(Window::Day, |proxy| proxy.config.limits.horizon())
            .millis()
    }

    fn carry_out(&self, chores: Chores) {
        if let Some(snapshot) = chores.write {
            self.host.write(&snapshot);
        }
        if let Some(time) = chores.wake_at {
            self.host.wake_at(time as f64);
        }
        if let Some(ms) = chores.flush_in {
            self.host.flush_in(ms as u32);
        }
        if chores.clear {
            self.host.clear();
        }
    }
}
