//! The part of a visit that costs money: its attempts upstream, and what becomes of them.

use super::ending::{Answer, Stop};
use super::{ANSWER_DEADLINE_MS, Errand, Failure, MAX_WHOLE_BYTES, Visit};
use crate::assistants::{Head, Judgement};
use crate::attempts::{self, Attempts, Ending};
use crate::isolate::Isolate;
use crate::limits::verdict::Standing;
use crate::log;
use crate::media_type;
use crate::refusal::Refusal;

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

    fn send(&mut self, isolate: &mut Isolate, now: u64) -> Result<Errand, Stop> {
        let proxy = isolate.gate.proxy()?;
        let block = self.block();
        let upstream = &mut self.facts.upstream;
        let Some(attempts) = &upstream.attempts else {
            return Err(Refusal::InternalError.into());
        };
        let (route, slot, reached) = (attempts.route, attempts.slot, attempts.reached());
        // Another chat may have found out while this one waited. One that looks for all goes on
        // until it has seen something.
        if !upstream.goes_on()
            && let Some(refusal) = isolate.memory.shut(slot, block, now)
        {
            return self.end_with(refusal, reached);
        }
        // What the upstream may count beside the attempts before it counts in the network's budget.
        if reached && self.errand != Errand::CountRetry {
            return Ok(Errand::CountRetry);
        }
        upstream.status = None;
        upstream.request_id = None;
        upstream.attempt = Some(proxy.attempt(route, slot));
        Ok(Errand::Send)
    }

    /// The limiter has counted another request, or not.
    pub fn retry_counted(&mut self, isolate: &mut Isolate, counted: bool, now: u64) {
        let next = if counted {
            self.send(isolate, now)
        } else {
            Err(self.facts.upstream.stop())
        };
        self.go_on(isolate, next, now);
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
    /// be refused readably; else handed on as it comes, once it is known not to be empty.
    fn pass(
        &mut self,
        isolate: &mut Isolate,
        head: &Head<'_>,
        content_type: &'static str,
        now: u64,
    ) -> Errand {
        self.watch_store(isolate, head);
        let upstream = &mut self.facts.upstream;
        upstream.note_try(log::ANSWERED);
        upstream.answer = Some((head.status, content_type));
        upstream.answer_due = now + ANSWER_DEADLINE_MS;
        match head.length() {
            Some(length) if length <= MAX_WHOLE_BYTES && content_type == media_type::JSON => {
                Errand::ReadAnswer
            }
            _ => Errand::ReadFirst,
        }
    }

    fn watch_store(&mut self, isolate: &mut Isolate, head: &Head<'_>) {
        let Some(attempts) = &self.facts.upstream.attempts else {
            return;
        };
        let store = &mut isolate.memory.slots.known_mut(attempts.slot).store;
        let watched = head.limit.parse().ok().zip(head.remaining.parse().ok());
        if let Some((cap, remaining)) = watched
            && let Some(percent) = store.watch(cap, remaining)
        {
            self.facts
                .notices
                .push(log::store_running_low(percent, remaining, cap));
        }
    }

    /// So many bytes of the answer are there: all of it, or the first.
    pub fn answer(&mut self, isolate: &mut Isolate, length: usize, now: u64) {
        let next = match self.facts.upstream.answer {
            Some(_) if length == 0 => {
                let refusal = Refusal::UpstreamEmptyResponse;
                self.learn(isolate, &Ending::EngineFailed(refusal.clone()), now);
                Err(refusal.into())
            }
            Some((status, content_type)) => {
                if let Some(attempts) = &self.facts.upstream.attempts {
                    self.facts.upstream.claim.settle();
                    attempts::learn_good(attempts.route, attempts.slot, &mut isolate.memory);
                }
                let last = match self.errand {
                    Errand::ReadFirst => Errand::HandOn,
                    _ => Errand::Reply,
                };
                let answer = Answer::Chat {
                    status,
                    content_type,
                };
                self.conclude(isolate, &Ok(answer), now);
                Ok(last)
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
            (Errand::ReadAnswer | Errand::ReadFirst, Failure::Late) => {
                self.learn(isolate, &Ending::TimedOut, now);
                return Err(self.broken_off("timeout", Refusal::UpstreamTimeout));
            }
            (Errand::ReadAnswer | Errand::ReadFirst, Failure::Unreachable | Failure::Other(_)) => {
                self.learn(isolate, &Ending::Broken, now);
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
                if !matches!(self.errand, Errand::ReadAnswer | Errand::ReadFirst) {
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
        self.facts.upstream.note_try(ending.name());
        let refusal = ending.refusal();
        let may_retry = self.learn(isolate, &ending, now);
        let block = self.block();
        let upstream = &mut self.facts.upstream;
        let Some(attempts) = &mut upstream.attempts else {
            return Err(refusal.into());
        };
        let chance = self.chance.pause(upstream.tries.len().saturating_sub(1));
        let pause = attempts.after(ending, retry_after, chance, now);
        let (slot, reached) = (attempts.slot, attempts.reached());
        // It may have been this chat's failure that shut the door.
        let is_open = upstream.goes_on() || isolate.memory.shut(slot, block, now).is_none();
        match pause.filter(|_| may_retry && is_open) {
            Some(pause) => {
                upstream.refusal = Some(refusal);
                if pause == 0 {
                    return self.send(isolate, now);
                }
                upstream.waits_until = now + pause;
                Ok(Errand::Wait)
            }
            None => self.end_with(refusal, reached),
        }
    }

    /// Has the isolate learn from an ending. Whether the chat may go on comes back, as far as all
    /// chats are concerned.
    fn learn(&mut self, isolate: &mut Isolate, ending: &Ending, now: u64) -> bool {
        let block = self.block();
        let upstream = &mut self.facts.upstream;
        let Some(attempts) = &upstream.attempts else {
            return false;
        };
        let (claim, memory) = (&mut upstream.claim, &mut isolate.memory);
        let lesson = attempts::learn(ending, attempts, block, claim, memory, now);
        if lesson.tells_of_key {
            let key = attempts.slot.name();
            self.facts.notices.push(log::key_refused(key));
        }
        lesson.may_retry
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
