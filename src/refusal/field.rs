//! The fields of a body or a query that are checked, and what is said of each.

/// A field that the published contract leaves open, and whose type the proxy checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidField {
    /// The conversation's id.
    SessionId,
    /// The hints.
    Context,
    /// The refinement that the shopper chose.
    Refinement,
    /// The shopper's address.
    Email,
    /// The shopper's consent.
    Consent,
    /// Where the shopper came from.
    Utm,
    /// The id of a product.
    ProductId,
    /// The facts to be remembered.
    Memories,
    /// A text to be remembered.
    Text,
    /// When a conversation began or ended.
    Time,
    /// The language of a conversation.
    Language,
    /// What makes a repetition one conversation.
    IdempotencyKey,
    /// A part of a list.
    Range,
    /// The time that a report is about.
    Span,
    /// The id of a request.
    RequestId,
    /// Whose admissions are lifted.
    Lift,
}

impl InvalidField {
    /// Returns what is wrong with it, in words for a developer.
    pub const fn message(self) -> &'static str {
        match self {
            Self::SessionId => "The field session_id must be a string of at most 128 characters.",
            Self::Context => {
                "The field context must be an object, and its numbers must fit in a double."
            }
            Self::Refinement => {
                "The field refinement must be an object with the strings text and type, of at most 2000 \
                 and 128 characters."
            }
            Self::Email => "The field email must be an email address.",
            Self::Consent => "The field consent must be true.",
            Self::Utm => "The field utm must be an object of at most 16 short strings.",
            Self::ProductId => "The field product_id must be a non-empty string.",
            Self::Memories => {
                "Send either text, or the field memories: 1 to 20 objects with content of at most \
                 500 characters, and at most 10 tags of at most 50."
            }
            Self::Text => "The field text must be a non-empty string.",
            Self::Time => "The fields started_at and finished_at must be times in RFC 3339.",
            Self::Language => "The field language must be a language tag, such as en.",
            Self::IdempotencyKey => {
                "The field idempotency_key must be 1 to 128 visible ASCII characters."
            }
            Self::Span => "range must be hour, day or month.",
            Self::RequestId => "request_id must be the X-Request-Id of an answer.",
            Self::Lift => {
                "Send either request_id, or limiter, shopper and budget as a log line has them. The budget \
                 must be shopper, newcomer or network."
            }
            Self::Range => "offset must be a number to 10000, and limit one from 1 to 100.",
        }
    }
}
