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

impl Verdict {
    /// The verdict as the object returns it: how the shopper stands and, of a refusal, the full cap.
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

    /// The verdict that was returned, or none where these are not its words.
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
