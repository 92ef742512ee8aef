//! The Homie AI chat API, 0.0.1, as its published contract describes it.
//!
//! A chat is created first, and then takes messages. Its id gives access to all of it, so the page
//! gets it only sealed.

mod events;

use events::Listener;

use super::reading::{self, Links};
use super::{Capabilities, Destination, Ids, Judgement, Operation, Reading, UpstreamRequest};
use crate::attempts::Outcome;
use crate::contract::answer::{Answer, MAX_MESSAGES, MAX_PRODUCTS, Message, Object, Product, Role};
use crate::contract::chat::Turn;
use crate::contract::events::Part;
use crate::head::ResponseHead;
use crate::json::Value;
use crate::media_type::MediaType;
use crate::refusal::Refusal;
use crate::settings::{Mistake, Reader, Setting};

pub(super) const SETTINGS: &[Setting] = &[
    Setting::HomieChatbotId,
    Setting::HomieStore,
    Setting::AssistantAuth,
    Setting::HomieEvents,
];
pub(super) const PUBLISHED_URLS: (Option<&str>, Option<&str>) =
    (Some("https://api.yourhomie.ai"), None);
/// A message to a chat that is gone, the creation of a new chat, and the message once more.
pub(super) const LEAST_REQUESTS: u32 = 3;

/// The kind of the suggestions, which the contract does not name.
const SUGGESTION: &str = "suggestion";
/// The longest id of a chat, in bytes. The published ones are UUIDs.
const MAX_ID_BYTES: usize = 48;

/// What only this assistant needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    chatbot_id: String,
    store: Option<String>,
    auth: Auth,
    events: Option<Events>,
}

/// How the key is sent. The published pages contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Auth {
    /// `x-api-key`, as the introduction says.
    ApiKey,
    /// `Authorization: Bearer`, as the OpenAPI document says.
    Bearer,
}

/// Where the events of a chat are. The published pages contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Events {
    /// As the introduction says.
    OfChat,
    /// As the OpenAPI document says.
    OfMessages,
}

/// A request of a page on its way.
#[derive(Debug, PartialEq, Eq)]
pub struct Call {
    settings: Settings,
    user_id: String,
    operation: Operation,
    /// The id of the chat, once it is created.
    chat_id: Option<String>,
    /// Whether it was created for this message. Then nobody but us is forbidden it.
    is_new: bool,
    listener: Listener,
}

impl Settings {
    /// A setting that is wrong stays empty. It is a mistake, so no worker runs with it.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let chatbot_id = reader.required(Setting::HomieChatbotId, &|text| {
            let id = uuid::Uuid::try_parse(text).map_err(|_| "must be a UUID")?;
            Ok(id.to_string())
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
        let events = reader.with_default(Setting::HomieEvents, "chat", &|text| match text {
            "chat" => Ok(Some(Events::OfChat)),
            "messages" => Ok(Some(Events::OfMessages)),
            "none" => Ok(None),
            _ => Err("must be chat, messages or none".to_owned()),
        });
        Self {
            chatbot_id: chatbot_id.unwrap_or_default(),
            store,
            auth: auth.unwrap_or(Auth::ApiKey),
            events: events.unwrap_or_default(),
        }
    }

    pub(super) const fn capabilities(&self) -> Capabilities {
        Capabilities {
            streaming: self.events.is_some(),
            history: true,
            pages: false,
            refinements: false,
            signup: false,
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
            is_new: false,
            listener: Listener::default(),
        })
    }
}

impl Events {
    const fn path(self) -> &'static str {
        match self {
            Self::OfChat => "events",
            Self::OfMessages => "messages/events",
        }
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
        self.authorise(&mut request, target);
        request
    }

    /// Returns the request for the events of the message that is posted next, if there are any.
    pub(super) fn events_request(&self, destination: &Destination<'_>) -> Option<UpstreamRequest> {
        let Operation::Chat(_) = self.operation else {
            return None;
        };
        let (id, path) = (self.chat_id.as_ref()?, self.settings.events?.path());
        let mut request = destination.listen(&format!("/v1/chats/{id}/{path}"));
        self.authorise(&mut request, destination);
        Some(request)
    }

    fn authorise(&self, request: &mut UpstreamRequest, destination: &Destination<'_>) {
        let (header, prefix) = match self.settings.auth {
            Auth::ApiKey => ("x-api-key", ""),
            Auth::Bearer => ("Authorization", "Bearer "),
        };
        destination.authorise(request, header, prefix);
    }

    /// Reads a piece of the events.
    pub(super) fn read_events(&mut self, piece: &[u8]) -> Vec<Part> {
        self.listener.read(piece, self.chat_id.as_deref())
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
            403 if self.chat_id.is_none() || self.is_new => Outcome::KeyRefused,
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
                let id = reading::id(&answer, "id", MAX_ID_BYTES);
                self.chat_id = Some(id.ok_or(reading::malformed())?);
                self.is_new = true;
                Ok(Reading::Continue)
            }
            (_, Some(_)) => message(&answer, links).map(Reading::Chat),
        }
    }

    pub(super) fn conversation(&self) -> Option<&str> {
        self.chat_id.as_deref()
    }

    pub(super) fn carries_message(&self) -> bool {
        self.chat_id.is_some()
    }

    pub(super) fn forget_conversation(&mut self) {
        self.chat_id = None;
    }
}

fn history(answer: &Value<'_>, links: Links) -> Vec<Message> {
    let mut items = reading::items(answer, "items").iter();
    reading::list(&mut items, MAX_MESSAGES, &|item| {
        let is_answer = reading::text(item, "type").is_none_or(|kind| kind == "answer");
        let message = Message {
            role: if is_answer {
                Role::Assistant
            } else {
                Role::User
            },
            text: reading::text(item, "content").unwrap_or_default(),
            products: products(item, links),
            at: reading::text(item, "createdAt"),
        };
        let is_empty = message.text.is_empty() && message.products.is_empty();
        (!is_empty).then_some(message)
    })
}

fn products(message: &Value<'_>, links: Links) -> Vec<Product> {
    let mut items = reading::items(message, "products").iter();
    reading::list(&mut items, MAX_PRODUCTS, &|item| product(item, links))
}

fn message(message: &Value<'_>, links: Links) -> Result<Answer, Outcome> {
    let answer = Answer {
        message: reading::text(message, "content").unwrap_or_default(),
        products: products(message, links),
        refinements: reading::refinements(reading::items(message, "suggestions"), SUGGESTION),
        ..Answer::default()
    };
    if answer.is_empty() {
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
