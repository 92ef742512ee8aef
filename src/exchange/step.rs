//! The steps of an exchange, the events that report their results, and the end.

use super::Exchange;
use crate::assistants::UpstreamRequest;
use crate::head::ResponseHead;
use crate::limits::protocol::{Answer, Question};
use crate::log::Entry;
use crate::relay::{Cut, Relay};
use crate::reply::Reply;
use crate::token::SignatureCheck;
use crate::usage::{Refused, Sample};

/// What follows from an event.
///
/// An exchange that has ended is gone. Nothing more can be reported to it, and it cannot end twice.
#[derive(Debug)]
pub enum Next {
    /// Perform this step, and report the result to the exchange.
    Step(Step, Exchange),
    /// Send this answer. If it has begun, only its body is left to send.
    Respond(End),
    /// Begin this answer, whose body is a stream of events. Then perform the step.
    Begin(Beginning, Step, Exchange),
    /// Send more of an answer that has begun, and perform the step.
    Write(String, Step, Exchange),
    /// Send this answer, and pass the upstream's body on as it arrives.
    ///
    /// The bytes of it that were already read come first.
    Forward(End, Relay),
}

/// The beginning of an answer that goes on while the exchange does.
#[derive(Debug)]
pub struct Beginning {
    /// The answer without its body.
    pub reply: Reply,
    /// How the answer ends if its instance is lost.
    pub relay: Relay,
    /// The first bytes of the body.
    pub bytes: String,
}

impl Beginning {
    /// Returns how the answer ends if its instance is lost: its last event, and what is logged.
    pub fn if_lost(&self) -> (Option<String>, String) {
        let notice = self.relay.cut_notice(Cut::Broken);
        (self.relay.last_event(), notice.text)
    }
}

/// How a request ends.
#[derive(Debug)]
pub struct End {
    /// The answer.
    pub reply: Reply,
    /// The log entries, with the request's own line last.
    pub log: Vec<Entry>,
    /// The data point of a chat, as JSON, if a dataset gets one.
    pub data_point: Option<String>,
    /// What is counted of the request, if the merchant wants to know.
    pub sample: Option<Sample>,
    /// What the merchant has lifted.
    pub lifted: Option<Refused>,
}

impl End {
    /// Returns whether anything of it is counted.
    pub fn is_counted(&self) -> bool {
        self.sample.is_some() || self.lifted.is_some()
    }
}

/// What the edge does next for a request.
///
/// Each variant names the event that reports success. Each timeout is in milliseconds.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Read the request's body: `Event::Body`.
    ReadBody {
        /// The most bytes to read.
        max_bytes: usize,
        /// How long that may take.
        timeout: u64,
    },
    /// Read the request's body and a header that signs it: `Event::Signed`.
    ReadSigned {
        /// The name of the header.
        header: &'static str,
        /// The most bytes to read.
        max_bytes: usize,
        /// How long that may take.
        timeout: u64,
    },
    /// Check a signature: `Event::SignatureChecked`.
    CheckSignature {
        /// The signature, what is signed, and the keys under which it may be right.
        check: SignatureCheck,
        /// How long that may take.
        timeout: u64,
    },
    /// Ask a limiter: `Event::Answer`.
    Ask {
        /// The object's name.
        limiter: String,
        /// The question.
        question: Question,
        /// How long that may take.
        timeout: u64,
    },
    /// Read what was counted: `Event::Usage`.
    ReadUsage {
        /// The objects' names.
        objects: Vec<String>,
        /// How long that may take.
        timeout: u64,
    },
    /// Send a request for a stream of events, and keep the stream: `Event::Head`.
    Listen {
        /// The request.
        request: UpstreamRequest,
        /// How long the response's head may take to arrive.
        timeout: u64,
    },
    /// Send a request upstream without following redirects: `Event::Head`.
    Send {
        /// The request.
        request: UpstreamRequest,
        /// How long the response's head may take to arrive.
        timeout: u64,
        /// Whether events that come first are reported: `Event::Events`.
        listening: bool,
    },
    /// Go on waiting for a request that was sent while listening: `Event::Head` or `Event::Events`.
    Await {
        /// How long that may take.
        timeout: u64,
    },
    /// Test whether a connection to this address can be opened: `Event::Connected`.
    Connect {
        /// The host.
        host: String,
        /// The port.
        port: u16,
        /// How long that may take.
        timeout: u64,
    },
    /// Read the body of the upstream's answer, to look at it: `Event::UpstreamBody`.
    ReadUpstream {
        /// The most bytes to read.
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
        /// The length of the pause, in milliseconds.
        pause: u64,
    },
}

/// The result of a step.
///
/// Any step may fail or time out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The request's body has arrived, as much of it as is read.
    Body(Vec<u8>),
    /// The body of the request has arrived, as much of it as is read, with its signature.
    Signed {
        /// The body.
        body: Vec<u8>,
        /// The header's value, or an empty text.
        signature: String,
    },
    /// Whether the signature is right under any of the keys.
    SignatureChecked(bool),
    /// The limiter has answered.
    Answer(Answer),
    /// What each of the objects has counted, in their order. One that has nothing has no bytes.
    Usage(Vec<Vec<u8>>),
    /// The head of the upstream's response has arrived.
    Head(ResponseHead),
    /// A piece of the stream of events has arrived, or nothing if the stream has ended.
    Events(Vec<u8>),
    /// Whether the connection was opened.
    Connected(bool),
    /// The body of the upstream's answer has arrived, as much of it as is read.
    UpstreamBody(Vec<u8>),
    /// This many bytes of the upstream's answer have arrived: all of it, or the first ones.
    Read(usize),
    /// The step's time is up.
    Elapsed,
    /// The step failed.
    Failed(Failure),
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The shopper has left.
    ShopperLeft,
    /// The limiter's answer does not fit the question.
    Unreadable,
    /// Something broke, in the words of the platform or of our limiter object.
    Broken(String),
}

impl Event {
    /// Returns the name that log lines use for an event that does not fit.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Body(_) => "body",
            Self::Signed { .. } => "signed body",
            Self::SignatureChecked(_) => "signature",
            Self::Answer(Answer::Decision(_)) => "decision",
            Self::Answer(Answer::RetryCounted(_)) => "retry counted",
            Self::Answer(Answer::Refunded(_)) => "refund",
            Self::Answer(Answer::Noted) => "note",
            Self::Answer(Answer::Lifted(_)) => "lift",
            Self::Usage(_) => "usage",
            Self::Head(_) => "head",
            Self::Events(_) => "events",
            Self::Connected(_) => "connection",
            Self::UpstreamBody(_) => "upstream body",
            Self::Read(_) => "answer",
            Self::Elapsed => "timeout",
            Self::Failed(_) => "failure",
        }
    }
}

impl Failure {
    /// Returns what the log is told about the failure.
    pub(super) fn description(&self) -> &str {
        match self {
            Self::ShopperLeft => "left",
            Self::Unreadable => "unreadable answer",
            Self::Broken(words) => words,
        }
    }
}
