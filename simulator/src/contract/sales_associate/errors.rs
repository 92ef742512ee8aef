//! The documented errors: code, status and wording.

use hyper::StatusCode;
use serde_json::json;
use uuid::Uuid;

use crate::contract::answer::Answer;
use crate::contract::sales_associate::published::{BreachFields, Envelope};

/// The error codes in the published table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    InvalidJsonBody,
    BodyMustBeObject,
    BodyTooLarge,
    MissingPrompt,
    PromptTooLong,
    InvalidApiKey,
    MethodNotAllowed,
    RateLimited,
    MisconfiguredApiKey,
    UpstreamInvokeError,
    UpstreamFunctionError,
    UpstreamError,
    UpstreamEmptyResponse,
}

impl Code {
    /// All codes, in the order of the published table.
    pub const ALL: [Self; 13] = [
        Self::InvalidJsonBody,
        Self::BodyMustBeObject,
        Self::BodyTooLarge,
        Self::MissingPrompt,
        Self::PromptTooLong,
        Self::InvalidApiKey,
        Self::MethodNotAllowed,
        Self::RateLimited,
        Self::MisconfiguredApiKey,
        Self::UpstreamInvokeError,
        Self::UpstreamFunctionError,
        Self::UpstreamError,
        Self::UpstreamEmptyResponse,
    ];

    /// Returns the machine-readable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidJsonBody => "invalid_json_body",
            Self::BodyMustBeObject => "body_must_be_object",
            Self::BodyTooLarge => "body_too_large",
            Self::MissingPrompt => "missing_prompt",
            Self::PromptTooLong => "prompt_too_long",
            Self::InvalidApiKey => "invalid_api_key",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RateLimited => "rate_limited",
            Self::MisconfiguredApiKey => "misconfigured_api_key",
            Self::UpstreamInvokeError => "upstream_invoke_error",
            Self::UpstreamFunctionError => "upstream_function_error",
            Self::UpstreamError => "upstream_error",
            Self::UpstreamEmptyResponse => "upstream_empty_response",
        }
    }

    /// Returns the documented status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::InvalidJsonBody
            | Self::BodyMustBeObject
            | Self::BodyTooLarge
            | Self::MissingPrompt
            | Self::PromptTooLong => StatusCode::BAD_REQUEST,
            Self::InvalidApiKey => StatusCode::UNAUTHORIZED,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::MisconfiguredApiKey => StatusCode::INTERNAL_SERVER_ERROR,
            Self::UpstreamInvokeError
            | Self::UpstreamFunctionError
            | Self::UpstreamError
            | Self::UpstreamEmptyResponse => StatusCode::BAD_GATEWAY,
        }
    }

    /// Returns the message for people.
    pub fn message(self) -> &'static str {
        match self {
            Self::InvalidJsonBody => "Request body is not valid JSON.",
            Self::BodyMustBeObject => "Request body must be a JSON object.",
            Self::BodyTooLarge => "Request body exceeds 8192 bytes.",
            Self::MissingPrompt => "Field 'prompt' is required and must be a non-empty string.",
            Self::PromptTooLong => "Field 'prompt' exceeds 2000 characters.",
            Self::InvalidApiKey => "The x-api-key header is missing, unknown or disabled.",
            Self::MethodNotAllowed => "Use POST.",
            Self::RateLimited => "Rate limit exceeded.",
            Self::MisconfiguredApiKey => "Key metadata is incomplete. Please contact us.",
            Self::UpstreamInvokeError => "Could not reach the recommendation engine.",
            Self::UpstreamFunctionError => "The recommendation engine raised an unhandled error.",
            Self::UpstreamError => "The recommendation engine returned an error.",
            Self::UpstreamEmptyResponse => "The recommendation engine returned no content.",
        }
    }

    /// Returns the answer with the documented message.
    pub fn answer(self, request_id: &str) -> Answer {
        let envelope = Envelope::new(self.name(), self.message(), request_id);
        let answer = Answer::json(self.status(), &envelope);
        match self {
            Self::MethodNotAllowed => answer.with("allow", "POST, OPTIONS"),
            _ => answer,
        }
    }
}

/// Returns the names of all codes.
pub fn names() -> Vec<&'static str> {
    Code::ALL.map(Code::name).to_vec()
}

/// Returns a documented error with another message.
pub fn with_message(code: &str, message: &str) -> Option<Answer> {
    let code = Code::ALL.into_iter().find(|own| own.name() == code)?;
    let request_id = Uuid::new_v4().to_string();
    let mut body = Envelope::new(code.name(), message, &request_id);
    match code {
        Code::UpstreamError => {
            body.detail = Some(json!({ "engine": { "trace": [message, null, 7] } }));
        }
        Code::RateLimited => {
            body.breach = Some(BreachFields {
                limit_window: "minute",
                limit: 30,
                tier: "trial",
            });
        }
        _ => {}
    }
    let answer = Answer::json(code.status(), &body);
    Some(match code {
        Code::RateLimited => answer.with("retry-after", "18"),
        _ => answer,
    })
}

/// Returns an error with a code that is not in the published table.
pub fn unknown(message: &str) -> Answer {
    let request_id = Uuid::new_v4().to_string();
    let body = Envelope::new("engine_out_of_ideas", message, &request_id);
    Answer::json(StatusCode::INTERNAL_SERVER_ERROR, &body)
}
