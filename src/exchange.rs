//! One request, from its head to its reply: a state machine that knows no platform.
//!
//! `begin` and `handle` return the next step, with everything that it takes. The edge performs the
//! step and reports the result as an event. Nothing waits in here, and each event comes with the
//! time.

mod admin;
mod admission;
mod caller;
mod delivery;
mod end;
mod freeing;
mod live;
mod outcome;
mod phase;
mod recall;
mod sample;
mod step;
mod translation;
mod upstream;
mod webhook;

pub use step::{Beginning, End, Event, Failure, Next, Step};

use admin::{Admin, Asked};
use admission::Chat;
use caller::Caller;
use delivery::Delivery;
use end::{Report, Success};
use freeing::Freeing;
use phase::Phase;
use recall::Recall;
use webhook::Webhook;

use crate::contract::route::Route;
use crate::entropy::Entropy;
use crate::gate::{Entry, Gate};
use crate::head::RequestHead;
use crate::isolate::Isolate;
use crate::memory::Memory;
use crate::refusal::Refusal;
use crate::token::Claims;

/// How long a request's body may take to arrive, in milliseconds.
pub const BODY_TIMEOUT_MS: u64 = 10_000;
/// How long the platform may take to check a signature, in milliseconds.
pub const SIGNATURE_TIMEOUT_MS: u64 = 1_000;
/// How long the limiter may take to answer, in milliseconds.
///
/// After that nothing is let through. If a slow limiter opened the gate, an attacker would slow it
/// down.
pub const LIMITER_TIMEOUT_MS: u64 = 1_000;
/// How long the objects that count may take to answer the merchant, in milliseconds.
pub const USAGE_TIMEOUT_MS: u64 = 5_000;
/// The most that is read of the body of an upstream's error, in bytes.
pub const MAX_ERROR_BYTES: usize = 16 * 1_024;
/// The largest answer that is read whole before it is sent, in bytes.
///
/// A larger one is passed on as it arrives.
pub const MAX_WHOLE_BYTES: usize = 256 * 1_024;

/// The largest answer that is translated, in bytes.
pub const MAX_TRANSLATED_BYTES: usize = 1_024 * 1_024;

/// How long a stream of events may take to open, in milliseconds. Without it, a chat has no parts.
pub const LISTEN_TIMEOUT_MS: u64 = 2_000;
/// How long an answer by events may be silent, in milliseconds.
pub const HEARTBEAT_MS: u64 = 10_000;

/// One request that has no answer yet.
#[derive(Debug)]
pub struct Exchange(State);

/// What a request waits for, and what is known about it meanwhile.
#[derive(Debug)]
enum State {
    ReadingWebhook(Webhook),
    Admin(Box<Admin>, Asked),
    CheckingToken(Box<Caller>, Claims),
    ReadingBody(Box<Caller>),
    Asking(Box<Chat>),
    Freeing(Box<Freeing>),
    Recalling(Recall),
    Upstream(Box<Delivery>, Phase),
}

/// What is known about every request once its head has been read.
#[derive(Debug)]
struct Context {
    entropy: Entropy,
    /// When the request arrived, in milliseconds since 1970.
    started: u64,
    /// The page's origin, if the page may read the reply.
    origin: Option<String>,
    /// What is asked of the assistant, if it is anything.
    route: Option<Route>,
    /// What the log calls that, or what the merchant asks.
    operation: Option<&'static str>,
    /// Whether it is counted what the worker does.
    sampled: bool,
    /// Whether a chat is answered by events.
    by_events: bool,
    /// Whether the shopper's pass goes into the body of the answer, too.
    pass_in_body: bool,
    /// The assistant, if a dataset gets a data point of each chat.
    analysed: Option<&'static str>,
}

/// Why a request does not get what it asks for.
#[derive(Debug)]
enum Rejection {
    Refused(Refusal),
    ShopperLeft,
}

impl Exchange {
    /// Begins the exchange of a request that has just arrived.
    ///
    /// The time is in milliseconds since 1970, here and below.
    pub fn begin(
        isolate: &mut Isolate,
        head: &RequestHead<'_>,
        entropy: Entropy,
        now: u64,
    ) -> Next {
        let mut context = Context::new(&isolate.gate, head, entropy, now);
        let success = match isolate.gate.receive(head, context.seconds()) {
            Ok(Entry::Assistant(proxy, route, visit)) => {
                // What Shopify passes on keeps neither a stream nor all headers.
                context.by_events = route == Route::Chat && head.accepts_events && visit.is_none();
                context.pass_in_body = visit.is_some();
                let memory = isolate.memory.of(Some(route));
                return Caller::recognise(context, proxy, route, visit, head, memory, now);
            }
            Ok(Entry::Webhook(proxy)) => return Webhook::begin(context, proxy),
            Ok(Entry::Admin(proxy, route)) => {
                let memory = &mut isolate.memory;
                return Admin::begin(context, proxy, route, head, memory, now);
            }
            Ok(Entry::Capabilities(proxy)) => Success::Capabilities(proxy.config.capabilities()),
            Ok(Entry::Preflight) => Success::Preflight,
            Ok(Entry::Health(proxy)) => Success::Health(proxy.config.dry_run),
            Err(refusal) => return context.reject(refusal.into(), Report::default(), now),
        };
        Next::Respond(context.end(&Ok(success), Report::default(), now))
    }

    /// Ends a request that failed outside its exchange.
    ///
    /// Its instance was lost, or the platform refused something.
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

    /// Returns what follows from the result of the last step.
    ///
    /// An event that does not fit that step is a fault of ours, and ends the request.
    pub fn handle(self, memory: &mut Memory, event: Event, now: u64) -> Next {
        let memory = memory.of(self.route());
        match self.0 {
            State::ReadingWebhook(webhook) => webhook.handle(memory, event, now),
            State::Admin(admin, asked) => admin.handle(asked, memory, event, now),
            State::CheckingToken(caller, claims) => caller.checked(claims, memory, event, now),
            State::ReadingBody(caller) => caller.handle(memory, event, now),
            State::Asking(chat) => chat.handle(memory, event, now),
            State::Freeing(freeing) => freeing.end(memory, now),
            State::Recalling(recall) => recall.handle(memory, &event, now),
            State::Upstream(delivery, phase) => delivery.handle(phase, memory, event, now),
        }
    }
}

impl Exchange {
    fn route(&self) -> Option<Route> {
        match &self.0 {
            State::ReadingWebhook(_) | State::Admin(..) => None,
            State::CheckingToken(caller, _) | State::ReadingBody(caller) => Some(caller.route),
            State::Asking(chat) => chat.context.route,
            State::Freeing(freeing) => freeing.chat.context.route,
            State::Recalling(_) => Some(Route::Chat),
            State::Upstream(delivery, _) => delivery.chat.context.route,
        }
    }
}

impl Context {
    fn new(gate: &Gate, head: &RequestHead<'_>, entropy: Entropy, started: u64) -> Self {
        // A refusal says in the log what was asked for, too.
        let route = Route::of(head.path, head.method).filter(|route| route.method() == head.method);
        let config = gate.proxy().ok().map(|proxy| &proxy.config);
        Self {
            entropy,
            started,
            origin: gate.reader(head).map(str::to_owned),
            route,
            operation: route.filter(|route| *route != Route::Chat).map(Route::name),
            sampled: route.is_some() && config.is_some_and(|config| config.admin_token.is_some()),
            by_events: false,
            pass_in_body: false,
            analysed: config
                .filter(|config| config.analytics)
                .map(|config| config.assistant.name()),
        }
    }

    /// Returns whether an answer in the page's contract has to be read all the same.
    fn is_read(&self) -> bool {
        self.by_events || self.pass_in_body
    }

    /// Returns whether the assistant's engine is asked. Everything but a chat only looks things up.
    fn asks_engine(&self) -> bool {
        self.route == Some(Route::Chat)
    }

    /// Returns whether omi.me is asked, which is no assistant.
    fn is_of_omi(&self) -> bool {
        self.route.and_then(Route::omi_scope).is_some()
    }

    /// Returns when the request arrived, in seconds since 1970.
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

/// Returns what the log is told about an event that does not fit the step.
fn unexpected(event: &Event, state: &str) -> String {
    format!("exchange: {} while {state}", event.name())
}
