//! The days of a report, as one.

use super::busiest::Busiest;
use super::counts::{Counter, Counts};
use super::day::{self, DAY_ENTRIES, Day, SLOT_SECONDS, SLOTS, Slot};
use super::forecast::Forecast;
use super::outcome::Class;
use super::recent::{Failed, Recent};
use super::{Range, Store};

/// What a range comes to.
#[derive(Debug)]
pub(super) struct Gathered {
    range: Range,
    /// The slots of the range, in slots since 1970. The current one is the last.
    first: u32,
    current: u32,
    pub(super) counts: Counts,
    pub(super) busiest: Busiest,
    /// The chats of each point of the curve, by class.
    pub(super) curve: Vec<[u32; 4]>,
    recent: Recent,
    pub(super) store: Option<Store>,
    pub(super) forecast: Forecast,
}

impl Gathered {
    /// Gathers the days that can be read, in any order.
    pub(super) fn of(range: Range, days: &[Vec<u8>], now: u64) -> Self {
        let (first, current) = (range.first_slot(now), day::slot_at(now));
        let points = (current - first) / range.slots_per_point() + 1;
        let mut gathered = Self {
            range,
            first,
            current,
            counts: Counts::default(),
            busiest: Busiest::new(DAY_ENTRIES),
            curve: vec![[0; 4]; points as usize],
            recent: Recent::default(),
            store: None,
            forecast: Forecast {
                requests: [0; SLOTS as usize + 1],
                elapsed: now / 1_000 % u64::from(SLOT_SECONDS),
            },
        };
        for day in days.iter().filter_map(|bytes| Day::read(bytes)) {
            gathered.add(&day);
        }
        gathered
    }

    fn add(&mut self, day: &Day) {
        for slot in &day.slots {
            self.add_slot(slot, day.number * SLOTS + slot.place);
        }
        if self.range == Range::Month && day.number >= self.first / SLOTS {
            self.busiest.merge(&day.busiest);
        }
        for failed in &day.recent.errors {
            if failed.at / 1_000 >= self.from() {
                self.recent.keep_error(*failed);
            }
        }
        let last = |store: &Store| store.at;
        self.store = self.store.into_iter().chain(day.store).max_by_key(last);
    }

    fn add_slot(&mut self, slot: &Slot, number: u32) {
        let ago = self.current.checked_sub(number);
        let requests =
            ago.and_then(|ago| self.forecast.requests.iter_mut().rev().nth(ago as usize));
        if let Some(requests) = requests {
            *requests = slot.counts.get(Counter::UpstreamRequests);
        }
        let point = number.checked_sub(self.first);
        let point = point.map(|slots| (slots / self.range.slots_per_point()) as usize);
        let Some(classes) = point.and_then(|point| self.curve.get_mut(point)) else {
            return;
        };
        for (chats, class) in classes.iter_mut().zip(Class::ALL) {
            *chats = chats.saturating_add(slot.counts.chats(class));
        }
        self.counts.merge(&slot.counts);
        if self.range != Range::Month {
            self.busiest.merge(&slot.busiest);
        }
    }

    /// Returns when the range begins, in seconds since 1970.
    pub(super) fn from(&self) -> u64 {
        u64::from(self.first) * u64::from(SLOT_SECONDS)
    }

    /// Returns the last errors of the range, the newest first.
    pub(super) fn errors(&self) -> impl Iterator<Item = &Failed> {
        self.recent.errors.iter().rev()
    }
}
