//! An answer that is passed on as it arrives.
//!
//! This decides how long the next bytes may take, how much of a stream of events may be passed on,
//! and how an answer that is cut ends.

use crate::log::{self, Entry};
use crate::media_type::MediaType;
use crate::reply;

/// How long an answer may take, in milliseconds.
///
/// A JSON answer has this long from its head to its last byte. A stream of events has it from one
/// byte to the next.
pub const ANSWER_TIMEOUT_MS: u64 = 10_000;
/// The longest event that is held back until it is complete, in bytes.
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
    /// The answer must be complete by `due`, in milliseconds since 1970.
    Whole { due: u64 },
    /// A stream of events may take any time in all, but must not pause.
    ///
    /// `held` is an event that is not complete yet. Half an event could not be taken back.
    Events { held: Vec<u8> },
}

/// Why an answer is cut after it has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The next bytes did not come in time.
    TimedOut,
    /// The shopper has left.
    ShopperLeft,
    /// A connection broke.
    Broken,
}

impl Cut {
    /// Returns the code of the upstream's error, or `None` if it made none.
    pub const fn outcome(self) -> Option<&'static str> {
        match self {
            Self::TimedOut => Some("upstream_timeout"),
            Self::Broken => Some("upstream_error"),
            Self::ShopperLeft => None,
        }
    }
}

impl Relay {
    /// Returns the relay of an answer of this type.
    ///
    /// An answer that is not a stream of events is due at `due`, in milliseconds since 1970.
    pub fn new(request_id: String, media_type: MediaType, due: u64) -> Self {
        let body = match media_type {
            MediaType::Json => Body::Whole { due },
            MediaType::EventStream => Body::Events { held: Vec::new() },
        };
        Self { request_id, body }
    }

    /// Returns whether the bytes must go through `pass`.
    ///
    /// Other bytes are passed on unchanged.
    pub fn is_of_events(&self) -> bool {
        matches!(self.body, Body::Events { .. })
    }

    /// Takes the next bytes, and returns what may be passed on.
    ///
    /// That is everything up to the end of the last complete event.
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

    /// Returns how long the next bytes may take, in milliseconds.
    ///
    /// `browser_took` is the time that the browser took for the last bytes. It does not count
    /// against the upstream.
    pub fn timeout(&mut self, browser_took: u64, now: u64) -> u64 {
        match &mut self.body {
            Body::Events { .. } => ANSWER_TIMEOUT_MS,
            Body::Whole { due } => {
                *due += browser_took;
                due.saturating_sub(now).min(ANSWER_TIMEOUT_MS)
            }
        }
    }

    /// Returns what is still held when the answer ends.
    pub fn rest(&mut self) -> Vec<u8> {
        match &mut self.body {
            Body::Events { held } => std::mem::take(held),
            Body::Whole { .. } => Vec::new(),
        }
    }

    /// Returns the event that ends a stream of events that is cut.
    ///
    /// Any other answer ends with its connection broken, so the browser sees that it is incomplete.
    pub fn last_event(&self) -> Option<String> {
        self.is_of_events()
            .then(|| reply::error_event(&self.request_id))
    }

    /// Returns the log entry for an answer that is cut.
    pub fn cut_notice(&self, cut: Cut) -> Entry {
        let reason = match cut {
            Cut::TimedOut => "timeout",
            Cut::ShopperLeft => log::SHOPPER_LEFT,
            Cut::Broken => "broken",
        };
        log::answer_cut(&self.request_id, reason)
    }
}

/// Returns where the last blank line ends, or 0 if there is none.
///
/// A blank line ends an event (HTML standard, server-sent events). Only a line that ends after the
/// first `before` bytes is found. Those bytes are not examined again, so many small pieces cost no
/// more than a large one.
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
