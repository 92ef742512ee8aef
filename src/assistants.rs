//! The assistant APIs that the proxy can stand in front of.
//!
//! Each has a file of its own with the same functions, and an arm in each of the matches below.

mod sales_associate;

use crate::attempts::Outcome;
use crate::head::ResponseHead;
use crate::media_type::MediaType;

/// The assistant behind the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assistant {
    /// The Sales Associate API, v1.
    SalesAssociate,
}

/// What to do with an upstream's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// The answer is a chat. Its body goes to the browser unchanged, with this content type.
    Pass(MediaType),
    /// The answer is an error, and its body may say which.
    ReadError,
    /// The answer is not a chat, and its body does not matter.
    End(Outcome),
}

/// An upstream's error, after its body was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamError {
    /// What it means for the attempt.
    pub outcome: Outcome,
    /// The upstream's own id of the request, if it sent a UUID.
    pub request_id: Option<String>,
}

impl Assistant {
    /// Returns the URL that chats go to.
    pub fn endpoint(self, base_url: &str) -> String {
        match self {
            Self::SalesAssociate => sales_associate::endpoint(base_url),
        }
    }

    /// Returns the name of the header that carries the key.
    pub fn key_header(self) -> &'static str {
        match self {
            Self::SalesAssociate => sales_associate::KEY_HEADER,
        }
    }

    /// Returns what to do with an answer, as far as its head tells.
    pub fn judge(self, head: &ResponseHead) -> Judgement {
        match self {
            Self::SalesAssociate => sales_associate::judge(head),
        }
    }

    /// Reads an upstream's error.
    ///
    /// `body` is `None` if it could not be read.
    pub fn read_error(self, head: &ResponseHead, body: Option<&[u8]>) -> UpstreamError {
        match self {
            Self::SalesAssociate => sales_associate::read_error(head, body),
        }
    }
}
