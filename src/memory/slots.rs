//! Which of the two API keys goes first while a rotation runs, and what each has left upstream.

use super::store::Store;
use crate::keys::Slot;

/// A refused key is told to the log so often, in milliseconds.
pub const NOTICE_MS: u64 = 60_000;

/// How the keys have been doing.
#[derive(Debug, Default)]
pub struct Slots {
    current: Known,
    next: Known,
}

/// What is known of one key.
#[derive(Debug, Default)]
pub struct Known {
    /// What it has left upstream.
    pub store: Store,
    /// Whether the upstream refused it when it was last tried.
    refused: bool,
    /// When the log was last told so.
    noticed: Option<u64>,
}

impl Slots {
    /// The key that goes first and signs. Where a next one is set it is that one, unless it is
    /// known to be refused: so one that does not work shows in the log before passes hang on it,
    /// and not when the old key is gone.
    pub fn first(&self, has_next: bool) -> Slot {
        if has_next && !self.next.refused {
            Slot::Next
        } else {
            Slot::Current
        }
    }

    /// What is known of a key.
    pub fn known(&self, slot: Slot) -> &Known {
        match slot {
            Slot::Current => &self.current,
            Slot::Next => &self.next,
        }
    }

    /// What is known of a key, to learn more.
    pub fn known_mut(&mut self, slot: Slot) -> &mut Known {
        match slot {
            Slot::Current => &mut self.current,
            Slot::Next => &mut self.next,
        }
    }
}

impl Known {
    /// The upstream refuses the key. Whether it is time to say so comes back.
    pub fn refused(&mut self, now: u64) -> bool {
        self.refused = true;
        let due = self.noticed.is_none_or(|last| now >= last + NOTICE_MS);
        if due {
            self.noticed = Some(now);
        }
        due
    }

    /// The upstream has taken the key.
    pub fn accepted(&mut self) {
        self.refused = false;
    }
}
