//! What an exchange waits for upstream, and what it knows meanwhile.

use super::Rejection;
use super::end::Success;
use crate::head::ResponseHead;
use crate::media_type::MediaType;
use crate::refusal::Refusal;

/// What a delivery waits for.
#[derive(Debug)]
pub(super) enum Phase {
    /// For the stream of events of the next message.
    OpeningEvents,
    /// For the head of a response.
    Sending,
    /// For the head of a response, or for events that come first.
    Listening,
    /// To learn whether anything listens there, after the request failed with these words.
    Connecting { words: String },
    /// For the body of the error with this head.
    ReadingError { head: ResponseHead },
    /// For the end of the pause.
    ///
    /// If no further attempt follows, the chat ends with this refusal.
    Waiting { refusal: Refusal },
    /// For the limiter to count another request.
    ///
    /// If it does not, the chat ends with this refusal.
    CountingRetry { refusal: Refusal },
    /// For the whole body of a good answer.
    ReadingAnswer(GoodAnswer),
    /// For the whole body of an answer that is translated.
    Translating,
    /// For the first bytes of a good answer.
    ReadingFirst(GoodAnswer),
    /// For the limiter to refund the chat, which then ends with this refusal.
    Refunding { refusal: Refusal },
    /// For the limiter to note what became of an idempotency key. Then the request ends like this.
    Noting { answer: Result<Success, Rejection> },
}

/// A good answer that is being read.
#[derive(Debug)]
pub(super) struct GoodAnswer {
    pub(super) status: u16,
    pub(super) media_type: MediaType,
    /// When the answer must be complete, in milliseconds since 1970.
    pub(super) due: u64,
}

impl Phase {
    /// Returns the name that log lines use.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::OpeningEvents => "opening events",
            Self::Sending => "sending",
            Self::Listening => "listening",
            Self::Connecting { .. } => "connecting",
            Self::ReadingError { .. } => "reading an error",
            Self::Waiting { .. } => "waiting",
            Self::CountingRetry { .. } => "counting a retry",
            Self::ReadingAnswer(_) => "reading an answer",
            Self::Translating => "translating an answer",
            Self::ReadingFirst(_) => "reading the first bytes",
            Self::Refunding { .. } => "refunding",
            Self::Noting { .. } => "noting",
        }
    }
}

impl GoodAnswer {
    pub(super) fn success(&self) -> Success {
        Success::Chat {
            status: self.status,
            media_type: self.media_type,
        }
    }
}
