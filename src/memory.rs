//! What an isolate remembers from one request to the next. Losing it costs a little time or money,
//! never a promise.

pub mod cooldown;
pub mod deny_cache;
pub mod endpoints;
pub mod engine_breaker;
pub mod key_slots;
pub mod probes;
pub mod retry_throttle;
pub mod upstream_quota;

use deny_cache::DenyCache;
use endpoints::EndpointBreaker;
use engine_breaker::EngineBreaker;
use key_slots::KeySlots;
use retry_throttle::RetryThrottle;

use crate::keys::KeySlot;
use crate::network::Block;
use crate::refusal::Refusal;

/// All of it.
#[derive(Debug, Default)]
pub struct Memory {
    /// Who was refused of late.
    pub deny_cache: DenyCache,
    /// Which URL goes first.
    pub endpoints: EndpointBreaker,
    /// Which key goes first, and what each has left upstream.
    pub key_slots: KeySlots,
    /// Whether the engine is worth asking.
    pub engine: EngineBreaker,
    /// What is left for retries.
    pub retry_throttle: RetryThrottle,
}

/// The turns at looking that a chat has taken, until it has seen what there is to see.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The key that the chat goes out with.
    pub slot: KeySlot,
    /// Whether the key's cap is still reached.
    pub quota: bool,
    /// Whether the engine is back.
    pub engine: bool,
}

impl Claim {
    /// Whether the chat looks for all others.
    pub fn is_probe(self) -> bool {
        self.quota || self.engine
    }

    /// The chat has seen all that there is to see.
    pub fn settle(&mut self) {
        (self.quota, self.engine) = (false, false);
    }
}

impl Memory {
    /// Why no chat of this block may be sent under this key now, if so.
    pub fn unavailable(&self, slot: KeySlot, block: Block, now: u64) -> Option<Refusal> {
        if let Some(limit) = self.key_slots.state(slot).quota.limit(block, now) {
            return Some(Refusal::StoreLimited(limit));
        }
        let left = self.engine.rests(block, now)?.div_ceil(1_000);
        let seconds = u32::try_from(left).unwrap_or(u32::MAX);
        Some(Refusal::CircuitOpen(seconds))
    }

    /// A chat of this block may be sent under this key, and is about to be.
    pub fn claim(&mut self, slot: KeySlot, block: Block, now: u64) -> Claim {
        Claim {
            slot,
            quota: self.key_slots.state_mut(slot).quota.claim(block, now),
            engine: self.engine.claim(block, now),
        }
    }

    /// A chat is over: the turns that it has seen nothing in are another's.
    pub fn release(&mut self, claim: Claim, now: u64) {
        if claim.quota {
            self.key_slots.state_mut(claim.slot).quota.release(now);
        }
        if claim.engine {
            self.engine.release(now);
        }
    }
}
