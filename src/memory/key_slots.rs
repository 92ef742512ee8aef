//! Which of the two API keys is tried first during a rotation, and the upstream quota of each.

use super::cooldown::Cooldown;
use super::upstream_quota::UpstreamQuota;
use crate::keys::KeySlot;
use crate::usage::Store;

/// The time between two log reports of a refused key, in milliseconds.
pub const NOTICE_MS: u64 = 60_000;
/// How long it takes until a refused next key is tried again, in milliseconds.
///
/// The key may be good by then, and one refusal may be a mistake of the upstream.
pub const TRY_AGAIN_MS: u64 = 300_000;

/// What is known of both keys.
#[derive(Debug, Default)]
pub struct KeySlots {
    current: KeyState,
    next: KeyState,
}

/// What is known of one key.
#[derive(Debug, Default)]
pub struct KeyState {
    /// The upstream quota of the key.
    pub quota: UpstreamQuota,
    /// Begins when the upstream refuses the key, and ends when the key may be tried again.
    refused: Option<Cooldown>,
    /// Begins when the log is told of a refusal, and ends when it may be told again.
    noticed: Option<Cooldown>,
}

impl KeySlots {
    /// Returns the key slot to try first.
    ///
    /// That is the next key if one is set, unless it was refused recently. So a next key that does
    /// not work shows in the log before passes depend on it, and not only when the old key is gone.
    pub fn first(&self, has_next: bool, now: u64) -> KeySlot {
        let refused = self
            .next
            .refused
            .is_some_and(|cooldown| cooldown.left(now).is_some());
        if has_next && !refused {
            KeySlot::Next
        } else {
            KeySlot::Current
        }
    }

    /// Returns the key slot that signs.
    ///
    /// That is the next key, unless the upstream refused it when it was last tried.
    pub fn signing(&self) -> KeySlot {
        if self.next.refused.is_none() {
            KeySlot::Next
        } else {
            KeySlot::Current
        }
    }

    /// Returns what the upstream last said of the store's hour, under whichever key.
    pub fn store(&self) -> Option<Store> {
        let hours = [&self.current, &self.next].map(|state| state.quota.hour());
        hours.into_iter().flatten().max_by_key(|store| store.at)
    }

    /// Returns what is known of a key.
    pub fn state(&self, slot: KeySlot) -> &KeyState {
        match slot {
            KeySlot::Current => &self.current,
            KeySlot::Next => &self.next,
        }
    }

    /// Returns what is known of a key, for updates.
    pub fn state_mut(&mut self, slot: KeySlot) -> &mut KeyState {
        match slot {
            KeySlot::Current => &mut self.current,
            KeySlot::Next => &mut self.next,
        }
    }
}

impl KeyState {
    /// Records that the upstream refused the key, and returns whether to report it now.
    pub fn refused(&mut self, now: u64) -> bool {
        self.refused = Some(Cooldown::begin(TRY_AGAIN_MS, now));
        let due = self
            .noticed
            .is_none_or(|cooldown| cooldown.left(now).is_none());
        if due {
            self.noticed = Some(Cooldown::begin(NOTICE_MS, now));
        }
        due
    }

    /// Records that the upstream accepted the key.
    pub fn accepted(&mut self) {
        self.refused = None;
    }
}
