//! The counts of a day, or those of a batch on their way there.

use super::busiest::Busiest;
use super::codec::{read_length, read_u32};
use super::counts::Counts;
use super::recent::{Bounds, Recent, Refused};
use super::{Sample, Store};
use crate::timestamp::rfc3339;
use crate::varint;

/// The length of a slot, in seconds.
pub const SLOT_SECONDS: u32 = 600;
/// The slots of a day.
pub const SLOTS: u32 = DAY_SECONDS / SLOT_SECONDS;
/// The length of a day, in seconds.
pub(super) const DAY_SECONDS: u32 = 86_400;

/// The most networks, and the most shoppers, that the busiest of a slot are chosen from.
const SLOT_ENTRIES: usize = 16;
/// The same for a day.
pub(super) const DAY_ENTRIES: usize = 64;

/// What a batch keeps of the last refusals.
pub(super) const IN_BATCH: Bounds = Bounds {
    refusals: 32,
    of_one_budget: 4,
};
/// What a day keeps of them.
pub(super) const IN_DAY: Bounds = Bounds {
    refusals: 512,
    of_one_budget: 64,
};

/// The format of the bytes.
const FORMAT: u8 = 1;
/// The last day whose seconds since 1970 have 32 bits.
const LAST_DAY: u32 = u32::MAX / DAY_SECONDS - 1;

/// The counts of a day, or of a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Day {
    /// The days since 1970, in UTC.
    pub(super) number: u32,
    /// The slots that have counts, in order.
    pub(super) slots: Vec<Slot>,
    pub(super) busiest: Busiest,
    pub(super) recent: Recent,
    pub(super) store: Option<Store>,
}

/// The counts of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    /// Its place in the day.
    pub(super) place: u32,
    pub(super) counts: Counts,
    pub(super) busiest: Busiest,
}

/// Returns the slots since 1970 at a time, which is in milliseconds since then.
pub(super) fn slot_at(now: u64) -> u32 {
    let slot = now / 1_000 / u64::from(SLOT_SECONDS);
    slot.min(u64::from(LAST_DAY * SLOTS)) as u32
}

/// Returns the name of a day's object.
pub(super) fn object(day: u32) -> String {
    let mut date = rfc3339(day.min(LAST_DAY) * DAY_SECONDS);
    date.truncate("2000-01-01".len());
    format!("usage-{date}")
}

impl Slot {
    fn new(place: u32) -> Self {
        Self {
            place,
            counts: Counts::default(),
            busiest: Busiest::new(SLOT_ENTRIES),
        }
    }
}

impl Day {
    pub(super) const fn new(number: u32) -> Self {
        Self {
            number,
            slots: Vec::new(),
            busiest: Busiest::new(DAY_ENTRIES),
            recent: Recent {
                errors: Vec::new(),
                refusals: Vec::new(),
            },
            store: None,
        }
    }

    /// Counts a request in a slot of this day.
    pub(super) fn note(&mut self, sample: &Sample, place: u32, now: u64) {
        if let Some(slot) = self.slot(place) {
            slot.counts.note(sample);
            slot.busiest.note(sample);
        }
        self.busiest.note(sample);
        self.recent.note(sample, IN_BATCH, now);
    }

    /// Counts an answer that broke off in a slot of this day.
    pub(super) fn note_cut(&mut self, request_id: [u8; 16], outcome: &str, place: u32, now: u64) {
        if let Some(slot) = self.slot(place) {
            slot.counts.note_cut();
        }
        self.recent.note_cut(request_id, outcome, now);
    }

    /// Notes what the merchant has lifted.
    pub(super) fn lift(&mut self, lifted: Refused) {
        self.recent.keep_refusal(lifted, IN_BATCH);
    }

    /// Adds the counts of a batch of this day.
    pub(super) fn merge(&mut self, batch: &Self) {
        for from in &batch.slots {
            if let Some(to) = self.slot(from.place) {
                to.counts.merge(&from.counts);
                to.busiest.merge(&from.busiest);
            }
        }
        self.busiest.merge(&batch.busiest);
        self.recent.merge(&batch.recent, IN_DAY);
        self.learn(batch.store);
    }

    /// Keeps what the assistant said of the store's hour, if it is the last word.
    pub(super) fn learn(&mut self, store: Option<Store>) {
        let last = |store: &Store| store.at;
        self.store = self.store.into_iter().chain(store).max_by_key(last);
    }

    /// Returns a slot, which is there from now on.
    fn slot(&mut self, place: u32) -> Option<&mut Slot> {
        let earlier = self.slots.partition_point(|slot| slot.place < place);
        match self.slots.get(earlier) {
            Some(slot) if slot.place == place => {}
            _ => self.slots.insert(earlier, Slot::new(place)),
        }
        self.slots.get_mut(earlier)
    }

    /// Returns the day as bytes.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        varint::write(self.number.into(), &mut bytes);
        varint::write(self.store.map_or(0, |store| store.at), &mut bytes);
        for count in self
            .store
            .map_or([0; 2], |store| [store.cap, store.remaining])
        {
            varint::write(count.into(), &mut bytes);
        }
        varint::write(self.slots.len() as u64, &mut bytes);
        for slot in &self.slots {
            varint::write(slot.place.into(), &mut bytes);
            slot.counts.write(&mut bytes);
            slot.busiest.write(&mut bytes);
        }
        self.busiest.write(&mut bytes);
        self.recent.write(&mut bytes);
        bytes
    }

    /// Returns the day that wrote these bytes, or `None` if none did.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (format, mut bytes) = bytes.split_first()?;
        if *format != FORMAT {
            return None;
        }
        let bytes = &mut bytes;
        let mut day = Self::new(read_u32(bytes)?);
        let store = Store {
            at: varint::read(bytes)?,
            cap: read_u32(bytes)?,
            remaining: read_u32(bytes)?,
        };
        day.store = Some(store).filter(|store| store.at > 0);
        for _ in 0..read_length(SLOTS as usize, bytes)? {
            let place = read_u32(bytes)?;
            let is_next = day.slots.last().is_none_or(|last| last.place < place);
            if place >= SLOTS || !is_next {
                return None;
            }
            day.slots.push(Slot {
                place,
                counts: Counts::read(bytes)?,
                busiest: Busiest::read(SLOT_ENTRIES, bytes)?,
            });
        }
        day.busiest = Busiest::read(DAY_ENTRIES, bytes)?;
        day.recent = Recent::read(IN_DAY, bytes)?;
        (bytes.is_empty() && day.number <= LAST_DAY).then_some(day)
    }
}
