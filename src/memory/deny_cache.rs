//! A cache of recent refusals.
//!
//! It answers a flood that is over a limit without a call into the limiter. It is bounded in size
//! and in time, and never keeps a refusal longer than the refusal holds.

use crate::identity::Identity;
use crate::limits::REMEMBERED_MS;
use crate::limits::protocol::Decision;
use crate::network::LimiterName;
use crate::pass::Shopper;

/// The most refusals that are remembered.
pub const MAX_REFUSALS: usize = 1_024;

/// Whom a refusal is for.
///
/// A limiter treats everyone without a pass or a session id alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenyKey {
    /// The limiter that was asked.
    pub limiter: LimiterName,
    /// The shopper who asked, or `None` for a fresh shopper.
    pub shopper: Option<Shopper>,
}

/// The recent refusals, in a table in which a newer one replaces an older one.
#[derive(Debug)]
pub struct DenyCache(Vec<Option<Remembered>>);

#[derive(Debug, Clone)]
struct Remembered {
    deny_key: DenyKey,
    decision: Decision,
    /// When the limiter was asked, in milliseconds since 1970.
    asked: u64,
    /// When the limiter is to be asked again, in milliseconds since 1970.
    until: u64,
}

impl Default for DenyCache {
    fn default() -> Self {
        Self(vec![None; MAX_REFUSALS])
    }
}

impl DenyCache {
    /// Returns the refusal that still holds for this deny key, or `None` if there is none.
    ///
    /// Its waits are reduced by the elapsed time.
    pub fn recall(&self, deny_key: &DenyKey, now: u64) -> Option<Decision> {
        let remembered = self
            .0
            .get(deny_key.place())?
            .as_ref()
            .filter(|entry| entry.deny_key == *deny_key && entry.holds(now))?;
        let gone = now.saturating_sub(remembered.asked) / 1_000;
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        let mut decision = remembered.decision;
        decision.standing.reset = decision.standing.reset.saturating_sub(gone);
        if let Some(exceeded) = &mut decision.exceeded {
            exceeded.retry_after = exceeded.retry_after.saturating_sub(gone);
        }
        Some(decision)
    }

    /// Forgets a refusal that may no longer hold.
    pub fn forget(&mut self, deny_key: &DenyKey) {
        if let Some(place) = self.0.get_mut(deny_key.place()) {
            place.take_if(|entry| entry.deny_key == *deny_key);
        }
    }

    /// Remembers a decision if it is a refusal.
    ///
    /// The limiter made the decision at `asked` or later.
    pub fn note(&mut self, deny_key: DenyKey, decision: Decision, asked: u64) {
        let Some(exceeded) = decision.exceeded else {
            return;
        };
        // All fresh shoppers get this answer, so it must not contain one shopper's own standing.
        if deny_key.shopper.is_none() && decision.standing.reset > 0 {
            return;
        }
        // The wait was rounded up, so its last second is uncertain.
        let sure = u64::from(exceeded.retry_after.saturating_sub(1)) * 1_000;
        if let Some(place) = self.0.get_mut(deny_key.place()) {
            *place = Some(Remembered {
                deny_key,
                decision,
                asked,
                until: asked + sure.min(REMEMBERED_MS),
            });
        }
    }
}

impl Remembered {
    /// Returns whether the refusal still holds.
    ///
    /// A clock that was set back never makes a refusal last longer.
    fn holds(&self, now: u64) -> bool {
        (self.asked..self.until).contains(&now)
    }
}

impl From<&Identity> for DenyKey {
    fn from(identity: &Identity) -> Self {
        Self {
            limiter: identity.limiter,
            shopper: (!identity.fresh).then_some(identity.shopper),
        }
    }
}

impl DenyKey {
    /// Returns the place of this deny key in the table.
    ///
    /// Limiter names and shoppers are already random numbers.
    fn place(&self) -> usize {
        let [a, b, c, d, ..] = self.limiter.0;
        let shopper = self.shopper.map_or(0, |shopper| shopper.0);
        (u32::from_be_bytes([a, b, c, d]) ^ shopper) as usize % MAX_REFUSALS
    }
}
