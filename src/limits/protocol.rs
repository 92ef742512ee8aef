//! What a limiter object is asked and what it answers, and both as the numbers that cross the call
//! into the object. The caller and the object use this one codec.

use super::{Cap, Tier, Window};

/// What a limiter is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Whether a chat is admitted. It is counted then.
    Admit {
        /// Who asks.
        shopper: u32,
        /// Whether the shopper is new there, unless the limiter knows better.
        newcomer: bool,
        /// The number under which the chat may be refunded.
        receipt: u32,
    },
    /// Whether another request upstream is admitted, for a chat that is counted already.
    CountRetry,
    /// To take a chat back.
    Refund {
        /// Whose it was.
        shopper: u32,
        /// The number that it came with.
        receipt: u32,
    },
}

/// What a limiter answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Whether the chat is admitted.
    Decision(Decision),
    /// Whether the request was counted.
    RetryCounted(bool),
    /// How the shopper stands after the refund; none where nothing was refunded.
    Refunded(Option<Standing>),
}

/// Whether a chat is admitted, and how its shopper stands after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The cap that refuses the chat; none where it is admitted.
    pub exceeded: Option<Exceeded>,
    /// The shopper's own budget.
    pub standing: Standing,
}

/// A full cap: of all the full ones, the one that frees last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exceeded {
    /// Whose budget is spent.
    pub tier: Tier,
    /// Which of its caps.
    pub cap: Cap,
    /// In how many seconds a chat will be admitted again, rounded up.
    pub retry_after: u32,
}

/// The shopper's headline cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many chats the shopper has left in that window.
    pub remaining: u32,
    /// In how many seconds one more of them comes back, rounded up; 0 where none is used.
    pub reset: u32,
}

impl Question {
    /// The question in words: its kind, and what belongs to it.
    pub fn to_words(self) -> Vec<u32> {
        match self {
            Self::Admit {
                shopper,
                newcomer,
                receipt,
            } => vec![1, shopper, u32::from(newcomer), receipt],
            Self::CountRetry => vec![2],
            Self::Refund { shopper, receipt } => vec![3, shopper, receipt],
        }
    }

    /// The question that was asked, or none where these are not its words.
    pub fn from_words(words: &[u32]) -> Option<Self> {
        match *words {
            [1, shopper, newcomer @ (0 | 1), receipt] => Some(Self::Admit {
                shopper,
                newcomer: newcomer == 1,
                receipt,
            }),
            [2] => Some(Self::CountRetry),
            [3, shopper, receipt] => Some(Self::Refund { shopper, receipt }),
            _ => None,
        }
    }

    /// Reads the answer to this question, or none where these words are none.
    pub fn read(self, words: &[u32]) -> Option<Answer> {
        match self {
            Self::Admit { .. } => Decision::from_words(words).map(Answer::Decision),
            Self::CountRetry => match *words {
                [counted @ (0 | 1)] => Some(Answer::RetryCounted(counted == 1)),
                _ => None,
            },
            Self::Refund { .. } => match *words {
                [] => Some(Answer::Refunded(None)),
                [remaining, reset] => Some(Answer::Refunded(Some(Standing { remaining, reset }))),
                _ => None,
            },
        }
    }
}

impl Answer {
    /// The answer in words, which its question reads.
    pub fn to_words(self) -> Vec<u32> {
        match self {
            Self::Decision(decision) => decision.to_words(),
            Self::RetryCounted(counted) => vec![u32::from(counted)],
            Self::Refunded(None) => Vec::new(),
            Self::Refunded(Some(Standing { remaining, reset })) => vec![remaining, reset],
        }
    }
}

impl Decision {
    /// The decision as the object returns it: how the shopper stands and, of a refusal, the full cap.
    pub fn to_words(self) -> Vec<u32> {
        let Standing { remaining, reset } = self.standing;
        let mut words = vec![remaining, reset];
        if let Some(full) = self.exceeded {
            let tier = match full.tier {
                Tier::Shopper => 1,
                Tier::Newcomer => 2,
                Tier::Network => 3,
            };
            let window = full.cap.window.seconds();
            words.extend([tier, full.cap.count, window, full.retry_after]);
        }
        words
    }

    /// The decision that was returned, or none where these are not its words.
    pub fn from_words(words: &[u32]) -> Option<Self> {
        let (&[remaining, reset], full) = words.split_first_chunk()?;
        let exceeded = match *full {
            [] => None,
            [tier, count, seconds, retry_after] => Some(Exceeded {
                tier: match tier {
                    1 => Tier::Shopper,
                    2 => Tier::Newcomer,
                    3 => Tier::Network,
                    _ => return None,
                },
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
