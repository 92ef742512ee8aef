//! The API: it stores conversations and memories of a person, and lists them.
//!
//! The order of the checks is access, body or query, limits.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use crate::contract::answer::Answer;
use crate::contract::omi::errors::Refusal;
use crate::contract::omi::limits::Limits;
use crate::contract::omi::published;
use crate::contract::omi::requests::{self, Page, Selection};
use crate::contract::omi::routes::{self, Endpoint};
use crate::contract::omi::settings::{Answers, Capability, Settings};
use crate::contract::omi::stored::{Conversation, Memory, Stored};
use crate::contract::omi::writes::{self, NewConversation, NewMemory};
use crate::contract::point::FaultPoint;
use crate::contract::request::Request;
use crate::contract::shop::Shop;
use crate::contract::switches::{Changes, Switches};
use crate::lock::lock;

/// The API with what it stores.
pub struct Omi {
    pub switches: Switches<Settings>,
    limits: Mutex<Limits>,
    stored: Mutex<Stored>,
}

/// A request that passed the checks.
enum Call {
    Conversation(NewConversation),
    Memories(Vec<NewMemory>),
    ListConversations(Selection, Page),
    ListMemories(Page),
}

impl Omi {
    pub fn new(changes: &Changes) -> Result<Self, String> {
        Ok(Self {
            switches: Switches::new(Settings::default(), changes)?,
            limits: Mutex::default(),
            stored: Mutex::default(),
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
            Ok((uid, call)) => faults.pass(self.perform(&settings, shop, uid, call)).await,
            Err(refusal) => refusal.answer(),
        }
    }

    /// Returns the person, and what to do.
    fn check(
        &self,
        settings: &Settings,
        shop: Shop<'_>,
        request: &Request<'_>,
    ) -> Result<(String, Call), Refusal> {
        let endpoint = Endpoint::find(request.method, request.path).ok_or_else(routes::stray)?;
        let uid = requests::person(settings, &endpoint, request)?;
        let count = |kind, most| {
            let taken = lock(&self.limits).take(kind, &uid, most, shop.now_ms);
            taken.map_err(Refusal::busy)
        };
        let call = match endpoint.capability {
            Capability::CreateConversations => {
                let new = writes::conversation(request.body, shop.now_ms)?;
                count("conversations", settings.conversation_limit)?;
                Call::Conversation(new)
            }
            Capability::CreateMemories => {
                let new = writes::memories(settings, request.body)?;
                count("memories", settings.memory_limit)?;
                Call::Memories(new)
            }
            Capability::ReadConversations => {
                let selection = requests::selection(settings, request)?;
                Call::ListConversations(selection, requests::page(request)?)
            }
            Capability::ReadMemories => Call::ListMemories(requests::page(request)?),
        };
        Ok((uid, call))
    }

    async fn perform(
        &self,
        settings: &Settings,
        shop: Shop<'_>,
        uid: String,
        call: Call,
    ) -> Answer {
        match call {
            Call::Conversation(new) => {
                self.store(settings, shop, uid, new);
                if settings.answers == Answers::WhenDone {
                    tokio::time::sleep(Duration::from_millis(settings.work)).await;
                }
                published::written()
            }
            Call::Memories(list) => {
                let mut stored = lock(&self.stored);
                for NewMemory { content, tags } in list {
                    stored.add_memory(Memory {
                        uid: uid.clone(),
                        id: Uuid::new_v4().to_string(),
                        content,
                        created: shop.now(),
                        tags,
                    });
                }
                published::written()
            }
            Call::ListConversations(selection, page) => {
                let stored = lock(&self.stored);
                let list = stored.conversations(&uid).filter(|own| {
                    let status = own.status(shop.now_ms);
                    // What is still being worked on has to be asked for.
                    let fits = match selection.statuses.as_slice() {
                        [] => status == "completed",
                        statuses => statuses.iter().any(|own| own == status),
                    };
                    fits && (selection.discarded || !own.is_discarded())
                });
                published::conversations(settings, list.skip(page.offset).take(page.limit))
            }
            Call::ListMemories(page) => {
                let stored = lock(&self.stored);
                let list = stored.memories(&uid);
                published::memories(settings, list.skip(page.offset).take(page.limit))
            }
        }
    }

    fn store(&self, settings: &Settings, shop: Shop<'_>, uid: String, new: NewConversation) {
        lock(&self.stored).add_conversation(Conversation {
            uid,
            id: Uuid::new_v4().to_string(),
            text: new.text,
            created: shop.now(),
            started: new.started,
            finished: new.finished,
            geolocation: new.geolocation,
            done_ms: shop.now_ms.saturating_add(settings.work),
        });
    }

    /// Returns what is stored of all people.
    pub fn state(&self) -> Value {
        lock(&self.stored).to_json()
    }

    /// Forgets everything, and puts the switches back.
    pub fn reset(&self) {
        self.switches.reset();
        lock(&self.limits).clear();
        lock(&self.stored).clear();
    }
}
