//! An answer that is passed on as it comes: how long the next bytes may take, what of a stream of
//! events may be passed on, and how an answer ends that is cut.

use crate::log::{self, Entry};
use crate::media_type::MediaType;
use crate::reply;

/// How long the upstream may take from the first byte of a JSON answer to its last, and an event
/// stream from one byte to the next, in milliseconds.
pub const ANSWER_TIMEOUT_MS: u64 = 10_000;
/// The longest event that is held back until it is whole, in bytes.
pub const MAX_EVENT_BYTES: usize = 65_536;

/// An answer on its way to the browser.
#[derive(Debug, PartialEq, Eq)]
pub struct Relay {
    /// Our id of the request.
    request_id: String,
    body: Body,
}

#[derive(Debug, PartialEq, Eq)]
enum Body {
    /// It has to be whole by this time, in milliseconds since 1970.
    Whole { due: u64 },
    /// It may take any time, but not pause. These bytes are not yet a whole event: half of one
    /// could not be taken back.
    Events { held: Vec<u8> },
}

/// Why an answer is cut that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The next bytes did not come in time.
    TimedOut,
    /// The shopper has left.
    ShopperLeft,
    /// A connection broke.
    Broken,
}

impl Relay {
    /// The relay of an answer of this type. One that is no stream of events is due then, in
    /// milliseconds since 1970.
    pub fn new(request_id: String, media_type: MediaType, due: u64) -> Self {
        let body = match media_type {
            MediaType::Json => Body::Whole { due },
            MediaType::EventStream => Body::Events { held: Vec::new() },
        };
        Self { request_id, body }
    }

    /// Whether the bytes have to go through `pass`. Others are passed on untouched.
    pub fn is_of_events(&self) -> bool {
        matches!(self.body, Body::Events { .. })
    }

    /// What may be passed on, now that these bytes are there: up to the end of the last whole
    /// event.
    pub fn pass(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let Body::Events { held } = &mut self.body else {
            return bytes;
        };
        let before = held.len();
        held.extend(bytes);
        let end = if held.len() > MAX_EVENT_BYTES {
            held.len()
        } else {
            end_of_events(held, before)
        };
        held.drain(..end).collect()
    }

    /// How long the next bytes may take, in milliseconds. The browser took some time for the last
    /// ones, which is its own.
    pub fn timeout(&mut self, browser_took: u64, now: u64) -> u64 {
        match &mut self.body {
            Body::Events { .. } => ANSWER_TIMEOUT_MS,
            Body::Whole { due } => {
                *due += browser_took;
                due.saturating_sub(now).min(ANSWER_TIMEOUT_MS)
            }
        }
    }

    /// What is still held when the answer ends.
    pub fn rest(&mut self) -> Vec<u8> {
        match &mut self.body {
            Body::Events { held } => std::mem::take(held),
            Body::Whole { .. } => Vec::new(),
        }
    }

    /// The event that ends a stream of events which is cut. Any other answer ends with its
    /// connection broken, so that the browser sees that it is not whole.
    pub fn last_event(&self) -> Option<String> {
        self.is_of_events()
            .then(|| reply::error_event(&self.request_id))
    }

    /// What the log is told of the answer that is cut.
    pub fn cut_notice(&self, cut: Cut) -> Entry {
        let reason = match cut {
            Cut::TimedOut => "timeout",
            Cut::ShopperLeft => log::SHOPPER_LEFT,
            Cut::Broken => "broken",
        };
        log::answer_cut(&self.request_id, reason)
    }
}

/// Where the last blank line ends (HTML standard, server-sent events) that ends behind the first so
/// many bytes, 0 where there is none. Those are not looked at again: many small pieces cost no more
/// than a large one.
fn end_of_events(bytes: &[u8], before: usize) -> usize {
    let is_end = |end: &usize| bytes.get(..*end).is_some_and(ends_in_blank_line);
    (before + 1..=bytes.len()).rev().find(is_end).unwrap_or(0)
}

fn ends_in_blank_line(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [.., b'\n', b'\n'] | [.., b'\r', b'\r'] | [.., b'\n' | b'\r', b'\r', b'\n']
    )
}
