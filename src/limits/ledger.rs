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

const NEWCOMER_BIT: u64 = 1;
/// The latest time there is: what a JavaScript date can hold, in milliseconds since 1970.
pub(super) const LATEST: u64 = 8_640_000_000_000_000;

/// The admissions of one home that some window still needs, the oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    admissions: VecDeque<Admission>,
    /// When each newcomer was admitted.
    newcomers: VecDeque<u64>,
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

    /// Drops what no window needs any more.
    pub fn expire(&mut self, horizon: u64, now: u64) {
        let now = self.tick(now);
        self.prune(horizon, now);
    }

    /// Whether nothing is left to remember.
    pub fn is_empty(&self) -> bool {
        self.admissions.is_empty()
    }

    /// When the last admission will be needed no more.
    pub fn expires_at(&self, horizon: u64) -> Option<u64> {
        self.admissions.back().map(|last| last.at + horizon)
    }

    /// Adds the ledger to these bytes, a few for each admission: a varint of the milliseconds
    /// since the one before, with a bit that says whether it was a newcomer's; then the shopper.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        let mut previous = 0;
        for admission in &self.admissions {
            write_varint(
                (admission.at - previous) << 1 | u64::from(admission.newcomer),
                bytes,
            );
            bytes.extend(admission.shopper.to_be_bytes());
            previous = admission.at;
        }
    }

    /// The ledger that wrote these bytes, or none where none did.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut ledger = Self::default();
        while !bytes.is_empty() {
            let word = read_varint(&mut bytes)?;
            let (shopper, rest) = bytes.split_first_chunk()?;
            bytes = rest;
            let at = ledger.clock.checked_add(word >> 1)?;
            if at > LATEST {
                return None;
            }
            ledger.clock = at;
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
        while let Some(oldest) = self.admissions.front().copied()
            && oldest.at + horizon <= now
        {
            self.admissions.pop_front();
            if oldest.newcomer {
                self.newcomers.pop_front();
            }
            if let Some(log) = self.shoppers.get_mut(&oldest.shopper) {
                log.pop_front();
                if log.is_empty() {
                    self.shoppers.remove(&oldest.shopper);
                }
            }
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
