//! Which of the two API keys goes first while a rotation runs, and what each has left upstream.

use super::cooldown::Cooldown;
use super::upstream_quota::UpstreamQuota;
use crate::keys::KeySlot;

/// A refused key is told to the log so often, in milliseconds.
pub const NOTICE_MS: u64 = 60_000;
/// A next key that was refused is tried again after so many milliseconds: it may be good by then,
/// and one refusal may be a mistake of the upstream's.
pub const TRY_AGAIN_MS: u64 = 300_000;

/// How the keys have been doing.
#[derive(Debug, Default)]
pub struct KeySlots {
    current: KeyState,
    next: KeyState,
}

/// What is known of one key.
#[derive(Debug, Default)]
pub struct KeyState {
    /// What it has left upstream.
    pub quota: UpstreamQuota,
    /// There since the upstream refused it, for as long as it is not tried again.
    refused: Option<Cooldown>,
    /// There since the log was told so, for as long as it is not told again.
    noticed: Option<Cooldown>,
}

impl KeySlots {
    /// The key that goes first. Where a next one is set it is that one, unless it was refused of
    /// late: so one that does not work shows in the log before passes hang on it, and not when the
    /// old key is gone.
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

    /// The key that signs: the next one, unless the upstream refused it when it was last tried.
    pub fn signing(&self) -> KeySlot {
        if self.next.refused.is_none() {
            KeySlot::Next
        } else {
            KeySlot::Current
        }
    }

    /// What is known of a key.
    pub fn state(&self, slot: KeySlot) -> &KeyState {
        match slot {
            KeySlot::Current => &self.current,
            KeySlot::Next => &self.next,
        }
    }

    /// What is known of a key, to learn more.
    pub fn state_mut(&mut self, slot: KeySlot) -> &mut KeyState {
        match slot {
            KeySlot::Current => &mut self.current,
            KeySlot::Next => &mut self.next,
        }
    }
}

impl KeyState {
    /// The upstream refuses the key. Whether it is time to say so comes back.
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

    /// The upstream has taken the key.
    pub fn accepted(&mut self) {
        self.refused = None;
    }
}
