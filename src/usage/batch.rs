//! What an isolate has counted and not yet sent.

use super::day::{self, Day, SLOTS};
use super::recent::Refused;
use super::{Sample, Store};

/// How late a flush is when its request has been cut off, in milliseconds.
const OVERDUE_MS: u64 = 10_000;

/// What an isolate has counted since it last sent something.
#[derive(Debug, Default)]
pub struct Batch {
    today: Option<Day>,
    /// Those that ended meanwhile.
    earlier: Vec<Day>,
    /// When the flush was scheduled.
    scheduled: u64,
}

/// What is sent, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The name of the day's object.
    pub object: String,
    /// What [`Keeper::report`](super::Keeper::report) takes.
    pub bytes: Vec<u8>,
}

impl Batch {
    /// How long samples are gathered before they are sent, in milliseconds.
    pub const PAUSE_MS: u64 = 5_000;

    /// Counts a request that has ended, in the slot of this moment.
    ///
    /// Returns whether a flush has to be scheduled, [`Self::PAUSE_MS`] from now. That is so for the
    /// first sample since the last flush. It is so again if the scheduled flush is ten seconds late:
    /// the request that was to wait for it has been cut off.
    pub fn note(&mut self, sample: &Sample, now: u64) -> bool {
        let is_due = self.is_due(now);
        let slot = day::slot_at(now);
        self.day(slot / SLOTS).note(sample, slot % SLOTS, now);
        is_due
    }

    /// Counts an answer that broke off, after its request was counted as answered, and returns the same.
    pub fn note_cut(&mut self, request_id: [u8; 16], outcome: &str, now: u64) -> bool {
        let is_due = self.is_due(now);
        let slot = day::slot_at(now);
        let day = self.day(slot / SLOTS);
        day.note_cut(request_id, outcome, slot % SLOTS, now);
        is_due
    }

    /// Notes that the merchant has lifted what held somebody, and returns the same.
    pub fn lift(&mut self, lifted: Refused, now: u64) -> bool {
        let is_due = self.is_due(now);
        self.day(day::slot_at(now) / SLOTS).lift(lifted);
        is_due
    }

    /// Takes what has been counted in one day, or returns `None` if nothing has.
    ///
    /// It is sent together with what the assistant last said of the store's hour.
    pub fn take(&mut self, store: Option<Store>) -> Option<Delivery> {
        let mut day = self.earlier.pop().or_else(|| self.today.take())?;
        day.learn(store);
        Some(Delivery {
            object: day::object(day.number),
            bytes: day.write(),
        })
    }

    fn is_due(&mut self, now: u64) -> bool {
        let is_lost = now.abs_diff(self.scheduled) >= Self::PAUSE_MS + OVERDUE_MS;
        let is_first = self.today.is_none() && self.earlier.is_empty();
        let is_due = is_first || is_lost;
        if is_due {
            self.scheduled = now;
        }
        is_due
    }

    fn day(&mut self, number: u32) -> &mut Day {
        let ended = self.today.take_if(|day| day.number != number);
        self.earlier.extend(ended);
        self.today.get_or_insert_with(|| Day::new(number))
    }
}
