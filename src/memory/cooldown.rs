//! A rest for something that fails: chats stay away from it until the rest is over, then one of
//! them tries it, and the others stay away for another cooldown.

/// A rest that has begun.
#[derive(Debug, Clone, Copy)]
pub struct Cooldown {
    /// In milliseconds since 1970.
    begun: u64,
    length: u64,
}

impl Cooldown {
    /// Begins a rest of so many milliseconds.
    pub const fn begin(length: u64, now: u64) -> Self {
        Self { begun: now, length }
    }

    /// A rest of this length that has just ended.
    pub const fn over(length: u64, now: u64) -> Self {
        Self::begin(length, now.saturating_sub(length))
    }

    /// How much of it is left, in milliseconds; none once it is over. A clock that was set back
    /// ends it: how long it has lasted is unknown then.
    pub fn left(&self, now: u64) -> Option<u64> {
        let gone = now.checked_sub(self.begun)?;
        self.length.checked_sub(gone).filter(|left| *left > 0)
    }

    /// Whether this chat may try. If so, it is the only one until another rest is over: it may
    /// never come back.
    pub fn try_again(&mut self, now: u64) -> bool {
        let over = self.left(now).is_none();
        if over {
            self.begun = now;
        }
        over
    }
}
