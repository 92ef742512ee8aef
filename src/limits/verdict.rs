//! What the limiter says of a chat, and how it says it across the call into the object.

use super::{Cap, Tier, Window};

/// The limiter's answer: whether the chat is admitted, and how its shopper stands after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
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

const ADMITTED: u32 = 0;

impl Verdict {
    /// The number of words a verdict is written in.
    pub const WORDS: usize = 6;

    /// The verdict as the object returns it.
    pub fn to_words(self) -> [u32; Self::WORDS] {
        let Standing { remaining, reset } = self.standing;
        match self.exceeded {
            None => [ADMITTED, 0, 0, 0, remaining, reset],
            Some(Exceeded {
                tier,
                cap,
                retry_after,
            }) => [
                match tier {
                    Tier::Shopper => 1,
                    Tier::Newcomer => 2,
                    Tier::Network => 3,
                },
                cap.count,
                cap.window.seconds(),
                retry_after,
                remaining,
                reset,
            ],
        }
    }

    /// The verdict that was returned, or none where these are not its words.
    pub fn from_words(words: &[u32]) -> Option<Self> {
        let &[tier, count, seconds, retry_after, remaining, reset] = words else {
            return None;
        };
        let tier = match tier {
            ADMITTED => None,
            1 => Some(Tier::Shopper),
            2 => Some(Tier::Newcomer),
            3 => Some(Tier::Network),
            _ => return None,
        };
        let exceeded = match tier {
            None => None,
            Some(tier) => Some(Exceeded {
                tier,
                cap: Cap {
                    count,
                    window: Window::ALL
                        .into_iter()
                        .find(|window| window.seconds() == seconds)?,
                },
                retry_after,
            }),
        };
        Some(Self {
            exceeded,
            standing: Standing { remaining, reset },
        })
    }
}
