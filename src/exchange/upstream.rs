//! The part of an exchange that costs money: its attempts upstream, and what becomes of them.

use super::admission::Chat;
use super::delivery::{AttemptLog, Delivery};
use super::live::Live;
use super::phase::{GoodAnswer, Phase};
use super::{
    Event, Failure, LIMITER_TIMEOUT_MS, LISTEN_TIMEOUT_MS, MAX_ERROR_BYTES, MAX_TRANSLATED_BYTES,
    MAX_WHOLE_BYTES, Next, Step, unexpected,
};
use crate::assistants::{Call, Judgement, Reading};
use crate::attempts::{Attempts, Deadlines, Outcome};
use crate::head::{QuotaHeaders, ResponseHead};
use crate::limits::protocol::{Answer, Question, Standing};
use crate::log;
use crate::media_type::MediaType;
use crate::memory::Memory;
use crate::refusal::Refusal;
use crate::relay::{ANSWER_TIMEOUT_MS, Relay};

impl Delivery {
    /// Begins the first attempt.
    pub(super) fn begin(
        chat: Box<Chat>,
        standing: Standing,
        limiter_ms: u64,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let config = &chat.proxy.config;
        // omi.me has one URL and one key.
        let is_omi = chat.call.is_to_omi();
        let fallback = !is_omi && config.fallback_url.is_some();
        let next = !is_omi && config.api_key_next.is_some();
        let deadlines = if is_omi {
            Deadlines::USUAL
        } else {
            config.assistant.deadlines()
        };
        let most = config.upstream_attempts;
        let mut attempts = Attempts::begin(most, fallback, next, deadlines, memory, now);
        attempts.asks_engine = chat.context.asks_engine();
        let delivery = Self {
            chat,
            standing,
            limiter_ms,
            attempts,
            arrived: false,
            in_doubt: false,
            began: now,
            attempt_log: AttemptLog::default(),
            detail: None,
            notices: Vec::new(),
            live: Live::default(),
        };
        Box::new(delivery).send(memory, now)
    }

    pub(super) fn handle(
        mut self: Box<Self>,
        phase: Phase,
        memory: &mut Memory,
        event: Event,
        now: u64,
    ) -> Next {
        let refusal = match (phase, event) {
            // Whatever the limiter says, and whoever has left.
            (Phase::Noting { answer }, _) => {
                return Next::Respond(self.end(&answer, memory, now));
            }
            // A failed refund shows only in the log.
            (Phase::Refunding { refusal }, Event::Elapsed | Event::Failed(_)) => refusal,
            (Phase::Refunding { refusal }, Event::Answer(Answer::Refunded(standing))) => {
                self.note_refund(standing, memory);
                refusal
            }
            (phase, Event::Failed(Failure::ShopperLeft)) => return self.left(&phase, memory, now),
            // Without its events, a message is answered all the same.
            (
                Phase::OpeningEvents,
                event @ (Event::Head(_) | Event::Elapsed | Event::Failed(_)),
            ) => return self.opened(&event, now),
            (Phase::Sending | Phase::Listening, Event::Head(head)) => {
                return self.judge(head, memory, now);
            }
            (Phase::Listening, Event::Events(piece)) => return self.heard(&piece, memory, now),
            (Phase::Listening, Event::Elapsed) => return self.silent(memory, now),
            (Phase::Sending | Phase::Connecting { .. } | Phase::Translating, Event::Elapsed) => {
                return self.failed(Outcome::TimedOut, memory, now);
            }
            (Phase::Sending | Phase::Listening, Event::Failed(failure)) => {
                return self.broke(&failure, memory, now);
            }
            (Phase::Connecting { .. }, Event::Connected(false)) => {
                return self.failed(Outcome::NoConnection, memory, now);
            }
            (Phase::Connecting { words }, Event::Connected(true) | Event::Failed(_)) => {
                self.detail = Some(words);
                return self.failed(Outcome::Broken, memory, now);
            }
            (Phase::ReadingError { head }, Event::UpstreamBody(body)) => {
                return self.read_error(head, Some(&body), memory, now);
            }
            // Without its body, the error is judged by its status.
            (Phase::ReadingError { head }, Event::Elapsed | Event::Failed(_)) => {
                return self.read_error(head, None, memory, now);
            }
            (Phase::Waiting { refusal }, Event::Elapsed) => {
                return self.retry(refusal, memory, now);
            }
            (Phase::CountingRetry { .. }, Event::Answer(Answer::RetryCounted(true))) => {
                return self.send(memory, now);
            }
            (Phase::CountingRetry { refusal }, Event::Answer(Answer::RetryCounted(false))) => {
                return self.give_up(refusal, memory, now);
            }
            // A retry that is not counted is not sent.
            (Phase::CountingRetry { refusal }, Event::Elapsed) => {
                self.detail = Some("limiter: timeout".to_owned());
                return self.give_up(refusal, memory, now);
            }
            (Phase::CountingRetry { refusal }, Event::Failed(failure)) => {
                self.detail = Some(format!("limiter: {}", failure.description()));
                return self.give_up(refusal, memory, now);
            }
            (Phase::ReadingAnswer(answer), Event::Read(1..)) => {
                self.learn_good(memory);
                return Next::Respond(self.end(&Ok(answer.success()), memory, now));
            }
            (Phase::ReadingFirst(answer), Event::Read(1..)) => {
                self.learn_good(memory);
                let request_id = self.chat.context.entropy.request_id();
                let relay = Relay::new(request_id, answer.media_type, answer.due);
                return Next::Forward(self.end(&Ok(answer.success()), memory, now), relay);
            }
            (Phase::Translating, Event::UpstreamBody(body)) => {
                return self.translate(&body, memory, now);
            }
            (Phase::Translating, Event::Failed(failure)) => {
                // An answer had begun, so the assistant was reached.
                self.detail = Some(format!("answer: {}", failure.description()));
                return self.failed(Outcome::Lost, memory, now);
            }
            (Phase::ReadingAnswer(_) | Phase::ReadingFirst(_), Event::Read(0)) => {
                let refusal = Refusal::UpstreamEmptyResponse;
                self.learn(&Outcome::EngineFailed(refusal.clone()), memory, now);
                refusal
            }
            // The turn has happened, so there is no retry. Nothing has been sent to the browser
            // yet, so the chat can still be refused.
            (Phase::ReadingAnswer(_) | Phase::ReadingFirst(_), Event::Elapsed) => {
                self.learn(&Outcome::TimedOut, memory, now);
                self.detail = Some("answer: timeout".to_owned());
                Refusal::UpstreamTimeout
            }
            (Phase::ReadingAnswer(_) | Phase::ReadingFirst(_), Event::Failed(failure)) => {
                self.learn(&Outcome::Broken, memory, now);
                self.detail = Some(format!("answer: {}", failure.description()));
                Refusal::UpstreamError
            }
            (phase, event) => {
                self.detail = Some(unexpected(&event, phase.name()));
                Refusal::InternalError
            }
        };
        self.refuse(refusal, memory, now)
    }

    /// Begins the next attempt.
    ///
    /// Once the upstream has had a request that counts, each further one must first be counted in the
    /// network's budget.
    pub(super) fn retry(self: Box<Self>, refusal: Refusal, memory: &mut Memory, now: u64) -> Next {
        // A request that cannot be sent is not counted.
        if self.unavailable(memory, now).is_some() || !self.attempts.is_counted() {
            return self.send(memory, now);
        }
        let step = Step::Ask {
            limiter: self.chat.identity.limiter.name(),
            question: Question::CountRetry,
            timeout: LIMITER_TIMEOUT_MS.min(self.attempts.time_left(now)),
        };
        self.wait_for(step, Phase::CountingRetry { refusal })
    }

    pub(super) fn send(mut self: Box<Self>, memory: &mut Memory, now: u64) -> Next {
        if let Some(refusal) = self.unavailable(memory, now) {
            return self.give_up(refusal, memory, now);
        }
        self.attempt_log.status = None;
        self.attempt_log.request_id = None;
        if let Some(request) = self.events_request() {
            let step = Step::Listen {
                request,
                timeout: LISTEN_TIMEOUT_MS.min(self.attempts.time_to_spare(now)),
            };
            return self.wait_for(step, Phase::OpeningEvents);
        }
        self.send_message(now)
    }

    fn judge(mut self: Box<Self>, head: ResponseHead, memory: &mut Memory, now: u64) -> Next {
        self.time(now);
        match self.chat.call.judge(&head) {
            Judgement::Pass(media_type)
                if media_type == MediaType::EventStream || !self.chat.context.is_read() =>
            {
                self.pass(head, media_type, memory, now)
            }
            Judgement::Pass(_) | Judgement::ReadAnswer => {
                self.watch_quota(&head, memory, now);
                let step = Step::ReadUpstream {
                    max_bytes: MAX_TRANSLATED_BYTES + 1,
                    timeout: self.attempts.time_left(now),
                };
                self.wait_for(step, Phase::Translating)
            }
            Judgement::Accepted => self.answer(Reading::Accepted, memory, now),
            Judgement::End(outcome) => {
                self.attempt_log.status = Some(head.status);
                let retry_after = self.retry_after(&head);
                self.ended(outcome, retry_after, memory, now)
            }
            Judgement::ReadError => {
                self.attempt_log.status = Some(head.status);
                let step = Step::ReadUpstream {
                    max_bytes: MAX_ERROR_BYTES,
                    timeout: self.attempts.time_left(now),
                };
                self.wait_for(step, Phase::ReadingError { head })
            }
        }
    }

    /// Begins to read a good answer.
    ///
    /// If it is short enough, it is read whole, so it can still be refused readably if it breaks
    /// off. Otherwise it is passed on as it arrives, once it is known not to be empty.
    fn pass(
        mut self: Box<Self>,
        head: ResponseHead,
        media_type: MediaType,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        self.watch_quota(&head, memory, now);
        self.record(log::ANSWERED);
        let answer = GoodAnswer {
            status: head.status,
            media_type,
            due: now + ANSWER_TIMEOUT_MS,
        };
        let timeout = ANSWER_TIMEOUT_MS;
        let is_short = head.length.is_some_and(|length| length <= MAX_WHOLE_BYTES);
        if is_short && media_type == MediaType::Json {
            self.wait_for(Step::ReadAnswer { timeout }, Phase::ReadingAnswer(answer))
        } else {
            self.wait_for(Step::ReadFirst { timeout }, Phase::ReadingFirst(answer))
        }
    }

    /// Ends an attempt with the upstream's error.
    ///
    /// `body` is `None` if it could not be read.
    fn read_error(
        mut self: Box<Self>,
        head: ResponseHead,
        body: Option<&[u8]>,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        let error = self.chat.call.read_error(&head, body, now);
        self.attempt_log.request_id = error.request_id;
        let retry_after = self.retry_after(&head);
        self.ended(error.outcome, retry_after, memory, now)
    }

    fn retry_after(&self, head: &ResponseHead) -> Option<u32> {
        let nth = self.attempt_log.attempts.len();
        self.chat.call.retry_after(head, nth)
    }

    /// Handles a broken connection.
    ///
    /// The platform answers with a status for an upstream that cannot be reached. If the upstream
    /// is on this machine, a test connection shows whether anything listens there.
    fn broke(mut self: Box<Self>, failure: &Failure, memory: &mut Memory, now: u64) -> Next {
        let words = format!("upstream: {}", failure.description());
        match self
            .chat
            .proxy
            .local_address(&self.chat.call, self.attempts.endpoint)
        {
            Some((host, port)) => {
                let step = Step::Connect {
                    host: host.to_owned(),
                    port,
                    timeout: self.attempts.time_left(now),
                };
                self.wait_for(step, Phase::Connecting { words })
            }
            None => {
                self.detail = Some(words);
                self.failed(Outcome::Broken, memory, now)
            }
        }
    }

    /// Looks at what is left of the store's hour, which only one assistant reports.
    fn watch_quota(&mut self, head: &ResponseHead, memory: &mut Memory, now: u64) {
        if !matches!(self.chat.call, Call::SalesAssociate(_)) {
            return;
        }
        let quota = &mut memory.key_slots.state_mut(self.attempts.slot).quota;
        if let Some(QuotaHeaders { cap, remaining }) = head.quota
            && let Some(percent) = quota.watch(cap, remaining, now)
        {
            let notice = log::store_running_low(percent, remaining, cap);
            self.notices.push(notice);
        }
    }
}
