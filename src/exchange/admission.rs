//! A valid chat before it goes upstream: whether the limiter admits it.

use std::rc::Rc;

use super::end::{Report, Success};
use super::freeing::Freeing;
use super::recall::Recall;
use super::{
    Context, End, Event, Exchange, Failure, LIMITER_TIMEOUT_MS, Next, Rejection, State, Step,
    unexpected,
};
use crate::assistants::Call;
use crate::identity::Identity;
use crate::limits::protocol::{Answer, Decision, Exceeded, Standing};
use crate::limits::{Own, Tier};
use crate::memory::{Claim, Memory};
use crate::network::Block;
use crate::proxy::{Conversation, Proxy};
use crate::refusal::Refusal;
use crate::reply::{DryRun, Quota};

/// A valid chat that waits for the limiter's decision.
#[derive(Debug)]
pub(super) struct Chat {
    pub(super) context: Context,
    pub(super) proxy: Rc<Proxy>,
    pub(super) identity: Identity,
    /// The block of networks that the chat comes from.
    pub(super) block: Block,
    /// The half-open probes that the chat holds.
    pub(super) claim: Claim,
    /// What goes upstream.
    pub(super) call: Call,
    /// Stands for the idempotency key, or 0 if there is none.
    pub(super) once: u32,
    /// What the shopper's memories are remembered by, and the call that reads them, if the chat has them
    /// as a hint.
    pub(super) recall: Option<(String, Call)>,
    /// The conversation that the chat continues.
    pub(super) conversation: Option<Conversation>,
    /// When the limiter was asked, in milliseconds since 1970.
    pub(super) asked: u64,
    /// The full cap that would have refused the chat, if the limits were not only tried out.
    pub(super) spared: Option<Exceeded>,
}

impl Chat {
    pub(super) fn ask(self) -> Next {
        let receipt = self.context.entropy.receipt();
        let step = Step::Ask {
            limiter: self.identity.limiter.name(),
            question: self.identity.admission(receipt, self.once),
            timeout: LIMITER_TIMEOUT_MS,
        };
        Next::Step(step, Exchange(State::Asking(Box::new(self))))
    }

    pub(super) fn handle(self: Box<Self>, memory: &mut Memory, event: Event, now: u64) -> Next {
        let waited = now.saturating_sub(self.asked);
        let (rejection, limiter_ms, detail) = match event {
            Event::Answer(Answer::Decision(decision)) => {
                return self.decided(memory, decision, waited, now);
            }
            Event::Failed(Failure::ShopperLeft) => (Rejection::ShopperLeft, None, None),
            Event::Failed(failure) => (
                Refusal::LimiterUnavailable.into(),
                (failure == Failure::Unreadable).then_some(waited),
                Some(format!("limiter: {}", failure.description())),
            ),
            Event::Elapsed => (
                Refusal::LimiterUnavailable.into(),
                None,
                Some("limiter: timeout".to_owned()),
            ),
            event => (
                Refusal::InternalError.into(),
                None,
                Some(unexpected(&event, "asking the limiter")),
            ),
        };
        let freeing = Freeing {
            chat: self,
            rejection,
            limiter_ms,
            detail,
        };
        freeing.begin(memory, now)
    }

    /// Answers a repetition of what was asked for under the same idempotency key.
    fn repeated(&self, known: Exceeded, memory: &mut Memory, now: u64) -> Next {
        let answer = match known {
            Exceeded {
                tier: Tier::Done, ..
            } => Ok(Success::accepted(&self.context.entropy.request_id())),
            Exceeded { retry_after: 0, .. } => Err(Refusal::InDoubt.into()),
            Exceeded { retry_after, .. } => Err(Refusal::InProgress(retry_after).into()),
        };
        Next::Respond(self.end(&answer, self.report(), memory, now))
    }

    /// Returns whether a full cap refuses nothing. At omi.me, a refused key would not be known to be used.
    fn is_dry_run(&self) -> bool {
        self.proxy.config.dry_run && self.identity.own != Own::Omi
    }

    fn decided(
        mut self: Box<Self>,
        memory: &mut Memory,
        decision: Decision,
        limiter_ms: u64,
        now: u64,
    ) -> Next {
        if let Some(known) = decision
            .exceeded
            .filter(|full| matches!(full.tier, Tier::Done | Tier::Pending))
        {
            return self.repeated(known, memory, now);
        }
        if self.is_dry_run() && decision.exceeded.is_some() {
            self.spared = decision.exceeded;
            return Recall::begin(self, decision.standing, limiter_ms, memory, now);
        }
        let deny_key = (&self.identity).into();
        memory.deny_cache.note(deny_key, decision, self.asked);
        match apply_decision(decision) {
            Ok(()) => Recall::begin(self, decision.standing, limiter_ms, memory, now),
            Err(refusal) => {
                let standing = Some(decision.standing);
                self.refuse(refusal, standing, Some(limiter_ms), memory, now)
            }
        }
    }

    pub(super) fn refuse(
        &self,
        refusal: Refusal,
        standing: Option<Standing>,
        limiter_ms: Option<u64>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let report = Report {
            quota: standing.map(|standing| self.quota(standing)),
            limiter_ms,
            ..self.report()
        };
        Next::Respond(self.end(&Err(refusal.into()), report, memory, now))
    }

    /// Returns what a page is told about the limiter's decision.
    pub(super) fn quota(&self, standing: Standing) -> Quota {
        let dry_run = self.is_dry_run().then_some(DryRun(self.spared));
        Quota {
            dry_run,
            ..quota(&self.proxy, self.identity.own, standing)
        }
    }

    /// Ends the chat, and releases the probes from which it has learned nothing.
    pub(super) fn end(
        &self,
        answer: &Result<Success, Rejection>,
        report: Report<'_>,
        memory: &mut Memory,
        now: u64,
    ) -> End {
        memory.release(self.claim, now);
        self.context.end(answer, report, now)
    }

    pub(super) fn report(&self) -> Report<'_> {
        Report {
            who: Some((&self.proxy, &self.identity)),
            ..Report::default()
        }
    }
}

/// Fails if the decision says that a cap is exceeded.
pub(super) fn apply_decision(decision: Decision) -> Result<(), Refusal> {
    match decision.exceeded {
        Some(exceeded) => Err(Refusal::RateLimited(exceeded)),
        None => Ok(()),
    }
}

pub(super) fn quota(proxy: &Proxy, own: Own, standing: Standing) -> Quota {
    Quota {
        cap: proxy.config.limits.own(own).headline(),
        standing,
        dry_run: None,
    }
}
