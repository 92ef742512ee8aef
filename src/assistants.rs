//! The assistant APIs the proxy can stand before. Each has a file of its own with the same
//! functions in it, and an arm in each of the matches below.

mod sales_associate;

use crate::attempts::Ending;

/// Which assistant is behind the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assistant {
    /// The Sales Associate API, v1.
    SalesAssociate,
}

/// The beginning of an upstream's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head<'a> {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`, or nothing.
    pub content_type: &'a str,
    /// `Content-Length`, or nothing.
    pub content_length: &'a str,
    /// `Content-Encoding`, or nothing.
    pub content_encoding: &'a str,
    /// `Retry-After`, or nothing.
    pub retry_after: &'a str,
    /// `X-RateLimit-Limit`, or nothing.
    pub limit: &'a str,
    /// `X-RateLimit-Remaining`, or nothing.
    pub remaining: &'a str,
}

/// What is to be done with an upstream's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is a chat: its body goes to the browser as it is, under this content type.
    Pass(&'static str),
    /// It is an error whose body may say which.
    ReadError,
    /// It is no chat, and its body does not matter.
    End(Ending),
}

/// An upstream's error, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it means for the attempt.
    pub ending: Ending,
    /// The upstream's own id of the request, where it sent a UUID.
    pub request_id: Option<String>,
}

impl<'a> Head<'a> {
    /// Reads the lines in which the edge describes a response: the status, and the headers in the
    /// order of the fields above.
    pub fn from_lines(lines: &'a str) -> Self {
        let mut lines = lines.split('\n');
        let mut line = || lines.next().unwrap_or_default();
        Self {
            status: line().parse().unwrap_or_default(),
            content_type: line(),
            content_length: line(),
            content_encoding: line(),
            retry_after: line(),
            limit: line(),
            remaining: line(),
        }
    }

    /// How many bytes the body has, where that is known.
    pub fn length(&self) -> Option<usize> {
        let length = self.content_length.parse().ok()?;
        // Of a packed body only the packed length is known.
        matches!(self.content_encoding, "" | "identity").then_some(length)
    }

    /// In how many seconds to come back, where the upstream says it in seconds.
    pub fn wait(&self) -> Option<u32> {
        let digits = self.retry_after.trim();
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than fit are a long wait.
        is_number.then(|| digits.parse().unwrap_or(u32::MAX))
    }
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
    pub fn judge(self, head: &Head<'_>) -> Judgement {
        match self {
            Self::SalesAssociate => sales_associate::judge(head),
        }
    }

    /// What an error is, now that its body is there; none where it could not be read.
    pub fn read_error(self, head: &Head<'_>, body: Option<&[u8]>) -> Failure {
        match self {
            Self::SalesAssociate => sales_associate::read_error(head, body),
        }
    }
}
