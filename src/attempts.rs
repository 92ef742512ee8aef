//! The attempts of one chat upstream: what is retried, where, and with which key.
//!
//! All attempts share one budget of requests and one deadline. The upstream counts every request,
//! including failed ones.

mod lesson;

pub use lesson::{Lesson, learn, learn_good};

use crate::keys::KeySlot;
use crate::memory::Memory;
use crate::memory::endpoints::Endpoint;
use crate::refusal::{Refusal, StoreLimit};

/// The longest first pause before another attempt, in milliseconds.
///
/// The bound doubles with each further pause.
pub const FIRST_PAUSE_MS: u64 = 200;
/// How long an assistant may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// The most time that all attempts together may take until the first byte, in milliseconds.
    pub answer: u64,
    /// The least time that a pause must leave before that deadline, in milliseconds.
    ///
    /// There is no further attempt if the pause would leave less.
    pub shortest: u64,
}

impl Deadlines {
    /// The usual deadlines.
    ///
    /// The published contract of the Sales Associate API has 95 % of the answers in 6 seconds.
    pub const USUAL: Self = Self {
        answer: 25_000,
        shortest: 6_000,
    };
}

/// How an attempt without an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No connection was established.
    NoConnection,
    /// The gateway in front failed: 502 or 503 without the envelope.
    GatewayFailed,
    /// The gateway in front throttled the request: 429 without the envelope (RFC 6585, section 4).
    GatewayThrottled,
    /// 401: the upstream does not know the key.
    KeyRefused,
    /// 429: the store's own budget is spent.
    StoreLimited(StoreLimit),
    /// 502 `upstream_invoke_error`, `upstream_function_error` or `upstream_empty_response`.
    EngineFailed(Refusal),
    /// 502 `upstream_error`.
    EngineError,
    /// The gateway in front or the platform lost the request on the way: 504, 520 or 524.
    Lost,
    /// The connection broke before an answer began.
    Broken,
    /// The deadline passed before an answer began.
    TimedOut,
    /// The upstream does not know the conversation any more.
    ConversationGone,
    /// Any other answer.
    Refused(Refusal),
}

/// What follows from an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How often the outcome may be followed by another attempt.
    pub retry: Retry,
    /// Where the next attempt goes.
    pub target: Target,
    /// Whether the engine may have had the chat.
    ///
    /// A chat that it never had costs its shopper nothing.
    pub reached: bool,
}

/// How often an outcome may be followed by another attempt in one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not at all.
    Never,
    /// Only the first time.
    Once,
    /// As long as the budget lasts.
    Always,
}

/// Where the next attempt goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To the same endpoint, after a pause.
    Same,
    /// To the other endpoint if there is one, or else to the same one, after a pause.
    OtherEndpoint,
    /// To the same endpoint with the other key, at once.
    ///
    /// There is no next attempt if there is no other key.
    OtherKey,
    /// To the same endpoint in a new conversation, at once.
    NewConversation,
}

impl Outcome {
    /// Returns the rule for this outcome.
    ///
    /// All rules are here.
    pub const fn rule(&self) -> Rule {
        use {Retry::*, Target::*};
        let (retry, target, reached) = match self {
            // Nothing was sent, so nothing can happen twice.
            Self::NoConnection => (Always, OtherEndpoint, false),
            // The contract asks for a retry of a 5xx. The gateway of the other endpoint may work.
            Self::GatewayFailed => (Always, OtherEndpoint, true),
            // The other endpoint may have room now, and this one may have room in a moment.
            Self::GatewayThrottled => (Always, OtherEndpoint, false),
            // The upstream checks the key before anything else.
            Self::KeyRefused => (Once, OtherKey, false),
            // The answer says when to retry. A request before that would be refused again.
            Self::StoreLimited(_) => (Never, Same, false),
            // The contract asks for a retry. The endpoint itself works.
            Self::EngineFailed(_) => (Always, Same, true),
            // The engine's own answer may change with one retry, and hardly ever with a second.
            Self::EngineError => (Once, Same, true),
            // The turn may have happened. Another attempt would be a second turn and a second
            // charge.
            Self::Lost | Self::Broken | Self::TimedOut => (Never, Same, true),
            // The engine never had the chat. In a new conversation it can answer.
            Self::ConversationGone => (Once, NewConversation, false),
            // Another attempt would get the same answer.
            Self::Refused(_) => (Never, Same, true),
        };
        Rule {
            retry,
            target,
            reached,
        }
    }

    /// Returns what the browser is told if this is the last outcome.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::NoConnection | Self::Broken => Refusal::UpstreamInvokeError,
            Self::GatewayFailed
            | Self::GatewayThrottled
            | Self::Lost
            | Self::EngineError
            | Self::ConversationGone => Refusal::UpstreamError,
            Self::KeyRefused => Refusal::MisconfiguredApiKey,
            Self::StoreLimited(limit) => Refusal::StoreLimited(*limit),
            Self::TimedOut => Refusal::UpstreamTimeout,
            Self::EngineFailed(refusal) | Self::Refused(refusal) => refusal.clone(),
        }
    }

    /// Returns the name that log lines use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoConnection => "no_connection",
            Self::GatewayFailed => "gateway_failed",
            Self::GatewayThrottled => "gateway_throttled",
            Self::KeyRefused => "key_refused",
            Self::StoreLimited(_) => "store_limited",
            Self::EngineFailed(refusal) | Self::Refused(refusal) => refusal.code(),
            Self::EngineError | Self::Lost => "upstream_error",
            Self::ConversationGone => "conversation_gone",
            Self::Broken => "broken",
            Self::TimedOut => "timeout",
        }
    }
}

/// The attempts of one chat so far, and the one that is under way.
#[derive(Debug)]
pub struct Attempts {
    /// The endpoint of the attempt that is under way.
    pub endpoint: Endpoint,
    /// The key slot of the attempt that is under way.
    pub slot: KeySlot,
    /// How many more attempts there may be.
    left: u32,
    /// When the first byte must have arrived, in milliseconds since 1970.
    deadline: u64,
    /// The number of pauses so far.
    pauses: u32,
    /// When the primary and the fallback may be sent a request, in milliseconds since 1970.
    not_before: [u64; 2],
    /// How the earlier attempts ended.
    outcomes: Vec<Outcome>,
    has_fallback: bool,
    has_next_key: bool,
    deadlines: Deadlines,
    /// Whether the engine is asked, as a chat does.
    pub asks_engine: bool,
}

impl Attempts {
    /// Begins the first of at most `most` attempts, on the endpoint and key that are tried first.
    pub fn begin(
        most: u32,
        has_fallback: bool,
        has_next_key: bool,
        deadlines: Deadlines,
        memory: &mut Memory,
        now: u64,
    ) -> Self {
        let endpoint = if has_fallback {
            memory.endpoints.first(now)
        } else {
            Endpoint::Primary
        };
        Self {
            endpoint,
            slot: memory.key_slots.first(has_next_key, now),
            left: most.saturating_sub(1),
            deadline: now + deadlines.answer,
            pauses: 0,
            not_before: [0; 2],
            outcomes: Vec::new(),
            has_fallback,
            has_next_key,
            deadlines,
            asks_engine: true,
        }
    }

    /// Records how the attempt ended, and returns the pause before the next one, in milliseconds.
    ///
    /// Returns `None` if there is no further attempt. `retry_after` is the wait that the upstream
    /// asked for, in seconds. `jitter` is a random number.
    pub fn after(
        &mut self,
        outcome: Outcome,
        retry_after: Option<u32>,
        jitter: u16,
        now: u64,
    ) -> Option<u64> {
        let rule = outcome.rule();
        let repeated = self.outcomes.contains(&outcome);
        self.outcomes.push(outcome);
        let allowed = match rule.retry {
            Retry::Never => false,
            Retry::Once => !repeated,
            Retry::Always => true,
        };
        if !allowed || self.left == 0 {
            return None;
        }
        // A wait that one gateway asks for does not concern the other.
        *self.not_before() = now + u64::from(retry_after.unwrap_or_default()) * 1_000;
        let pause = match rule.target {
            Target::OtherKey if self.has_next_key => {
                self.slot = self.slot.other();
                0
            }
            Target::OtherKey => return None,
            Target::NewConversation => 0,
            Target::OtherEndpoint if self.has_fallback => {
                self.endpoint = self.endpoint.other();
                self.pause(jitter, now)
            }
            Target::Same | Target::OtherEndpoint => self.pause(jitter, now),
        };
        if now + pause + self.deadlines.shortest > self.deadline {
            return None;
        }
        self.left -= 1;
        Some(pause)
    }

    /// Takes one more request from the budget for the same attempt, and returns whether there was one.
    pub fn take(&mut self) -> bool {
        let is_left = self.left > 0;
        self.left = self.left.saturating_sub(1);
        is_left
    }

    /// Returns an exponential pause with full jitter, no shorter than this URL has asked for.
    fn pause(&mut self, jitter: u16, now: u64) -> u64 {
        let most = FIRST_PAUSE_MS << self.pauses;
        self.pauses += 1;
        let jittered = most * u64::from(jitter) / u64::from(u16::MAX);
        jittered.max(self.not_before().saturating_sub(now))
    }

    fn not_before(&mut self) -> &mut u64 {
        let [primary, fallback] = &mut self.not_before;
        match self.endpoint {
            Endpoint::Primary => primary,
            Endpoint::Fallback => fallback,
        }
    }

    /// Returns how long the attempts may still take, in milliseconds.
    ///
    /// A clock that was set back never makes that longer than the deadline.
    pub fn time_left(&self, now: u64) -> u64 {
        self.deadline.saturating_sub(now).min(self.deadlines.answer)
    }

    /// Returns whether the next request has to be counted: the upstream has had one that counts.
    pub fn is_counted(&self) -> bool {
        let is_gone = self.outcomes.contains(&Outcome::ConversationGone);
        is_gone || self.reached()
    }

    /// Returns whether the time that is left is enough for an answer.
    pub fn has_time(&self, now: u64) -> bool {
        self.time_left(now) >= self.deadlines.shortest
    }

    /// Returns how long something may take that leaves enough time for an answer, in milliseconds.
    pub fn time_to_spare(&self, now: u64) -> u64 {
        self.time_left(now).saturating_sub(self.deadlines.shortest)
    }

    /// Returns whether the engine may have had the chat in an attempt that has ended.
    pub fn reached(&self) -> bool {
        self.outcomes.iter().any(|outcome| outcome.rule().reached)
    }
}
