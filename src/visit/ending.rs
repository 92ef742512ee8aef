//! The end of a request: its reply and its log line.

use base64ct::{Base64UrlUnpadded, Encoding};

use super::{End, Visit};
use crate::gate::Gate;
use crate::isolate::Isolate;
use crate::log::{self, Line};
use crate::refusal::Refusal;
use crate::reply::{self, Audience, Reply, Timing};

/// What a request comes to, where it is not stopped.
pub(super) enum Answer {
    Preflight,
    Health,
    Chat {
        status: u16,
        content_type: &'static str,
    },
}

/// What stops a request.
pub(super) enum Stop {
    Refused(Refusal),
    ShopperLeft,
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

pub(super) fn end(
    visit: &Visit,
    isolate: &Isolate,
    answer: &Result<Answer, Stop>,
    now: u64,
) -> End {
    let gate = &isolate.gate;
    let arrival = visit.arrival();
    let request_id = visit.chance.request_id();
    let timing = Timing {
        limiter: visit.facts.limiter_ms,
        upstream: visit.facts.upstream.ms,
        total: now.saturating_sub(visit.started),
    };
    let audience = Audience {
        origin: gate.reader(&arrival),
        request_id: &request_id,
        timing,
    };
    let pass = new_pass(visit, isolate);
    let reply = reply_to(visit, answer, audience, pass.as_deref());
    let line = line(visit, gate, answer, &request_id, reply.status, timing);
    End { reply, line }
}

/// The pass that the shopper needs, once the limiter has answered. It is signed only now, when it
/// may be known whether the upstream takes the key.
fn new_pass(visit: &Visit, isolate: &Isolate) -> Option<String> {
    visit.facts.quota?;
    let pass = visit.identity()?.new_pass.as_ref()?;
    let proxy = isolate.gate.proxy().ok()?;
    Some(proxy.write(pass, isolate.memory.slots.signing()))
}

fn reply_to(
    visit: &Visit,
    answer: &Result<Answer, Stop>,
    audience: Audience<'_>,
    pass: Option<&str>,
) -> Reply {
    let facts = &visit.facts;
    match answer {
        Ok(Answer::Preflight) => reply::preflight(audience),
        Ok(Answer::Health) => reply::healthy(audience),
        Ok(Answer::Chat {
            status,
            content_type,
        }) => reply::chat(audience, *status, content_type, facts.quota, pass),
        Err(Stop::Refused(refusal)) => reply::refusal(
            audience,
            refusal,
            facts.upstream.request_id.as_deref(),
            facts.quota,
            pass,
        ),
        Err(Stop::ShopperLeft) => reply::unread(audience),
    }
}

fn line(
    visit: &Visit,
    gate: &Gate,
    answer: &Result<Answer, Stop>,
    request_id: &str,
    status: u16,
    timing: Timing,
) -> String {
    let facts = &visit.facts;
    let refusal = match answer {
        Err(Stop::Refused(refusal)) => Some(refusal),
        _ => None,
    };
    let settings = refusal
        .filter(|refusal| matches!(refusal, Refusal::MisconfiguredProxy(_)))
        .map(Refusal::message);
    let resting = refusal
        .filter(|refusal| matches!(refusal, Refusal::UpstreamResting(_)))
        .map(|_| "upstream: left alone");
    let names = gate.proxy().ok().zip(visit.identity()).map(|(proxy, who)| {
        (
            Base64UrlUnpadded::encode_string(&proxy.log_name(who.shopper)),
            who.home.log_name(),
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
        total_ms: timing.total,
        limiter_ms: timing.limiter,
        upstream_ms: timing.upstream,
        upstream_status: facts.upstream.status,
        upstream_request_id: facts.upstream.request_id.as_deref(),
        attempts: &facts.upstream.tries,
        given_back: facts.given_back,
        budget: refusal.and_then(Refusal::tier),
        window: refusal.and_then(Refusal::limit_window),
        shopper: names.as_ref().map(|(shopper, _)| shopper.as_str()),
        home: names.as_ref().map(|(_, home)| home.as_str()),
        detail: facts.detail.as_deref().or(settings.as_deref()).or(resting),
    };
    line.to_json()
}
