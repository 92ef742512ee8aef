//! What a visit asks the edge to do, and how that may fail.

use crate::log;

/// What is to be done next for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Read its body.
    ReadBody,
    /// Ask the limiter of the shopper's home.
    AskLimiter,
    /// Send the attempt upstream.
    Send,
    /// Read the body of the upstream's error.
    ReadError,
    /// Wait before the next attempt, for as long as there is patience.
    Wait,
    /// Have the limiter of the shopper's home count another request of this chat.
    CountRetry,
    /// Read the upstream's answer.
    ReadAnswer,
    /// Read the first bytes of the upstream's answer.
    ReadFirst,
    /// Give the chat back to its shopper's budget.
    GiveBack,
    /// Answer with the reply, whose body is the upstream's, as it comes.
    HandOn,
    /// Answer with the reply.
    Reply,
}

/// Why an errand came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure<'a> {
    /// Its time was over.
    Late,
    /// The shopper has left.
    Left,
    /// No connection came about.
    Unreachable,
    /// Something else, in the words of the platform or of an object of ours.
    Other(&'a str),
}

impl Failure<'_> {
    /// What the log is told of an answer that this has cut.
    pub fn cut_notice(&self, request_id: &str) -> String {
        let reason = match self {
            Self::Late => "timeout",
            Self::Left => log::SHOPPER_LEFT,
            Self::Unreachable | Self::Other(_) => "broken",
        };
        log::answer_cut(request_id, reason)
    }

    /// What is known of it.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Late => "timeout",
            Self::Left => "left",
            Self::Unreachable => "no connection",
            Self::Other(reason) => reason,
        }
    }
}
