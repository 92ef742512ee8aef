//! The errors. All have the form of the API's framework; only 422 is published.

use hyper::StatusCode;
use serde_json::{Value, json};

use crate::contract::answer::Answer;

/// The statuses that a fault can ask for.
pub const CODES: [&str; 9] = [
    "400", "401", "403", "404", "410", "422", "429", "500", "503",
];

/// An error before it is written.
pub struct Refusal {
    status: StatusCode,
    detail: Value,
}

impl Refusal {
    /// Creates an error with a text.
    pub fn new(status: StatusCode, detail: &str) -> Self {
        Self {
            status,
            detail: detail.into(),
        }
    }

    /// Creates the error for a request that is not valid.
    pub fn invalid(mistakes: Vec<Value>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: mistakes.into(),
        }
    }

    pub fn answer(self) -> Answer {
        Answer::json(self.status, &json!({ "detail": self.detail }))
    }
}

/// Returns a mistake at a place such as `["body", "chat"]`.
pub fn mistake(kind: &str, place: &[&str], message: &str, input: Option<&Value>) -> Value {
    json!({ "type": kind, "loc": place, "msg": message, "input": input })
}

/// Returns an error with one of [`CODES`].
pub fn with_message(code: &str, message: &str) -> Option<Answer> {
    let code = CODES.iter().find(|own| **own == code)?;
    let status = StatusCode::from_bytes(code.as_bytes()).ok()?;
    let refusal = match *code {
        "422" => Refusal::invalid(vec![mistake("value_error", &["body"], message, None)]),
        _ => Refusal::new(status, message),
    };
    let answer = refusal.answer();
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
