//! The record of requests. Tests use it to check what arrived and how it ended.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use hyper::http::request::Parts;

use crate::contract::assistant::Assistant;
use crate::contract::note::{Note, Route};
use crate::lock::lock;
use crate::server::entry::{Brief, Entry};

/// The default number of requests kept. The oldest are dropped first.
pub const KEEP: usize = 20_000;
/// The most requests that a run may keep.
pub const MAX_KEEP: usize = 1_000_000;
/// The number of latest requests that keep their headers and body.
const DETAILED: usize = 20_000;

#[derive(Default)]
struct Entries {
    list: VecDeque<Entry>,
    /// The number of the first entry in the list. Entries are numbered from 0.
    first: u64,
    /// The number of the first entry since the last clearing.
    since: u64,
    count: Count,
}

impl Entries {
    fn get(&mut self, number: u64) -> Option<&mut Entry> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.list.get_mut(place)
    }
}

/// The counts of chats since the last clearing.
#[derive(Clone, Copy, Default)]
pub struct Count {
    pub chats: u64,
    /// The chats that are open now, including those from before the clearing.
    pub open: u64,
    /// The chats whose whole answer was sent, with any status.
    pub whole: u64,
}

/// The record of requests.
pub struct Record {
    entries: Mutex<Entries>,
    keep: usize,
    now_ms: fn() -> u64,
}

impl Record {
    pub fn new(now_ms: fn() -> u64, keep: usize) -> Arc<Self> {
        Arc::new(Self {
            entries: Mutex::default(),
            keep: keep.clamp(1, MAX_KEEP),
            now_ms,
        })
    }

    /// Begins an entry for a request whose head has arrived. The returned ticket completes it.
    pub fn open(
        self: &Arc<Self>,
        parts: &Parts,
        assistant: Option<Assistant>,
        route: Option<Route>,
    ) -> Ticket {
        let chat = route.is_some_and(|route| route.is_chat);
        let entry = Entry::new(parts, assistant, route, (self.now_ms)());
        let mut entries = lock(&self.entries);
        if chat {
            entries.count.chats += 1;
            entries.count.open += 1;
        }
        if entries.list.len() == self.keep {
            entries.list.pop_front();
            entries.first += 1;
        }
        let old = entries.list.len().checked_sub(DETAILED);
        if let Some(old) = old.and_then(|place| entries.list.get_mut(place)) {
            old.detail = None;
        }
        entries.list.push_back(entry);
        let number = entries.first + entries.list.len() as u64 - 1;
        Ticket {
            record: Arc::clone(self),
            number,
            chat,
            end: End::ClientLeft,
        }
    }

    /// Clears all entries. Requests that are still open stay counted as open.
    pub fn clear(&self) {
        let mut entries = lock(&self.entries);
        entries.first += entries.list.len() as u64;
        entries.since = entries.first;
        entries.list.clear();
        entries.count.chats = 0;
        entries.count.whole = 0;
    }

    /// Returns the entries that still have their headers and body, as a JSON array.
    pub fn to_json(&self) -> Vec<u8> {
        let entries = lock(&self.entries);
        let complete = entries.list.iter().filter(|entry| entry.detail.is_some());
        serde_json::to_vec(&complete.collect::<Vec<&Entry>>()).unwrap_or_default()
    }

    /// Returns the short entries of all chats on record, as a JSON array.
    pub fn chats_to_json(&self) -> Vec<u8> {
        let entries = lock(&self.entries);
        let chats = entries.list.iter().filter(|entry| entry.is_chat);
        let briefs: Vec<&Brief> = chats.map(|entry| &entry.brief).collect();
        serde_json::to_vec(&briefs).unwrap_or_default()
    }

    pub fn count(&self) -> Count {
        lock(&self.entries).count
    }
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The whole answer was sent.
    Whole,
    /// A fault broke it off.
    Broken,
    /// The client left before the end.
    ClientLeft,
}

/// A ticket that completes one entry. If it is dropped before [`Ticket::end`], the client left.
pub struct Ticket {
    record: Arc<Record>,
    number: u64,
    chat: bool,
    end: End,
}

impl Ticket {
    pub fn body(&self, body: &[u8], note: &Note) {
        self.edit(|entry| entry.body(body, note));
    }

    pub fn fault(&self, fault: &str) {
        self.edit(|entry| entry.brief.fault = Some(fault.to_owned()));
    }

    pub fn status(&self, status: u16) {
        self.edit(|entry| entry.brief.status = Some(status));
    }

    /// Sets how the answer ended. The entry gets it when the ticket is dropped.
    pub fn end(&mut self, end: End) {
        self.end = end;
    }

    fn edit(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = lock(&self.record.entries).get(self.number) {
            change(entry);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let now = (self.record.now_ms)();
        let mut entries = lock(&self.record.entries);
        if self.chat {
            entries.count.open -= 1;
            if self.end == End::Whole && self.number >= entries.since {
                entries.count.whole += 1;
            }
        }
        let end = self.end;
        if let Some(entry) = entries.get(self.number) {
            entry.brief.aborted = end == End::ClientLeft;
            entry.brief.whole = end == End::Whole;
            entry.brief.ended_ms = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use hyper::Request;
    use serde_json::Value;

    fn open(record: &Arc<Record>) -> Ticket {
        let request = Request::post("/").body(()).unwrap();
        let route = Route {
            endpoint: "chat",
            is_chat: true,
        };
        let assistant = Some(Assistant::SalesAssociate);
        record.open(&request.into_parts().0, assistant, Some(route))
    }

    fn chat(record: &Arc<Record>, prompt: &str) {
        let mut ticket = open(record);
        let note = Note {
            text: Some(prompt.to_owned()),
            ..Note::default()
        };
        ticket.body(b"", &note);
        ticket.end(End::Whole);
    }

    fn prompts(json: &[u8]) -> (usize, String) {
        let list: Vec<Value> = serde_json::from_slice(json).unwrap();
        let first = list.first().and_then(|entry| entry.get("prompt"));
        (list.len(), first.unwrap().as_str().unwrap().to_owned())
    }

    #[test]
    fn old_entries_lose_their_bodies_and_then_go() {
        let record = Record::new(|| 7, DETAILED + 10);
        for number in 0..DETAILED + 30 {
            chat(&record, &number.to_string());
        }
        assert_eq!(prompts(&record.to_json()), (DETAILED, "30".to_owned()));
        assert_eq!(
            prompts(&record.chats_to_json()),
            (DETAILED + 10, "20".to_owned())
        );
        let Count { chats, open, whole } = record.count();
        let all = DETAILED as u64 + 30;
        assert_eq!((chats, open, whole), (all, 0, all), "gone ones still count");
    }

    #[test]
    fn an_end_after_the_clearing_does_not_count() {
        let record = Record::new(|| 7, KEEP);
        let mut ticket = open(&record);
        record.clear();
        assert_eq!(record.count().open, 1);
        ticket.end(End::Whole);
        drop(ticket);
        let Count { chats, open, whole } = record.count();
        assert_eq!((chats, open, whole), (0, 0, 0));
    }
}
