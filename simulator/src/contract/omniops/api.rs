//! The API: chats and their history.
//!
//! The order of the checks is access, limits, body.

use std::sync::Mutex;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::contract::answer::Answer;
use crate::contract::kept::Kept;
use crate::contract::omniops::conversations::Conversation;
use crate::contract::omniops::errors::{Kind, Mistake};
use crate::contract::omniops::limits::{Limits, Usage};
use crate::contract::omniops::published;
use crate::contract::omniops::requests::{self, Chat};
use crate::contract::omniops::routes::{self, Endpoint};
use crate::contract::omniops::settings::{Dialect, Settings};
use crate::contract::point::FaultPoint;
use crate::contract::request::Request;
use crate::contract::shop::Shop;
use crate::contract::switches::{Changes, Switches};
use crate::engine::session::Sessions;
use crate::engine::turn::Hints;
use crate::lock::lock;

/// The assistant with its counters and its conversations.
pub struct Omniops {
    pub switches: Switches<Settings>,
    limits: Mutex<Limits>,
    conversations: Mutex<Kept<Conversation>>,
    sessions: Mutex<Sessions>,
}

impl Omniops {
    pub fn new(changes: &Changes) -> Result<Self, String> {
        Ok(Self {
            switches: Switches::new(Settings::default(), changes)?,
            limits: Mutex::default(),
            conversations: Mutex::default(),
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
        let refused = |mistake: Mistake| mistake.answer(settings.dialect, shop.now_ms);
        match Endpoint::find(request.method, request.path) {
            None => routes::stray(),
            Some(Endpoint::History(id)) => match requests::limit(request) {
                Err(mistake) => refused(mistake),
                Ok(limit) => {
                    let session = request.parameter("session_id");
                    faults
                        .pass(async { self.history(&id, session.as_deref(), limit) })
                        .await
                }
            },
            Some(Endpoint::Chat) => {
                let domain = match requests::domain(&settings, request) {
                    Ok(domain) => domain,
                    Err(mistake) => return refused(mistake),
                };
                let usage = lock(&self.limits).take(&domain, &settings, shop.now_ms);
                if let Some(wait) = usage.wait {
                    let details = json!({ "limit": usage.limit, "retryAfter": wait });
                    let mistake = Mistake::new(Kind::RateLimit, "Rate limit exceeded", details);
                    return usage.told(refused(mistake), settings.reset);
                }
                match requests::chat(settings.dialect, request.body) {
                    Err(mistake) => told(&settings, usage, refused(mistake)),
                    Ok(chat) => {
                        let good =
                            async { told(&settings, usage, self.chat(&settings, shop, chat)) };
                        faults.pass(good).await
                    }
                }
            }
        }
    }

    fn chat(&self, settings: &Settings, shop: Shop<'_>, chat: Chat) -> Answer {
        let id = match chat.conversation {
            Some(id) => id,
            None => Uuid::new_v4().to_string(),
        };
        let mut sessions = lock(&self.sessions);
        let reply = sessions.turn(shop.catalogue, &id, &chat.message, Hints::default());
        let text = format!("{}\n\n{}", reply.message, reply.follow_up);
        let mut conversations = lock(&self.conversations);
        if conversations.get(&id).is_none() {
            conversations.put(&id, Conversation::new(chat.session, shop));
        }
        if let Some(conversation) = conversations.get_mut(&id) {
            conversation.add("user", &chat.message, shop);
            conversation.add("assistant", &text, shop);
        }
        published::chat(settings, shop, &id, &text, &reply)
    }

    fn history(&self, id: &str, session: Option<&str>, limit: usize) -> Answer {
        let conversations = lock(&self.conversations);
        let found = conversations.get(id);
        published::history(id, found.filter(|c| c.shows_to(session)), limit)
    }

    /// Returns the conversations.
    pub fn state(&self) -> Value {
        let conversations = lock(&self.conversations);
        let list: Vec<Value> = conversations
            .iter()
            .map(|(id, conversation)| {
                let messages = conversation.messages.len();
                json!({ "id": id, "session_id": conversation.session, "messages": messages })
            })
            .collect();
        json!({ "conversations": list })
    }

    /// Forgets everything, and puts the switches back.
    pub fn reset(&self) {
        self.switches.reset();
        lock(&self.limits).clear();
        lock(&self.conversations).clear();
        lock(&self.sessions).clear();
    }
}

/// Adds the headers about the limits. As built, only a refusal has them.
fn told(settings: &Settings, usage: Usage, answer: Answer) -> Answer {
    match settings.dialect {
        Dialect::Documented => usage.told(answer, settings.reset),
        Dialect::AsBuilt => answer,
    }
}
