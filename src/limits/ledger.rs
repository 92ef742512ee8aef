//! One limiter's log of admissions, which serves all windows of all budgets exactly.
//!
//! A chat is admitted if, in each window, the cap-th last admission is at least as old as the
//! window. That takes one look-up per window, and counts exactly what a rolling window holds. The
//! same look-up says when the next chat will pass. A refusal changes nothing.

mod caps;
mod lift;
mod snapshot;
mod verified;

use std::collections::{HashMap, VecDeque};

use super::protocol::{Decision, Exceeded, Standing};
use super::{Budget, Cap, Limits, Tier};
use caps::{Full, Timed, exceeded, full, later, seconds_up};

/// The most admissions that one limiter remembers.
///
/// If windows and caps would need more, this number is one more cap on the network, over the
/// longest window.
pub const MAX_ADMISSIONS: u32 = 50_000;

/// How far the clock may fall behind the latest time seen, in milliseconds.
///
/// Clocks differ that much from one machine to the next. A clock that is further behind was set
/// back.
pub const MAX_CLOCK_SKEW: u64 = 1_000;
/// How long a clock that was set back must go on before it is believed, in milliseconds.
///
/// One wrong reading must free nothing.
pub const SET_BACK_AFTER: u64 = 60_000;

/// The latest possible time: what a JavaScript date can hold, in milliseconds since 1970.
pub(super) const LATEST: u64 = 8_640_000_000_000_000;

/// The admissions of one limiter that some window still needs, the oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    admissions: VecDeque<Admission>,
    /// When each newcomer was admitted.
    newcomers: VecDeque<u64>,
    /// The newcomers among these whose chat was refunded.
    ///
    /// Their places are not refunded.
    places_alone: VecDeque<u64>,
    /// When each shopper was admitted.
    shoppers: HashMap<u32, VecDeque<u64>>,
    /// The latest time seen.
    clock: u64,
    /// When the clock was first seen behind `clock`, or `None` if it is not behind.
    pub(super) behind_since: Option<u64>,
    clock_changed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Admission {
    /// When it was admitted, in milliseconds since 1970.
    at: u64,
    /// The shopper, or 0 for a retry, which belongs to no shopper.
    shopper: u32,
    kind: Kind,
}

/// What is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A chat of a shopper whom the limiter knows.
    Chat,
    /// A shopper's first chat.
    Newcomer,
    /// Another request upstream for a chat that is already counted.
    Retry,
}

impl Ledger {
    /// Decides one chat, and counts it if it is admitted.
    ///
    /// The chat counts in every budget that it belongs to, or in none. These are the shopper's and
    /// the network's and, for a newcomer, the newcomer budget. A shopper who has a chat here is no
    /// newcomer, whatever the caller thinks.
    pub fn admit(&mut self, limits: &Limits, shopper: u32, newcomer: bool, now: u64) -> Decision {
        let now = self.tick(now);
        self.prune(limits.horizon().millis(), now);
        let exceeded = self.exceeded(limits, shopper, newcomer, now);
        if exceeded.is_none() {
            let kind = if newcomer && !self.shoppers.contains_key(&shopper) {
                Kind::Newcomer
            } else {
                Kind::Chat
            };
            self.record(Admission {
                at: now,
                shopper,
                kind,
            });
        }
        Decision {
            exceeded,
            standing: self.standing(&limits.shopper, shopper, now),
        }
    }

    /// Decides another request upstream for a chat that is already counted.
    ///
    /// An admitted request counts in the network's budget alone, because the shopper did not cause
    /// it.
    pub fn admit_retry(&mut self, limits: &Limits, now: u64) -> bool {
        let now = self.tick(now);
        self.prune(limits.horizon().millis(), now);
        let admitted = self.network_full(limits, now).is_none();
        if admitted {
            self.record(Admission {
                at: now,
                shopper: 0,
                kind: Kind::Retry,
            });
        }
        admitted
    }

    /// Refunds an admission of this time, and returns the shopper's standing after that.
    ///
    /// The refund goes to the shopper's and the network's budgets. A newcomer's place stays taken.
    /// Returns `None` if there is no such admission.
    pub fn refund(&mut self, budget: &Budget, shopper: u32, at: u64, now: u64) -> Option<Standing> {
        let now = self.tick(now);
        let first = self.admissions.partition_point(|other| other.at < at);
        let length = self
            .admissions
            .range(first..)
            .take_while(|other| other.at == at)
            .position(|other| other.shopper == shopper && other.kind != Kind::Retry)?;
        let admission = self.admissions.remove(first + length)?;
        if admission.kind == Kind::Newcomer {
            let place = self.places_alone.partition_point(|other| *other <= at);
            self.places_alone.insert(place, at);
        }
        if let Some(log) = self.shoppers.get_mut(&shopper) {
            let place = log.partition_point(|other| *other < at);
            log.remove(place);
            if log.is_empty() {
                self.shoppers.remove(&shopper);
            }
        }
        Some(self.standing(budget, shopper, now))
    }

    /// Returns the latest time seen.
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// Drops what no window needs any more.
    pub fn expire(&mut self, horizon: u64, now: u64) {
        let now = self.tick(now);
        self.prune(horizon, now);
    }

    /// Returns whether nothing is left to remember.
    pub fn is_empty(&self) -> bool {
        self.admissions.is_empty() && self.newcomers.is_empty()
    }

    /// Returns when the last admission will no longer be needed, or `None` if there is none.
    pub fn expires_at(&self, horizon: u64) -> Option<u64> {
        let admitted = self.admissions.back().map(|last| last.at);
        let last = admitted.max(self.newcomers.back().copied());
        last.map(|last| last + horizon)
    }

    fn tick(&mut self, now: u64) -> u64 {
        let behind = (now + MAX_CLOCK_SKEW < self.clock).then_some(now);
        match (behind, self.behind_since) {
            // The clock has been behind for long enough, and went on. It is right now, and ran
            // ahead before.
            (Some(_), Some(since)) if now >= since + SET_BACK_AFTER => {
                self.set_back(now);
                self.note_behind(None);
            }
            (Some(_), Some(since)) if now >= since => {}
            _ => self.note_behind(behind),
        }
        self.clock = self.clock.max(now);
        self.clock
    }

    fn note_behind(&mut self, since: Option<u64>) {
        self.clock_changed |= self.behind_since != since;
        self.behind_since = since;
    }

    /// Counts admissions of the future as admissions of now.
    ///
    /// By a clock that is right, they were no later.
    fn set_back(&mut self, now: u64) {
        let mut bytes = Vec::new();
        self.write_until(now, &mut bytes);
        *self = Self {
            behind_since: self.behind_since,
            ..Self::read(&bytes).unwrap_or_default()
        };
    }

    /// Returns whether what is known of the clock has changed since the last call.
    pub fn take_clock_changed(&mut self) -> bool {
        std::mem::take(&mut self.clock_changed)
    }

    fn exceeded(
        &self,
        limits: &Limits,
        shopper: u32,
        newcomer: bool,
        now: u64,
    ) -> Option<Exceeded> {
        let log = self.shoppers.get(&shopper);
        let own = log.and_then(|log| full(Tier::Shopper, limits.shopper.caps(), log, now));
        let full_now = later(self.network_full(limits, now), own);
        // A shopper who returns after the wait that they are told, and no longer has a chat here,
        // is a newcomer at that time.
        let then = full_now.map_or(now, |(_, _, frees)| {
            now + u64::from(seconds_up(frees - now)) * 1_000
        });
        let new_from = match log.and_then(VecDeque::back) {
            None => Some(now),
            Some(last) => (last + limits.horizon().millis() <= then).then_some(then),
        };
        let new = new_from.filter(|_| newcomer).and_then(|from| {
            full(
                Tier::Newcomer,
                limits.newcomer.caps(),
                &self.newcomers,
                from,
            )
        });
        later(new, full_now).map(exceeded(now))
    }

    fn network_full(&self, limits: &Limits, now: u64) -> Option<Full> {
        let of_network = full(Tier::Network, limits.network.caps(), &self.admissions, now);
        later(self.memory_full(limits, now), of_network)
    }

    fn memory_full(&self, limits: &Limits, now: u64) -> Option<Full> {
        let ceiling = Cap {
            count: MAX_ADMISSIONS,
            window: limits.horizon(),
        };
        full(Tier::Network, &[ceiling], &self.admissions, now)
    }

    fn standing(&self, budget: &Budget, shopper: u32, now: u64) -> Standing {
        let cap = budget.headline();
        let window = cap.window.millis();
        let Some(log) = self.shoppers.get(&shopper) else {
            return Standing {
                remaining: cap.count,
                reset: 0,
            };
        };
        let first = log.partition_point(|at| at + window <= now);
        let used = u32::try_from(log.len() - first).unwrap_or(u32::MAX);
        Standing {
            remaining: cap.count.saturating_sub(used),
            reset: log
                .get(first)
                .map_or(0, |oldest| seconds_up(oldest + window - now)),
        }
    }

    fn record(&mut self, admission: Admission) {
        self.admissions.push_back(admission);
        match admission.kind {
            Kind::Retry => return,
            Kind::Newcomer => self.newcomers.push_back(admission.at),
            Kind::Chat => {}
        }
        self.shoppers
            .entry(admission.shopper)
            .or_default()
            .push_back(admission.at);
    }

    fn prune(&mut self, horizon: u64, now: u64) {
        let is_old = |at: &u64| at + horizon <= now;
        while let Some(oldest) = self.admissions.pop_front_if(|oldest| is_old(&oldest.at)) {
            if oldest.kind != Kind::Retry
                && let Some(log) = self.shoppers.get_mut(&oldest.shopper)
            {
                log.pop_front();
                if log.is_empty() {
                    self.shoppers.remove(&oldest.shopper);
                }
            }
        }
        for places in [&mut self.newcomers, &mut self.places_alone] {
            while places.pop_front_if(|at| is_old(at)).is_some() {}
        }
    }
}

impl Timed for Admission {
    fn at(&self) -> u64 {
        self.at
    }
}
