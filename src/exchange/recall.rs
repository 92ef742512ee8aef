//! What a person has asked to be remembered, as a hint for the assistant.
//!
//! A chat never fails for it, and never waits for it longer than a blink.

use super::admission::Chat;
use super::delivery::Delivery;
use super::{Event, Exchange, Failure, Next, Rejection, State, Step};
use crate::assistants::Call;
use crate::limits::protocol::Standing;
use crate::memory::Memory;
use crate::memory::endpoints::Endpoint;

/// How long the memories may take, in milliseconds.
pub const RECALL_TIMEOUT_MS: u64 = 300;
/// The most that is read of them, in bytes.
const MAX_BYTES: usize = 65_536;

/// A chat that was admitted, and waits for the shopper's memories.
#[derive(Debug)]
pub(super) struct Recall {
    chat: Box<Chat>,
    standing: Standing,
    limiter_ms: u64,
    /// The conversation's and the person's name.
    name: String,
    /// When the memories were asked for, in milliseconds since 1970.
    asked: u64,
}

impl Recall {
    /// Begins the delivery of a chat, with the shopper's memories if they are wanted and known.
    pub(super) fn begin(
        mut chat: Box<Chat>,
        standing: Standing,
        limiter_ms: u64,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let Some((name, call)) = chat.recall.take() else {
            return Delivery::begin(chat, standing, limiter_ms, memory, now);
        };
        if let Some(memories) = memory.recollections.of(&name, now) {
            chat.call.remind(memories);
            return Delivery::begin(chat, standing, limiter_ms, memory, now);
        }
        let slot = chat.claim.slot;
        let step = Step::Send {
            request: chat.proxy.request(&call, Endpoint::Primary, slot),
            timeout: RECALL_TIMEOUT_MS,
            listening: false,
        };
        let recall = Self {
            chat,
            standing,
            limiter_ms,
            name,
            asked: now,
        };
        Next::Step(step, Exchange(State::Recalling(recall)))
    }

    pub(super) fn handle(mut self, memory: &mut Memory, event: &Event, now: u64) -> Next {
        let time_left = RECALL_TIMEOUT_MS.saturating_sub(now.saturating_sub(self.asked));
        let memories = match event {
            Event::Failed(Failure::ShopperLeft) => {
                let left = Err(Rejection::ShopperLeft);
                let report = self.chat.report();
                return Next::Respond(self.chat.end(&left, report, memory, now));
            }
            Event::Head(head) if head.status == 200 && time_left > 0 => {
                let step = Step::ReadUpstream {
                    max_bytes: MAX_BYTES,
                    timeout: time_left,
                };
                return Next::Step(step, Exchange(State::Recalling(self)));
            }
            Event::UpstreamBody(body) => Call::read_memories(body),
            _ => None,
        };
        if let Some(memories) = &memories {
            self.chat.call.remind(memories);
        }
        memory.recollections.keep(self.name, memories, now);
        Delivery::begin(self.chat, self.standing, self.limiter_ms, memory, now)
    }
}
