//! What an isolate has counted and not yet sent.

use super::day::{self, Day, SLOTS};
use super::{Sample, Store};

/// How late a flush is when its request has been cut off, in milliseconds.
const OVERDUE_MS: u64 = 10_000;

/// The samples of an isolate since it last sent some.
#[derive(Debug, Default)]
pub struct Batch {
    gathered: Option<Gathered>,
}

#[derive(Debug)]
struct Gathered {
    /// It has one slot, that of the moment when the first sample came in.
    day: Day,
    place: u32,
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

    /// Counts a request that has ended.
    ///
    /// Returns whether a flush has to be scheduled, [`Self::PAUSE_MS`] from now. That is so for the
    /// first sample since the last flush. It is so again if the scheduled flush is ten seconds late:
    /// the request that was to wait for it has been cut off.
    pub fn note(&mut self, sample: &Sample, now: u64) -> bool {
        let is_first = self.gathered.is_none();
        let gathered = self.gathered.get_or_insert_with(|| {
            let slot = day::slot_at(now);
            Gathered {
                day: Day::new(slot / SLOTS),
                place: slot % SLOTS,
                scheduled: now,
            }
        });
        gathered.day.note(sample, gathered.place, now);
        let is_lost = now.abs_diff(gathered.scheduled) >= Self::PAUSE_MS + OVERDUE_MS;
        if is_lost {
            gathered.scheduled = now;
        }
        is_first || is_lost
    }

    /// Takes what has been counted, or returns `None` if nothing has.
    ///
    /// It is sent together with what the assistant last said of the store's hour.
    pub fn take(&mut self, store: Option<Store>) -> Option<Delivery> {
        let mut day = self.gathered.take()?.day;
        day.learn(store);
        Some(Delivery {
            object: day::object(day.number),
            bytes: day.write(),
        })
    }
}
