//! What a limiter is asked and what it answers.
//!
//! Both are encoded as the numbers that cross the call into the object. The caller and the object
//! use this one codec.

use super::{Cap, Own, Tier, Window};
use crate::keys::LOG_HASH_BYTES;

/// What a limiter is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether a chat is admitted.
    ///
    /// An admitted chat is counted.
    Admit {
        /// The shopper who asks.
        shopper: u32,
        /// Whether the shopper is new there, unless the limiter knows better.
        newcomer: bool,
        /// The number under which the chat may be refunded.
        receipt: u32,
    },
    /// Whether a request of the limiter's own verified shopper is admitted.
    ///
    /// It counts in one of that shopper's own budgets alone.
    AdmitVerified(Account),
    /// Whether another request upstream is admitted, for a chat that is already counted.
    CountRetry,
    /// A refund to a verified shopper, which frees the idempotency key as well.
    RefundVerified(Account),
    /// What was asked for under an idempotency key was certainly not done. It may be asked for again.
    Free(Account),
    /// What was asked for under an idempotency key was done.
    Done(Account),
    /// A refund of a chat.
    Refund {
        /// The shopper of the chat.
        shopper: u32,
        /// The number that the chat came with.
        receipt: u32,
    },
    /// What no longer counts, because the merchant lifts it.
    Lift {
        /// The shopper's name in log lines. It matters only to a shopper's own budget.
        name: [u8; LOG_HASH_BYTES],
        /// Whose budget.
        tier: Tier,
    },
}

/// What a verified shopper asks for, and where it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Stands for the shopper, a different number for each budget.
    pub shopper: u32,
    /// The budget.
    pub own: Own,
    /// The number under which the request may be refunded.
    pub receipt: u32,
    /// Stands for the idempotency key, or 0 if there is none. It has 30 bits.
    pub once: u32,
}

/// Returns the number that a verified shopper has at omi.me, or the one that has this number there.
pub const fn at_omi(shopper: u32) -> u32 {
    shopper ^ 1
}

/// What a limiter answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Whether the chat is admitted.
    Decision(Decision),
    /// Whether the request was counted.
    RetryCounted(bool),
    /// The shopper's standing after the refund, or `None` if nothing was refunded.
    Refunded(Option<Standing>),
    /// The idempotency key is free, or is known to be used.
    Noted,
    /// How many admissions no longer count.
    Lifted(u32),
}

/// Whether a chat is admitted, and the shopper's standing after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The cap that refuses the chat, or `None` if it is admitted.
    pub exceeded: Option<Exceeded>,
    /// The state of the shopper's own budget.
    pub standing: Standing,
}

/// A full cap.
///
/// If several caps are full, it is the one that frees last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Whose budget is spent.
    pub tier: Tier,
    /// The cap of that budget.
    pub cap: Cap,
    /// The seconds until a chat will be admitted again, rounded up.
    pub retry_after: u32,
}

/// The state of the shopper's headline cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many chats the shopper has left in that window.
    pub remaining: u32,
    /// The seconds until one more chat is available, rounded up, or 0 if none is used.
    pub reset: u32,
}

impl Question {
    /// Returns the question as words: its kind, and then its fields.
    pub fn to_words(self) -> Vec<u32> {
        match self {
            Self::Admit {
                shopper,
                newcomer,
                receipt,
            } => vec![1, shopper, u32::from(newcomer), receipt],
            Self::CountRetry => vec![2],
            Self::Refund { shopper, receipt } => vec![3, shopper, receipt],
            Self::AdmitVerified(account) => account.to_words(4),
            Self::RefundVerified(account) => account.to_words(5),
            Self::Free(account) => account.to_words(6),
            Self::Done(account) => account.to_words(7),
            Self::Lift {
                name: [a, b, c, d, e, f],
                tier,
            } => {
                let (high, low) = ([0, 0, a, b], [c, d, e, f]);
                vec![
                    8,
                    u32::from_be_bytes(high),
                    u32::from_be_bytes(low),
                    tier.number(),
                ]
            }
        }
    }

    /// Returns the question that these words encode, or `None` if they encode none.
    pub fn from_words(words: &[u32]) -> Option<Self> {
        match *words {
            [1, shopper, newcomer @ (0 | 1), receipt] => Some(Self::Admit {
                shopper,
                newcomer: newcomer == 1,
                receipt,
            }),
            [2] => Some(Self::CountRetry),
            [3, shopper, receipt] => Some(Self::Refund { shopper, receipt }),
            [4, ref account @ ..] => Account::from_words(account).map(Self::AdmitVerified),
            [5, ref account @ ..] => Account::from_words(account).map(Self::RefundVerified),
            [6, ref account @ ..] => Account::from_words(account).map(Self::Free),
            [7, ref account @ ..] => Account::from_words(account).map(Self::Done),
            [8, high, low, tier] => {
                let ([0, 0, a, b], [c, d, e, f]) = (high.to_be_bytes(), low.to_be_bytes()) else {
                    return None;
                };
                Some(Self::Lift {
                    name: [a, b, c, d, e, f],
                    tier: Tier::of(tier)?,
                })
            }
            _ => None,
        }
    }

    /// Reads the answer to this question, or returns `None` if these words encode none.
    pub fn read(self, words: &[u32]) -> Option<Answer> {
        match self {
            Self::Admit { .. } | Self::AdmitVerified(_) => {
                Decision::from_words(words).map(Answer::Decision)
            }
            Self::Free(_) | Self::Done(_) => words.is_empty().then_some(Answer::Noted),
            Self::CountRetry => match *words {
                [counted @ (0 | 1)] => Some(Answer::RetryCounted(counted == 1)),
                _ => None,
            },
            Self::Lift { .. } => match *words {
                [lifted] => Some(Answer::Lifted(lifted)),
                _ => None,
            },
            Self::Refund { .. } | Self::RefundVerified(_) => match *words {
                [] => Some(Answer::Refunded(None)),
                [remaining, reset] => Some(Answer::Refunded(Some(Standing { remaining, reset }))),
                _ => None,
            },
        }
    }
}

impl Account {
    fn to_words(self, kind: u32) -> Vec<u32> {
        let own = match self.own {
            Own::Shopper => 0,
            Own::Verified => 1,
            Own::Omi => 2,
            Own::Admin => 3,
        };
        vec![kind, self.shopper, own, self.receipt, self.once]
    }

    fn from_words(words: &[u32]) -> Option<Self> {
        let &[shopper, own, receipt, once] = words else {
            return None;
        };
        let own = match own {
            0 => Own::Shopper,
            1 => Own::Verified,
            2 => Own::Omi,
            3 => Own::Admin,
            _ => return None,
        };
        Some(Self {
            shopper,
            own,
            receipt,
            once,
        })
    }
}

impl Answer {
    /// Returns the answer as words, which its question can read.
    pub fn to_words(self) -> Vec<u32> {
        match self {
            Self::Decision(decision) => decision.to_words(),
            Self::RetryCounted(counted) => vec![u32::from(counted)],
            Self::Lifted(lifted) => vec![lifted],
            Self::Refunded(None) | Self::Noted => Vec::new(),
            Self::Refunded(Some(Standing { remaining, reset })) => vec![remaining, reset],
        }
    }
}

impl Decision {
    /// Returns the decision as words: the standing and, for a refusal, the full cap.
    pub fn to_words(self) -> Vec<u32> {
        let Standing { remaining, reset } = self.standing;
        let mut words = vec![remaining, reset];
        if let Some(full) = self.exceeded {
            let tier = full.tier.number();
            let window = full.cap.window.seconds();
            words.extend([tier, full.cap.count, window, full.retry_after]);
        }
        words
    }

    /// Returns the decision that these words encode, or `None` if they encode none.
    pub fn from_words(words: &[u32]) -> Option<Self> {
        let (&[remaining, reset], full) = words.split_first_chunk()?;
        let exceeded = match *full {
            [] => None,
            [tier, count, seconds, retry_after] => Some(Exceeded {
                tier: Tier::of(tier)?,
                cap: Cap {
                    count,
                    window: Window::ALL
                        .into_iter()
                        .find(|window| window.seconds() == seconds)?,
                },
                retry_after,
            }),
            _ => return None,
        };
        Some(Self {
            exceeded,
            standing: Standing { remaining, reset },
        })
    }
}
