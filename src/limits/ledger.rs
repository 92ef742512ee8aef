//! One home's log of admissions, which serves all windows of all budgets without error.
//!
//! A chat is admitted when, in each window, the cap-th last admission is as old as the window or
//! older. That is one look-up a window, it counts exactly what a rolling window holds, and the
//! same look-up says when the next chat will pass. A refusal changes nothing.

mod snapshot;

use std::collections::{HashMap, VecDeque};

use super::verdict::{Exceeded, Standing, Verdict};
use super::{Budget, Cap, Limits, Tier};

/// The most admissions one home remembers. Where windows and caps would need more, this number
/// is one more cap on the network, over the longest window.
pub const MAX_ADMISSIONS: u32 = 50_000;

/// How far the clock may fall behind the latest time seen, in milliseconds, as it does from one
/// machine to the next. If it is further behind, it was set back.
pub const MAX_CLOCK_SKEW: u64 = 1_000;

/// The latest time there is: what a JavaScript date can hold, in milliseconds since 1970.
pub(super) const LATEST: u64 = 8_640_000_000_000_000;

/// The admissions of one home that some window still needs, the oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    admissions: VecDeque<Admission>,
    /// When each newcomer was admitted.
    newcomers: VecDeque<u64>,
    /// The newcomers among these whose chat was given back: their places are not.
    places_alone: VecDeque<u64>,
    /// When each shopper was admitted.
    shoppers: HashMap<u32, VecDeque<u64>>,
    /// The latest time seen.
    clock: u64,
    was_set_back: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Admission {
    /// Milliseconds since 1970.
    at: u64,
    /// 0 for a retry, which is no shopper's.
    shopper: u32,
    kind: Kind,
}

/// What is admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A chat of a shopper whom the home knows.
    Chat,
    /// A shopper's first chat.
    Newcomer,
    /// Another request upstream for a chat that is counted already.
    Retry,
}

impl Ledger {
    /// Decides one chat and, where it is admitted, counts it in every budget it belongs to: the
    /// shopper's and the network's, and for a newcomer that budget too. All of them or none. A
    /// shopper who has a chat here is no newcomer, whatever the caller thinks.
    pub fn admit(&mut self, limits: &Limits, shopper: u32, newcomer: bool, now: u64) -> Verdict {
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
        Verdict {
            exceeded,
            standing: self.standing(&limits.shopper, shopper, now),
        }
    }

    /// Decides another request upstream for a chat that is counted already, and counts it in the
    /// network's budget alone: it is not the shopper's doing.
    pub fn admit_retry(&mut self, limits: &Limits, now: u64) -> bool {
        let now = self.tick(now);
        self.prune(limits.horizon().millis(), now);
        let admitted = self
            .network_lasts(limits)
            .all(|(_, cap, at)| at + cap.window.millis() <= now);
        if admitted {
            self.record(Admission {
                at: now,
                shopper: 0,
                kind: Kind::Retry,
            });
        }
        admitted
    }

    /// Gives an admission of this time back to the shopper's and the network's budgets; a
    /// newcomer's place is kept. How the shopper stands then comes back, or none where there is no
    /// such admission.
    pub fn give_back(
        &mut self,
        budget: &Budget,
        shopper: u32,
        at: u64,
        now: u64,
    ) -> Option<Standing> {
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

    /// The latest time seen.
    pub fn clock(&self) -> u64 {
        self.clock
    }

    /// Drops what no window needs any more.
    pub fn expire(&mut self, horizon: u64, now: u64) {
        let now = self.tick(now);
        self.prune(horizon, now);
    }

    /// Whether nothing is left to remember.
    pub fn is_empty(&self) -> bool {
        self.admissions.is_empty() && self.newcomers.is_empty()
    }

    /// When the last admission will be needed no more.
    pub fn expires_at(&self, horizon: u64) -> Option<u64> {
        let admitted = self.admissions.back().map(|last| last.at);
        let last = admitted.max(self.newcomers.back().copied());
        last.map(|last| last + horizon)
    }

    fn tick(&mut self, now: u64) -> u64 {
        if now + MAX_CLOCK_SKEW < self.clock {
            self.set_back(self.clock - now);
        }
        self.clock = self.clock.max(now);
        self.clock
    }

    /// Follows a clock that was set back by so many milliseconds: what was counted keeps its age,
    /// so that nothing is freed, and a clock that ran ahead freezes no window after its return.
    fn set_back(&mut self, by: u64) {
        let admitted = self
            .admissions
            .iter_mut()
            .map(|admission| &mut admission.at);
        let logs = self.shoppers.values_mut().flatten();
        let places = self.newcomers.iter_mut().chain(&mut self.places_alone);
        for at in admitted.chain(logs).chain(places) {
            *at = at.saturating_sub(by);
        }
        self.clock -= by;
        self.was_set_back = true;
    }

    /// Whether the clock was set back since this was last asked.
    pub fn take_set_back(&mut self) -> bool {
        std::mem::take(&mut self.was_set_back)
    }

    fn exceeded(
        &self,
        limits: &Limits,
        shopper: u32,
        newcomer: bool,
        now: u64,
    ) -> Option<Exceeded> {
        let log = self.shoppers.get(&shopper);
        let own = log
            .into_iter()
            .flat_map(|log| nth_lasts(Tier::Shopper, &limits.shopper, log));
        let full = last_to_free(self.network_lasts(limits).chain(own), now);
        // Whoever comes back after the seconds that are told, and has no chat here any more, is
        // new then.
        let then = full.map_or(now, |(_, _, frees)| {
            now + u64::from(seconds_up(frees - now)) * 1_000
        });
        let new_from = match log.and_then(VecDeque::back) {
            None => Some(now),
            Some(last) => (last + limits.horizon().millis() <= then).then_some(then),
        };
        let new = new_from.filter(|_| newcomer).and_then(|from| {
            let lasts = nth_lasts(Tier::Newcomer, &limits.newcomer, &self.newcomers);
            last_to_free(lasts, from)
        });
        let (tier, cap, frees) = new
            .into_iter()
            .chain(full)
            .max_by_key(|(_, _, frees)| *frees)?;
        Some(Exceeded {
            tier,
            cap,
            retry_after: seconds_up(frees - now),
        })
    }

    /// For each cap of the network's, the admission that has to leave its window first.
    fn network_lasts(&self, limits: &Limits) -> impl Iterator<Item = (Tier, Cap, u64)> {
        let ceiling = Cap {
            count: MAX_ADMISSIONS,
            window: limits.horizon(),
        };
        let caps = limits.network.caps().iter().copied().chain([ceiling]);
        caps.filter_map(|cap| {
            let nth = nth_last(&self.admissions, cap.count)?;
            Some((Tier::Network, cap, nth.at))
        })
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

/// Of the caps that are full, the one that frees last, and when it does.
fn last_to_free(
    lasts: impl Iterator<Item = (Tier, Cap, u64)>,
    now: u64,
) -> Option<(Tier, Cap, u64)> {
    lasts
        .map(|(tier, cap, at)| (tier, cap, at + cap.window.millis()))
        .filter(|(_, _, frees)| *frees > now)
        .max_by_key(|(_, _, frees)| *frees)
}

fn nth_lasts<'a>(
    tier: Tier,
    budget: &'a Budget,
    log: &'a VecDeque<u64>,
) -> impl Iterator<Item = (Tier, Cap, u64)> + 'a {
    budget
        .caps()
        .iter()
        .filter_map(move |cap| Some((tier, *cap, *nth_last(log, cap.count)?)))
}

fn nth_last<T>(log: &VecDeque<T>, n: u32) -> Option<&T> {
    log.get(log.len().checked_sub(n as usize)?)
}

fn seconds_up(millis: u64) -> u32 {
    u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX)
}
