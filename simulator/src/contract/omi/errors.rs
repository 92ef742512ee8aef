//! The errors. Each is a text in `detail`.

use hyper::StatusCode;
use serde_json::json;

use crate::contract::answer::Answer;

/// The statuses that a fault can ask for.
pub const CODES: [&str; 8] = ["400", "401", "403", "404", "422", "429", "500", "503"];

/// An error before it is written.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    detail: String,
    /// The seconds to wait, in the error of a limit.
    wait: Option<u64>,
}

impl Refusal {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            wait: None,
        }
    }

    /// Creates the error for a query or a body that has not the right form.
    pub fn form(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Creates the error for a body that has nothing to store.
    pub fn empty(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Creates the error for a person who has written too much in an hour.
    pub fn busy(wait: u64) -> Self {
        Self {
            wait: Some(wait),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "Rate limit exceeded")
        }
    }

    pub fn answer(self) -> Answer {
        let answer = Answer::json(self.status, &json!({ "detail": self.detail }));
        match self.wait {
            Some(wait) => answer.with("retry-after", &wait.to_string()),
            None => answer,
        }
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

/// Returns an error of a form that the contract does not have.
pub fn unknown(message: &str) -> Answer {
    let body = json!({ "code": "engine_out_of_ideas", "reason": message });
    Answer::json(StatusCode::INTERNAL_SERVER_ERROR, &body)
}
