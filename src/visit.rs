//! A request on its way, from its arrival to its reply.
//!
//! The visit says which errand comes next, the edge runs it and reports what came of it. So the
//! order of a request is decided here, in one place and without a platform; there is nothing to
//! wait for inside, and the time is given with each report.

mod ending;
mod upstream;

use crate::arrival::Arrival;
use crate::chat::MAX_BODY_BYTES;
use crate::gate::{Attempt, Chance, Entry, Proxy};
use crate::identity::Identity;
use crate::isolate::Isolate;
use crate::limits::verdict::Verdict;
use crate::refusal::Refusal;
use crate::reply::{Quota, Reply};

/// How long a request's body may take to come, in milliseconds.
pub const BODY_DEADLINE_MS: u64 = 10_000;
/// How long the limiter may take, in milliseconds. Past that nothing is let through: a gate that
/// opens when its limiter is slow is one that an attacker would slow down.
pub const LIMITER_DEADLINE_MS: u64 = 1_000;
/// How long the upstream may take until the first byte of its answer, in milliseconds.
pub const UPSTREAM_DEADLINE_MS: u64 = 25_000;
/// How much of the body of an upstream's error is read, in bytes.
pub const MAX_ERROR_BYTES: usize = 16 * 1_024;

/// What is to be done next for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Read its body.
    ReadBody,
    /// Ask the limiter of the shopper's home.
    AskLimiter,
    /// Send the attempt upstream.
    Send,
    /// Read the body of the upstream's error.
    ReadError,
    /// Answer with the reply, whose body is the upstream's.
    HandOn,
    /// Answer with the reply.
    Reply,
}

/// Why an errand came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure<'a> {
    /// Its time was over.
    Late,
    /// The shopper has left.
    Left,
    /// Something else, in the words of the platform or of an object of ours.
    Other(&'a str),
}

/// One request.
#[derive(Debug)]
pub struct Visit {
    /// The request as the edge describes it.
    lines: String,
    chance: Chance,
    /// In milliseconds since 1970.
    started: u64,
    errand: Errand,
    facts: Facts,
    end: Option<End>,
}

/// How a request ends.
#[derive(Debug)]
pub struct End {
    /// The answer.
    pub reply: Reply,
    /// The log line.
    pub line: String,
}

/// What a request comes to, where it is not stopped.
enum Answer {
    Preflight,
    Health,
    Chat {
        status: u16,
        content_type: &'static str,
    },
}

/// What stops a request.
enum Stop {
    Refused(Refusal),
    ShopperLeft,
}

/// What is learnt of a request on its way, for its reply and its log line.
#[derive(Debug, Default)]
struct Facts {
    identity: Option<Identity>,
    new_pass: Option<String>,
    /// The body that goes upstream.
    body: String,
    /// When the limiter was asked.
    asked: u64,
    /// There once the limiter has answered.
    quota: Option<Quota>,
    attempt: Option<Attempt>,
    /// When the attempt was sent.
    sent: u64,
    upstream_ms: Option<u64>,
    /// The head of the upstream's error.
    error_head: String,
    /// What it came under.
    upstream_status: Option<u16>,
    upstream_request_id: Option<String>,
    /// What only the log is told.
    detail: Option<String>,
}

impl Visit {
    /// A request that has just arrived. The time is in milliseconds since 1970, here and below.
    pub fn begin(isolate: &Isolate, lines: String, chance: Chance, now: u64) -> Self {
        let mut visit = Self::new(lines, chance, now);
        match isolate.gate.receive(&visit.arrival()) {
            Ok(Entry::Chat(proxy)) => visit.recognise(isolate, proxy, now),
            Ok(Entry::Preflight) => visit.conclude(isolate, &Ok(Answer::Preflight), now),
            Ok(Entry::Health) => visit.conclude(isolate, &Ok(Answer::Health), now),
            Err(refusal) => visit.conclude(isolate, &Err(refusal.into()), now),
        }
        visit
    }

    /// A request that came to nothing: its instance was lost, or the platform refused something.
    pub fn fault(isolate: &Isolate, lines: String, chance: Chance, started: u64, now: u64) -> Self {
        let mut visit = Self::new(lines, chance, started);
        visit.conclude(isolate, &Err(Refusal::InternalError.into()), now);
        visit
    }

    fn new(lines: String, chance: Chance, started: u64) -> Self {
        Self {
            lines,
            chance,
            started,
            errand: Errand::ReadBody,
            facts: Facts::default(),
            end: None,
        }
    }

    /// What is to be done next.
    pub fn errand(&self) -> Errand {
        self.errand
    }

    /// How long that may take, in milliseconds.
    pub fn patience(&self, now: u64) -> u64 {
        match self.errand {
            Errand::ReadBody => BODY_DEADLINE_MS,
            Errand::AskLimiter => LIMITER_DEADLINE_MS,
            Errand::Send | Errand::ReadError | Errand::HandOn | Errand::Reply => {
                (self.facts.sent + UPSTREAM_DEADLINE_MS).saturating_sub(now)
            }
        }
    }

    /// How much of a body is read, in bytes: a request's byte too many shows that it is too large.
    pub fn room(&self) -> usize {
        match self.errand {
            Errand::ReadError => MAX_ERROR_BYTES,
            _ => MAX_BODY_BYTES + 1,
        }
    }

    /// Whom the limiter is asked about, once that is known.
    pub fn identity(&self) -> Option<&Identity> {
        self.facts.identity.as_ref()
    }

    /// What is to be sent upstream, but for the body.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.facts.attempt.as_ref()
    }

    /// The body that is to be sent.
    pub fn attempt_body(&self) -> &str {
        &self.facts.body
    }

    /// How it ended.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// A shopper who shows a pass and is over a limit is refused without a look at the body.
    fn recognise(&mut self, isolate: &Isolate, proxy: &Proxy, now: u64) {
        let seconds = self.seconds();
        self.facts.identity = proxy.recognise(&self.arrival(), seconds);
        if let Some(identity) = &self.facts.identity
            && let Some(verdict) = isolate.refusals.recall(&identity.into(), now)
        {
            let next = self.weigh(isolate, verdict, now);
            self.go_on(isolate, next, now);
        }
    }

    /// The body is there.
    pub fn body(&mut self, isolate: &Isolate, body: &[u8], now: u64) {
        let next = self.plan_for(isolate, body, now);
        self.go_on(isolate, next, now);
    }

    fn plan_for(&mut self, isolate: &Isolate, body: &[u8], now: u64) -> Result<Errand, Stop> {
        let proxy = isolate.gate.proxy()?;
        let known = self.facts.identity.take();
        let arrival = Arrival::from_lines(&self.lines);
        let plan = proxy.plan(&arrival, known, body, self.seconds(), self.chance)?;
        let remembered = isolate.refusals.recall(&(&plan.identity).into(), now);
        self.facts.identity = Some(plan.identity);
        self.facts.new_pass = plan.new_pass;
        self.facts.body = plan.body;
        self.facts.asked = now;
        match remembered {
            Some(verdict) => self.weigh(isolate, verdict, now),
            None => Ok(Errand::AskLimiter),
        }
    }

    /// The limiter has answered.
    pub fn verdict(&mut self, isolate: &mut Isolate, words: &[u32], now: u64) {
        let next = match Verdict::from_words(words) {
            Some(verdict) => {
                if let Some(identity) = &self.facts.identity {
                    isolate
                        .refusals
                        .note(identity.into(), verdict, self.facts.asked);
                }
                self.weigh(isolate, verdict, now)
            }
            None => Err(self.no_verdict("its verdict cannot be read")),
        };
        self.go_on(isolate, next, now);
    }

    fn weigh(&mut self, isolate: &Isolate, verdict: Verdict, now: u64) -> Result<Errand, Stop> {
        let proxy = isolate.gate.proxy()?;
        self.facts.quota = Some(Quota {
            cap: proxy.config.limits.shopper.headline(),
            standing: verdict.standing,
        });
        if let Some(exceeded) = verdict.exceeded {
            return Err(Refusal::RateLimited(exceeded).into());
        }
        self.facts.attempt = Some(proxy.attempt());
        self.facts.sent = now;
        Ok(Errand::Send)
    }

    /// The errand came to nothing.
    pub fn failed(&mut self, isolate: &Isolate, failure: Failure<'_>, now: u64) {
        if self.errand == Errand::Send {
            self.facts.upstream_ms = Some(now.saturating_sub(self.facts.sent));
        }
        let stop = match (self.errand, failure) {
            // An error counts by its status where the rest of the deadline brings no body.
            (Errand::ReadError, Failure::Late | Failure::Other(_)) => self.read_error(isolate, &[]),
            (_, Failure::Left) => Stop::ShopperLeft,
            (Errand::ReadBody, Failure::Late) => {
                self.facts.detail = Some("body: timeout".to_owned());
                Refusal::InvalidJsonBody.into()
            }
            // A body that breaks off is a shopper who is gone.
            (Errand::ReadBody, Failure::Other(_)) => Stop::ShopperLeft,
            (Errand::AskLimiter, Failure::Late) => self.no_verdict("timeout"),
            (Errand::AskLimiter, Failure::Other(reason)) => self.no_verdict(reason),
            (Errand::Send, Failure::Late) => Refusal::UpstreamTimeout.into(),
            (Errand::Send, Failure::Other(reason)) => {
                self.facts.detail = Some(format!("upstream: {reason}"));
                Refusal::UpstreamInvokeError.into()
            }
            (Errand::HandOn | Errand::Reply, _) => Refusal::InternalError.into(),
        };
        self.go_on(isolate, Err(stop), now);
    }

    fn no_verdict(&mut self, reason: &str) -> Stop {
        self.facts.detail = Some(format!("limiter: {reason}"));
        Refusal::LimiterUnavailable.into()
    }

    fn go_on(&mut self, isolate: &Isolate, next: Result<Errand, Stop>, now: u64) {
        match next {
            Ok(errand) => self.errand = errand,
            Err(stop) => self.conclude(isolate, &Err(stop), now),
        }
    }

    fn conclude(&mut self, isolate: &Isolate, answer: &Result<Answer, Stop>, now: u64) {
        self.errand = Errand::Reply;
        self.end = Some(ending::end(self, &isolate.gate, answer, now));
    }

    /// When it arrived, in seconds since 1970.
    fn seconds(&self) -> u32 {
        (self.started / 1_000) as u32
    }

    fn arrival(&self) -> Arrival<'_> {
        Arrival::from_lines(&self.lines)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
