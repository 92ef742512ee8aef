//! The end of an attempt upstream: what is learned from it, and what follows.

use super::delivery::Delivery;
use super::phase::Phase;
use super::{LIMITER_TIMEOUT_MS, Next, Step};
use crate::attempts::{self, Outcome};
use crate::limits::protocol::Standing;
use crate::log;
use crate::memory::Memory;
use crate::refusal::Refusal;

impl Delivery {
    pub(super) fn failed(
        mut self: Box<Self>,
        outcome: Outcome,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        self.time(now);
        self.ended(outcome, None, memory, now)
    }

    /// Ends an attempt that brought no answer, and decides what follows.
    pub(super) fn ended(
        mut self: Box<Self>,
        outcome: Outcome,
        retry_after: Option<u32>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let nth = self.attempt_log.attempts.len();
        self.record(outcome.name());
        let refusal = outcome.refusal();
        let may_retry = self.learn(&outcome, memory, now);
        self.arrived |= outcome.rule().reached && self.chat.call.carries_message();
        self.in_doubt |= outcome.rule().reached && !matches!(outcome, Outcome::Refused(_));
        if outcome == Outcome::ConversationGone {
            self.chat.call.forget_conversation();
        }
        let jitter = self.chat.context.entropy.pause(nth);
        let pause = self.attempts.after(outcome, retry_after, jitter, now);
        // This chat's own failure may have made the upstream unavailable.
        // The page has seen parts of this attempt. Another one would be another answer.
        let is_open = self.begun().is_none() && self.unavailable(memory, now).is_none();
        match pause.filter(|_| may_retry && is_open) {
            None => self.give_up(refusal, memory, now),
            Some(0) => self.retry(refusal, memory, now),
            Some(pause) => {
                let pause = pause.min(self.attempts.time_left(now));
                self.wait_for(Step::Wait { pause }, Phase::Waiting { refusal })
            }
        }
    }

    /// Records what an outcome means for the next chats.
    ///
    /// Returns whether the chat may be retried, as far as all chats of the isolate are concerned.
    pub(super) fn learn(&mut self, outcome: &Outcome, memory: &mut Memory, now: u64) -> bool {
        let (block, claim) = (self.chat.block, &mut self.chat.claim);
        let lesson = attempts::learn(outcome, &self.attempts, block, claim, memory, now);
        if lesson.reports_key {
            let notice = log::key_refused(self.attempts.slot.name());
            self.notices.push(notice);
        }
        lesson.may_retry
    }

    /// Records that the upstream has given a good answer.
    ///
    /// That takes bytes of its body. A head alone is no answer yet.
    pub(super) fn learn_good(&mut self, memory: &mut Memory) {
        self.chat.claim.settle();
        let attempts = &self.attempts;
        let (endpoint, slot, asks_engine) =
            (attempts.endpoint, attempts.slot, attempts.asks_engine);
        attempts::learn_good(endpoint, slot, asks_engine, memory);
    }

    /// Ends the chat without another attempt.
    ///
    /// A chat that the engine never had costs its shopper nothing, so it is refunded first.
    pub(super) fn give_up(
        self: Box<Self>,
        refusal: Refusal,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        if self.arrived {
            return self.note(Err(refusal.into()), memory, now);
        }
        let step = Step::Ask {
            limiter: self.chat.identity.limiter.name(),
            question: self
                .chat
                .identity
                .refund(self.chat.context.entropy.receipt(), self.chat.once),
            timeout: LIMITER_TIMEOUT_MS,
        };
        self.wait_for(step, Phase::Refunding { refusal })
    }

    pub(super) fn note_refund(&mut self, standing: Option<Standing>, memory: &mut Memory) {
        if let Some(standing) = standing {
            self.standing = standing;
            self.attempt_log.refunded = true;
            memory.deny_cache.forget(&(&self.chat.identity).into());
        }
    }
}
