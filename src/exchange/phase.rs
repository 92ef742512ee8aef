//! What an exchange waits for upstream, and what it knows for as long as it does.

use super::end::Success;
use crate::head::ResponseHead;
use crate::media_type::MediaType;
use crate::refusal::Refusal;

/// What a delivery waits for.
#[derive(Debug)]
pub(super) enum Phase {
    /// For the head of a response.
    Sending,
    /// To know whether anybody listens, after the request failed with these words.
    Connecting { words: String },
    /// For the body of the error that has this head.
    ReadingError { head: ResponseHead },
    /// For the end of the pause. Without another attempt the chat ends with this refusal.
    Waiting { refusal: Refusal },
    /// For the limiter to count another request. Without it the chat ends with this refusal.
    CountingRetry { refusal: Refusal },
    /// For the whole body of a good answer.
    ReadingAnswer(GoodAnswer),
    /// For the first bytes of a good answer.
    ReadingFirst(GoodAnswer),
    /// For the limiter to refund the chat. Then it ends with this refusal.
    Refunding { refusal: Refusal },
}

/// A good answer, while it is read.
#[derive(Debug)]
pub(super) struct GoodAnswer {
    pub(super) status: u16,
    pub(super) media_type: MediaType,
    /// When it has to be whole, in milliseconds since 1970.
    pub(super) due: u64,
}

impl Phase {
    /// As a log line names it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Connecting { .. } => "connecting",
            Self::ReadingError { .. } => "reading an error",
            Self::Waiting { .. } => "waiting",
            Self::CountingRetry { .. } => "counting a retry",
            Self::ReadingAnswer(_) => "reading an answer",
            Self::ReadingFirst(_) => "reading the first bytes",
            Self::Refunding { .. } => "refunding",
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
