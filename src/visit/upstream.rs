//! The part of a visit that costs money: its attempts upstream, and what becomes of them.

use super::{Answer, Errand, Failure, MAX_WHOLE_BYTES, Stop, Visit};
use crate::assistants::{Head, Judgement};
use crate::attempts::{self, Attempts, Ending};
use crate::gate::Attempt;
use crate::isolate::Isolate;
use crate::limits::verdict::Standing;
use crate::log::{self, Try};
use crate::media_type;
use crate::refusal::Refusal;

/// What is learnt of the upstream on the way.
#[derive(Debug, Default)]
pub(super) struct Upstream {
    attempts: Option<Attempts>,
    /// The one that is under way.
    pub(super) attempt: Option<Attempt>,
    /// When the first one was sent.
    began: u64,
    /// When the next one is to be sent.
    pub(super) waits_until: u64,
    /// From the first request to the last answer's head.
    pub(super) ms: Option<u64>,
    /// The head of the error that is read.
    error_head: String,
    /// What the last error came under.
    pub(super) status: Option<u16>,
    pub(super) request_id: Option<String>,
    /// What the chat came to, while it is given back.
    refusal: Option<Refusal>,
    /// A good answer, while it is read.
    answer: Option<(u16, &'static str)>,
    pub(super) tries: Vec<Try>,
}

impl Upstream {
    pub(super) fn deadline(&self) -> u64 {
        self.attempts
            .as_ref()
            .map_or(0, |attempts| attempts.deadline)
    }

    /// What the chat came to.
    pub(super) fn stop(&mut self) -> Stop {
        self.refusal.take().unwrap_or(Refusal::InternalError).into()
    }

    fn note_try(&mut self, ended: &'static str) {
        if let Some(attempts) = &self.attempts {
            self.tries.push(Try {
                url: attempts.route.name(),
                key: attempts.slot.name(),
                ended,
            });
        }
    }
}

impl Visit {
    /// The limiter has let the chat through: the first attempt.
    pub(super) fn set_out(&mut self, isolate: &mut Isolate, now: u64) -> Result<Errand, Stop> {
        let config = &isolate.gate.proxy()?.config;
        let most = config.upstream_attempts;
        let (fallback, next) = (config.fallback_url.is_some(), config.api_key_next.is_some());
        let attempts = Attempts::begin(most, fallback, next, &mut isolate.memory, now);
        self.facts.upstream.attempts = Some(attempts);
        self.facts.upstream.began = now;
        self.send(isolate, now)
    }

    fn send(&mut self, isolate: &Isolate, now: u64) -> Result<Errand, Stop> {
        let proxy = isolate.gate.proxy()?;
        let upstream = &mut self.facts.upstream;
        let attempts = upstream.attempts.as_ref();
        // Another chat may have found out while this one waited.
        if let Some(limit) = isolate.memory.store.limit(now) {
            let reached = attempts.is_some_and(Attempts::reached);
            return self.end_with(Refusal::StoreLimited(limit), reached);
        }
        upstream.status = None;
        upstream.request_id = None;
        upstream.attempt = attempts.map(|attempts| proxy.attempt(attempts.route, attempts.slot));
        Ok(Errand::Send)
    }

    /// The head of the upstream's answer is there.
    pub fn head(&mut self, isolate: &mut Isolate, lines: String, now: u64) {
        let next = self.judge(isolate, lines, now);
        self.go_on(isolate, next, now);
    }

    fn judge(&mut self, isolate: &mut Isolate, lines: String, now: u64) -> Result<Errand, Stop> {
        let head = Head::from_lines(&lines);
        self.time_upstream(now);
        match isolate.gate.proxy()?.assistant.judge(&head) {
            Judgement::Pass(content_type) => Ok(self.pass(isolate, &head, content_type, now)),
            Judgement::End(ending) => {
                self.facts.upstream.status = Some(head.status);
                self.ended(isolate, ending, head.wait(), now)
            }
            Judgement::ReadError => {
                self.facts.upstream.status = Some(head.status);
                self.facts.upstream.error_head = lines;
                Ok(Errand::ReadError)
            }
        }
    }

    /// A good answer: read whole where it is short enough, so that one that breaks off can still
    /// be refused readably; else handed on as it comes.
    fn pass(
        &mut self,
        isolate: &mut Isolate,
        head: &Head<'_>,
        content_type: &'static str,
        now: u64,
    ) -> Errand {
        self.learn_from_answer(isolate, head);
        self.facts.upstream.note_try(log::ANSWERED);
        let is_short = head
            .length()
            .is_some_and(|length| length <= MAX_WHOLE_BYTES);
        if is_short && content_type == media_type::JSON {
            self.facts.upstream.answer = Some((head.status, content_type));
            return Errand::ReadAnswer;
        }
        let answer = Answer::Chat {
            status: head.status,
            content_type,
        };
        self.conclude(isolate, &Ok(answer), now);
        Errand::HandOn
    }

    fn learn_from_answer(&mut self, isolate: &mut Isolate, head: &Head<'_>) {
        let memory = &mut isolate.memory;
        if let Some(attempts) = &self.facts.upstream.attempts {
            attempts::learn_good(attempts.route, attempts.slot, memory);
        }
        let watched = head.limit.parse().ok().zip(head.remaining.parse().ok());
        if let Some((cap, remaining)) = watched
            && let Some(percent) = memory.store.watch(cap, remaining)
        {
            self.facts
                .notices
                .push(log::store_running_low(percent, remaining, cap));
        }
    }

    /// The answer is there, whole.
    pub fn answer(&mut self, isolate: &Isolate, now: u64) {
        let next = match self.facts.upstream.answer {
            Some((status, content_type)) => {
                let answer = Answer::Chat {
                    status,
                    content_type,
                };
                self.conclude(isolate, &Ok(answer), now);
                Ok(Errand::Reply)
            }
            None => Err(Refusal::InternalError.into()),
        };
        self.go_on(isolate, next, now);
    }

    /// The body of the upstream's error is there, as much of it as is read.
    pub fn error_body(&mut self, isolate: &mut Isolate, body: &[u8], now: u64) {
        let next = self.read_error(isolate, Some(body), now);
        self.go_on(isolate, next, now);
    }

    fn read_error(
        &mut self,
        isolate: &mut Isolate,
        body: Option<&[u8]>,
        now: u64,
    ) -> Result<Errand, Stop> {
        let assistant = isolate.gate.proxy()?.assistant;
        let head = Head::from_lines(&self.facts.upstream.error_head);
        let failure = assistant.read_error(&head, body);
        let wait = head.wait();
        self.facts.upstream.request_id = failure.request_id;
        self.ended(isolate, failure.ending, wait, now)
    }

    pub(super) fn failed_upstream(
        &mut self,
        isolate: &mut Isolate,
        failure: Failure<'_>,
        now: u64,
    ) -> Result<Errand, Stop> {
        match (self.errand, failure) {
            (Errand::Wait, Failure::Late) => return self.send(isolate, now),
            (Errand::Wait, Failure::Left) => return Err(Stop::ShopperLeft),
            (Errand::ReadAnswer, Failure::Late) => {
                return Err(self.broken_off("timeout", Refusal::UpstreamTimeout));
            }
            (Errand::ReadAnswer, Failure::Unreachable | Failure::Other(_)) => {
                return Err(self.broken_off(failure.words(), Refusal::UpstreamError));
            }
            // The attempt goes on with what its status says, without its body.
            (Errand::ReadError, Failure::Late | Failure::Other(_)) => {
                return self.read_error(isolate, None, now);
            }
            _ => {}
        }
        self.time_upstream(now);
        let ending = match failure {
            Failure::Left => {
                // The attempt of an answer that is read has ended already.
                if self.errand != Errand::ReadAnswer {
                    self.facts.upstream.note_try(log::SHOPPER_LEFT);
                }
                return Err(Stop::ShopperLeft);
            }
            Failure::Late => Ending::TimedOut,
            Failure::Unreachable => Ending::NoConnection,
            Failure::Other(reason) => {
                self.facts.detail = Some(format!("upstream: {reason}"));
                Ending::Broken
            }
        };
        self.ended(isolate, ending, None, now)
    }

    /// An answer that had begun, and of which nothing was sent yet. Its turn has happened.
    fn broken_off(&mut self, reason: &str, refusal: Refusal) -> Stop {
        self.facts.detail = Some(format!("answer: {reason}"));
        refusal.into()
    }

    /// An attempt has ended without an answer.
    fn ended(
        &mut self,
        isolate: &mut Isolate,
        ending: Ending,
        retry_after: Option<u32>,
        now: u64,
    ) -> Result<Errand, Stop> {
        let upstream = &mut self.facts.upstream;
        upstream.note_try(ending.name());
        let refusal = ending.refusal();
        let Some(attempts) = &mut upstream.attempts else {
            return Err(refusal.into());
        };
        let slot = attempts.slot;
        if attempts::learn(&ending, attempts.route, slot, &mut isolate.memory, now) {
            self.facts.notices.push(log::key_refused(slot.name()));
        }
        let chance = self.chance.pause(upstream.tries.len().saturating_sub(1));
        match attempts.after(ending, retry_after, chance, now) {
            Some(0) => self.send(isolate, now),
            Some(pause) => {
                upstream.waits_until = now + pause;
                Ok(Errand::Wait)
            }
            None => {
                let reached = attempts.reached();
                self.end_with(refusal, reached)
            }
        }
    }

    /// There is no further attempt. A chat that the engine never had costs its shopper nothing.
    fn end_with(&mut self, refusal: Refusal, reached: bool) -> Result<Errand, Stop> {
        if reached {
            return Err(refusal.into());
        }
        self.facts.upstream.refusal = Some(refusal);
        Ok(Errand::GiveBack)
    }

    /// The limiter has taken the chat back, or not.
    pub fn given_back(&mut self, isolate: &mut Isolate, words: &[u32], now: u64) {
        if let (&[remaining, reset], Some(quota)) = (words, &mut self.facts.quota) {
            quota.standing = Standing { remaining, reset };
            self.facts.given_back = true;
            if let Some(identity) = &self.facts.identity {
                isolate.memory.refusals.forget(&identity.into());
            }
        }
        let stop = self.facts.upstream.stop();
        self.go_on(isolate, Err(stop), now);
    }

    fn time_upstream(&mut self, now: u64) {
        let upstream = &mut self.facts.upstream;
        upstream.ms = Some(now.saturating_sub(upstream.began));
    }
}
