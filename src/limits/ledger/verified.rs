//! What a verified shopper asks for, in the ledger of their own limiter.

use super::caps::{Full, exceeded, full, seconds_up};
use super::{Admission, Kind, Ledger};
use crate::limits::protocol::{Account, Decision, Exceeded};
use crate::limits::{Budget, Cap, Limits, ONCE, PENDING_MS, Tier};

/// Marks the number of an idempotency key under which something was done.
const DONE: u32 = 1 << 30;

impl Ledger {
    /// Decides a request of the verified shopper whose limiter this is, by one of their own budgets.
    ///
    /// What was asked for under the same idempotency key in the last day is not admitted again.
    pub fn admit_verified(&mut self, limits: &Limits, account: Account, now: u64) -> Decision {
        let Account {
            shopper, own, once, ..
        } = account;
        let now = self.tick(now);
        self.prune(limits.horizon().millis(), now);
        let budget = limits.own(own);
        let known = self.known(once, now);
        let exceeded = known.or_else(|| {
            let full = self
                .cap_full(Tier::Shopper, budget.caps(), shopper, now)
                .or_else(|| self.memory_full(limits, now));
            full.map(exceeded(now))
        });
        if exceeded.is_none() {
            for shopper in [shopper, once].into_iter().filter(|shopper| *shopper != 0) {
                self.record(Admission {
                    at: now,
                    shopper,
                    kind: Kind::Chat,
                });
            }
        }
        Decision {
            exceeded,
            standing: self.standing(budget, shopper, now),
        }
    }

    /// Returns what is known of an idempotency key that was used in the last day.
    ///
    /// While it may be under way, the wait is the time until that is over. After that it is 0.
    fn known(&self, once: u32, now: u64) -> Option<Exceeded> {
        let is_used = |number| self.cap_full(Tier::Done, &[ONCE], number, now).is_some();
        let tier = if is_used(once | DONE) {
            Tier::Done
        } else if is_used(once) {
            Tier::Pending
        } else {
            return None;
        };
        let began = self.admitted_once(once).unwrap_or_default();
        Some(Exceeded {
            tier,
            cap: ONCE,
            retry_after: seconds_up((began + PENDING_MS).saturating_sub(now)),
        })
    }

    /// Notes that what was asked for under an idempotency key was done.
    pub fn note_done(&mut self, once: u32, now: u64) {
        let at = self.tick(now);
        self.record(Admission {
            at,
            shopper: once | DONE,
            kind: Kind::Chat,
        });
    }

    /// Frees an idempotency key, and returns whether it was used.
    pub fn free(&mut self, budget: &Budget, once: u32, now: u64) -> bool {
        let admitted = self.admitted_once(once);
        admitted.is_some_and(|at| self.refund(budget, once, at, now).is_some())
    }

    /// Returns when something was admitted under this idempotency key, if it was.
    pub fn admitted_once(&self, once: u32) -> Option<u64> {
        self.shoppers.get(&once)?.back().copied()
    }

    fn cap_full(&self, tier: Tier, caps: &[Cap], shopper: u32, now: u64) -> Option<Full> {
        full(tier, caps, self.shoppers.get(&shopper)?, now)
    }
}
