//! The endpoint. It answers a request with a recommendation, an error or a fault.
//!
//! The order of the checks is method, key, limits, body. A request counts as soon as its key is
//! valid and none of its windows is full. It still counts if its body is refused or the engine
//! fails.

use bytes::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use crate::contract::answer::Answer;
use crate::contract::errors::Code;
use crate::contract::keys::{Key, State};
use crate::contract::published::{BreachFields, Envelope, Item, Recommendation, Refinement};
use crate::contract::quota::{Breach, Usage};
use crate::contract::request::{self, Chat};
use crate::engine::reply;
use crate::engine::turn::Hints;
use crate::faults::fault::{self, Named};
use crate::faults::sabotage::{self, Victim};
use crate::lock::lock;
use crate::server::app::App;
use crate::server::record::Ticket;

/// The name of the hint in the context that requests a fault.
const FAULT_HINT: &str = "simulator_fault";

/// Answers a request to the endpoint.
pub async fn answer(app: &App, parts: &Parts, body: &Bytes, ticket: Option<&Ticket>) -> Answer {
    let origin = header(parts, "origin");
    if parts.method == Method::OPTIONS {
        return preflight(app, origin);
    }
    let request_id = Uuid::new_v4().to_string();
    if parts.method != Method::POST {
        return Code::MethodNotAllowed.answer(&request_id);
    }
    let known = header(parts, "x-api-key").and_then(|text| app.keys.find(text));
    let (number, key) = match known {
        Some((_, key)) if key.state == State::Misconfigured => {
            return Code::MisconfiguredApiKey.answer(&request_id);
        }
        Some((number, key)) if key.state == State::Enabled => (number, key),
        _ => return Code::InvalidApiKey.answer(&request_id),
    };
    let taken = lock(&app.quota).take(number, key.tier.caps(), (app.now_ms)());
    let answer = match taken {
        Err(breach) => rate_limited(key, breach, &request_id),
        Ok(usage) => match request::check(body) {
            Err(code) => code.answer(&request_id),
            Ok(chat) => {
                let good = || with_usage(recommend(app, &chat, &request_id), key, usage);
                match fault(app, &chat) {
                    Ok(None) => good(),
                    Ok(Some(named)) => {
                        if let Some(ticket) = ticket {
                            ticket.fault(&named.name);
                        }
                        let victim = Victim {
                            headers: &parts.headers,
                            url: &app.url,
                        };
                        sabotage::apply(named.fault, victim, good).await
                    }
                    Err(reason) => Answer::text(StatusCode::BAD_REQUEST, reason),
                }
            }
        },
    };
    with_cors(answer, key, origin)
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

/// Returns the fault for this chat. Its own hint takes precedence over the order for all chats.
fn fault(app: &App, chat: &Chat) -> Result<Option<Named>, String> {
    let Some(control) = &app.control else {
        return Ok(None);
    };
    let session = chat.session_id.as_deref();
    match chat.context.get(FAULT_HINT) {
        Some(Value::String(text)) => {
            let order = text.parse()?;
            Ok(Some(lock(&control.turns).next(&order, session)))
        }
        Some(other) => Err(fault::unknown(&other.to_string())),
        None => Ok(control.switch.take(session)),
    }
}

fn recommend(app: &App, chat: &Chat, request_id: &str) -> Answer {
    let session_id = match &chat.session_id {
        Some(id) => id.clone(),
        None => Uuid::new_v4().to_string(),
    };
    let hints = Hints::of(
        chat.hint("recipient"),
        chat.hint("occasion"),
        chat.budget_max(),
    );
    let reply = {
        let mut sessions = lock(&app.sessions);
        let before = sessions.get(&session_id);
        let (after, reply) = reply::to(&app.catalogue, &before, &chat.prompt, hints);
        sessions.put(&session_id, after);
        reply
    };
    let body = Recommendation {
        session_id: &session_id,
        message: &reply.message,
        products: reply
            .products
            .into_iter()
            .map(|product| Item::new(product, &app.url, &app.storefront))
            .collect(),
        intent: reply.intent,
        follow_up: &reply.follow_up,
        refinement_options: reply.chips.iter().map(Refinement::new).collect(),
        request_id,
    };
    Answer::json(StatusCode::OK, &body)
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

/// Answers a preflight. A preflight has no key, so an origin is allowed if any key lists it.
fn preflight(app: &App, origin: Option<&str>) -> Answer {
    let answer = Answer::new(StatusCode::NO_CONTENT, "", "")
        .with("access-control-allow-methods", "POST,OPTIONS")
        .with("access-control-allow-headers", "Content-Type,X-Api-Key")
        .with("access-control-max-age", "600")
        .with("vary", "Origin");
    match origin.filter(|origin| app.keys.any_allows(origin)) {
        Some(origin) => answer.with("access-control-allow-origin", origin),
        None => answer,
    }
}
