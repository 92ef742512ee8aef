//! The sender of a request, from its head until the request is known to be valid.

use std::rc::Rc;

use super::admission::{Chat, apply_decision, quota};
use super::end::Report;
use super::{
    BODY_TIMEOUT_MS, Context, Event, Exchange, Next, Rejection, SIGNATURE_TIMEOUT_MS, State, Step,
    unexpected,
};
use crate::account::{Account, Voucher};
use crate::app_proxy::{self, Visit};
use crate::contract::body::MAX_BODY_BYTES;
use crate::contract::route::Route;
use crate::head::RequestHead;
use crate::identity::Identity;
use crate::memory::{Claim, Memory};
use crate::network::Network;
use crate::proxy::{Asker, Proxy, Who};
use crate::refusal::Refusal;
use crate::token::{self, Checked, Claims, Fault};

/// The sender of a request whose body has not been read yet.
#[derive(Debug)]
pub(super) struct Caller {
    context: Context,
    proxy: Rc<Proxy>,
    pub(super) route: Route,
    network: Network,
    who: Who,
    /// The query of a route without a body.
    query: String,
    /// The origin of the shop that Shopify passes the request on for.
    shop: Option<String>,
}

impl Caller {
    /// Finds out who calls, as far as the head shows it.
    ///
    /// A token decides if there is one. Then come the customer for whom Shopify passes the request
    /// on, and the pass. A token that is not good never makes its sender anybody else.
    pub(super) fn recognise(
        context: Context,
        proxy: Rc<Proxy>,
        route: Route,
        visit: Option<Visit>,
        head: &RequestHead<'_>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let forwarded = visit
            .as_ref()
            .and_then(|_| app_proxy::shopper_address(head.forwarded, head.address));
        let network = Network::of(forwarded.unwrap_or(head.address));
        let app_proxy = visit.as_ref().and(proxy.config.app_proxy.as_ref());
        let shop = app_proxy.map(|app_proxy| format!("https://{}", app_proxy.shop));
        let query = if route.has_body() { "" } else { head.query };
        let mut caller = Self {
            context,
            proxy,
            route,
            network,
            who: Who::Unknown,
            query: query.to_owned(),
            shop,
        };
        if let Some(key) = &caller.proxy.config.token_key
            && !head.authorization.is_empty()
        {
            let seconds = caller.context.seconds();
            return match token::check(head.authorization, key, head.own_origin, seconds) {
                Ok(Checked::Good(claims)) => caller.vouched(claims, memory, now),
                Ok(Checked::IfSigned(claims, check)) => {
                    let step = Step::CheckSignature {
                        check,
                        timeout: SIGNATURE_TIMEOUT_MS,
                    };
                    Next::Step(
                        step,
                        Exchange(State::CheckingToken(Box::new(caller), claims)),
                    )
                }
                Err(fault) => caller.reject(Refusal::InvalidShopperToken(fault).into(), None, now),
            };
        }
        if let Some(customer) = visit.and_then(|visit| visit.customer) {
            caller.who = Who::Verified(Account::new(Voucher::Shopify, customer), None);
        } else {
            let slot = caller.proxy.signing_slot(memory);
            let seconds = caller.context.seconds();
            let holder = caller.proxy.recognise(head.pass, network, seconds, slot);
            caller.who = holder.map_or(Who::Unknown, Who::Holder);
        }
        caller.read(memory, now)
    }

    /// Goes on with a token whose signature has been checked.
    pub(super) fn checked(
        self,
        claims: Claims,
        memory: &mut Memory,
        event: Event,
        now: u64,
    ) -> Next {
        let (rejection, detail) = match event {
            Event::SignatureChecked(true) => return self.vouched(claims, memory, now),
            Event::SignatureChecked(false) => {
                (Refusal::InvalidShopperToken(Fault::Signature).into(), None)
            }
            Event::Failed(failure) => (
                Refusal::InternalError.into(),
                Some(format!("token: {}", failure.description())),
            ),
            event => (
                Refusal::InternalError.into(),
                Some(unexpected(&event, "checking a token")),
            ),
        };
        self.reject(rejection, detail, now)
    }

    fn vouched(mut self, claims: Claims, memory: &mut Memory, now: u64) -> Next {
        let account = Account::new(Voucher::Token, claims.subject.clone());
        self.who = Who::Verified(account, Some(claims));
        self.read(memory, now)
    }

    /// Asks for the body, if the route has one.
    ///
    /// A shopper who is known to be over a limit is refused before the body is read.
    fn read(self, memory: &mut Memory, now: u64) -> Next {
        if self.route.omi_scope().is_some()
            && let Err(refusal) = self.proxy.permit(&self.who, self.route)
        {
            return self.reject(refusal.into(), None, now);
        }
        if let Some(identity) = self.identity()
            && let Some(decision) = memory.deny_cache.recall(&(&identity).into(), now)
            && let Err(refusal) = apply_decision(decision)
        {
            let report = Report {
                who: Some((&self.proxy, &identity)),
                quota: Some(quota(&self.proxy, identity.own, decision.standing)),
                ..Report::default()
            };
            return self.context.reject(refusal.into(), report, now);
        }
        if !self.route.has_body() {
            let query = self.query.clone();
            return self.plan(memory, query.as_bytes(), now);
        }
        let step = Step::ReadBody {
            // One more byte shows that the body is too large.
            max_bytes: MAX_BODY_BYTES + 1,
            timeout: BODY_TIMEOUT_MS,
        };
        Next::Step(step, Exchange(State::ReadingBody(Box::new(self))))
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
        self.reject(rejection, detail, now)
    }

    /// Plans the request by its body, or by its query if it has no body.
    fn plan(self, memory: &mut Memory, input: &[u8], now: u64) -> Next {
        let slot = self.proxy.first_slot(memory, now);
        let asker = Asker {
            network: self.network,
            origin: self.context.origin.as_deref().or(self.shop.as_deref()),
            now: self.context.seconds(),
            entropy: self.context.entropy,
            slot: self.proxy.signing_slot(memory),
        };
        let plan = match self.proxy.plan(asker, &self.who, self.route, input) {
            Ok(plan) => plan,
            Err(refusal) => return self.reject(refusal.into(), None, now),
        };
        let mut chat = Chat {
            context: self.context,
            proxy: self.proxy,
            identity: plan.identity,
            block: self.network.block(),
            claim: Claim::default(),
            call: plan.call,
            conversation: plan.conversation,
            once: plan.once,
            recall: plan.recall,
            asked: now,
            spared: None,
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

    fn identity(&self) -> Option<Identity> {
        let identity = self.proxy.identity(&self.who)?;
        Some(match self.route.omi_scope() {
            Some(_) => identity.at_omi(),
            None => identity,
        })
    }

    fn reject(&self, rejection: Rejection, detail: Option<String>, now: u64) -> Next {
        let identity = self.identity();
        let report = Report {
            who: identity.as_ref().map(|identity| (&*self.proxy, identity)),
            detail,
            ..Report::default()
        };
        self.context.reject(rejection, report, now)
    }
}
