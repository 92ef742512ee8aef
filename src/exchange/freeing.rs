//! A request that ends without having been sent, although the limiter may have counted it.
//!
//! Nothing was done under its idempotency key, if it has one. So the key is freed first: otherwise a
//! repetition would be told that it may have been done.

use super::admission::Chat;
use super::end::Report;
use super::{Exchange, LIMITER_TIMEOUT_MS, Next, Rejection, State, Step};
use crate::memory::Memory;

/// A request that is about to end.
#[derive(Debug)]
pub(super) struct Freeing {
    pub(super) chat: Box<Chat>,
    pub(super) rejection: Rejection,
    pub(super) limiter_ms: Option<u64>,
    pub(super) detail: Option<String>,
}

impl Freeing {
    /// Frees the idempotency key, if there is one, and ends the request.
    pub(super) fn begin(self, memory: &mut Memory, now: u64) -> Next {
        if self.chat.once == 0 {
            return self.end(memory, now);
        }
        let receipt = self.chat.context.entropy.receipt();
        let step = Step::Ask {
            limiter: self.chat.identity.limiter.name(),
            question: self.chat.identity.refund(receipt, self.chat.once),
            timeout: LIMITER_TIMEOUT_MS,
        };
        Next::Step(step, Exchange(State::Freeing(Box::new(self))))
    }

    /// Ends the request, whatever became of that.
    pub(super) fn end(self, memory: &mut Memory, now: u64) -> Next {
        let report = Report {
            limiter_ms: self.limiter_ms,
            detail: self.detail,
            ..self.chat.report()
        };
        let answer = Err(self.rejection);
        Next::Respond(self.chat.end(&answer, report, memory, now))
    }
}
