//! What an isolate remembers from one request to the next. Losing it costs a little time or money,
//! never a promise.

pub mod engine;
pub mod refusals;
pub mod rest;
pub mod retries;
pub mod routes;
pub mod slots;
pub mod store;
pub mod turns;

use engine::Engine;
use refusals::Refusals;
use retries::Retries;
use routes::Routes;
use slots::Slots;

use crate::keys::Slot;
use crate::network::Block;
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

/// The turns at looking that a chat has taken, until it has seen what there is to see.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The key that the chat goes out with.
    pub slot: Slot,
    /// Whether the key's cap is still reached.
    pub store: bool,
    /// Whether the engine is back.
    pub engine: bool,
}

impl Claim {
    /// Whether the chat looks for all others.
    pub fn looks(self) -> bool {
        self.store || self.engine
    }

    /// The chat has seen all that there is to see.
    pub fn settle(&mut self) {
        (self.store, self.engine) = (false, false);
    }
}

impl Memory {
    /// Why no chat of this block may be sent under this key now, if so.
    pub fn shut(&self, slot: Slot, block: Block, now: u64) -> Option<Refusal> {
        if let Some(limit) = self.slots.known(slot).store.limit(block, now) {
            return Some(Refusal::StoreLimited(limit));
        }
        let left = self.engine.rests(block, now)?.div_ceil(1_000);
        let seconds = u32::try_from(left).unwrap_or(u32::MAX);
        Some(Refusal::UpstreamResting(seconds))
    }

    /// A chat of this block may be sent under this key, and is about to be.
    pub fn claim(&mut self, slot: Slot, block: Block, now: u64) -> Claim {
        Claim {
            slot,
            store: self.slots.known_mut(slot).store.claim(block, now),
            engine: self.engine.claim(block, now),
        }
    }

    /// A chat is over: the turns that it has seen nothing in are another's.
    pub fn hand_back(&mut self, claim: Claim, now: u64) {
        if claim.store {
            self.slots.known_mut(claim.slot).store.hand_back(now);
        }
        if claim.engine {
            self.engine.hand_back(now);
        }
    }
}
