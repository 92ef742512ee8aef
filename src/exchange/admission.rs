//! A chat before it goes upstream.
//!
//! This decides who sends it, whether it is valid, and whether the limiter admits it.

use std::rc::Rc;

use super::delivery::Delivery;
use super::end::{Report, Success};
use super::{
    BODY_TIMEOUT_MS, Context, End, Event, Exchange, Failure, LIMITER_TIMEOUT_MS, Next, Rejection,
    State, Step, unexpected,
};
use crate::assistants::Call;
use crate::contract::body::MAX_BODY_BYTES;
use crate::contract::route::Route;
use crate::head::RequestHead;
use crate::identity::Identity;
use crate::limits::protocol::{Answer, Decision, Question, Standing};
use crate::memory::{Claim, Memory};
use crate::network::{Block, Network};
use crate::proxy::{Asker, Conversation, Proxy};
use crate::refusal::Refusal;
use crate::reply::Quota;

/// The sender of a chat whose body has not been read yet.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) context: Context,
    pub(super) proxy: Rc<Proxy>,
    pub(super) route: Route,
    pub(super) network: Network,
    /// Who the caller is, if a valid pass says so.
    pub(super) identity: Option<Identity>,
}

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
    /// The conversation that the chat continues.
    pub(super) conversation: Option<Conversation>,
    /// When the limiter was asked, in milliseconds since 1970.
    pub(super) asked: u64,
}

impl Caller {
    /// Reads the caller's pass, and asks for the body.
    ///
    /// A shopper with a valid pass who is known to be over a limit is refused before the body is
    /// read.
    pub(super) fn recognise(
        context: Context,
        proxy: Rc<Proxy>,
        route: Route,
        head: &RequestHead<'_>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let network = Network::of(head.address);
        let slot = proxy.signing_slot(memory);
        let identity = proxy.recognise(head.pass, network, context.seconds(), slot);
        if let Some(identity) = &identity
            && let Some(decision) = memory.deny_cache.recall(&identity.into(), now)
            && let Err(refusal) = apply_decision(decision)
        {
            let report = Report {
                who: Some((&proxy, identity)),
                quota: Some(quota(&proxy, decision.standing)),
                ..Report::default()
            };
            return context.reject(refusal.into(), report, now);
        }
        let caller = Self {
            context,
            proxy,
            route,
            network,
            identity,
        };
        if !route.has_body() {
            return caller.plan(memory, head.query.as_bytes(), now);
        }
        let step = Step::ReadBody {
            // One more byte shows that the body is too large.
            max_bytes: MAX_BODY_BYTES + 1,
            timeout: BODY_TIMEOUT_MS,
        };
        Next::Step(step, Exchange(State::ReadingBody(Box::new(caller))))
    }

    pub(super) fn handle(self, memory: &mut Memory, event: Event, now: u64) -> Next {
        let (rejection, detail) = match event {
            Event::Body(body) => return self.plan(memory, &body, now),
            Event::Elapsed => (
                Refusal::InvalidJsonBody.into(),
                Some("body: timeout".to_owned()),
            ),
            // A body that breaks off means that the shopper has left.
            Event::Failed(_) => (Rejection::ShopperLeft, None),
            event => (
                Refusal::InternalError.into(),
                Some(unexpected(&event, "reading the body")),
            ),
        };
        let report = Report {
            who: self.identity.as_ref().map(|who| (&*self.proxy, who)),
            detail,
            ..Report::default()
        };
        self.context.reject(rejection, report, now)
    }

    /// Plans the request by its body, or by its query if it has no body.
    fn plan(self, memory: &mut Memory, input: &[u8], now: u64) -> Next {
        let Self {
            context,
            proxy,
            route,
            network,
            identity,
        } = self;
        let slot = proxy.first_slot(memory, now);
        let asker = Asker {
            network,
            origin: context.origin.as_deref(),
            now: context.seconds(),
            entropy: context.entropy,
            slot: proxy.signing_slot(memory),
        };
        let plan = match proxy.plan(asker, identity.clone(), route, input) {
            Ok(plan) => plan,
            Err(refusal) => {
                let report = Report {
                    who: identity.as_ref().map(|who| (&*proxy, who)),
                    ..Report::default()
                };
                return context.reject(refusal.into(), report, now);
            }
        };
        let mut chat = Chat {
            context,
            proxy,
            identity: plan.identity,
            block: network.block(),
            claim: Claim::default(),
            call: plan.call,
            conversation: plan.conversation,
            asked: now,
        };
        if let Some(decision) = memory.deny_cache.recall(&(&chat.identity).into(), now)
            && let Err(refusal) = apply_decision(decision)
        {
            return chat.refuse(refusal, Some(decision.standing), None, memory, now);
        }
        // Nothing is counted for a chat that cannot be sent.
        let asks_engine = chat.context.asks_engine();
        if let Some(refusal) = memory.unavailable(slot, chat.block, asks_engine, now) {
            return chat.refuse(refusal, None, None, memory, now);
        }
        chat.claim = memory.claim(slot, chat.block, asks_engine, now);
        chat.ask()
    }
}

impl Chat {
    fn ask(self) -> Next {
        let step = Step::Ask {
            limiter: self.identity.limiter.name(),
            question: Question::Admit {
                shopper: self.identity.shopper.0,
                newcomer: self.identity.newcomer,
                receipt: self.context.entropy.receipt(),
            },
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
        let report = Report {
            limiter_ms,
            detail,
            ..self.report()
        };
        Next::Respond(self.end(&Err(rejection), report, memory, now))
    }

    fn decided(
        self: Box<Self>,
        memory: &mut Memory,
        decision: Decision,
        limiter_ms: u64,
        now: u64,
    ) -> Next {
        let deny_key = (&self.identity).into();
        memory.deny_cache.note(deny_key, decision, self.asked);
        match apply_decision(decision) {
            Ok(()) => Delivery::begin(self, decision.standing, limiter_ms, memory, now),
            Err(refusal) => {
                let standing = Some(decision.standing);
                self.refuse(refusal, standing, Some(limiter_ms), memory, now)
            }
        }
    }

    fn refuse(
        &self,
        refusal: Refusal,
        standing: Option<Standing>,
        limiter_ms: Option<u64>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let report = Report {
            quota: standing.map(|standing| quota(&self.proxy, standing)),
            limiter_ms,
            ..self.report()
        };
        Next::Respond(self.end(&Err(refusal.into()), report, memory, now))
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

    fn report(&self) -> Report<'_> {
        Report {
            who: Some((&self.proxy, &self.identity)),
            ..Report::default()
        }
    }
}

/// Fails if the decision says that a cap is exceeded.
fn apply_decision(decision: Decision) -> Result<(), Refusal> {
    match decision.exceeded {
        Some(exceeded) => Err(Refusal::RateLimited(exceeded)),
        None => Ok(()),
    }
}

pub(super) fn quota(proxy: &Proxy, standing: Standing) -> Quota {
    Quota {
        cap: proxy.config.limits.shopper.headline(),
        standing,
    }
}
