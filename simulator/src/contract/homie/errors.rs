//! The errors. The contract shows none, so they have the default form of its framework.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::contract::answer::Answer;

/// The statuses that a fault can ask for.
pub const CODES: [&str; 8] = ["400", "401", "403", "404", "429", "500", "502", "503"];

/// An error before it is written.
pub struct Refusal {
    status: StatusCode,
    message: Value,
}

impl Refusal {
    /// Creates an error. The message is a text, or a list of texts for a body that is not valid.
    pub fn new(status: StatusCode, message: impl Into<Value>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub fn answer(self) -> Answer {
        let body = json!({
            "statusCode": self.status.as_u16(),
            "message": self.message,
            "error": self.status.canonical_reason(),
        });
        Answer::json(self.status, &body)
    }
}

/// Returns an error with one of [`CODES`].
pub fn with_message(code: &str, message: &str) -> Option<Answer> {
    let code = CODES.iter().find(|own| **own == code)?;
    let status = StatusCode::from_bytes(code.as_bytes()).ok()?;
    let answer = Refusal::new(status, message).answer();
    Some(match *code {
        "429" => answer.with("retry-after", "18"),
        _ => answer,
    })
}

/// Returns an error of a form that the framework does not have.
pub fn unknown(message: &str) -> Answer {
    let body = json!({ "code": "engine_out_of_ideas", "reason": message });
    Answer::json(StatusCode::INTERNAL_SERVER_ERROR, &body)
}
