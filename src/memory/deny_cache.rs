//! DenyCache of late: a flood over a limit is answered here, without a call
//! into the object. It is bounded in number and in time, and never holds longer than the refusal.

use crate::identity::Identity;
use crate::limits::protocol::Decision;
use crate::network::LimiterName;
use crate::pass::Shopper;

/// The longest time that a refusal is remembered, in milliseconds.
pub const LONGEST: u64 = 5_000;
/// The most deny_cache that are remembered.
pub const MOST: usize = 1_024;

/// Whom a refusal is for. To a limiter all who come without a pass or a session id are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenyKey {
    /// The limiter that was asked.
    pub limiter: LimiterName,
    /// Who asked; none for a fresh shopper.
    pub shopper: Option<Shopper>,
}

/// The deny_cache of late, in a table in which a newer one takes the place of an older.
#[derive(Debug)]
pub struct DenyCache(Vec<Option<Remembered>>);

#[derive(Debug, Clone)]
struct Remembered {
    deny_key: DenyKey,
    decision: Decision,
    /// When the limiter was asked, in milliseconds since 1970.
    asked: u64,
    /// From when on it is asked again.
    until: u64,
}

impl Default for DenyCache {
    fn default() -> Self {
        Self(vec![None; MOST])
    }
}

impl DenyCache {
    /// The refusal that still holds for this deny_key, its wait made shorter by the time gone by.
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

    /// Forgets a refusal that may hold no longer.
    pub fn forget(&mut self, deny_key: &DenyKey) {
        if let Some(place) = self.0.get_mut(deny_key.place()) {
            place.take_if(|entry| entry.deny_key == *deny_key);
        }
    }

    /// Takes note of a decision, if it is a refusal. The limiter decided at this time or later.
    pub fn note(&mut self, deny_key: DenyKey, decision: Decision, asked: u64) {
        let Some(exceeded) = decision.exceeded else {
            return;
        };
        // What all fresh shoppers are told must not be one shopper's own.
        if deny_key.shopper.is_none() && decision.standing.reset > 0 {
            return;
        }
        // The wait was rounded up, so that the last second of it is not sure.
        let sure = u64::from(exceeded.retry_after.saturating_sub(1)) * 1_000;
        if let Some(place) = self.0.get_mut(deny_key.place()) {
            *place = Some(Remembered {
                deny_key,
                decision,
                asked,
                until: asked + sure.min(LONGEST),
            });
        }
    }
}

impl Remembered {
    /// A clock that was set back makes no refusal last longer than it may.
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
    /// The deny_key's place in the table. Homes and shoppers are random numbers already.
    fn place(&self) -> usize {
        let [a, b, c, d, ..] = self.limiter.0;
        let shopper = self.shopper.map_or(0, |shopper| shopper.0);
        (u32::from_be_bytes([a, b, c, d]) ^ shopper) as usize % MOST
    }
}
