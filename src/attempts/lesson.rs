//! What the isolate learns from the attempts of its chats.

use super::{Attempts, Outcome};
use crate::keys::KeySlot;
use crate::memory::endpoints::Endpoint;
use crate::memory::{Claim, Memory};
use crate::network::Block;

/// Records what a good answer means for the next chats.
///
/// Only the answer to a chat says anything about the engine.
pub fn learn_good(endpoint: Endpoint, slot: KeySlot, asks_engine: bool, memory: &mut Memory) {
    memory.endpoints.answered(endpoint);
    let key = memory.key_slots.state_mut(slot);
    key.accepted();
    key.quota.answered();
    if asks_engine {
        memory.engine.answered();
    }
    memory.retry_throttle.succeeded();
}

/// What an outcome means for the chat and for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lesson {
    /// Whether the chat may be retried, as far as all chats of the isolate are concerned.
    pub may_retry: bool,
    /// Whether to report to the log that the key is refused.
    pub reports_key: bool,
}

/// Records what an outcome means for this chat, which may be a probe, and for the next ones.
pub fn learn(
    outcome: &Outcome,
    attempts: &Attempts,
    block: Block,
    claim: &mut Claim,
    memory: &mut Memory,
    now: u64,
) -> Lesson {
    let (endpoint, slot) = (attempts.endpoint, attempts.slot);
    let is_probe = memory.endpoints.is_probe(endpoint);
    match outcome {
        Outcome::NoConnection
        | Outcome::GatewayFailed
        | Outcome::GatewayThrottled
        | Outcome::Lost
        | Outcome::Broken
        | Outcome::TimedOut => memory.endpoints.failed(endpoint, now),
        _ => memory.endpoints.answered(endpoint),
    }
    let mut lesson = Lesson {
        may_retry: true,
        reports_key: false,
    };
    let quota = &mut memory.key_slots.state_mut(slot).quota;
    // A chat that may have arrived counts as a probe, whatever its outcome. It is charged.
    if outcome.rule().reached {
        claim.engine = false;
    }
    match outcome {
        // No upstream has counted the request, so a retry adds no load.
        Outcome::NoConnection => return lesson,
        Outcome::KeyRefused => {
            // The chat continues with the other key, which has a cap of its own.
            if claim.quota {
                claim.quota = false;
                quota.release(now);
            }
            lesson.reports_key = memory.key_slots.state_mut(slot).refused(now);
            return lesson;
        }
        // A probe may well fail, and the fallback is known to work.
        Outcome::GatewayFailed | Outcome::GatewayThrottled if is_probe => return lesson,
        Outcome::GatewayFailed | Outcome::GatewayThrottled | Outcome::Lost | Outcome::Broken => {
            memory.retry_throttle.failed(block);
        }
        Outcome::EngineFailed(_) | Outcome::EngineError => {
            // The upstream checks the cap before it asks the engine.
            claim.settle();
            quota.answered();
            memory.retry_throttle.failed(block);
            if attempts.asks_engine {
                memory.engine.failed(block, now);
            }
        }
        Outcome::TimedOut => {
            memory.retry_throttle.failed(block);
            // An attempt that had less than the whole time proves nothing about the engine.
            if attempts.asks_engine && attempts.outcomes.is_empty() {
                memory.engine.failed(block, now);
            }
        }
        Outcome::StoreLimited(limit) => {
            claim.quota = false;
            quota.reached(*limit, now);
        }
        // The engine has failed at nothing. Only a new conversation can bring an answer, and answers
        // bring the tokens back.
        Outcome::ConversationGone => return lesson,
        Outcome::Refused(_) => {}
    }
    lesson.may_retry = memory.retry_throttle.allowed(block);
    lesson
}
