//! The endpoint. It answers a request with a recommendation, an error or a fault.
//!
//! The order of the checks is method, key, limits, body. A request counts as soon as its key is
//! valid and none of its windows is full. It still counts if its body is refused or the engine
//! fails.

use std::sync::Mutex;

use hyper::{Method, StatusCode};
use uuid::Uuid;

use crate::contract::answer::Answer;
use crate::contract::point::FaultPoint;
use crate::contract::request::Request;
use crate::contract::sales_associate::errors::Code;
use crate::contract::sales_associate::keys::{Key, Keys, State};
use crate::contract::sales_associate::published::{
    BreachFields, Envelope, Item, Recommendation, Refinement,
};
use crate::contract::sales_associate::quota::{Breach, Caps, Quota, Usage};
use crate::contract::sales_associate::request::{self, Chat};
use crate::contract::shop::Shop;
use crate::engine::session::Sessions;
use crate::engine::turn::Hints;
use crate::lock::lock;

/// The assistant with its keys, its counters and its conversations.
pub struct SalesAssociate {
    keys: Keys,
    quota: Mutex<Quota>,
    sessions: Mutex<Sessions>,
}

impl SalesAssociate {
    pub fn new(keys: Keys) -> Self {
        Self {
            keys,
            quota: Mutex::default(),
            sessions: Mutex::default(),
        }
    }

    /// Answers a request to the endpoint.
    pub async fn answer(
        &self,
        shop: Shop<'_>,
        request: &Request<'_>,
        faults: impl FaultPoint,
    ) -> Answer {
        let origin = request.header("origin");
        if request.method == Method::OPTIONS {
            return self.preflight(origin);
        }
        let request_id = Uuid::new_v4().to_string();
        if request.method != Method::POST {
            return Code::MethodNotAllowed.answer(&request_id);
        }
        let known = request.header("x-api-key");
        let (number, key) = match known.and_then(|text| self.keys.find(text)) {
            Some((_, key)) if key.state == State::Misconfigured => {
                return Code::MisconfiguredApiKey.answer(&request_id);
            }
            Some((number, key)) if key.state == State::Enabled => (number, key),
            _ => return Code::InvalidApiKey.answer(&request_id),
        };
        let taken = lock(&self.quota).take(number, key.tier.caps(), shop.now_ms);
        let answer = match taken {
            Err(breach) => rate_limited(key, breach, &request_id),
            Ok(usage) => match request::check(request.body) {
                Err(code) => code.answer(&request_id),
                Ok(chat) => {
                    let good =
                        async { with_usage(self.recommend(shop, &chat, &request_id), key, usage) };
                    faults.pass(good).await
                }
            },
        };
        with_cors(answer, key, origin)
    }

    fn recommend(&self, shop: Shop<'_>, chat: &Chat, request_id: &str) -> Answer {
        let session_id = match &chat.session_id {
            Some(id) => id.clone(),
            None => Uuid::new_v4().to_string(),
        };
        let hints = Hints::of(
            chat.hint("recipient"),
            chat.hint("occasion"),
            chat.budget_max(),
        );
        let reply = lock(&self.sessions).turn(shop.catalogue, &session_id, &chat.prompt, hints);
        let body = Recommendation {
            session_id: &session_id,
            message: &reply.message,
            products: reply
                .products
                .into_iter()
                .map(|product| Item::new(product, shop))
                .collect(),
            intent: reply.intent,
            follow_up: &reply.follow_up,
            refinement_options: reply.chips.iter().map(Refinement::new).collect(),
            request_id,
        };
        Answer::json(StatusCode::OK, &body)
    }

    /// Answers a preflight. A preflight has no key, so an origin is allowed if any key lists it.
    fn preflight(&self, origin: Option<&str>) -> Answer {
        let answer = Answer::new(StatusCode::NO_CONTENT, "", "")
            .with("access-control-allow-methods", "POST,OPTIONS")
            .with("access-control-allow-headers", "Content-Type,X-Api-Key")
            .with("access-control-max-age", "600")
            .with("vary", "Origin");
        match origin.filter(|origin| self.keys.any_allows(origin)) {
            Some(origin) => answer.with("access-control-allow-origin", origin),
            None => answer,
        }
    }

    /// Replaces the caps of one key. Returns the reason if there is no such key.
    pub fn set_caps(&self, key: &str, caps: Caps) -> Result<(), String> {
        let (number, _) = self
            .keys
            .find(key)
            .ok_or_else(|| "There is no such key.\n".to_owned())?;
        lock(&self.quota).set_caps(number, caps);
        Ok(())
    }

    /// Forgets all conversations, all counters, and all caps that replaced those of a tier.
    pub fn reset(&self) {
        lock(&self.sessions).clear();
        lock(&self.quota).reset();
    }
}

fn with_usage(answer: Answer, key: &Key, usage: Usage) -> Answer {
    let number = |count: Option<u64>| count.map_or("unlimited".to_owned(), |n| n.to_string());
    answer
        .with("x-ratelimit-limit", &number(usage.limit))
        .with("x-ratelimit-remaining", &number(usage.remaining))
        .with("x-ratelimit-window", "hour")
        .with("x-ratelimit-tier", key.tier.name())
}

fn rate_limited(key: &Key, breach: Breach, request_id: &str) -> Answer {
    let Breach {
        window,
        limit,
        retry_after,
    } = breach;
    let message = format!(
        "Rate limit exceeded for window '{}' (cap {limit}). Retry after {retry_after}s.",
        window.name()
    );
    let mut body = Envelope::new(Code::RateLimited.name(), &message, request_id);
    body.breach = Some(BreachFields {
        limit_window: window.name(),
        limit,
        tier: key.tier.name(),
    });
    Answer::json(Code::RateLimited.status(), &body).with("retry-after", &retry_after.to_string())
}

/// Adds the CORS headers. An origin that the key does not list gets only `Vary`.
fn with_cors(answer: Answer, key: &Key, origin: Option<&str>) -> Answer {
    let answer = answer.and("vary", "Origin");
    // The fault `headers` sets its own headers.
    let is_set = answer.headers.contains_key("access-control-allow-origin");
    match origin.filter(|origin| key.allows(origin) && !is_set) {
        Some(origin) => answer.with("access-control-allow-origin", origin),
        None => answer,
    }
}
