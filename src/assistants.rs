//! The assistant APIs the proxy can stand before. Each has a file of its own with the same
//! functions in it, and an arm in each of the matches below.

mod sales_associate;

use crate::attempts::Outcome;
use crate::head::ResponseHead;
use crate::media_type::MediaType;

/// Which assistant is behind the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assistant {
    /// The Sales Associate API, v1.
    SalesAssociate,
}

/// What is to be done with an upstream's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is a chat: its body goes to the browser as it is, under this content type.
    Pass(MediaType),
    /// It is an error whose body may say which.
    ReadError,
    /// It is no chat, and its body does not matter.
    End(Outcome),
}

/// An upstream's error, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamError {
    /// What it means for the attempt.
    pub outcome: Outcome,
    /// The upstream's own id of the request, where it sent a UUID.
    pub request_id: Option<String>,
}

impl Assistant {
    /// The URL that chats go to.
    pub fn endpoint(self, base_url: &str) -> String {
        match self {
            Self::SalesAssociate => sales_associate::endpoint(base_url),
        }
    }

    /// The name of the header that carries the key.
    pub fn key_header(self) -> &'static str {
        match self {
            Self::SalesAssociate => sales_associate::KEY_HEADER,
        }
    }

    /// What an answer is, as far as its beginning tells.
    pub fn judge(self, head: &ResponseHead) -> Judgement {
        match self {
            Self::SalesAssociate => sales_associate::judge(head),
        }
    }

    /// What an error is, now that its body is there; none where it could not be read.
    pub fn read_error(self, head: &ResponseHead, body: Option<&[u8]>) -> UpstreamError {
        match self {
            Self::SalesAssociate => sales_associate::read_error(head, body),
        }
    }
}
