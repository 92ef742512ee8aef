//! The API: it creates chats, answers messages, sends events and shows the history.
//!
//! The order of the checks is key, chat, body.

use std::sync::Mutex;
use std::time::Duration;

use hyper::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::answer::{Answer, Delivery};
use crate::contract::homie::chats::{self, Chat};
use crate::contract::homie::errors::Refusal;
use crate::contract::homie::events;
use crate::contract::homie::published;
use crate::contract::homie::requests::{self, Creation, Page};
use crate::contract::homie::routes::{self, Endpoint};
use crate::contract::homie::settings::{End, Events, History, Outcome, Settings, Unknown};
use crate::contract::kept::Kept;
use crate::contract::live::Live;
use crate::contract::point::FaultPoint;
use crate::contract::request::Request;
use crate::contract::shop::Shop;
use crate::contract::switches::{Changes, Switches};
use crate::engine::session::Sessions;
use crate::engine::turn::Hints;
use crate::lock::lock;

/// The assistant with its chats.
pub struct Homie {
    pub switches: Switches<Settings>,
    chats: Mutex<Kept<Chat>>,
    sessions: Mutex<Sessions>,
}

/// A request that passed the checks.
enum Call {
    Create(Creation),
    Message(String, String),
    History(String, Page),
    Events(String),
}

impl Homie {
    pub fn new(changes: &Changes) -> Result<Self, String> {
        Ok(Self {
            switches: Switches::new(Settings::default(), changes)?,
            chats: Mutex::default(),
            sessions: Mutex::default(),
        })
    }

    /// Answers a request to one of the endpoints.
    pub async fn answer(
        &self,
        shop: Shop<'_>,
        request: &Request<'_>,
        faults: impl FaultPoint,
    ) -> Answer {
        let settings = self.switches.get();
        match self.check(&settings, request) {
            Ok(call) => faults.pass(self.perform(&settings, shop, call)).await,
            Err(refusal) => refusal.answer(),
        }
    }

    fn check(&self, settings: &Settings, request: &Request<'_>) -> Result<Call, Refusal> {
        let stray = || routes::stray(request.method, request.path);
        let endpoint = Endpoint::find(request.method, request.path).ok_or_else(stray)?;
        if let Endpoint::Events(_, path) = &endpoint
            && settings.events != Events::Both
            && settings.events != *path
        {
            return Err(stray());
        }
        requests::key(settings, request)?;
        Ok(match endpoint {
            Endpoint::Create => {
                let creation = requests::creation(request.body)?;
                if creation.chatbot != settings.chatbot {
                    return Err(unknown(settings, "Chatbot"));
                }
                Call::Create(creation)
            }
            Endpoint::Message(chat) => {
                self.known(settings, &chat)?;
                Call::Message(chat, requests::message(request.body)?)
            }
            Endpoint::History(chat) => {
                self.known(settings, &chat)?;
                Call::History(chat, requests::page(request)?)
            }
            Endpoint::Events(chat, _) => {
                self.known(settings, &chat)?;
                Call::Events(chat)
            }
        })
    }

    fn known(&self, settings: &Settings, chat: &str) -> Result<(), Refusal> {
        match lock(&self.chats).get(chat) {
            Some(_) => Ok(()),
            None => Err(unknown(settings, "Chat")),
        }
    }

    async fn perform(&self, settings: &Settings, shop: Shop<'_>, call: Call) -> Answer {
        let answer = match call {
            Call::Create(creation) => Some(self.create(shop, creation)),
            Call::Message(chat, text) => self.message(settings, shop, &chat, &text).await,
            Call::History(chat, page) => self.history(settings, &chat, &page),
            Call::Events(chat) => self.events(settings, &chat),
        };
        // The chat was there when it was checked. It has been forgotten since.
        answer.unwrap_or_else(|| unknown(settings, "Chat").answer())
    }

    fn create(&self, shop: Shop<'_>, creation: Creation) -> Answer {
        let id = Uuid::new_v4().to_string();
        let Creation { chatbot, user } = creation;
        let body = published::chat(&id, &chatbot, user.as_deref(), &shop.now());
        lock(&self.chats).put(&id, Chat::new(chatbot, user));
        Answer::json(StatusCode::CREATED, &body)
    }

    /// Answers a message. The events come first, and the answer once the whole reply is there.
    async fn message(
        &self,
        settings: &Settings,
        shop: Shop<'_>,
        chat: &str,
        text: &str,
    ) -> Option<Answer> {
        let question = published::question(chat, text, shop);
        lock(&self.chats).get_mut(chat)?.messages.push(question);
        let (content, answer) = {
            let mut sessions = lock(&self.sessions);
            let reply = sessions.turn(shop.catalogue, chat, text, Hints::default());
            // The sign is no ASCII, so an event can be torn inside of a character.
            let content = format!("✨ {}\n\n{}", reply.message, reply.follow_up);
            let answer = published::answer(chat, &content, &reply, settings.link, shop);
            (content, answer)
        };
        for event in events::of(settings, chat, text, &content) {
            tokio::time::sleep(Duration::from_millis(settings.pace)).await;
            lock(&self.chats).get_mut(chat)?.tell(&event);
        }
        let mut chats = lock(&self.chats);
        let chat = chats.get_mut(chat)?;
        if settings.end == End::Close {
            chat.hang_up();
        }
        if settings.outcome == Outcome::Failed {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Some(Refusal::new(status, "Internal server error").answer());
        }
        chat.messages.push(answer.clone());
        Some(Answer::json(StatusCode::CREATED, &answer))
    }

    fn history(&self, settings: &Settings, chat: &str, page: &Page) -> Option<Answer> {
        let chats = lock(&self.chats);
        let mut messages = chats.get(chat)?.messages.clone();
        if settings.history == History::Answers {
            messages.retain(|message| message.get("type") == Some(&json!("answer")));
        }
        Some(published::history(&messages, page))
    }

    fn events(&self, settings: &Settings, chat: &str) -> Option<Answer> {
        let mut chats = lock(&self.chats);
        let chat = chats.get_mut(chat)?;
        let (sender, receiver) = chat.listen();
        if settings.end == End::AtOnce {
            chat.hang_up();
        }
        if settings.comments {
            let _ = sender.send(events::COMMENT.into());
        }
        let answer = Answer::events(Live::new(receiver));
        Some(match settings.torn {
            true => answer.delivered(Delivery::Torn),
            false => answer,
        })
    }

    /// Returns the chats.
    pub fn state(&self) -> Value {
        json!({ "chats": chats::to_json(&lock(&self.chats)) })
    }

    /// Forgets all chats, and puts the switches back.
    pub fn reset(&self) {
        self.switches.reset();
        lock(&self.chats).clear();
        lock(&self.sessions).clear();
    }
}

fn unknown(settings: &Settings, what: &str) -> Refusal {
    match settings.unknown {
        Unknown::NotFound => Refusal::new(StatusCode::NOT_FOUND, format!("{what} not found")),
        Unknown::Forbidden => Refusal::new(StatusCode::FORBIDDEN, "Forbidden resource"),
    }
}
