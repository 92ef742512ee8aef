//! The errors of both dialects. The documented ones have a code, the others only a status.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::contract::answer::Answer;
use crate::contract::omniops::settings::Dialect;
use crate::contract::time::iso_8601;

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Auth,
    RateLimit,
    Invalid,
    NotFound,
    Internal,
    Domain,
    Credits,
    /// The model provider cannot be reached, or has refused the assistant's own key.
    Unavailable,
}

/// The documented codes, the statuses of the other dialect, and what they stand for.
///
/// The documentation gives no statuses, so these are the usual ones for such errors.
const CODES: [(&str, Kind, u16); 11] = [
    ("AUTH_INVALID", Kind::Auth, 401),
    ("RATE_LIMIT_EXCEEDED", Kind::RateLimit, 429),
    ("INVALID_REQUEST", Kind::Invalid, 400),
    ("RESOURCE_NOT_FOUND", Kind::NotFound, 404),
    ("INTERNAL_ERROR", Kind::Internal, 500),
    ("DOMAIN_NOT_CONFIGURED", Kind::Domain, 403),
    ("INSUFFICIENT_CREDITS", Kind::Credits, 402),
    ("400", Kind::Invalid, 400),
    ("429", Kind::RateLimit, 429),
    ("500", Kind::Internal, 500),
    ("503", Kind::Unavailable, 503),
];

/// The codes and statuses that a fault can ask for.
pub fn codes() -> Vec<&'static str> {
    CODES.map(|(name, _, _)| name).to_vec()
}

/// An error before it is written in a dialect.
pub struct Mistake {
    pub kind: Kind,
    pub message: String,
    pub details: Value,
}

impl Mistake {
    pub fn new(kind: Kind, message: &str, details: Value) -> Self {
        Self {
            kind,
            message: message.to_owned(),
            details,
        }
    }

    pub fn answer(&self, dialect: Dialect, now_ms: u64) -> Answer {
        match dialect {
            Dialect::Documented => self.documented(now_ms),
            Dialect::AsBuilt => self.as_built(),
        }
    }

    fn documented(&self, now_ms: u64) -> Answer {
        let own = CODES.iter().find(|(_, kind, _)| *kind == self.kind);
        let (code, status) = match own {
            // The documentation has no such code.
            Some((_, Kind::Unavailable, _)) | None => ("INTERNAL_ERROR", 503),
            Some((code, _, status)) => (*code, *status),
        };
        let body = json!({
            "error": self.message,
            "code": code,
            "details": self.details,
            "timestamp": iso_8601(now_ms),
        });
        Answer::json(status_of(status), &body)
    }

    fn as_built(&self) -> Answer {
        let (title, status) = match self.kind {
            Kind::RateLimit => ("Rate limit exceeded. Please try again later.", 429),
            Kind::Invalid => ("Invalid request data", 400),
            Kind::Domain => ("Domain is required", 400),
            Kind::NotFound => ("Not found", 404),
            Kind::Unavailable => ("Service temporarily unavailable", 503),
            Kind::Auth | Kind::Credits | Kind::Internal => ("Failed to process chat message", 500),
        };
        let mut body = json!({ "error": title, "message": self.message });
        if let (Some(fields), false) = (body.as_object_mut(), self.details.is_null()) {
            fields.insert("details".to_owned(), self.details.clone());
        }
        Answer::json(status_of(status), &body)
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Returns an error with one of [`codes`], in the dialect that has this code.
pub fn with_message(code: &str, message: &str) -> Option<Answer> {
    let (_, kind, _) = CODES.iter().find(|(own, _, _)| *own == code)?;
    let dialect = match code.bytes().all(|b| b.is_ascii_digit()) {
        true => Dialect::AsBuilt,
        false => Dialect::Documented,
    };
    let details = json!({ "trace": [message, null, 7] });
    let answer = Mistake::new(*kind, message, details).answer(dialect, 0);
    Some(match kind {
        Kind::RateLimit => answer.with("retry-after", "18"),
        _ => answer,
    })
}

/// Returns an error with a code that is not documented.
pub fn unknown(message: &str) -> Answer {
    let body = json!({ "error": message, "code": "ENGINE_OUT_OF_IDEAS", "details": null });
    Answer::json(StatusCode::INTERNAL_SERVER_ERROR, &body)
}
