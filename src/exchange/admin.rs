//! A request of the merchant: what was counted, who is held, and what is lifted.
//!
//! A request without the token is refused at once, and costs no object call: nobody guesses 32 characters.
//! With the token, each network has a limit of its own.

use std::rc::Rc;

use super::admission::apply_decision;
use super::end::{Report, Success};
use super::{
    BODY_TIMEOUT_MS, Context, Event, Exchange, Failure, LIMITER_TIMEOUT_MS, Next, Rejection, State,
    Step, USAGE_TIMEOUT_MS, unexpected,
};
use crate::admin::{self, AdminRoute, Hold, Lift};
use crate::contract::answer::Object;
use crate::contract::body::MAX_BODY_BYTES;
use crate::contract::query;
use crate::head::RequestHead;
use crate::limits::Own;
use crate::limits::protocol::{Account, Answer, Decision, Question};
use crate::log;
use crate::memory::Memory;
use crate::memory::deny_cache::DenyKey;
use crate::network::{LimiterName, Network};
use crate::pass::Shopper;
use crate::proxy::Proxy;
use crate::refusal::{InvalidField, Refusal};
use crate::usage::{self, Range, Refused};

/// The number that the requests of a network count under, in a limiter that has no other.
const SHOPPER: u32 = 1 << 31;

/// A request of the merchant.
#[derive(Debug)]
pub(super) struct Admin {
    context: Context,
    proxy: Rc<Proxy>,
    route: AdminRoute,
    query: String,
    limiter: LimiterName,
    /// When the limiter was asked, in milliseconds since 1970.
    asked: u64,
    limiter_ms: Option<u64>,
}

/// What the request waits for.
#[derive(Debug)]
pub(super) enum Asked {
    Admission,
    Body,
    Counts(Counts),
    Lifting(Hold),
}

/// What the counts are read for.
#[derive(Debug)]
pub(super) enum Counts {
    Report(Range),
    Blocks(Option<[u8; 16]>),
    Metrics,
    Lift([u8; 16]),
}

impl Admin {
    pub(super) fn begin(
        mut context: Context,
        proxy: Rc<Proxy>,
        route: AdminRoute,
        head: &RequestHead<'_>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        // A storefront's page has no business here, whatever it knows.
        context.origin = None;
        context.operation = Some(route.name());
        let token = proxy.config.admin_token.as_ref();
        let is_authorized =
            token.is_some_and(|token| admin::is_authorized(head.authorization, token));
        let admin = Box::new(Self {
            limiter: proxy.admin_limiter(Network::of(head.address)),
            context,
            proxy,
            route,
            query: head.query.to_owned(),
            asked: now,
            limiter_ms: None,
        });
        if !is_authorized {
            return admin.refuse(Refusal::InvalidAdminToken, now);
        }
        if let Some(decision) = memory.deny_cache.recall(&admin.deny_key(), now)
            && let Err(refusal) = apply_decision(decision)
        {
            return admin.refuse(refusal, now);
        }
        let question = Question::AdmitVerified(Account {
            shopper: SHOPPER,
            own: Own::Admin,
            receipt: admin.context.entropy.receipt(),
            once: 0,
        });
        let limiter = admin.limiter;
        admin.ask(limiter, question, Asked::Admission)
    }

    pub(super) fn handle(
        self: Box<Self>,
        asked: Asked,
        memory: &mut Memory,
        event: Event,
        now: u64,
    ) -> Next {
        match (asked, event) {
            (Asked::Admission, Event::Answer(Answer::Decision(decision))) => {
                self.decided(decision, memory, now)
            }
            (Asked::Body, Event::Body(body)) => match Lift::read(&body) {
                Ok(Lift::Named(hold)) => self.lift(hold),
                Ok(Lift::Request(id)) => self.count(Counts::Lift(id), now),
                Err(refusal) => self.refuse(refusal, now),
            },
            (Asked::Counts(counts), Event::Usage(days)) => self.counted(&counts, &days, now),
            (Asked::Lifting(hold), Event::Answer(Answer::Lifted(count))) => {
                self.lifted(&hold, count, now)
            }
            (_, Event::Failed(Failure::ShopperLeft)) => {
                self.end(&Err(Rejection::ShopperLeft), Report::default(), now)
            }
            (asked, event) => self.failed(&asked, &event, now),
        }
    }

    fn decided(mut self: Box<Self>, decision: Decision, memory: &mut Memory, now: u64) -> Next {
        self.limiter_ms = Some(now.saturating_sub(self.asked));
        memory
            .deny_cache
            .note(self.deny_key(), decision, self.asked);
        if let Err(refusal) = apply_decision(decision) {
            return self.refuse(refusal, now);
        }
        match self.route {
            AdminRoute::Usage => {
                let range = query::parameter(&self.query, "range").unwrap_or("day");
                match Range::named(range) {
                    Some(range) => self.count(Counts::Report(range), now),
                    None => self.refuse(Refusal::InvalidField(InvalidField::Span), now),
                }
            }
            AdminRoute::Blocks => match query::parameter(&self.query, "request_id") {
                None => self.count(Counts::Blocks(None), now),
                Some(id) => match admin::request_id(id) {
                    Some(id) => self.count(Counts::Blocks(Some(id)), now),
                    None => self.refuse(Refusal::InvalidField(InvalidField::RequestId), now),
                },
            },
            AdminRoute::Metrics => self.count(Counts::Metrics, now),
            AdminRoute::Lift => {
                let step = Step::ReadBody {
                    max_bytes: MAX_BODY_BYTES + 1,
                    timeout: BODY_TIMEOUT_MS,
                };
                Next::Step(step, Exchange(State::Admin(self, Asked::Body)))
            }
        }
    }

    /// Reads the counts of the days that are needed.
    fn count(self: Box<Self>, counts: Counts, now: u64) -> Next {
        let mut objects = match &counts {
            Counts::Report(range) => range.objects(now),
            Counts::Blocks(_) | Counts::Metrics | Counts::Lift(_) => Range::Day.objects(now),
        };
        if matches!(counts, Counts::Metrics) {
            objects.truncate(1);
        }
        let step = Step::ReadUsage {
            objects,
            timeout: USAGE_TIMEOUT_MS,
        };
        Next::Step(step, Exchange(State::Admin(self, Asked::Counts(counts))))
    }

    fn counted(self: Box<Self>, counts: &Counts, days: &[Vec<u8>], now: u64) -> Next {
        let facts = self.proxy.config.facts();
        let json = match counts {
            Counts::Report(range) => usage::report(*range, days, &facts, now),
            Counts::Blocks(id) => match usage::blocks(days, *id, now) {
                Some(json) => json,
                None => return self.refuse(Refusal::RequestNotFound, now),
            },
            Counts::Metrics => {
                let day = days.first().map_or(&[][..], Vec::as_slice);
                let text = usage::metrics(day, &facts, now);
                return self.end(&Ok(Success::Metrics(text)), Report::default(), now);
            }
            Counts::Lift(id) => {
                return match usage::find(days, *id).and_then(|refused| Hold::of(&refused)) {
                    Some(hold) => self.lift(hold),
                    None => self.refuse(Refusal::RequestNotFound, now),
                };
            }
        };
        self.answer(json, Report::default(), now)
    }

    fn lift(self: Box<Self>, hold: Hold) -> Next {
        let question = Question::Lift {
            name: hold.shopper,
            tier: hold.tier,
        };
        self.ask(hold.limiter, question, Asked::Lifting(hold))
    }

    fn lifted(&self, hold: &Hold, count: u32, now: u64) -> Next {
        let request_id = self.context.entropy.request_id();
        let limiter = hold.limiter.name();
        let budget = hold.tier.name();
        let shopper = hold.shopper_name();
        let mut answer = Object::begin();
        answer.text("limiter", &limiter);
        answer.optional("shopper", shopper.as_deref());
        answer.text("budget", budget);
        answer.raw("lifted", &count.to_string());
        let notice = log::lifted(&request_id, &limiter, shopper.as_deref(), budget, count);
        let id = self.context.entropy.request_id_bytes();
        let lifted = Refused::lifted(now, id, hold.limiter, hold.shopper, hold.tier.into());
        let report = Report {
            notices: vec![notice],
            lifted: Some(lifted),
            ..Report::default()
        };
        self.answer(answer.end(), report, now)
    }

    fn ask(self: Box<Self>, limiter: LimiterName, question: Question, asked: Asked) -> Next {
        let step = Step::Ask {
            limiter: limiter.name(),
            question,
            timeout: LIMITER_TIMEOUT_MS,
        };
        Next::Step(step, Exchange(State::Admin(self, asked)))
    }

    /// Ends a request whose step brought nothing.
    fn failed(&self, asked: &Asked, event: &Event, now: u64) -> Next {
        let (refusal, what) = match asked {
            Asked::Admission | Asked::Lifting(_) => (Refusal::LimiterUnavailable, "limiter"),
            Asked::Body => (Refusal::InvalidJsonBody, "body"),
            Asked::Counts(_) => (Refusal::UsageUnavailable, "usage"),
        };
        let (refusal, detail) = match event {
            Event::Elapsed => (refusal, format!("{what}: timeout")),
            Event::Failed(failure) => (refusal, format!("{what}: {}", failure.description())),
            event => (
                Refusal::InternalError,
                unexpected(event, "answering the merchant"),
            ),
        };
        let report = Report {
            detail: Some(detail),
            ..Report::default()
        };
        self.end(&Err(refusal.into()), report, now)
    }

    fn answer(&self, json: String, report: Report<'_>, now: u64) -> Next {
        self.end(&Ok(Success::Answer { status: 200, json }), report, now)
    }

    fn refuse(&self, refusal: Refusal, now: u64) -> Next {
        self.end(&Err(refusal.into()), Report::default(), now)
    }

    fn end(&self, answer: &Result<Success, Rejection>, report: Report<'_>, now: u64) -> Next {
        let report = Report {
            limiter_ms: self.limiter_ms,
            ..report
        };
        Next::Respond(self.context.end(answer, report, now))
    }

    fn deny_key(&self) -> DenyKey {
        DenyKey {
            limiter: self.limiter,
            shopper: Some(Shopper(SHOPPER)),
        }
    }
}
