//! The Homie AI chat API, 0.0.1, as its published contract describes it.
//!
//! A chat is created first, and then takes messages. Its id gives access to all of it, so the page
//! gets it only sealed.

use super::reading::{self, Links};
use super::{Capabilities, Destination, Ids, Judgement, Operation, Reading, UpstreamRequest};
use crate::attempts::Outcome;
use crate::contract::Refinement;
use crate::contract::answer::{
    Answer, MAX_PRODUCTS, MAX_REFINEMENTS, Message, Object, Product, Role,
};
use crate::contract::chat::Turn;
use crate::head::ResponseHead;
use crate::json::Value;
use crate::media_type::MediaType;
use crate::refusal::Refusal;
use crate::settings::{Mistake, Reader, Setting};

pub(super) const SETTINGS: &[Setting] = &[
    Setting::HomieChatbotId,
    Setting::HomieStore,
    Setting::AssistantAuth,
];
pub(super) const PUBLISHED_URLS: (Option<&str>, Option<&str>) =
    (Some("https://api.yourhomie.ai"), None);
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    streaming: false,
    history: true,
    pages: false,
    refinements: false,
    signup: false,
};
/// The first message needs one request to create the chat, and one to post the message.
pub(super) const LEAST_REQUESTS: u32 = 2;

/// The most messages of a conversation that are shown.
const MAX_MESSAGES: usize = 50;
/// The kind of the suggestions, which the contract does not name.
const SUGGESTION: &str = "suggestion";

/// What only this assistant needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    chatbot_id: String,
    store: Option<String>,
    auth: Auth,
}

/// How the key is sent. The published pages contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Auth {
    /// `x-api-key`, as the introduction says.
    ApiKey,
    /// `Authorization: Bearer`, as the OpenAPI document says.
    Bearer,
}

/// A request of a page on its way.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    settings: Settings,
    user_id: String,
    operation: Operation,
    /// The id of the chat, once it is created.
    chat_id: Option<String>,
}

impl Settings {
    /// A setting that is wrong stays empty. It is a mistake, so no worker runs with it.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let chatbot_id = reader.required(Setting::HomieChatbotId, &|text| {
            let id = uuid::Uuid::try_parse(text).map_err(|_| "must be a UUID")?;
            let mut buffer = uuid::Uuid::encode_buffer();
            Ok(id.hyphenated().encode_lower(&mut buffer).to_owned())
        });
        let store = reader.optional(Setting::HomieStore, &|text| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
            if text.len() <= 128 && text.bytes().all(is_plain) {
                Ok(text.to_owned())
            } else {
                Err("must be at most 128 letters, digits and -_.~".to_owned())
            }
        });
        let auth = reader.with_default(Setting::AssistantAuth, "x-api-key", &|text| match text {
            "x-api-key" => Ok(Auth::ApiKey),
            "bearer" => Ok(Auth::Bearer),
            _ => Err("must be x-api-key or bearer".to_owned()),
        });
        Self {
            chatbot_id: chatbot_id.unwrap_or_default(),
            store,
            auth: auth.unwrap_or(Auth::ApiKey),
        }
    }

    /// Returns the call for an operation in a conversation, or in a new one.
    ///
    /// Returns `None` if the assistant does not offer the operation.
    pub(super) fn call(
        &self,
        operation: Operation,
        ids: &Ids,
        chat_id: Option<String>,
    ) -> Option<Call> {
        let is_offered = operation.is_of_conversation(chat_id.is_some());
        is_offered.then(|| Call {
            settings: self.clone(),
            user_id: ids.shopper_uuid(),
            operation,
            chat_id,
        })
    }
}

impl Call {
    pub(super) fn request(&self, target: &Destination<'_>) -> UpstreamRequest {
        let mut request = match (&self.operation, &self.chat_id) {
            (Operation::Chat(turn), Some(id)) => self.message(turn, id, target),
            (Operation::History, Some(id)) => {
                target.get(&format!("/v1/chats/{id}/messages?size={MAX_MESSAGES}"))
            }
            _ => self.create(target),
        };
        let (header, prefix) = match self.settings.auth {
            Auth::ApiKey => ("x-api-key", ""),
            Auth::Bearer => ("Authorization", "Bearer "),
        };
        target.authorise(&mut request, header, prefix);
        request
    }

    fn create(&self, target: &Destination<'_>) -> UpstreamRequest {
        let mut body = Object::begin();
        body.text("chatbotId", &self.settings.chatbot_id);
        body.text("userId", &self.user_id);
        target.post("/v1/chats", body.end())
    }

    fn message(&self, turn: &Turn, id: &str, target: &Destination<'_>) -> UpstreamRequest {
        let mut body = Object::begin();
        body.text("message", &turn.prompt);
        body.text("currentUrl", &turn.page_url);
        let store = self.settings.store.as_ref();
        let query = store.map(|store| format!("?store={store}"));
        let query = query.unwrap_or_default();
        target.post(&format!("/v1/chats/{id}/messages{query}"), body.end())
    }

    /// The contract says nothing about errors, so they are judged by their status alone.
    pub(super) fn judge(&self, head: &ResponseHead) -> Judgement {
        if let Some(outcome) = reading::of_platform(head) {
            return Judgement::End(outcome);
        }
        let is_json = head.media_type == Some(MediaType::Json);
        Judgement::End(match head.status {
            200..300 if is_json => return Judgement::ReadAnswer,
            401 => Outcome::KeyRefused,
            // A 403 may stand for a key that is refused, or for a chat that is not there. Whether it
            // is the key shows when a new chat is created.
            403 if self.chat_id.is_none() => Outcome::KeyRefused,
            403 | 404 | 410 if self.operation == Operation::History => {
                Outcome::Refused(Refusal::SessionNotFound)
            }
            // The chat has expired or was deleted. Its shopper begins a new one.
            403 | 404 | 410 if self.chat_id.is_some() => Outcome::ConversationGone,
            // The chatbot is not there, which is for the merchant to fix.
            404 => Outcome::Refused(Refusal::MisconfiguredProxy(vec![Mistake {
                setting: Setting::HomieChatbotId,
                reason: "is unknown to the assistant".to_owned(),
            }])),
            // Nothing is said about limits, so this is a gateway's throttle.
            429 => Outcome::GatewayThrottled,
            // The engine's own error. A retry may be a second turn, so there is one at most.
            500 => Outcome::EngineError,
            502 | 503 => Outcome::GatewayFailed,
            _ => reading::malformed(),
        })
    }

    pub(super) fn read_answer(&mut self, body: &[u8], links: Links) -> Result<Reading, Outcome> {
        let answer = reading::object(body)?;
        match (&self.operation, &self.chat_id) {
            (Operation::History, _) => Ok(Reading::History(history(&answer, links))),
            (_, None) => {
                let id = answer.get("id").and_then(Value::text);
                let id = id.filter(|id| is_id(id)).ok_or(reading::malformed())?;
                self.chat_id = Some(id.into_owned());
                Ok(Reading::Continue)
            }
            (_, Some(_)) => message(&answer, links).map(Reading::Chat),
        }
    }

    pub(super) fn conversation(&self) -> Option<&str> {
        self.chat_id.as_deref()
    }

    pub(super) fn forget_conversation(&mut self) {
        self.chat_id = None;
    }
}

/// Returns whether an id can stand in a path as it is. The published ones are UUIDs.
fn is_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !id.is_empty() && id.len() <= 48 && id.bytes().all(is_plain)
}

fn history(answer: &Value<'_>, links: Links) -> Vec<Message> {
    let items = answer.get("items").map(Value::items).unwrap_or_default();
    let message = |item: &Value<'_>| {
        let is_answer = reading::text(item, "type").is_none_or(|kind| kind == "answer");
        Some(Message {
            role: if is_answer {
                Role::Assistant
            } else {
                Role::User
            },
            text: reading::text(item, "content")?,
            products: products(item, links),
            at: reading::text(item, "createdAt"),
        })
    };
    items
        .iter()
        .filter_map(message)
        .take(MAX_MESSAGES)
        .collect()
}

fn products(message: &Value<'_>, links: Links) -> Vec<Product> {
    let items = message
        .get("products")
        .map(Value::items)
        .unwrap_or_default();
    let products = items.iter().filter_map(|item| product(item, links));
    products.take(MAX_PRODUCTS).collect()
}

fn message(message: &Value<'_>, links: Links) -> Result<Answer, Outcome> {
    let suggestions = reading::texts(message.get("suggestions"));
    let answer = Answer {
        message: reading::text(message, "content").unwrap_or_default(),
        products: products(message, links),
        refinements: suggestions
            .map(|text| Refinement {
                text,
                kind: SUGGESTION.to_owned(),
            })
            .take(MAX_REFINEMENTS)
            .collect(),
        ..Answer::default()
    };
    if answer.message.is_empty() && answer.products.is_empty() {
        return Err(Outcome::Refused(Refusal::UpstreamEmptyResponse));
    }
    Ok(answer)
}

fn product(item: &Value<'_>, links: Links) -> Option<Product> {
    let status = item
        .get("availability")
        .and_then(|availability| reading::text(availability, "status"));
    Some(Product {
        id: reading::text(item, "gtin").unwrap_or_default(),
        handle: String::new(),
        title: reading::text(item, "designation")?,
        vendor: reading::text(item, "brand"),
        description: reading::text(item, "recommendationText")
            .or_else(|| reading::text(item, "description")),
        price: reading::number(item, "price"),
        currency: reading::text(item, "currency").unwrap_or_default(),
        image: reading::link(item, "image", links),
        // The introduction calls it `uri`, and the OpenAPI document `url`.
        url: reading::link(item, "uri", links).or_else(|| reading::link(item, "url", links)),
        available: match status.as_deref() {
            Some("in_stock") => Some(true),
            Some("out_of_stock") => Some(false),
            _ => None,
        },
    })
}
