//! One home's log of admissions, which serves all windows of all budgets without error.
//!
//! A chat is admitted when, in each window, the cap-th last admission is as old as the window or
//! older. That is one look-up a window, it counts exactly what a rolling window holds, and the
//! same look-up says when the next chat will pass. A refusal changes nothing.

use std::collections::{HashMap, VecDeque};

use super::verdict::{Exceeded, Standing, Verdict};
use super::{Budget, Cap, Limits, Tier};

/// The most admissions one home remembers. Where windows and caps would need more, this number
/// is one more cap on the network, over the longest window.
pub const MAX_ADMISSIONS: u32 = 50_000;

/// In a snapshot, an admission that has a newcomer's place, and one that has nothing else.
const NEWCOMER_BIT: u64 = 1;
const PLACE_ALONE_BIT: u64 = 2;
const FLAG_BITS: u32 = 2;
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
    /// The latest time seen: the clock never runs backwards.
    clock: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Admission {
    /// Milliseconds since 1970.
    at: u64,
    shopper: u32,
    newcomer: bool,
}

impl Ledger {
    /// Decides one chat and, where it is admitted, counts it in every budget it belongs to: the
    /// shopper's and the network's, and for a newcomer that budget too. All of them or none.
    pub fn admit(&mut self, limits: &Limits, shopper: u32, newcomer: bool, now: u64) -> Verdict {
        let now = self.tick(now);
        self.prune(limits.horizon().millis(), now);
        let exceeded = self.exceeded(limits, shopper, newcomer, now);
        if exceeded.is_none() {
            self.record(Admission {
                at: now,
                shopper,
                newcomer,
            });
        }
        Verdict {
            exceeded,
            standing: self.standing(&limits.shopper, shopper, now),
        }
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
            .position(|other| other.shopper == shopper)?;
        let admission = self.admissions.remove(first + length)?;
        if admission.newcomer {
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

    /// When the last admission was. The clock never runs backwards.
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

    /// Adds the ledger to these bytes, a few for each admission: a varint of the milliseconds
    /// since the one before, with two bits that say whether it has a newcomer's place and whether
    /// that is all it has; then the shopper.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        let mut previous = 0;
        let mut push = |at: u64, flags: u64, shopper: u32| {
            write_varint((at - previous) << FLAG_BITS | flags, bytes);
            bytes.extend(shopper.to_be_bytes());
            previous = at;
        };
        let mut places = self.places_alone.iter().copied().peekable();
        for admission in &self.admissions {
            while let Some(place) = places.next_if(|place| *place <= admission.at) {
                push(place, NEWCOMER_BIT | PLACE_ALONE_BIT, 0);
            }
            let newcomer = u64::from(admission.newcomer);
            push(admission.at, newcomer * NEWCOMER_BIT, admission.shopper);
        }
        for place in places {
            push(place, NEWCOMER_BIT | PLACE_ALONE_BIT, 0);
        }
    }

    /// The ledger that wrote these bytes, or none where none did.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut ledger = Self::default();
        while !bytes.is_empty() {
            let word = read_varint(&mut bytes)?;
            let (shopper, rest) = bytes.split_first_chunk()?;
            bytes = rest;
            let at = ledger.clock.checked_add(word >> FLAG_BITS)?;
            if at > LATEST {
                return None;
            }
            ledger.clock = at;
            if word & PLACE_ALONE_BIT != 0 {
                ledger.newcomers.push_back(at);
                ledger.places_alone.push_back(at);
                continue;
            }
            ledger.record(Admission {
                at,
                shopper: u32::from_be_bytes(*shopper),
                newcomer: word & NEWCOMER_BIT != 0,
            });
        }
        Some(ledger)
    }

    fn tick(&mut self, now: u64) -> u64 {
        self.clock = self.clock.max(now);
        self.clock
    }

    fn exceeded(
        &self,
        limits: &Limits,
        shopper: u32,
        newcomer: bool,
        now: u64,
    ) -> Option<Exceeded> {
        let ceiling = Cap {
            count: MAX_ADMISSIONS,
            window: limits.horizon(),
        };
        let network = limits
            .network
            .caps()
            .iter()
            .chain([&ceiling])
            .filter_map(|cap| {
                let nth = nth_last(&self.admissions, cap.count)?;
                Some((Tier::Network, *cap, nth.at))
            });
        let own = self
            .shoppers
            .get(&shopper)
            .into_iter()
            .flat_map(|log| nth_lasts(Tier::Shopper, &limits.shopper, log));
        let new = newcomer
            .then(|| nth_lasts(Tier::Newcomer, &limits.newcomer, &self.newcomers))
            .into_iter()
            .flatten();
        network
            .chain(new)
            .chain(own)
            .map(|(tier, cap, at)| (tier, cap, at + cap.window.millis()))
            .filter(|(_, _, frees)| *frees > now)
            .max_by_key(|(_, _, frees)| *frees)
            .map(|(tier, cap, frees)| Exceeded {
                tier,
                cap,
                retry_after: seconds_up(frees - now),
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
        if admission.newcomer {
            self.newcomers.push_back(admission.at);
        }
        self.shoppers
            .entry(admission.shopper)
            .or_default()
            .push_back(admission.at);
    }

    fn prune(&mut self, horizon: u64, now: u64) {
        let is_old = |at: &u64| at + horizon <= now;
        while let Some(oldest) = self.admissions.pop_front_if(|oldest| is_old(&oldest.at)) {
            if let Some(log) = self.shoppers.get_mut(&oldest.shopper) {
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

/// LEB128: seven bits a byte, the lowest first.
fn write_varint(mut word: u64, bytes: &mut Vec<u8>) {
    while word > 0x7f {
        bytes.push(word as u8 | 0x80);
        word >>= 7;
    }
    bytes.push(word as u8);
}

fn read_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut word = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        word |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(word);
        }
    }
    None
}
