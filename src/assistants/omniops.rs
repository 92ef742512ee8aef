//! The Omniops chat API v0.1.0, as its reference describes it and as its public source builds it.
//!
//! The two differ on nearly everything, so there are two dialects. Answers are read in either form.

mod parts;
mod webhook;

use super::reading::{self, Links};
use super::{
    Capabilities, Deadlines, Destination, Ids, Judgement, Operation, Reading, UpstreamError,
    UpstreamRequest,
};
use crate::attempts::Outcome;
use crate::contract::answer::{Answer, MAX_MESSAGES, Object};
use crate::contract::chat::Turn;
use crate::head::ResponseHead;
use crate::json::Value;
use crate::limits::Window;
use crate::log::Entry;
use crate::media_type::MediaType;
use crate::refusal::{Refusal, StoreLimit};
use crate::secret::Secret;
use crate::settings::{Mistake, Reader, Setting};

pub(super) const SETTINGS: &[Setting] = &[
    Setting::OmniopsDomain,
    Setting::OmniopsDialect,
    Setting::OmniopsWebhookSecret,
];
/// Everybody hosts it themselves.
pub(super) const PUBLISHED_URLS: (Option<&str>, Option<&str>) = (None, None);
const MIN_SECRET_CHARS: usize = 16;
/// The longest id of a conversation, in bytes. As built, it is a UUID.
const MAX_ID_BYTES: usize = 48;
/// A Unix time of more than this is in milliseconds. In seconds it would be in the year 5138.
const MAX_SECONDS: u64 = 100_000_000_000;

/// What only this assistant needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    domain: String,
    dialect: Dialect,
    webhook_secret: Option<Secret>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// As the reference has it: a key, and the domain in a header.
    Documented,
    /// As the source has it: no key, and the domain and a session in the body.
    AsBuilt,
}

/// A request of a page on its way.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    settings: Settings,
    operation: Operation,
    /// Stands for the shopper.
    session: String,
    conversation_id: Option<String>,
}

impl Settings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let domain = reader.required(Setting::OmniopsDomain, &|text| {
            let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
            if text.len() <= 255 && text.bytes().all(is_host) {
                Ok(text.to_ascii_lowercase())
            } else {
                Err("must be a host name".to_owned())
            }
        });
        let dialect =
            reader.with_default(Setting::OmniopsDialect, "documented", &|text| match text {
                "documented" => Ok(Dialect::Documented),
                "as-built" => Ok(Dialect::AsBuilt),
                _ => Err("must be documented or as-built".to_owned()),
            });
        let webhook_secret = reader.optional(Setting::OmniopsWebhookSecret, &|text| {
            if text.len() < MIN_SECRET_CHARS {
                return Err(format!("must have at least {MIN_SECRET_CHARS} characters"));
            }
            Ok(Secret::new(text))
        });
        Self {
            domain: domain.unwrap_or_default(),
            dialect: dialect.unwrap_or(Dialect::Documented),
            webhook_secret,
        }
    }

    /// Returns the secret that webhooks are signed with, if there is one.
    pub(super) const fn webhook_secret(&self) -> Option<&Secret> {
        self.webhook_secret.as_ref()
    }

    /// Returns the log entry for what a webhook brings.
    pub(super) fn webhook(body: &[u8]) -> Entry {
        webhook::entry(body)
    }

    /// Returns whether the assistant has a key.
    pub(super) const fn has_key(&self) -> bool {
        matches!(self.dialect, Dialect::Documented)
    }

    /// Only the source has conversations that can be read.
    pub(super) const fn capabilities(&self) -> Capabilities {
        Capabilities {
            streaming: false,
            history: matches!(self.dialect, Dialect::AsBuilt),
            pages: false,
            refinements: false,
            signup: false,
        }
    }

    /// As built, an answer takes 15 to 35 seconds and at most 60.
    pub(super) const fn deadlines(&self) -> Deadlines {
        match self.dialect {
            Dialect::Documented => Deadlines::USUAL,
            Dialect::AsBuilt => Deadlines {
                answer: 60_000,
                shortest: 15_000,
            },
        }
    }

    /// Returns the call for an operation in a conversation, or in a new one.
    ///
    /// Returns `None` if the assistant does not offer the operation.
    pub(super) fn call(
        &self,
        operation: Operation,
        ids: &Ids,
        conversation_id: Option<String>,
    ) -> Option<Call> {
        let is_offered = operation.is_of_conversation(conversation_id.is_some());
        is_offered.then(|| Call {
            settings: self.clone(),
            operation,
            session: ids.shopper_uuid(),
            conversation_id,
        })
    }
}

impl Call {
    pub(super) fn request(&self, destination: &Destination<'_>) -> UpstreamRequest {
        let id = self.conversation_id.as_deref().unwrap_or_default();
        let mut request = match &self.operation {
            Operation::Chat(turn) => destination.post("/chat", self.chat(turn)),
            // Without the session, nothing would check whose conversation it is.
            _ => destination.get(&format!(
                "/conversations/{id}/messages?session_id={}&limit={MAX_MESSAGES}",
                self.session
            )),
        };
        if self.settings.dialect == Dialect::Documented {
            destination.authorise(&mut request, "Authorization", "Bearer ");
            request.headers.push("X-Domain", &self.settings.domain);
        }
        request
    }

    fn chat(&self, turn: &Turn) -> String {
        let mut body = Object::begin();
        body.text("message", &turn.prompt);
        match self.settings.dialect {
            Dialect::Documented => {
                if let Some(id) = &self.conversation_id {
                    body.text("conversationId", id);
                }
                let mut context = Object::begin();
                context.text("pageUrl", &turn.page_url);
                context.text("userId", &self.session);
                body.raw("context", &context.end());
            }
            Dialect::AsBuilt => {
                if let Some(id) = &self.conversation_id {
                    body.text("conversation_id", id);
                }
                body.text("session_id", &self.session);
                body.text("domain", &self.settings.domain);
            }
        }
        body.end()
    }

    pub(super) fn judge(&self, head: &ResponseHead) -> Judgement {
        if let Some(outcome) = reading::of_platform(head) {
            return Judgement::End(outcome);
        }
        let is_json = head.media_type == Some(MediaType::Json);
        match head.status {
            200..300 if is_json => Judgement::ReadAnswer,
            400.. if is_json => Judgement::ReadError,
            // What is not JSON comes from a gateway.
            503 => Judgement::End(Outcome::GatewayFailed),
            status => Judgement::End(self.by_status(status)),
        }
    }

    /// `body` is `None` if it could not be read. The time is in milliseconds since 1970.
    pub(super) fn read_error(
        &self,
        head: &ResponseHead,
        body: Option<&[u8]>,
        now: u64,
    ) -> UpstreamError {
        let code = body.and_then(|body| {
            let error = reading::object(body).ok()?;
            reading::text(&error, "code")
        });
        UpstreamError {
            outcome: self.outcome(head, code.as_deref().unwrap_or_default(), now),
            request_id: None,
        }
    }

    /// The reference gives codes without statuses, and the source statuses without codes.
    fn outcome(&self, head: &ResponseHead, code: &str, now: u64) -> Outcome {
        match code {
            "AUTH_INVALID" if self.settings.has_key() => Outcome::KeyRefused,
            "RATE_LIMIT_EXCEEDED" => limit(head, now),
            "RESOURCE_NOT_FOUND" => self.gone(),
            "INVALID_REQUEST" => reading::malformed(),
            // These two are for the merchant to fix.
            "DOMAIN_NOT_CONFIGURED" => {
                merchants(Setting::OmniopsDomain, "is not set up at the assistant")
            }
            "INSUFFICIENT_CREDITS" => {
                merchants(Setting::ApiKey, "belongs to an account without credit")
            }
            "INTERNAL_ERROR" => Outcome::EngineError,
            _ if head.status == 429 => limit(head, now),
            _ => self.by_status(head.status),
        }
    }

    fn by_status(&self, status: u16) -> Outcome {
        match status {
            401 | 403 if self.settings.has_key() => Outcome::KeyRefused,
            404 => self.gone(),
            // Only a body speaks of the domain's budget. This is a gateway's throttle.
            429 => Outcome::GatewayThrottled,
            // The engine's own error, or its model provider's. A retry may be a second turn, so
            // there is one at most.
            500 | 503 => Outcome::EngineError,
            502 => Outcome::GatewayFailed,
            _ => reading::malformed(),
        }
    }

    /// Returns what it means that the upstream does not know the conversation.
    fn gone(&self) -> Outcome {
        match self.operation {
            Operation::Chat(_) if self.conversation_id.is_some() => Outcome::ConversationGone,
            Operation::Chat(_) => reading::malformed(),
            _ => Outcome::Refused(Refusal::SessionNotFound),
        }
    }

    pub(super) fn read_answer(&mut self, body: &[u8], links: Links) -> Result<Reading, Outcome> {
        let whole = reading::object(body)?;
        if whole.get("success").and_then(Value::boolean) == Some(false) {
            return Err(match self.operation {
                Operation::History => Outcome::Refused(Refusal::SessionNotFound),
                _ => reading::malformed(),
            });
        }
        // The reference says that answers are wrapped, and shows one that is not.
        let answer = match whole.get("data") {
            Some(data @ Value::Object(_)) => data,
            _ => &whole,
        };
        if matches!(self.operation, Operation::History) {
            return Ok(Reading::History(parts::history(answer)));
        }
        let id = ["conversationId", "conversation_id"]
            .into_iter()
            .find_map(|name| reading::id(answer, name, MAX_ID_BYTES));
        if id.is_some() {
            self.conversation_id = id;
        }
        let said = reading::text(answer, "response").or_else(|| reading::text(answer, "message"));
        let answer = Answer {
            message: said.unwrap_or_default(),
            products: parts::products(answer, links),
            ..Answer::default()
        };
        if answer.is_empty() {
            return Err(Outcome::Refused(Refusal::UpstreamEmptyResponse));
        }
        Ok(Reading::Chat(answer))
    }

    pub(super) fn conversation(&self) -> Option<&str> {
        self.conversation_id.as_deref()
    }

    pub(super) fn forget_conversation(&mut self) {
        self.conversation_id = None;
    }
}

fn merchants(setting: Setting, reason: &str) -> Outcome {
    Outcome::Refused(Refusal::MisconfiguredProxy(vec![Mistake {
        setting,
        reason: reason.to_owned(),
    }]))
}

/// The budget of a domain is for a minute. Its end is a Unix time in seconds or milliseconds.
fn limit(head: &ResponseHead, now: u64) -> Outcome {
    let reset = head.reset.map(|reset| {
        let millis = if reset > MAX_SECONDS {
            reset
        } else {
            reset.saturating_mul(1_000)
        };
        u32::try_from(millis.saturating_sub(now).div_ceil(1_000)).unwrap_or(u32::MAX)
    });
    let minute = Window::Minute.seconds();
    Outcome::StoreLimited(StoreLimit {
        window: Some(Window::Minute),
        retry_after: head
            .retry_after
            .or(reset)
            .unwrap_or(minute)
            .clamp(1, minute),
    })
}
