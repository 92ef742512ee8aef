//! Which of the two API keys goes first while a rotation runs.

/// A refused key is told to the log so often, in milliseconds.
pub const NOTICE_MS: u64 = 60_000;

/// One of the two keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Slot {
    /// `CONCIERGE_API_KEY`.
    #[default]
    Current,
    /// `CONCIERGE_API_KEY_NEXT`.
    Next,
}

/// How the keys have been doing.
#[derive(Debug, Default)]
pub struct Slots {
    /// The one that works, as far as is known.
    pub first: Slot,
    /// When the log was last told that the current key is refused, and the next one.
    noticed: [Option<u64>; 2],
}

impl Slot {
    /// As log lines name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Next => "next",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Current => Self::Next,
            Self::Next => Self::Current,
        }
    }
}

impl Slots {
    /// The upstream refuses a key. Whether it is time to say so comes back.
    pub fn refused(&mut self, slot: Slot, now: u64) -> bool {
        self.first = slot.other();
        let [current, next] = &mut self.noticed;
        let noticed = match slot {
            Slot::Current => current,
            Slot::Next => next,
        };
        let due = noticed.is_none_or(|last| now >= last + NOTICE_MS);
        if due {
            *noticed = Some(now);
        }
        due
    }
}
