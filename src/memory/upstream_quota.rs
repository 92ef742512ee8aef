//! The upstream quota of one key, which all shoppers of the store share.

use super::cooldown::Cooldown;
use super::probes::Probes;
use crate::network::Block;
use crate::refusal::StoreLimit;
use crate::usage::Store;

/// The shares left of the store's hourly cap, in percent, at which the log is warned.
pub const WARNINGS: [u32; 2] = [20, 5];
/// The share, in percent, above which a new hour has begun and warnings start again.
const ANEW: u32 = 50;
/// How long a cap is believed without a half-open probe, in milliseconds.
///
/// The shop must not stay shut because the upstream was wrong once.
pub const PROBE_MS: u64 = 300_000;

/// What the upstream's last answers under this key said.
#[derive(Debug, Default)]
pub struct UpstreamQuota {
    full: Option<Full>,
    /// The number of warnings in this hour.
    warned: usize,
    /// What was last said of the hour.
    hour: Option<Store>,
}

/// A cap that is reached.
#[derive(Debug)]
struct Full {
    limit: StoreLimit,
    /// The whole wait that the upstream asked for.
    wait: Cooldown,
    /// When a chat may probe whether the cap is still reached.
    probes: Probes,
}

impl UpstreamQuota {
    /// Returns the cap that is still reached, or `None` if a chat of this block may be sent.
    ///
    /// Its wait is reduced by the elapsed time.
    pub fn limit(&self, block: Block, now: u64) -> Option<StoreLimit> {
        let full = self.full.as_ref()?;
        full.probes.left(block, now)?;
        full.limit(now)
    }

    /// Claims a half-open probe for a chat about to be sent, and returns whether the chat is one.
    pub fn claim(&mut self, block: Block, now: u64) -> bool {
        let full = self.full.as_mut().filter(|full| full.limit(now).is_some());
        full.is_some_and(|full| {
            full.probes.take(block, now);
            true
        })
    }

    /// Releases the probe of a chat that has learned nothing about the cap.
    pub fn release(&mut self, now: u64) {
        if let Some(full) = &mut self.full {
            full.probes.release(now);
        }
    }

    /// Records that the upstream reports a reached cap.
    pub fn reached(&mut self, limit: StoreLimit, now: u64) {
        let wait = Cooldown::begin(u64::from(limit.retry_after) * 1_000, now);
        // If several caps are reached, the one that frees last decides.
        match &mut self.full {
            Some(known) if known.wait.left(now) > wait.left(now) => {}
            Some(known) if known.wait.left(now).is_some() => {
                (known.limit, known.wait) = (limit, wait);
            }
            _ => {
                self.full = Some(Full {
                    limit,
                    wait,
                    probes: Probes::begin(PROBE_MS, PROBE_MS, now),
                });
            }
        }
    }

    /// Records that the upstream has let a chat through, so that no cap is reached.
    pub fn answered(&mut self) {
        self.full = None;
    }

    /// Returns what the upstream last said of the hour, if it said anything.
    pub fn hour(&self) -> Option<Store> {
        self.hour
    }

    /// Records what is left of the hour, and returns the share to warn of, in percent.
    ///
    /// Returns each share once an hour, and `None` if no warning is due.
    pub fn watch(&mut self, cap: u32, remaining: u32, at: u64) -> Option<u32> {
        self.hour = Some(Store { cap, remaining, at });
        let left = u64::from(remaining) * 100;
        let at_most = |share: u32| left <= u64::from(cap) * u64::from(share);
        if !at_most(ANEW) {
            self.warned = 0;
        }
        let due = WARNINGS.iter().filter(|share| at_most(**share)).count();
        if due <= self.warned {
            return None;
        }
        self.warned = due;
        WARNINGS.get(due - 1).copied()
    }
}

impl Full {
    fn limit(&self, now: u64) -> Option<StoreLimit> {
        let left = self.wait.left(now)?;
        Some(StoreLimit {
            retry_after: u32::try_from(left.div_ceil(1_000)).unwrap_or(u32::MAX),
            ..self.limit
        })
    }
}
