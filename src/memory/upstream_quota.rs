//! What is left of one key's own budget upstream, which all shoppers of the store share.

use super::cooldown::Cooldown;
use super::probes::Probes;
use crate::network::Block;
use crate::refusal::StoreLimit;

/// The shares of the store's hour, in percent, at which the log is warned.
pub const WARNINGS: [u32; 2] = [20, 5];
/// Above this share an hour has begun anew, and is warned of again.
const ANEW: u32 = 50;
/// How long a cap is believed without another look, in milliseconds: the shop must not stay shut
/// because the upstream was wrong once.
pub const PROBE_MS: u64 = 300_000;

/// What the upstream's last answers under this key have said.
#[derive(Debug, Default)]
pub struct UpstreamQuota {
    full: Option<Full>,
    /// How many warnings this hour has had.
    warned: usize,
}

/// A cap that is reached.
#[derive(Debug)]
struct Full {
    limit: StoreLimit,
    /// The whole wait that the upstream asked for.
    wait: Cooldown,
    /// When a chat may look whether it was right.
    probes: Probes,
}

impl UpstreamQuota {
    /// The cap that is still reached, its wait made shorter by the time gone by; none where a chat
    /// of this block may look.
    pub fn limit(&self, block: Block, now: u64) -> Option<StoreLimit> {
        let full = self.full.as_ref()?;
        full.probes.left(block, now)?;
        full.limit(now)
    }

    /// A chat is about to be sent. Whether it looks for all others comes back.
    pub fn claim(&mut self, block: Block, now: u64) -> bool {
        let full = self.full.as_mut().filter(|full| full.limit(now).is_some());
        full.is_some_and(|full| {
            full.probes.take(block, now);
            true
        })
    }

    /// The chat that looked has seen nothing of the cap.
    pub fn release(&mut self, now: u64) {
        if let Some(full) = &mut self.full {
            full.probes.release(now);
        }
    }

    /// The upstream says that a cap is reached.
    pub fn reached(&mut self, limit: StoreLimit, now: u64) {
        let wait = Cooldown::begin(u64::from(limit.retry_after) * 1_000, now);
        // Of several caps the one that frees last is the truth.
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

    /// The upstream has let a chat through: no cap is reached.
    pub fn answered(&mut self) {
        self.full = None;
    }

    /// The upstream says what is left of the hour. The share to warn of comes back, in percent,
    /// once an hour each.
    pub fn watch(&mut self, cap: u32, remaining: u32) -> Option<u32> {
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
