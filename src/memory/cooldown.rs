//! The cooldown of something that fails.
//!
//! Chats avoid it until the cooldown is over. Then one chat tries it, and the others avoid it for
//! another cooldown.

/// A cooldown that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Cooldown {
    /// When it began, in milliseconds since 1970.
    begun: u64,
    length: u64,
}

impl Cooldown {
    /// Begins a cooldown of this many milliseconds.
    pub const fn begin(length: u64, now: u64) -> Self {
        Self { begun: now, length }
    }

    /// Returns a cooldown of this length that has just ended.
    pub const fn over(length: u64, now: u64) -> Self {
        Self::begin(length, now.saturating_sub(length))
    }

    /// Returns how many milliseconds are left, or `None` if the cooldown is over.
    ///
    /// A clock that was set back ends the cooldown, because the time elapsed is then unknown.
    pub fn left(&self, now: u64) -> Option<u64> {
        let gone = now.checked_sub(self.begun)?;
        self.length.checked_sub(gone).filter(|left| *left > 0)
    }

    /// Returns whether this chat may try again.
    ///
    /// If it may, no other chat may until another cooldown is over. This chat may never return.
    pub fn try_again(&mut self, now: u64) -> bool {
        let over = self.left(now).is_none();
        if over {
            self.begun = now;
        }
        over
    }
}
