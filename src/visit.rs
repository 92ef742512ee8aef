//! A request on its way, from its arrival to its reply.
//!
//! The visit says which errand comes next, the edge runs it and reports what came of it. So the
//! order of a request is decided here, in one place and without a platform; there is nothing to
//! wait for inside, and the time is given with each report.

mod ending;
mod errand;
mod progress;
mod upstream;

pub use errand::{Errand, Failure};

use ending::{Answer, Stop};
use progress::Upstream;

use crate::arrival::Arrival;
use crate::chat::MAX_BODY_BYTES;
use crate::gate::{Attempt, Chance, Entry};
use crate::identity::Identity;
use crate::isolate::Isolate;
use crate::limits::verdict::Verdict;
use crate::network::{Block, Network};
use crate::refusal::Refusal;
use crate::reply::{self, Quota, Reply};

/// How long a request's body may take to come, in milliseconds.
pub const BODY_DEADLINE_MS: u64 = 10_000;
/// How long the limiter may take, in milliseconds. Past that nothing is let through: a gate that
/// opens when its limiter is slow is one that an attacker would slow down.
pub const LIMITER_DEADLINE_MS: u64 = 1_000;
/// How long the upstream may take from the first byte of a JSON answer to its last, and an event
/// stream from one byte to the next, in milliseconds.
pub const ANSWER_DEADLINE_MS: u64 = 10_000;
/// How much of the body of an upstream's error is read, in bytes.
pub const MAX_ERROR_BYTES: usize = 16 * 1_024;
/// The largest answer that is read whole before it is sent, in bytes; a larger one is sent as it
/// comes.
pub const MAX_WHOLE_BYTES: usize = 256 * 1_024;

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

/// What is learnt of a request on its way, for its reply and its log line.
#[derive(Debug, Default)]
struct Facts {
    identity: Option<Identity>,
    /// The body that goes upstream.
    body: String,
    /// When the limiter was asked.
    asked: u64,
    limiter_ms: Option<u64>,
    /// There once the limiter has answered.
    quota: Option<Quota>,
    upstream: Upstream,
    /// Whether the chat was given back to the shopper's budget.
    given_back: bool,
    /// What only the log is told.
    detail: Option<String>,
    /// What the log is told beside the request's line.
    notices: Vec<String>,
}

impl Visit {
    /// A request that has just arrived. The time is in milliseconds since 1970, here and below.
    pub fn begin(isolate: &mut Isolate, lines: String, chance: Chance, now: u64) -> Self {
        let mut visit = Self::new(lines, chance, now);
        match isolate.gate.receive(&visit.arrival()) {
            Ok(Entry::Chat) => visit.recognise(isolate, now),
            Ok(Entry::Preflight) => visit.conclude(isolate, &Ok(Answer::Preflight), now),
            Ok(Entry::Health) => visit.conclude(isolate, &Ok(Answer::Health), now),
            Err(refusal) => visit.conclude(isolate, &Err(refusal.into()), now),
        }
        visit
    }

    /// A request that came to nothing: its instance was lost, or the platform refused something.
    pub fn fault(
        isolate: &mut Isolate,
        lines: String,
        chance: Chance,
        started: u64,
        now: u64,
    ) -> Self {
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
            Errand::AskLimiter | Errand::GiveBack => LIMITER_DEADLINE_MS,
            Errand::Send | Errand::ReadError => self.facts.upstream.left(now),
            Errand::CountRetry => LIMITER_DEADLINE_MS.min(self.facts.upstream.left(now)),
            Errand::Wait => self.facts.upstream.wait_left(now),
            Errand::HandOn if self.streams() => ANSWER_DEADLINE_MS,
            Errand::ReadAnswer | Errand::ReadFirst | Errand::HandOn => {
                self.facts.upstream.answer_left(now)
            }
            Errand::Reply => 0,
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

    /// The number under which the limiter may take the chat back.
    pub fn receipt(&self) -> u32 {
        self.chance.receipt()
    }

    /// What is to be sent upstream, but for the body.
    pub fn attempt(&self) -> Option<&Attempt> {
        self.facts.upstream.attempt.as_ref()
    }

    /// What the log is told beside the request's line: a line of JSON each.
    pub fn notices(&self) -> &[String] {
        &self.facts.notices
    }

    /// The body that is to be sent.
    pub fn attempt_body(&self) -> &str {
        &self.facts.body
    }

    /// Whether its reply is a stream of events.
    pub fn streams(&self) -> bool {
        self.end.as_ref().is_some_and(|end| end.reply.streams)
    }

    /// What ends a stream of events that was cut: one more event, the documented envelope.
    pub fn error_event(&self) -> String {
        reply::error_event(&self.chance.request_id())
    }

    /// How it ended.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// A shopper who shows a pass and is over a limit is refused without a look at the body.
    fn recognise(&mut self, isolate: &mut Isolate, now: u64) {
        if let Ok(proxy) = isolate.gate.proxy() {
            let slot = isolate.memory.slots.signing();
            self.facts.identity = proxy.recognise(&self.arrival(), self.seconds(), slot);
        }
        if let Some(identity) = &self.facts.identity
            && let Some(verdict) = isolate.memory.refusals.recall(&identity.into(), now)
            && let Err(stop) = self.weigh(isolate, verdict)
        {
            self.conclude(isolate, &Err(stop), now);
        }
    }

    /// The body is there.
    pub fn body(&mut self, isolate: &mut Isolate, body: &[u8], now: u64) {
        let next = self.plan_for(isolate, body, now);
        self.go_on(isolate, next, now);
    }

    fn plan_for(&mut self, isolate: &mut Isolate, body: &[u8], now: u64) -> Result<Errand, Stop> {
        let proxy = isolate.gate.proxy()?;
        let known = self.facts.identity.take();
        let arrival = Arrival::from_lines(&self.lines);
        let slot = proxy.first_slot(&isolate.memory, now);
        let signing = isolate.memory.slots.signing();
        let plan = proxy.plan(&arrival, known, body, self.seconds(), self.chance, signing)?;
        let remembered = isolate
            .memory
            .refusals
            .recall(&(&plan.identity).into(), now);
        self.facts.identity = Some(plan.identity);
        self.facts.body = plan.body;
        self.facts.asked = now;
        if let Some(verdict) = remembered {
            self.weigh(isolate, verdict)?;
        }
        // Nothing is counted for a chat that cannot be sent.
        let block = self.block();
        if let Some(refusal) = isolate.memory.shut(slot, block, now) {
            return Err(refusal.into());
        }
        self.facts.upstream.claim = isolate.memory.claim(slot, block, now);
        Ok(Errand::AskLimiter)
    }

    /// The limiter has answered.
    pub fn verdict(&mut self, isolate: &mut Isolate, words: &[u32], now: u64) {
        let next = self.take_verdict(isolate, words, now);
        self.go_on(isolate, next, now);
    }

    fn take_verdict(
        &mut self,
        isolate: &mut Isolate,
        words: &[u32],
        now: u64,
    ) -> Result<Errand, Stop> {
        self.facts.limiter_ms = Some(now.saturating_sub(self.facts.asked));
        let verdict = Verdict::from_words(words)
            .ok_or_else(|| self.no_verdict("its verdict cannot be read"))?;
        if let Some(identity) = &self.facts.identity {
            let refusals = &mut isolate.memory.refusals;
            refusals.note(identity.into(), verdict, self.facts.asked);
        }
        self.weigh(isolate, verdict)?;
        self.set_out(isolate, now)
    }

    /// Takes note of how the shopper stands, and stops one who is over a limit.
    fn weigh(&mut self, isolate: &Isolate, verdict: Verdict) -> Result<(), Stop> {
        let proxy = isolate.gate.proxy()?;
        self.facts.quota = Some(Quota {
            cap: proxy.config.limits.shopper.headline(),
            standing: verdict.standing,
        });
        match verdict.exceeded {
            Some(exceeded) => Err(Refusal::RateLimited(exceeded).into()),
            None => Ok(()),
        }
    }

    /// The errand came to nothing.
    pub fn failed(&mut self, isolate: &mut Isolate, failure: Failure<'_>, now: u64) {
        let next = match (self.errand, failure) {
            // What became of it shows in the log, and nowhere else.
            (Errand::GiveBack, _) => Err(self.facts.upstream.stop()),
            (
                Errand::Send
                | Errand::ReadError
                | Errand::Wait
                | Errand::ReadAnswer
                | Errand::ReadFirst,
                _,
            ) => self.failed_upstream(isolate, failure, now),
            (_, Failure::Left) => Err(Stop::ShopperLeft),
            (Errand::ReadBody, Failure::Late) => {
                self.facts.detail = Some("body: timeout".to_owned());
                Err(Refusal::InvalidJsonBody.into())
            }
            // A body that breaks off is a shopper who is gone.
            (Errand::ReadBody, _) => Err(Stop::ShopperLeft),
            (Errand::AskLimiter, failure) => Err(self.no_verdict(failure.words())),
            // What is not counted is not sent, and the chat has come to what it had.
            (Errand::CountRetry, failure) => {
                self.facts.detail = Some(format!("limiter: {}", failure.words()));
                Err(self.facts.upstream.stop())
            }
            (Errand::HandOn | Errand::Reply, _) => Err(Refusal::InternalError.into()),
        };
        self.go_on(isolate, next, now);
    }

    fn no_verdict(&mut self, reason: &str) -> Stop {
        self.facts.detail = Some(format!("limiter: {reason}"));
        Refusal::LimiterUnavailable.into()
    }

    fn go_on(&mut self, isolate: &mut Isolate, next: Result<Errand, Stop>, now: u64) {
        match next {
            Ok(errand) => self.errand = errand,
            Err(stop) => self.conclude(isolate, &Err(stop), now),
        }
    }

    fn conclude(&mut self, isolate: &mut Isolate, answer: &Result<Answer, Stop>, now: u64) {
        isolate.memory.hand_back(self.facts.upstream.claim, now);
        self.errand = Errand::Reply;
        self.end = Some(ending::end(self, isolate, answer, now));
    }

    /// When it arrived, in seconds since 1970.
    fn seconds(&self) -> u32 {
        (self.started / 1_000) as u32
    }

    /// Whose neighbours ask.
    fn block(&self) -> Block {
        Network::of(self.arrival().address).block()
    }

    fn arrival(&self) -> Arrival<'_> {
        Arrival::from_lines(&self.lines)
    }
}
