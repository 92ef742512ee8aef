//! What an isolate remembers of the upstream.

mod endpoints;
mod engine_breaker;
mod key_slots;
mod retry_throttle;
mod upstream_quota;

use concierge_proxy::attempts::{self, Attempts, Deadlines, Lesson, Outcome};
use concierge_proxy::keys::KeySlot;
use concierge_proxy::memory::endpoints::Endpoint;
use concierge_proxy::memory::{Claim, Memory};
use concierge_proxy::network::{Block, Network};

const T0: u64 = 1_800_000_000_000;

/// Learns from the outcome of a chat of this block, on this endpoint and under this key.
fn learn_at(
    memory: &mut Memory,
    outcome: &Outcome,
    (endpoint, slot): (Endpoint, KeySlot),
    block: u8,
    now: u64,
) -> Lesson {
    let mut attempts =
        Attempts::begin(3, true, true, Deadlines::USUAL, &mut Memory::default(), now);
    (attempts.endpoint, attempts.slot) = (endpoint, slot);
    let mut claim = Claim::default();
    attempts::learn(outcome, &attempts, at(block), &mut claim, memory, now)
}

/// The same on the primary and under the current key.
fn learn(memory: &mut Memory, outcome: &Outcome, block: u8, now: u64) -> Lesson {
    learn_at(
        memory,
        outcome,
        (Endpoint::Primary, KeySlot::Current),
        block,
        now,
    )
}

fn at(block: u8) -> Block {
    Network::of(&format!("203.0.{block}.7")).block()
}
