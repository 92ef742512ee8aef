//! The end of a request: its reply and its log line.

use base64ct::{Base64UrlUnpadded, Encoding};
use wasm_bindgen::JsValue;
use worker::web_sys::Response;

use super::{Answer, Facts, Stop, bindings, now};
use crate::arrival::Arrival;
use crate::gate::Gate;
use crate::log::{self, Line};
use crate::refusal::Refusal;
use crate::reply::{self, Audience, Body, Reply};

/// Makes the reply and writes the line.
pub fn finish(
    gate: &Gate,
    arrival: &Arrival<'_>,
    request_id: &str,
    started: u64,
    answer: &Result<Answer, Stop>,
    facts: &Facts,
) -> Result<Response, JsValue> {
    let audience = Audience {
        origin: gate.reader(arrival),
        request_id,
    };
    let reply = reply_to(answer, audience, facts);
    write_line(gate, request_id, started, answer, facts, reply.status);
    let headers = reply.headers.lines();
    match (&reply.body, answer) {
        (Body::Text(text), _) => bindings::reply_with_text(reply.status, headers, text),
        (Body::Upstream, Ok(Answer::Chat { response, .. })) => {
            bindings::reply_with_body_of(response, reply.status, headers)
        }
        _ => bindings::reply_with_nothing(reply.status, headers),
    }
}

fn reply_to(answer: &Result<Answer, Stop>, audience: Audience<'_>, facts: &Facts) -> Reply {
    let pass = facts
        .plan
        .as_ref()
        .and_then(|plan| plan.new_pass.as_deref());
    match answer {
        Ok(Answer::Preflight) => reply::preflight(audience),
        Ok(Answer::Health) => reply::healthy(audience),
        Ok(Answer::Chat {
            response,
            content_type,
        }) => reply::chat(audience, response.status(), content_type, facts.quota, pass),
        Err(Stop::Refused(refusal)) => reply::refusal(
            audience,
            refusal,
            facts.upstream_request_id.as_deref(),
            facts.quota,
            pass,
        ),
        Err(Stop::ShopperLeft) => reply::unread(audience),
    }
}

fn write_line(
    gate: &Gate,
    request_id: &str,
    started: u64,
    answer: &Result<Answer, Stop>,
    facts: &Facts,
    status: u16,
) {
    let refusal = match answer {
        Err(Stop::Refused(refusal)) => Some(refusal),
        _ => None,
    };
    let settings = refusal
        .filter(|refusal| matches!(refusal, Refusal::MisconfiguredProxy(_)))
        .map(Refusal::message);
    let names = gate
        .proxy()
        .ok()
        .zip(facts.plan.as_ref())
        .map(|(proxy, plan)| {
            (
                Base64UrlUnpadded::encode_string(&proxy.log_name(plan.shopper)),
                plan.home.log_name(),
            )
        });
    let line = Line {
        request_id,
        outcome: match answer {
            Ok(_) => log::OK,
            Err(Stop::Refused(refusal)) => refusal.code(),
            Err(Stop::ShopperLeft) => log::SHOPPER_LEFT,
        },
        status,
        total_ms: now().saturating_sub(started),
        upstream_ms: facts.upstream_ms,
        upstream_status: facts.upstream_status,
        upstream_request_id: facts.upstream_request_id.as_deref(),
        budget: refusal.and_then(Refusal::tier),
        window: refusal.and_then(Refusal::limit_window),
        shopper: names.as_ref().map(|(shopper, _)| shopper.as_str()),
        home: names.as_ref().map(|(_, home)| home.as_str()),
        detail: facts.detail.as_deref().or(settings.as_deref()),
    };
    if status < 500 {
        bindings::console_log(&line.to_json());
    } else {
        bindings::console_error(&line.to_json());
    }
}
