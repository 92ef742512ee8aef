//! The counters of a period.

use super::codec::{read_sparse, write_sparse};
use super::histogram::{self, BUCKETS};
use super::outcome::{Class, Outcome};
use super::{Budget, Sample};
use crate::varint;

/// The times within which answered chats are counted beside their histogram, in milliseconds.
///
/// They are no bounds of its buckets, and metrics must not say what is not so.
pub const WITHIN_MS: [u64; 8] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000];

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counter {
    /// Chats that ended so.
    Chats(Outcome),
    /// Other operations that ended so.
    Operations(Outcome),
    /// Chats that this budget refused.
    Refused(Budget),
    /// Chats that it would have refused, if it were not only tried out.
    WouldBeRefused(Budget),
    /// Requests of shoppers who were new to their network.
    Newcomers,
    /// Requests of shoppers whom the merchant knows.
    Verified,
    /// Requests that their shopper's budget got back.
    Refunded,
    /// Requests upstream.
    UpstreamRequests,
    /// Requests upstream that brought nothing, or an answer that broke off.
    UpstreamErrors,
    /// Answered chats within this one of the times of [`WITHIN_MS`], and no shorter one.
    Within(usize),
}

/// Which part of the time of an answered chat.
#[derive(Debug, Clone, Copy)]
pub(super) enum Latency {
    /// All of it.
    Total,
    /// The wait for the limiter.
    Limiter,
    /// From the first request upstream to the last head.
    Upstream,
}

/// Where the counters of each kind begin in [`Counts`]. They are stored in this order.
const CHATS: usize = 0;
const OPERATIONS: usize = CHATS + Outcome::ROOM;
const REFUSED: usize = OPERATIONS + Outcome::ROOM;
const WOULD_BE_REFUSED: usize = REFUSED + Budget::ALL.len();
const FLAGS: usize = WOULD_BE_REFUSED + Budget::ALL.len();
const WITHIN: usize = FLAGS + 5;
const LATENCIES: usize = WITHIN + WITHIN_MS.len();
const COUNTERS: usize = LATENCIES + 3 * BUCKETS;

/// The counters of a period. None of them overflows: it stays at its largest value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counts {
    counters: [u32; COUNTERS],
    /// The time of all answered chats together, in milliseconds.
    pub(super) total_ms: u64,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            counters: [0; COUNTERS],
            total_ms: 0,
        }
    }
}

impl Counter {
    const fn place(self) -> usize {
        match self {
            Self::Chats(outcome) => CHATS + outcome.place(),
            Self::Operations(outcome) => OPERATIONS + outcome.place(),
            Self::Refused(budget) => REFUSED + budget as usize,
            Self::WouldBeRefused(budget) => WOULD_BE_REFUSED + budget as usize,
            Self::Newcomers => FLAGS,
            Self::Verified => FLAGS + 1,
            Self::Refunded => FLAGS + 2,
            Self::UpstreamRequests => FLAGS + 3,
            Self::UpstreamErrors => FLAGS + 4,
            Self::Within(nth) => WITHIN + nth,
        }
    }
}

impl Counts {
    /// Counts a request.
    pub(super) fn note(&mut self, sample: &Sample) {
        let outcome = Outcome::named(sample.outcome);
        if sample.is_chat {
            self.add(Counter::Chats(outcome), 1);
            if let Some(full) = sample.full {
                self.add(refusal(full.budget, sample.dry_run), 1);
            }
            if outcome.class() == Class::Ok {
                self.time(sample);
            }
        } else {
            self.add(Counter::Operations(outcome), 1);
        }
        self.add(Counter::Newcomers, sample.newcomer.into());
        self.add(Counter::Verified, sample.verified.into());
        self.add(Counter::Refunded, sample.refunded.into());
        self.add(Counter::UpstreamRequests, sample.upstream_requests);
        self.add(Counter::UpstreamErrors, sample.upstream_errors);
    }

    /// Counts an answer that broke off. Its request is counted already.
    pub(super) fn note_cut(&mut self) {
        self.add(Counter::UpstreamErrors, 1);
    }

    fn time(&mut self, sample: &Sample) {
        let within = WITHIN_MS.iter().position(|ms| sample.total_ms <= *ms);
        if let Some(nth) = within {
            self.add(Counter::Within(nth), 1);
        }
        self.total_ms = self.total_ms.saturating_add(sample.total_ms);
        let times = [
            (Latency::Total, Some(sample.total_ms)),
            (Latency::Limiter, sample.limiter_ms),
            (Latency::Upstream, sample.upstream_ms),
        ];
        for (latency, ms) in times {
            if let Some(ms) = ms {
                self.add_at(buckets(latency) + histogram::bucket(ms), 1);
            }
        }
    }

    fn add(&mut self, counter: Counter, count: u32) {
        self.add_at(counter.place(), count);
    }

    fn add_at(&mut self, place: usize, count: u32) {
        if let Some(counter) = self.counters.get_mut(place) {
            *counter = counter.saturating_add(count);
        }
    }

    /// Returns a count.
    pub(super) fn get(&self, counter: Counter) -> u32 {
        self.counters.get(counter.place()).copied().unwrap_or(0)
    }

    /// Returns the counts of a histogram's buckets.
    pub(super) fn histogram(&self, latency: Latency) -> &[u32] {
        let buckets = self.counters.get(buckets(latency)..).unwrap_or_default();
        buckets.get(..BUCKETS).unwrap_or_default()
    }

    /// Returns the chats whose outcome is of this class.
    pub(super) fn chats(&self, class: Class) -> u32 {
        let outcomes = Outcome::all().filter(|outcome| outcome.class() == class);
        outcomes.fold(0, |sum: u32, outcome| {
            sum.saturating_add(self.get(Counter::Chats(outcome)))
        })
    }

    /// Adds the counts of another period.
    pub(super) fn merge(&mut self, other: &Self) {
        for (counter, count) in self.counters.iter_mut().zip(other.counters) {
            *counter = counter.saturating_add(count);
        }
        self.total_ms = self.total_ms.saturating_add(other.total_ms);
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        write_sparse(&self.counters, bytes);
        varint::write(self.total_ms, bytes);
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut counts = Self::default();
        read_sparse(&mut counts.counters, bytes)?;
        counts.total_ms = varint::read(bytes)?;
        counts.count_unknown_outcomes();
        Some(counts)
    }

    /// Counts what a later version has counted under a name that this one does not know.
    fn count_unknown_outcomes(&mut self) {
        for kind in [CHATS, OPERATIONS] {
            for place in Outcome::all().count()..Outcome::ROOM {
                if let Some(counter) = self.counters.get_mut(kind + place) {
                    let count = std::mem::take(counter);
                    self.add_at(kind, count);
                }
            }
        }
    }
}

/// The assistant's own budget refuses in a dry run, too.
fn refusal(budget: Budget, dry_run: bool) -> Counter {
    if dry_run && budget != Budget::Store {
        Counter::WouldBeRefused(budget)
    } else {
        Counter::Refused(budget)
    }
}

const fn buckets(latency: Latency) -> usize {
    LATENCIES + latency as usize * BUCKETS
}
