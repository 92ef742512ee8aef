//! The record of requests, for tests that ask what reached the upstream and what became of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use hyper::Method;
use hyper::http::request::Parts;
use serde::Serialize;

use crate::app::lock;

/// The number of requests kept; the oldest go.
const KEPT: usize = 20_000;
/// The bytes kept of each body.
const BODY_KEPT: usize = 16 * 1024;

#[derive(Serialize)]
struct Entry {
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: String,
    status: Option<u16>,
    aborted: bool,
    fault: Option<String>,
    started_ms: u64,
    ended_ms: Option<u64>,
}

#[derive(Default)]
struct Entries {
    list: VecDeque<Entry>,
    /// The number of the first entry in the list.
    first: u64,
    chats: u64,
    open: u64,
}

impl Entries {
    fn get(&mut self, number: u64) -> Option<&mut Entry> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.list.get_mut(place)
    }
}

/// The record itself.
pub struct Record {
    entries: Mutex<Entries>,
    now_ms: fn() -> u64,
}

impl Record {
    pub fn new(now_ms: fn() -> u64) -> Arc<Self> {
        Arc::new(Self {
            entries: Mutex::default(),
            now_ms,
        })
    }

    /// Notes a request whose head has arrived. What the ticket learns is added to the entry.
    pub fn open(self: &Arc<Self>, parts: &Parts, is_chat_path: bool) -> Ticket {
        let chat = is_chat_path && parts.method == Method::POST;
        let headers = parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let mut entries = lock(&self.entries);
        if chat {
            entries.chats += 1;
            entries.open += 1;
        }
        if entries.list.len() == KEPT {
            entries.list.pop_front();
            entries.first += 1;
        }
        entries.list.push_back(Entry {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers,
            body: String::new(),
            status: None,
            aborted: false,
            fault: None,
            started_ms: (self.now_ms)(),
            ended_ms: None,
        });
        let number = entries.first + entries.list.len() as u64 - 1;
        Ticket {
            record: Arc::clone(self),
            number,
            chat,
            complete: false,
        }
    }

    /// Forgets all entries. Requests that are still open stay counted as open.
    pub fn clear(&self) {
        let mut entries = lock(&self.entries);
        entries.first += entries.list.len() as u64;
        entries.list.clear();
        entries.chats = 0;
    }

    /// All entries as a JSON array.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&lock(&self.entries).list).unwrap_or_default()
    }

    /// The chats since the last clearing, and those open at this moment.
    pub fn count(&self) -> (u64, u64) {
        let entries = lock(&self.entries);
        (entries.chats, entries.open)
    }
}

/// The hold on one entry. Dropped before [`Ticket::complete`], it means that the client left.
pub struct Ticket {
    record: Arc<Record>,
    number: u64,
    chat: bool,
    complete: bool,
}

impl Ticket {
    pub fn body(&self, body: &[u8]) {
        let kept = body.get(..BODY_KEPT).unwrap_or(body);
        let text = String::from_utf8_lossy(kept).into_owned();
        self.edit(|entry| entry.body = text);
    }

    pub fn fault(&self, fault: &str) {
        self.edit(|entry| entry.fault = Some(fault.to_owned()));
    }

    pub fn status(&self, status: u16) {
        self.edit(|entry| entry.status = Some(status));
    }

    /// Everything that was to be sent has been handed over.
    pub fn complete(&mut self) {
        self.complete = true;
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
            entries.open -= 1;
        }
        let aborted = !self.complete;
        if let Some(entry) = entries.get(self.number) {
            entry.aborted = aborted;
            entry.ended_ms = Some(now);
        }
    }
}
