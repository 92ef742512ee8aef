//! The last errors, and the last refusals by our own limits.

use super::codec::{read_array, read_length, read_u32};
use super::outcome::{Class, Outcome};
use super::{Budget, Sample};
use crate::keys::LOG_HASH_BYTES;
use crate::limits::{REMEMBERED_MS, Window};
use crate::network::LimiterName;
use crate::varint;

/// The most errors that are kept.
pub const MAX_ERRORS: usize = 20;

/// A request that one of our own limits refused.
///
/// With no wait, it is none: the merchant has lifted what counted in that budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// When, in milliseconds since 1970.
    pub at: u64,
    /// Our id of the request.
    pub request_id: [u8; 16],
    /// The limiter that refused it.
    pub limiter: LimiterName,
    /// The shopper's name in log lines.
    pub shopper: [u8; LOG_HASH_BYTES],
    /// The budget that was spent. It is never the store's.
    pub budget: Budget,
    /// The window that was full, if it is known.
    pub window: Option<Window>,
    /// How many admissions the window allows.
    pub limit: u32,
    /// The seconds that it had to wait.
    pub retry_after: u32,
}

/// A request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed {
    /// When, in milliseconds since 1970.
    pub(super) at: u64,
    pub(super) request_id: [u8; 16],
    pub(super) outcome: Outcome,
    pub(super) upstream_status: Option<u16>,
}

/// How many refusals are kept, so that a flood of them does not drop all others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) refusals: usize,
    /// How many of them are of one budget of a shopper or a network.
    pub(super) of_one_budget: usize,
}

/// What happened last. Both lists have the oldest first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Recent {
    pub(super) errors: Vec<Failed>,
    pub(super) refusals: Vec<Refused>,
}

impl Bounds {
    /// Keeps everything.
    pub(super) const NONE: Self = Self {
        refusals: usize::MAX,
        of_one_budget: usize::MAX,
    };
}

impl Refused {
    /// Returns the refusal of a request, if one of our own limits refused it.
    fn of(sample: &Sample, at: u64) -> Option<Self> {
        let full = sample.full.filter(|_| !sample.dry_run)?;
        let (limiter, shopper) = sample.who.filter(|_| full.budget != Budget::Store)?;
        Some(Self {
            at,
            request_id: sample.request_id,
            limiter,
            shopper,
            budget: full.budget,
            window: full.window,
            limit: full.limit,
            retry_after: full.retry_after,
        })
    }

    /// Returns what is kept of a lift.
    pub fn lifted(
        at: u64,
        request_id: [u8; 16],
        limiter: LimiterName,
        shopper: [u8; LOG_HASH_BYTES],
        budget: Budget,
    ) -> Self {
        Self {
            at,
            request_id,
            limiter,
            shopper,
            budget,
            window: None,
            limit: 0,
            retry_after: 0,
        }
    }

    pub(super) fn is_lift(&self) -> bool {
        self.retry_after == 0
    }

    /// Returns whether this lift frees what a refusal held. A network's frees all that count there.
    ///
    /// An isolate may go on refusing from memory for a while, so that refusals that come later are freed as well.
    pub(super) fn frees(&self, refused: &Self) -> bool {
        let is_of_it = self.budget == Budget::Network && self.limiter == refused.limiter;
        let is_in_time = self.at.saturating_add(REMEMBERED_MS) >= refused.at;
        self.is_lift() && is_in_time && (is_of_it || self.is_same_budget(refused))
    }

    /// Returns whether the same budget refused both.
    ///
    /// A network has one, and another one for its newcomers. Each shopper has one of their own.
    pub(super) fn is_same_budget(&self, other: &Self) -> bool {
        let is_own = self.budget == Budget::Shopper;
        (self.limiter, self.budget) == (other.limiter, other.budget)
            && (!is_own || self.shopper == other.shopper)
    }

    /// Returns when the budget admits something again, in milliseconds since 1970.
    fn frees_at(&self) -> u64 {
        let wait = u64::from(self.retry_after) * 1_000;
        self.at.saturating_add(wait)
    }

    /// Returns the seconds until the budget admits something again, or 0 if it does.
    pub(super) fn frees_in_s(&self, now: u64) -> u64 {
        self.frees_at().saturating_sub(now).div_ceil(1_000)
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        varint::write(self.at, bytes);
        bytes.extend(self.request_id);
        bytes.extend(self.limiter.0);
        bytes.extend(self.shopper);
        bytes.push(self.budget as u8);
        bytes.push(self.window.map_or(0, |window| window as u8 + 1));
        varint::write(self.limit.into(), bytes);
        varint::write(self.retry_after.into(), bytes);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            at: varint::read(bytes)?,
            request_id: read_array(bytes)?,
            limiter: LimiterName(read_array(bytes)?),
            shopper: read_array(bytes)?,
            budget: *Budget::ALL.get(read_length(usize::MAX, bytes)?)?,
            window: match read_length(usize::MAX, bytes)? {
                0 => None,
                number => Some(*Window::ALL.get(number - 1)?),
            },
            limit: read_u32(bytes)?,
            retry_after: read_u32(bytes)?,
        })
    }
}

impl Failed {
    fn of(sample: &Sample, at: u64) -> Option<Self> {
        let outcome = Outcome::named(sample.outcome);
        // An answer that fails after it has begun still has its first status.
        (sample.status >= 500 || outcome.class() == Class::Failed).then_some(Self {
            at,
            request_id: sample.request_id,
            outcome,
            upstream_status: sample.upstream_status,
        })
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        varint::write(self.at, bytes);
        bytes.extend(self.request_id);
        varint::write(self.outcome.place() as u64, bytes);
        varint::write(self.upstream_status.unwrap_or(0).into(), bytes);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        Some(Self {
            at: varint::read(bytes)?,
            request_id: read_array(bytes)?,
            outcome: Outcome::numbered(read_length(Outcome::ROOM, bytes)?),
            upstream_status: Some(u16::try_from(varint::read(bytes)?).ok()?)
                .filter(|status| *status > 0),
        })
    }
}

impl Recent {
    /// Keeps a request if it failed or was refused by one of our own limits.
    pub(super) fn note(&mut self, sample: &Sample, bounds: Bounds, now: u64) {
        if let Some(failed) = Failed::of(sample, now) {
            self.keep_error(failed);
        }
        if let Some(refused) = Refused::of(sample, now) {
            self.keep_refusal(refused, bounds);
        }
    }

    /// Keeps a request whose answer broke off after it had been noted.
    pub(super) fn note_cut(&mut self, request_id: [u8; 16], outcome: &str, at: u64) {
        self.keep_error(Failed {
            at,
            request_id,
            outcome: Outcome::named(outcome),
            upstream_status: None,
        });
    }

    pub(super) fn keep_error(&mut self, failed: Failed) {
        insert(&mut self.errors, failed, |failed| failed.at);
        if self.errors.len() > MAX_ERRORS {
            self.errors.remove(0);
        }
    }

    pub(super) fn keep_refusal(&mut self, refused: Refused, bounds: Bounds) {
        insert(&mut self.refusals, refused, |refused| refused.at);
        let of_budget = |other: &&Refused| other.is_same_budget(&refused);
        if self.refusals.iter().filter(of_budget).count() > bounds.of_one_budget {
            let mut places = self.refusals.iter();
            if let Some(oldest) = places.position(|other| other.is_same_budget(&refused)) {
                self.refusals.remove(oldest);
            }
        }
        if self.refusals.len() > bounds.refusals {
            self.refusals.remove(0);
        }
    }

    pub(super) fn merge(&mut self, other: &Self, bounds: Bounds) {
        for failed in &other.errors {
            self.keep_error(*failed);
        }
        for refused in &other.refusals {
            self.keep_refusal(*refused, bounds);
        }
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        varint::write(self.errors.len() as u64, bytes);
        for failed in &self.errors {
            failed.write(bytes);
        }
        varint::write(self.refusals.len() as u64, bytes);
        for refused in &self.refusals {
            refused.write(bytes);
        }
    }

    pub(super) fn read(bounds: Bounds, bytes: &mut &[u8]) -> Option<Self> {
        let mut recent = Self::default();
        for _ in 0..read_length(MAX_ERRORS, bytes)? {
            recent.errors.push(Failed::read(bytes)?);
        }
        for _ in 0..read_length(bounds.refusals, bytes)? {
            recent.refusals.push(Refused::read(bytes)?);
        }
        Some(recent)
    }
}

/// Inserts an item where its time belongs. Batches of two isolates come in any order.
fn insert<T>(items: &mut Vec<T>, item: T, at: impl Fn(&T) -> u64) {
    let earlier = items.iter().rposition(|other| at(other) <= at(&item));
    items.insert(earlier.map_or(0, |place| place + 1), item);
}
