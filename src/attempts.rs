//! The attempts of one chat upstream: what is tried again, where, and with which key, all under
//! one budget of requests and one deadline. The upstream counts every request, failed ones too.

use crate::keys::KeySlot;
use crate::memory::endpoints::Endpoint;
use crate::memory::{Claim, Memory};
use crate::network::Block;
use crate::refusal::{Refusal, StoreLimit};

/// How long all attempts together may take until the first byte, in milliseconds.
pub const DEADLINE_MS: u64 = 25_000;
/// The longest first pause before another attempt, in milliseconds; each further one is up to
/// twice as long.
pub const FIRST_PAUSE_MS: u64 = 200;
/// A pause that leaves less time than this, in milliseconds, is not waited for: the published
/// contract has 95 % of the answers in 6 seconds.
pub const SHORTEST_MS: u64 = 6_000;

/// How an attempt ended that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No connection came about.
    NoConnection,
    /// The gateway in front failed: 502 or 503 without the envelope.
    GatewayFailed,
    /// The gateway in front would not let it through: 429 without the envelope (RFC 6585,
    /// section 4).
    GatewayThrottled,
    /// 401: the upstream does not know the key.
    KeyRefused,
    /// 429: the store's own budget is spent.
    StoreLimited(StoreLimit),
    /// 502 `upstream_invoke_error`, `upstream_function_error` or `upstream_empty_response`.
    EngineFailed(Refusal),
    /// 502 `upstream_error`.
    EngineError,
    /// The gateway in front, or the platform, has lost it on the way: 504, 520 or 524.
    Lost,
    /// The connection broke before an answer began.
    Broken,
    /// The deadline passed before an answer began.
    TimedOut,
    /// Any other answer.
    Refused(Refusal),
}

/// What follows from an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How often it may be followed by another attempt.
    pub retry: Retry,
    /// Where that one goes.
    pub target: Target,
    /// Whether the engine may have had the chat. One that it never had costs its shopper nothing.
    pub reached: bool,
}

/// How often an outcome may be followed by another attempt, in one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Not at all.
    Never,
    /// The first time.
    Once,
    /// As long as the budget lasts.
    Always,
}

/// Where the next attempt goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Where this one went, after a pause.
    Same,
    /// To the other URL, where there is one, after a pause.
    OtherRoute,
    /// With the other key, at once. Where there is none, nowhere.
    OtherKey,
}

impl Outcome {
    /// The rules, all of them.
    pub const fn rule(&self) -> Rule {
        use {Retry::*, Target::*};
        let (retry, target, reached) = match self {
            // Nothing was sent, so nothing can happen twice.
            Self::NoConnection => (Always, OtherRoute, false),
            // The contract asks for a retry of a 5xx; another way may have a gateway that works.
            Self::GatewayFailed => (Always, OtherRoute, true),
            // Another way may have room, and this one in a moment.
            Self::GatewayThrottled => (Always, OtherRoute, false),
            // The key was looked at before anything else was.
            Self::KeyRefused => (Once, OtherKey, false),
            // It says when to come back; asking sooner is refused again.
            Self::StoreLimited(_) => (Never, Same, false),
            // The contract asks for a retry. The way there is a good one.
            Self::EngineFailed(_) => (Always, Same, true),
            // The engine's own answer, which may be different once, and hardly ever twice.
            Self::EngineError => (Once, Same, true),
            // The turn may have happened: another one would be a second turn and a second charge.
            Self::Lost | Self::Broken | Self::TimedOut => (Never, Same, true),
            // Another attempt would be answered alike.
            Self::Refused(_) => (Never, Same, true),
        };
        Rule {
            retry,
            target,
            reached,
        }
    }

    /// What the browser is told where it is the last outcome.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::NoConnection | Self::Broken => Refusal::UpstreamInvokeError,
            Self::GatewayFailed | Self::GatewayThrottled | Self::Lost | Self::EngineError => {
                Refusal::UpstreamError
            }
            Self::KeyRefused => Refusal::MisconfiguredApiKey,
            Self::StoreLimited(limit) => Refusal::StoreLimited(*limit),
            Self::TimedOut => Refusal::UpstreamTimeout,
            Self::EngineFailed(refusal) | Self::Refused(refusal) => refusal.clone(),
        }
    }

    /// As log lines name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoConnection => "no_connection",
            Self::GatewayFailed => "gateway_failed",
            Self::GatewayThrottled => "gateway_throttled",
            Self::KeyRefused => "key_refused",
            Self::StoreLimited(_) => "store_limited",
            Self::EngineFailed(refusal) | Self::Refused(refusal) => refusal.code(),
            Self::EngineError | Self::Lost => "upstream_error",
            Self::Broken => "broken",
            Self::TimedOut => "timeout",
        }
    }
}

/// The attempts of one chat so far, and the one that is under way.
#[derive(Debug)]
pub struct Attempts {
    /// Where the attempt that is under way goes.
    pub endpoint: Endpoint,
    /// Its key.
    pub slot: KeySlot,
    /// How many more there may be.
    left: u32,
    /// When the first byte must have come, in milliseconds since 1970.
    deadline: u64,
    /// How often there was a pause.
    pauses: u32,
    /// Before when the primary and the fallback want no request, in milliseconds since 1970.
    not_before: [u64; 2],
    /// How those before it ended.
    outcomes: Vec<Outcome>,
    has_fallback: bool,
    has_next_key: bool,
}

impl Attempts {
    /// The first attempt of at most so many, on the way that is known to be good.
    pub fn begin(
        most: u32,
        has_fallback: bool,
        has_next_key: bool,
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
            deadline: now + DEADLINE_MS,
            pauses: 0,
            not_before: [0; 2],
            outcomes: Vec::new(),
            has_fallback,
            has_next_key,
        }
    }

    /// The attempt has ended so, and the upstream asked for a wait of so many seconds. Returns the
    /// pause before the next attempt, in milliseconds, or none where there is no further one.
    /// `jitter` is a random number.
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
        // What one gateway asks for, another knows nothing of.
        *self.not_before() = now + u64::from(retry_after.unwrap_or_default()) * 1_000;
        let pause = match rule.target {
            Target::OtherKey if self.has_next_key => {
                self.slot = self.slot.other();
                0
            }
            Target::OtherKey => return None,
            Target::OtherRoute if self.has_fallback => {
                self.endpoint = self.endpoint.other();
                self.pause(jitter, now)
            }
            Target::Same | Target::OtherRoute => self.pause(jitter, now),
        };
        if now + pause + SHORTEST_MS > self.deadline {
            return None;
        }
        self.left -= 1;
        Some(pause)
    }

    /// Exponential, with full jitter, and no shorter than this URL has asked for.
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

    /// How long they may still take, in milliseconds. A clock that was set back makes that no longer
    /// than it may be.
    pub fn time_left(&self, now: u64) -> u64 {
        self.deadline.saturating_sub(now).min(DEADLINE_MS)
    }

    /// Whether the engine may have had the chat in an attempt that has ended.
    pub fn reached(&self) -> bool {
        self.outcomes.iter().any(|outcome| outcome.rule().reached)
    }
}

/// What a good answer teaches for the next chats.
pub fn learn_good(endpoint: Endpoint, slot: KeySlot, memory: &mut Memory) {
    memory.endpoints.answered(endpoint);
    let key = memory.key_slots.state_mut(slot);
    key.accepted();
    key.quota.answered();
    memory.engine.answered();
    memory.retry_throttle.succeeded();
}

/// What an outcome teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lesson {
    /// Whether the chat may go on, as far as all chats of the isolate are concerned.
    pub may_retry: bool,
    /// Whether the log is to be told that the key is refused.
    pub reports_key: bool,
}

/// What an outcome teaches: for this chat, which may look for all others, and for the next ones.
pub fn learn(
    outcome: &Outcome,
    attempts: &Attempts,
    block: Block,
    claim: &mut Claim,
    memory: &mut Memory,
    now: u64,
) -> Lesson {
    let (endpoint, slot) = (attempts.endpoint, attempts.slot);
    let is_probe = memory.endpoints.is_probe(endpoint);
    match outcome {
        Outcome::NoConnection
        | Outcome::GatewayFailed
        | Outcome::GatewayThrottled
        | Outcome::Lost
        | Outcome::Broken
        | Outcome::TimedOut => memory.endpoints.failed(endpoint, now),
        _ => memory.endpoints.answered(endpoint),
    }
    let mut lesson = Lesson {
        may_retry: true,
        reports_key: false,
    };
    let quota = &mut memory.key_slots.state_mut(slot).quota;
    // What may have arrived was a look, whatever came of it: it is charged.
    if outcome.rule().reached {
        claim.engine = false;
    }
    match outcome {
        // Nobody has counted it, so that another attempt multiplies nothing.
        Outcome::NoConnection => return lesson,
        Outcome::KeyRefused => {
            // The chat goes on with the other key, whose cap is another.
            if claim.quota {
                claim.quota = false;
                quota.release(now);
            }
            lesson.reports_key = memory.key_slots.state_mut(slot).refused(now);
            return lesson;
        }
        // It was half expected, and the fallback is known to be good.
        Outcome::GatewayFailed | Outcome::GatewayThrottled if is_probe => return lesson,
        Outcome::GatewayFailed | Outcome::GatewayThrottled | Outcome::Lost | Outcome::Broken => {
            memory.retry_throttle.failed(block);
        }
        Outcome::EngineFailed(_) | Outcome::EngineError => {
            // The cap is looked at before the engine is.
            claim.settle();
            quota.answered();
            memory.retry_throttle.failed(block);
            memory.engine.failed(block, now);
        }
        Outcome::TimedOut => {
            memory.retry_throttle.failed(block);
            // What had less than the whole time is no verdict.
            if attempts.outcomes.is_empty() {
                memory.engine.failed(block, now);
            }
        }
        Outcome::StoreLimited(limit) => {
            claim.quota = false;
            quota.reached(*limit, now);
        }
        Outcome::Refused(_) => {}
    }
    lesson.may_retry = memory.retry_throttle.allowed(block);
    lesson
}
