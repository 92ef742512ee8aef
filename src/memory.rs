//! What an isolate remembers from one request to the next.
//!
//! Losing it costs a little time or money. It never breaks a promise.

pub mod cooldown;
pub mod deliveries;
pub mod deny_cache;
pub mod endpoints;
pub mod engine_breaker;
pub mod key_slots;
pub mod probes;
pub mod recollections;
pub mod retry_throttle;
pub mod upstream_quota;

use deliveries::Deliveries;
use deny_cache::DenyCache;
use endpoints::EndpointBreaker;
use engine_breaker::EngineBreaker;
use key_slots::KeySlots;
use recollections::Recollections;
use retry_throttle::RetryThrottle;

use crate::contract::route::Route;
use crate::keys::KeySlot;
use crate::network::Block;
use crate::refusal::Refusal;

/// Everything that an isolate remembers.
#[derive(Debug, Default)]
pub struct Memory {
    /// The recent refusals.
    pub deny_cache: DenyCache,
    /// The circuit breaker that picks the URL to try first.
    pub endpoints: EndpointBreaker,
    /// The key to try first, and the upstream quota of each key.
    pub key_slots: KeySlots,
    /// The circuit breaker around the engine.
    pub engine: EngineBreaker,
    /// The tokens that are left for retries.
    pub retry_throttle: RetryThrottle,
    /// The webhooks that have been logged.
    pub deliveries: Deliveries,
    /// What was read of shoppers' memories.
    pub recollections: Recollections,
    /// What is remembered of omi.me and of the budgets there, if it was ever asked.
    omi: Option<Box<Memory>>,
}

/// The half-open probes that a chat holds until it has seen what they are for.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The key slot that the chat is sent with.
    pub slot: KeySlot,
    /// Whether the chat probes if the key's cap is still reached.
    pub quota: bool,
    /// Whether the chat probes if the engine works again.
    pub engine: bool,
}

impl Claim {
    /// Returns whether the chat is a half-open probe.
    pub fn is_probe(self) -> bool {
        self.quota || self.engine
    }

    /// Ends the probes of a chat that has seen everything they are for.
    pub fn settle(&mut self) {
        (self.quota, self.engine) = (false, false);
    }
}

impl Memory {
    /// Returns the memory of the upstream that a route is for.
    ///
    /// One upstream that fails says nothing about the other.
    pub fn of(&mut self, route: Option<Route>) -> &mut Self {
        match route.and_then(Route::omi_scope) {
            Some(_) => self.omi.get_or_insert_default(),
            None => self,
        }
    }

    /// Returns why no request of this block may be sent under this key now, or `None` if one may.
    ///
    /// The circuit breaker around the engine matters only to a request that asks the engine.
    pub fn unavailable(
        &self,
        slot: KeySlot,
        block: Block,
        asks_engine: bool,
        now: u64,
    ) -> Option<Refusal> {
        if let Some(limit) = self.key_slots.state(slot).quota.limit(block, now) {
            return Some(Refusal::StoreLimited(limit));
        }
        if !asks_engine {
            return None;
        }
        let left = self.engine.open_for(block, now)?.div_ceil(1_000);
        let seconds = u32::try_from(left).unwrap_or(u32::MAX);
        Some(Refusal::CircuitOpen(seconds))
    }

    /// Claims the probes for a request of this block that is about to be sent under this key.
    pub fn claim(&mut self, slot: KeySlot, block: Block, asks_engine: bool, now: u64) -> Claim {
        Claim {
            slot,
            quota: self.key_slots.state_mut(slot).quota.claim(block, now),
            engine: asks_engine && self.engine.claim(block, now),
        }
    }

    /// Releases the probes from which a finished chat has learned nothing.
    ///
    /// Another chat may take them.
    pub fn release(&mut self, claim: Claim, now: u64) {
        if claim.quota {
            self.key_slots.state_mut(claim.slot).quota.release(now);
        }
        if claim.engine {
            self.engine.release(now);
        }
    }
}
