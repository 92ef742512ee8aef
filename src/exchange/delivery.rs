//! A chat on its way upstream: what is known about it, and how it ends.

use super::admission::Chat;
use super::end::{Report, Success};
use super::live::Live;
use super::phase::Phase;
use super::{End, Exchange, LIMITER_TIMEOUT_MS, Next, Rejection, State, Step};
use crate::attempts::Attempts;
use crate::limits::protocol::Standing;
use crate::log::{self, AttemptRecord, Entry};
use crate::memory::Memory;
use crate::refusal::Refusal;
use crate::reply::Reply;

/// A chat that the limiter has admitted.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) chat: Box<Chat>,
    pub(super) standing: Standing,
    pub(super) limiter_ms: u64,
    pub(super) attempts: Attempts,
    /// Whether the engine may have had the chat. Only its message brings it there.
    pub(super) arrived: bool,
    /// Whether an attempt may have done what is asked for, and nobody knows.
    pub(super) in_doubt: bool,
    /// When the first request was sent, in milliseconds since 1970.
    pub(super) began: u64,
    pub(super) attempt_log: AttemptLog,
    /// A detail that is only logged.
    pub(super) detail: Option<String>,
    pub(super) notices: Vec<Entry>,
    pub(super) live: Live,
}

/// What the log is told about the attempts.
#[derive(Debug, Default)]
pub(super) struct AttemptLog {
    /// The requests upstream, in order.
    pub(super) attempts: Vec<AttemptRecord>,
    /// The time from the first request to the last head or failure, in milliseconds.
    pub(super) ms: Option<u64>,
    /// The status of the last attempt, if it was an error.
    pub(super) status: Option<u16>,
    /// The upstream's own id of that attempt, if it sent one.
    pub(super) request_id: Option<String>,
    /// Whether the chat was refunded to its shopper's budget.
    pub(super) refunded: bool,
}

impl Delivery {
    /// Ends the chat of a shopper who has left.
    pub(super) fn left(mut self: Box<Self>, phase: &Phase, memory: &mut Memory, now: u64) -> Next {
        match phase {
            Phase::Sending
            | Phase::Listening
            | Phase::Connecting { .. }
            | Phase::ReadingError { .. }
            | Phase::Translating => {
                self.time(now);
                self.record(log::SHOPPER_LEFT);
            }
            // An attempt whose answer is being read has already been recorded.
            Phase::ReadingAnswer(_) | Phase::ReadingFirst(_) => self.time(now),
            Phase::Waiting { .. } | Phase::CountingRetry { .. } => {
                return self.note(Err(Rejection::ShopperLeft), memory, now);
            }
            Phase::OpeningEvents | Phase::Refunding { .. } | Phase::Noting { .. } => {}
        }
        Next::Respond(self.end(&Err(Rejection::ShopperLeft), memory, now))
    }

    /// Ends the request once the limiter knows what became of its idempotency key, if it has one.
    ///
    /// A key of which nobody knows that stays as it is.
    pub(super) fn note(
        mut self: Box<Self>,
        answer: Result<Success, Rejection>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let once = self.chat.once;
        if once == 0 || self.in_doubt {
            return Next::Respond(self.end(&answer, memory, now));
        }
        let step = Step::Ask {
            limiter: self.chat.identity.limiter.name(),
            question: self.chat.identity.note(answer.is_ok(), once),
            timeout: LIMITER_TIMEOUT_MS,
        };
        self.wait_for(step, Phase::Noting { answer })
    }

    pub(super) fn refuse(&mut self, refusal: Refusal, memory: &mut Memory, now: u64) -> Next {
        Next::Respond(self.end(&Err(refusal.into()), memory, now))
    }

    pub(super) fn end(
        &mut self,
        answer: &Result<Success, Rejection>,
        memory: &mut Memory,
        now: u64,
    ) -> End {
        let (detail, notices) = (self.detail.take(), std::mem::take(&mut self.notices));
        let report = Report {
            detail,
            notices,
            ..self.report(memory)
        };
        self.chat.end(answer, report, memory, now)
    }

    /// Returns the head of an answer that comes in parts.
    pub(super) fn beginning(&self, memory: &Memory, now: u64) -> Reply {
        self.chat.context.begin_events(&self.report(memory), now)
    }

    fn report(&self, memory: &Memory) -> Report<'_> {
        let Chat {
            proxy, identity, ..
        } = &*self.chat;
        // The pass is signed as late as that, when it may be known whether the upstream accepts the
        // key.
        let slot = proxy.signing_slot(memory);
        let pass = identity.new_pass.as_ref();
        Report {
            who: Some((proxy, identity)),
            quota: Some(self.chat.quota(self.standing)),
            limiter_ms: Some(self.limiter_ms),
            pass: pass.map(|pass| proxy.write(pass, slot)),
            attempt_log: Some(&self.attempt_log),
            begun: self.begun(),
            ..Report::default()
        }
    }

    /// Returns why no further request may be sent now, or `None` if one may.
    ///
    /// Another chat may have found that out, or this one. A chat that holds a probe goes on until
    /// the engine may have had it.
    pub(super) fn unavailable(&self, memory: &Memory, now: u64) -> Option<Refusal> {
        if self.chat.claim.is_probe() && !self.attempts.reached() {
            None
        } else {
            let (slot, asks_engine) = (self.attempts.slot, self.attempts.asks_engine);
            memory.unavailable(slot, self.chat.block, asks_engine, now)
        }
    }

    pub(super) fn wait_for(self: Box<Self>, step: Step, phase: Phase) -> Next {
        Next::Step(step, Exchange(State::Upstream(self, phase)))
    }

    pub(super) fn record(&mut self, ended: &'static str) {
        self.attempt_log.attempts.push(AttemptRecord {
            url: self.attempts.endpoint.name(),
            key: self.attempts.slot.name(),
            ended,
        });
    }

    pub(super) fn time(&mut self, now: u64) {
        self.attempt_log.ms = Some(now.saturating_sub(self.began));
    }
}
