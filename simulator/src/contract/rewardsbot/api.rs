//! The API: chats, pages of products, clicks and sign-ups. It asks for no key.
//!
//! It also answers the paths that a proxy must never call, so that a test can see that none did.

use std::sync::Mutex;

use hyper::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::contract::answer::Answer;
use crate::contract::kept::Kept;
use crate::contract::point::FaultPoint;
use crate::contract::request::Request;
use crate::contract::rewardsbot::errors::Refusal;
use crate::contract::rewardsbot::published;
use crate::contract::rewardsbot::ranking::Ranking;
use crate::contract::rewardsbot::requests::{self, Chat};
use crate::contract::rewardsbot::routes::{self, Endpoint};
use crate::contract::rewardsbot::settings::{Expired, Settings};
use crate::contract::shop::Shop;
use crate::contract::switches::{Changes, Switches};
use crate::engine::session::Sessions;
use crate::engine::turn::Hints;
use crate::lock::lock;

/// The most clicks and sign-ups that are listed. Later ones are accepted and not listed.
const LISTED: usize = 20_000;

/// The assistant with its conversations.
pub struct RewardsBot {
    pub switches: Switches<Settings>,
    sessions: Mutex<Sessions>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// The rankings by their session id.
    rankings: Kept<Ranking>,
    /// The turns of each conversation, for `/spy`.
    turns: Kept<Vec<Value>>,
    clicks: Vec<Map<String, Value>>,
    signups: Vec<Map<String, Value>>,
}

/// A request that passed the checks.
enum Call {
    Chat(String, Chat),
    Page(String, usize),
    Click(Map<String, Value>),
    Signup(Map<String, Value>),
    Spy(String),
    /// A path that a proxy must never call.
    Forbidden,
}

impl RewardsBot {
    pub fn new(changes: &Changes) -> Result<Self, String> {
        Ok(Self {
            switches: Switches::new(Settings::default(), changes)?,
            sessions: Mutex::default(),
            memory: Mutex::default(),
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
        match self.check(&settings, shop, request) {
            Ok(call) => {
                let good = async { self.perform(&settings, shop, call) };
                faults.pass(good).await
            }
            Err(refusal) => refusal.answer(),
        }
    }

    fn check(
        &self,
        settings: &Settings,
        shop: Shop<'_>,
        request: &Request<'_>,
    ) -> Result<Call, Refusal> {
        let endpoint = Endpoint::find(request.method, request.path).ok_or_else(routes::stray)?;
        Ok(match endpoint {
            Endpoint::Chat(id) => Call::Chat(id, requests::chat(request.body)?),
            Endpoint::Pages {
                conversation,
                session,
                index,
            } => {
                let index = requests::page(&index)?;
                self.still_there(settings, shop, &conversation, &session)?;
                Call::Page(session, index)
            }
            Endpoint::Clicks(id) => Call::Click(requests::click(request.body, &id)?),
            Endpoint::Signup(id) => {
                let mut signup = requests::signup(request.body)?;
                signup.insert("convo_id".to_owned(), id.into());
                Call::Signup(signup)
            }
            Endpoint::Spy(id) => Call::Spy(id),
            Endpoint::Discovery if request.header("x-api-key").is_none() => {
                return Err(Refusal::new(StatusCode::FORBIDDEN, "Not authenticated"));
            }
            Endpoint::ClickLink(_) | Endpoint::Offers | Endpoint::Discovery => Call::Forbidden,
        })
    }

    /// Returns an error unless there is such a ranking and it has not expired.
    fn still_there(
        &self,
        settings: &Settings,
        shop: Shop<'_>,
        conversation: &str,
        session: &str,
    ) -> Result<(), Refusal> {
        let memory = lock(&self.memory);
        let ranking = memory.rankings.get(session);
        match ranking.filter(|ranking| ranking.conversation == conversation) {
            None => Err(Refusal::new(
                StatusCode::NOT_FOUND,
                "Ranking session not found",
            )),
            Some(ranking) if shop.now_ms >= ranking.ends_ms => Err(match settings.expired {
                Expired::Gone => Refusal::new(StatusCode::GONE, "Ranking session expired"),
                Expired::NotFound => Refusal::new(StatusCode::NOT_FOUND, "Not Found"),
            }),
            Some(_) => Ok(()),
        }
    }

    fn perform(&self, settings: &Settings, shop: Shop<'_>, call: Call) -> Answer {
        match call {
            Call::Chat(conversation, chat) => self.chat(settings, shop, &conversation, chat),
            Call::Page(session, index) => {
                let memory = lock(&self.memory);
                match memory.rankings.get(&session) {
                    Some(ranking) => {
                        published::page(ranking, &session, index, &ranking.page(index))
                    }
                    None => routes::stray().answer(),
                }
            }
            Call::Click(click) => {
                listed(&mut lock(&self.memory).clicks, click);
                accepted()
            }
            Call::Signup(signup) => {
                listed(&mut lock(&self.memory).signups, signup);
                accepted()
            }
            Call::Spy(conversation) => {
                let turns = lock(&self.memory).turns.get(&conversation).cloned();
                let body = json!({ "convo_id": conversation, "turns": turns.unwrap_or_default() });
                Answer::json(StatusCode::OK, &body)
            }
            Call::Forbidden => Answer::json(StatusCode::OK, &json!({ "status": "ok" })),
        }
    }

    fn chat(&self, settings: &Settings, shop: Shop<'_>, conversation: &str, chat: Chat) -> Answer {
        let mut sessions = lock(&self.sessions);
        let hints = Hints::default();
        let reply = sessions.turn(shop.catalogue, conversation, &chat.prompt, hints);
        let more = match reply.products.is_empty() {
            true => Vec::new(),
            false => sessions.beyond(shop.catalogue, conversation),
        };
        let ranking = Ranking {
            conversation: conversation.to_owned(),
            query: chat.prompt,
            page_size: settings.page_size,
            ends_ms: shop.now_ms.saturating_add(settings.lifetime),
            items: reply
                .products
                .iter()
                .chain(&more)
                .map(|product| published::product(product, &Uuid::new_v4().to_string(), shop))
                .collect(),
        };
        let session = Uuid::new_v4().to_string();
        let body = published::chat(conversation, &session, &reply, &ranking.page(0), settings);
        let turn = json!({ "chat": chat.text, "answer": body });
        let mut memory = lock(&self.memory);
        memory.rankings.put(&session, ranking);
        match memory.turns.get_mut(conversation) {
            Some(turns) => turns.push(turn),
            None => memory.turns.put(conversation, vec![turn]),
        }
        Answer::json(StatusCode::OK, &body)
    }

    /// Returns the clicks and the sign-ups, in the order in which they came.
    pub fn state(&self) -> Value {
        let memory = lock(&self.memory);
        json!({ "clicks": memory.clicks, "signups": memory.signups })
    }

    /// Forgets everything, and puts the switches back.
    pub fn reset(&self) {
        self.switches.reset();
        lock(&self.sessions).clear();
        *lock(&self.memory) = Memory::default();
    }
}

fn listed(list: &mut Vec<Map<String, Value>>, entry: Map<String, Value>) {
    if list.len() < LISTED {
        list.push(entry);
    }
}

fn accepted() -> Answer {
    Answer::new(StatusCode::ACCEPTED, "", "")
}
