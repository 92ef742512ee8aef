//! What an isolate remembers from one request to the next. Losing it costs a little time or money,
//! never a promise.

pub mod engine;
pub mod refusals;
pub mod rest;
pub mod retries;
pub mod routes;
pub mod slots;
pub mod store;

use engine::Engine;
use refusals::Refusals;
use retries::Retries;
use routes::Routes;
use slots::Slots;

use crate::keys::Slot;
use crate::refusal::Refusal;

/// All of it.
#[derive(Debug, Default)]
pub struct Memory {
    /// Who was refused of late.
    pub refusals: Refusals,
    /// Which URL goes first.
    pub routes: Routes,
    /// Which key goes first, and what each has left upstream.
    pub slots: Slots,
    /// Whether the engine is worth asking.
    pub engine: Engine,
    /// What is left for retries.
    pub retries: Retries,
}

impl Memory {
    /// Why no chat may be sent under this key now, if so.
    pub fn shut(&self, slot: Slot, now: u64) -> Option<Refusal> {
        if let Some(limit) = self.slots.known(slot).store.limit(now) {
            return Some(Refusal::StoreLimited(limit));
        }
        let left = self.engine.rests(now)?.div_ceil(1_000);
        let seconds = u32::try_from(left).unwrap_or(u32::MAX);
        Some(Refusal::UpstreamResting(seconds))
    }

    /// A chat is sent under this key. Whether it is one that looks for all others comes back.
    pub fn sent(&mut self, slot: Slot, now: u64) -> bool {
        let looks_at_store = self.slots.known_mut(slot).store.sent(now);
        self.engine.sent(now) || looks_at_store
    }
}
