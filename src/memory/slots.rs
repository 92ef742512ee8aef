//! Which of the two API keys goes first while a rotation runs, and what each has left upstream.

use super::rest::Rest;
use super::store::Store;
use crate::keys::Slot;

/// A refused key is told to the log so often, in milliseconds.
pub const NOTICE_MS: u64 = 60_000;
/// A next key that was refused is tried again after so many milliseconds: it may be good by then,
/// and one refusal may be a mistake of the upstream's.
pub const TRY_AGAIN_MS: u64 = 300_000;

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
    /// There since the upstream refused it, for as long as it is not tried again.
    refused: Option<Rest>,
    /// There since the log was told so, for as long as it is not told again.
    noticed: Option<Rest>,
}

impl Slots {
    /// The key that goes first. Where a next one is set it is that one, unless it was refused of
    /// late: so one that does not work shows in the log before passes hang on it, and not when the
    /// old key is gone.
    pub fn first(&self, has_next: bool, now: u64) -> Slot {
        let refused = self
            .next
            .refused
            .is_some_and(|rest| rest.left(now).is_some());
        if has_next && !refused {
            Slot::Next
        } else {
            Slot::Current
        }
    }

    /// The key that signs: the next one, unless the upstream refused it when it was last tried.
    pub fn signing(&self) -> Slot {
        if self.next.refused.is_none() {
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
        self.refused = Some(Rest::begin(TRY_AGAIN_MS, now));
        let due = self.noticed.is_none_or(|rest| rest.left(now).is_none());
        if due {
            self.noticed = Some(Rest::begin(NOTICE_MS, now));
        }
        due
    }

    /// The upstream has taken the key.
    pub fn accepted(&mut self) {
        self.refused = None;
    }
}
