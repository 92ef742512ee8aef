//! A request on its way, from its head to its reply: a state machine that knows no platform.
//!
//! `begin` and `handle` say what is to be done next, with all that this takes. The edge does it and
//! reports what came of it. Nothing waits in here, and the time comes with each event.

mod admission;
mod delivery;
mod end;
mod phase;
mod step;
mod upstream;

pub use step::{End, Event, Failure, Next, Step};

use admission::{Caller, Chat};
use delivery::Delivery;
use end::{Report, Success};
use phase::Phase;

use crate::entropy::Entropy;
use crate::gate::{Entry, Gate};
use crate::head::RequestHead;
use crate::isolate::Isolate;
use crate::memory::Memory;
use crate::refusal::Refusal;

/// How long a request's body may take to come, in milliseconds.
pub const BODY_TIMEOUT_MS: u64 = 10_000;
/// How long the limiter may take, in milliseconds. Past that nothing is let through: a gate that
/// opens when its limiter is slow is one that an attacker would slow down.
pub const LIMITER_TIMEOUT_MS: u64 = 1_000;
/// How much of the body of an upstream's error is read, in bytes.
pub const MAX_ERROR_BYTES: usize = 16 * 1_024;
/// The largest answer that is read whole before it is sent, in bytes; a larger one is sent as it
/// comes.
pub const MAX_WHOLE_BYTES: usize = 256 * 1_024;

/// One request that has no answer yet.
#[derive(Debug)]
pub struct Exchange(State);

/// What a request waits for, and what is known of it then.
#[derive(Debug)]
enum State {
    ReadingBody(Box<Caller>),
    Asking(Box<Chat>),
    Upstream(Box<Delivery>, Phase),
}

/// What is known of every request from its head on.
#[derive(Debug)]
struct Context {
    entropy: Entropy,
    /// In milliseconds since 1970.
    started: u64,
    /// The page's origin, where it may read the reply.
    origin: Option<String>,
}

/// Why a request is not answered with what it asks for.
#[derive(Debug)]
enum Rejection {
    Refused(Refusal),
    ShopperLeft,
}

impl Exchange {
    /// A request that has just arrived. The time is in milliseconds since 1970, here and below.
    pub fn begin(isolate: &Isolate, head: &RequestHead<'_>, entropy: Entropy, now: u64) -> Next {
        let context = Context::new(&isolate.gate, head, entropy, now);
        let success = match isolate.gate.receive(head) {
            Ok(Entry::Chat(proxy)) => {
                return Caller::recognise(context, proxy, head, &isolate.memory, now);
            }
            Ok(Entry::Preflight) => Success::Preflight,
            Ok(Entry::Health) => Success::Health,
            Err(refusal) => return context.reject(refusal.into(), Report::default(), now),
        };
        Next::Respond(context.end(&Ok(success), Report::default(), now))
    }

    /// The end of a request that came to nothing: its instance was lost, or the platform refused
    /// something.
    pub fn fault(
        isolate: &Isolate,
        head: &RequestHead<'_>,
        entropy: Entropy,
        started: u64,
        now: u64,
    ) -> End {
        let context = Context::new(&isolate.gate, head, entropy, started);
        let rejection = Err(Refusal::InternalError.into());
        context.end(&rejection, Report::default(), now)
    }

    /// What follows from what came of the last step. An event that does not belong to that step is
    /// a fault of ours, and ends the request.
    pub fn handle(self, memory: &mut Memory, event: Event, now: u64) -> Next {
        match self.0 {
            State::ReadingBody(caller) => caller.handle(memory, event, now),
            State::Asking(chat) => chat.handle(memory, event, now),
            State::Upstream(delivery, phase) => delivery.handle(phase, memory, event, now),
        }
    }
}

impl Context {
    fn new(gate: &Gate, head: &RequestHead<'_>, entropy: Entropy, started: u64) -> Self {
        Self {
            entropy,
            started,
            origin: gate.reader(head).map(str::to_owned),
        }
    }

    /// When the request arrived, in seconds since 1970.
    fn seconds(&self) -> u32 {
        (self.started / 1_000) as u32
    }

    fn reject(&self, rejection: Rejection, report: Report<'_>, now: u64) -> Next {
        Next::Respond(self.end(&Err(rejection), report, now))
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What the log is told of an event that does not belong to the step.
fn unexpected(event: &Event, state: &str) -> String {
    format!("exchange: {} while {state}", event.name())
}
