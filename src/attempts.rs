//! The attempts of one chat upstream: what is tried again, where, and with which key, all under
//! one budget of requests and one deadline. The upstream counts every request, failed ones too.

use crate::memory::Memory;
use crate::memory::routes::Route;
use crate::memory::slots::Slot;
use crate::refusal::{Refusal, StoreLimit};

/// How long all attempts together may take until the first byte, in milliseconds.
pub const DEADLINE_MS: u64 = 25_000;
/// The longest first pause before another attempt, in milliseconds; each further one is up to
/// twice as long.
pub const FIRST_PAUSE_MS: u64 = 200;

/// How an attempt ended that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// No connection came about.
    NoConnection,
    /// The gateway in front failed: 502 or 503 without the envelope.
    GatewayFailed,
    /// 401: the upstream does not know the key.
    KeyRefused,
    /// 429: the store's own budget is spent.
    StoreLimited(StoreLimit),
    /// 502 `upstream_invoke_error`, `upstream_function_error` or `upstream_empty_response`.
    EngineFailed(Refusal),
    /// 502 `upstream_error`.
    EngineError,
    /// The connection broke before an answer began.
    Broken,
    /// The deadline passed before an answer began.
    TimedOut,
    /// Any other answer.
    Refused(Refusal),
}

/// What follows from an ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// How often it may be followed by another attempt.
    pub again: Again,
    /// Where that one goes.
    pub then: Then,
    /// Whether the engine may have had the chat. One that it never had costs its shopper nothing.
    pub reached: bool,
}

/// How often an ending may be followed by another attempt, in one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Not at all.
    Never,
    /// The first time.
    Once,
    /// As long as the budget lasts.
    Always,
}

/// Where the next attempt goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Where this one went, after a pause.
    Same,
    /// To the other URL, where there is one, after a pause.
    OtherRoute,
    /// With the other key, at once. Where there is none, nowhere.
    OtherKey,
}

impl Ending {
    /// The rules, all of them.
    pub const fn rule(&self) -> Rule {
        use {Again::*, Then::*};
        let (again, then, reached) = match self {
            // Nothing was sent, so nothing can happen twice.
            Self::NoConnection => (Always, OtherRoute, false),
            // The contract asks for a retry; another way may have a gateway that works.
            Self::GatewayFailed => (Always, OtherRoute, true),
            // The key was looked at before anything else was.
            Self::KeyRefused => (Once, OtherKey, false),
            // It says when to come back; asking sooner is refused again.
            Self::StoreLimited(_) => (Never, Same, false),
            // The contract asks for a retry. The way there is a good one.
            Self::EngineFailed(_) => (Always, Same, true),
            // The engine's own answer, which may be different once, and hardly ever twice.
            Self::EngineError => (Once, Same, true),
            // The turn may have happened: another one would be a second turn and a second charge.
            Self::Broken | Self::TimedOut => (Never, Same, true),
            // Another attempt would be answered alike.
            Self::Refused(_) => (Never, Same, true),
        };
        Rule {
            again,
            then,
            reached,
        }
    }

    /// What the browser is told where it is the last ending.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::NoConnection | Self::Broken => Refusal::UpstreamInvokeError,
            Self::GatewayFailed | Self::EngineError => Refusal::UpstreamError,
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
            Self::KeyRefused => "key_refused",
            Self::StoreLimited(_) => "store_limited",
            Self::EngineFailed(refusal) | Self::Refused(refusal) => refusal.code(),
            Self::EngineError => "upstream_error",
            Self::Broken => "broken",
            Self::TimedOut => "timeout",
        }
    }
}

/// The attempts of one chat so far, and the one that is under way.
#[derive(Debug)]
pub struct Attempts {
    /// Where the attempt that is under way goes.
    pub route: Route,
    /// Its key.
    pub slot: Slot,
    /// How many more there may be.
    left: u32,
    /// When the first byte must have come, in milliseconds since 1970.
    pub deadline: u64,
    /// How often there was a pause.
    pauses: u32,
    /// How those before it ended.
    endings: Vec<Ending>,
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
        let route = if has_fallback {
            memory.routes.first(now)
        } else {
            Route::Primary
        };
        let slot = if has_next_key {
            memory.slots.first
        } else {
            Slot::Current
        };
        Self {
            route,
            slot,
            left: most.saturating_sub(1),
            deadline: now + DEADLINE_MS,
            pauses: 0,
            endings: Vec::new(),
            has_fallback,
            has_next_key,
        }
    }

    /// The attempt has ended so; the upstream asked for a wait of so many seconds. What comes back
    /// is the pause before the next attempt, in milliseconds, or none where there is no further one. Chance is a
    /// random number.
    pub fn after(
        &mut self,
        ending: Ending,
        retry_after: Option<u32>,
        chance: u16,
        now: u64,
    ) -> Option<u64> {
        let rule = ending.rule();
        let repeated = self.endings.contains(&ending);
        self.endings.push(ending);
        let allowed = match rule.again {
            Again::Never => false,
            Again::Once => !repeated,
            Again::Always => true,
        };
        if !allowed || self.left == 0 {
            return None;
        }
        let pause = match rule.then {
            Then::OtherKey if self.has_next_key => {
                self.slot = self.slot.other();
                0
            }
            Then::OtherKey => return None,
            // What one gateway asks for, another knows nothing of.
            Then::OtherRoute if self.has_fallback => {
                self.route = self.route.other();
                self.pause(None, chance)
            }
            Then::Same | Then::OtherRoute => self.pause(retry_after, chance),
        };
        if now + pause >= self.deadline {
            return None;
        }
        self.left -= 1;
        Some(pause)
    }

    /// Exponential, with full jitter, and no shorter than the upstream asks for.
    fn pause(&mut self, retry_after: Option<u32>, chance: u16) -> u64 {
        let most = FIRST_PAUSE_MS << self.pauses;
        self.pauses += 1;
        let jittered = most * u64::from(chance) / u64::from(u16::MAX);
        jittered.max(u64::from(retry_after.unwrap_or_default()) * 1_000)
    }

    /// Whether the engine may have had the chat in an attempt that has ended.
    pub fn reached(&self) -> bool {
        self.endings.iter().any(|ending| ending.rule().reached)
    }
}

/// What a good answer teaches for the next chats.
pub fn learn_good(route: Route, slot: Slot, memory: &mut Memory) {
    if route == Route::Primary {
        memory.routes.answered();
    }
    memory.slots.first = slot;
}

/// What an ending teaches for the next chats. Whether the log is to be told of a refused key comes
/// back.
pub fn learn(ending: &Ending, route: Route, slot: Slot, memory: &mut Memory, now: u64) -> bool {
    if route == Route::Primary {
        match ending {
            Ending::NoConnection | Ending::GatewayFailed => memory.routes.failed(now),
            Ending::Broken | Ending::TimedOut => {}
            _ => memory.routes.answered(),
        }
    }
    match ending {
        Ending::StoreLimited(limit) => memory.store.reached(*limit, now),
        Ending::KeyRefused => return memory.slots.refused(slot, now),
        _ => {}
    }
    false
}
