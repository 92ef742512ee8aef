//! An answer that comes in parts, before the upstream has answered whole.

use super::delivery::Delivery;
use super::phase::Phase;
use super::{Beginning, Event, Exchange, HEARTBEAT_MS, Next, State, Step};
use crate::assistants::UpstreamRequest;
use crate::attempts::Outcome;
use crate::contract::events::{HEARTBEAT, Part};
use crate::media_type::MediaType;
use crate::memory::Memory;
use crate::relay::Relay;

/// Whether an answer comes in parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Live {
    /// That has not been tried.
    #[default]
    Untried,
    /// It does not.
    Closed,
    /// The upstream's events are there to be read.
    Open,
    /// The page has had some of it, since this time in milliseconds since 1970.
    Begun(u64),
}

impl Delivery {
    /// Returns the request for the events of the next message, the first time that there are any.
    pub(super) fn events_request(&mut self) -> Option<UpstreamRequest> {
        if !self.chat.context.by_events || self.live != Live::Untried {
            return None;
        }
        let (endpoint, slot) = (self.attempts.endpoint, self.attempts.slot);
        let request = self
            .chat
            .proxy
            .events_request(&self.chat.call, endpoint, slot)?;
        self.live = Live::Closed;
        Some(request)
    }

    /// Goes on with the message, whether its events have been opened or not.
    pub(super) fn opened(mut self: Box<Self>, event: &Event, now: u64) -> Next {
        if let Event::Head(head) = event
            && head.is_stream_of_events()
        {
            self.live = Live::Open;
        }
        self.send_message(now)
    }

    pub(super) fn send_message(self: Box<Self>, now: u64) -> Next {
        let (endpoint, slot) = (self.attempts.endpoint, self.attempts.slot);
        let listening = matches!(self.live, Live::Open | Live::Begun(_));
        let time_left = self.attempts.time_left(now);
        let (timeout, phase) = if listening {
            (HEARTBEAT_MS.min(time_left), Phase::Listening)
        } else {
            (time_left, Phase::Sending)
        };
        let step = Step::Send {
            request: self.chat.proxy.request(&self.chat.call, endpoint, slot),
            timeout,
            listening,
        };
        self.wait_for(step, phase)
    }

    /// Passes on what a piece of the events brings.
    pub(super) fn heard(mut self: Box<Self>, piece: &[u8], memory: &mut Memory, now: u64) -> Next {
        // A stream that never pauses must not outlast the deadline.
        if self.attempts.time_left(now) == 0 {
            return self.failed(Outcome::TimedOut, memory, now);
        }
        let parts = self.chat.call.read_events(piece);
        let events: String = parts.iter().map(Part::to_event).collect();
        self.tell(events, memory, now)
    }

    /// Returns when the page had the first part, if it had one.
    pub(super) fn begun(&self) -> Option<u64> {
        match self.live {
            Live::Begun(at) => Some(at),
            Live::Untried | Live::Closed | Live::Open => None,
        }
    }

    /// Keeps the connection open while nothing comes, until the deadline.
    pub(super) fn silent(self: Box<Self>, memory: &mut Memory, now: u64) -> Next {
        if self.attempts.time_left(now) == 0 {
            return self.failed(Outcome::TimedOut, memory, now);
        }
        self.tell(HEARTBEAT.to_owned(), memory, now)
    }

    fn tell(mut self: Box<Self>, bytes: String, memory: &Memory, now: u64) -> Next {
        let step = Step::Await {
            timeout: HEARTBEAT_MS.min(self.attempts.time_left(now)),
        };
        if bytes.is_empty() {
            return self.wait_for(step, Phase::Listening);
        }
        if self.begun().is_some() {
            let exchange = Exchange(State::Upstream(self, Phase::Listening));
            return Next::Write(bytes, step, exchange);
        }
        self.live = Live::Begun(now);
        let request_id = self.chat.context.entropy.request_id();
        let beginning = Beginning {
            reply: self.beginning(memory, now),
            relay: Relay::new(request_id, MediaType::EventStream, 0),
            bytes,
        };
        let exchange = Exchange(State::Upstream(self, Phase::Listening));
        Next::Begin(beginning, step, exchange)
    }
}
