//! What an exchange asks the edge to do, what comes of it, and how an exchange ends.

use super::Exchange;
use crate::head::ResponseHead;
use crate::limits::protocol::{Answer, Question};
use crate::log::Entry;
use crate::proxy::UpstreamRequest;
use crate::relay::Relay;
use crate::reply::Reply;

/// What follows from an event. An exchange that has ended is gone: nothing can be reported to it
/// any more, and it cannot end twice.
#[derive(Debug)]
pub enum Next {
    /// This is to be done, and what comes of it to be reported to the exchange.
    Step(Step, Exchange),
    /// This is the answer.
    Respond(End),
    /// This is the answer, whose body is the upstream's as it comes: first what was read of it.
    Forward(End, Relay),
}

/// How a request ends.
#[derive(Debug)]
pub struct End {
    /// The answer.
    pub reply: Reply,
    /// What the log is told, the request's line last.
    pub log: Vec<Entry>,
}

/// What is to be done next for a request. Each timeout is in milliseconds.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Read its body: `Event::Body`.
    ReadBody {
        /// At most so much of it.
        max_bytes: usize,
        /// How long that may take.
        timeout: u64,
    },
    /// Ask a limiter: `Event::Answer`.
    Ask {
        /// The object's name.
        limiter: String,
        /// What it is asked.
        question: Question,
        /// How long that may take.
        timeout: u64,
    },
    /// Send a request upstream, and follow no redirect: `Event::Head`.
    Send {
        /// The request.
        request: UpstreamRequest,
        /// How long the response's head may take.
        timeout: u64,
    },
    /// Try whether a connection to this address comes about: `Event::Connected`.
    Connect {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// How long that may take.
        timeout: u64,
    },
    /// Read the body of the upstream's error: `Event::ErrorBody`.
    ReadError {
        /// At most so much of it.
        max_bytes: usize,
        /// How long that may take.
        timeout: u64,
    },
    /// Read the whole body of the upstream's answer, and keep it: `Event::Read`.
    ReadAnswer {
        /// How long that may take.
        timeout: u64,
    },
    /// Read the first bytes of the upstream's answer, and keep them: `Event::Read`.
    ReadFirst {
        /// How long that may take.
        timeout: u64,
    },
    /// Wait: `Event::Elapsed`.
    Wait {
        /// For how long, in milliseconds.
        pause: u64,
    },
}

/// What came of a step. Any of them may fail, or not end in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The body of the request is there, as much of it as is read.
    Body(Vec<u8>),
    /// The limiter has answered.
    Answer(Answer),
    /// The head of the upstream's response is there.
    Head(ResponseHead),
    /// A connection came about, or not.
    Connected(bool),
    /// The body of the upstream's error is there, as much of it as is read.
    ErrorBody(Vec<u8>),
    /// So many bytes of the upstream's answer are there: all of it, or the first.
    Read(usize),
    /// The step's time is over.
    Elapsed,
    /// The step has failed.
    Failed(Failure),
}

/// Why a step has failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The shopper has left.
    ShopperLeft,
    /// The limiter's answer is none to the question.
    Unreadable,
    /// Something broke, in the words of the platform or of an object of ours.
    Broken(String),
}

impl Event {
    /// As a log line names an event that does not fit.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Body(_) => "body",
            Self::Answer(Answer::Decision(_)) => "decision",
            Self::Answer(Answer::RetryCounted(_)) => "retry counted",
            Self::Answer(Answer::Refunded(_)) => "refund",
            Self::Head(_) => "head",
            Self::Connected(_) => "connection",
            Self::ErrorBody(_) => "error body",
            Self::Read(_) => "answer",
            Self::Elapsed => "timeout",
            Self::Failed(_) => "failure",
        }
    }
}

impl Failure {
    /// What the log is told of it.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::ShopperLeft => "left",
            Self::Unreadable => "its answer cannot be read",
            Self::Broken(words) => words,
        }
    }
}
