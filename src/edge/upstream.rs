//! The request that goes upstream, and what comes back.

use worker::web_sys::Request;

use super::bindings::{self, Failure};
use super::{Answer, Facts, Stop, now};
use crate::assistants::{Head, Judgement};
use crate::gate::Proxy;
use crate::refusal::Refusal;

/// How long the upstream may take until the first byte of its answer, in milliseconds.
const DEADLINE_MS: u32 = 25_000;
/// How much of an error's body is read, in bytes.
const MAX_ERROR_BYTES: u32 = 16 * 1_024;

/// Forwards a chat: one attempt, with the current key, at the primary URL.
pub async fn chat(
    proxy: &Proxy,
    body: &str,
    shopper: &Request,
    facts: &mut Facts,
) -> Result<Answer, Stop> {
    let attempt = proxy.attempt();
    let sent = now();
    let answer = bindings::send(
        &attempt.url,
        attempt.headers.lines(),
        body,
        shopper,
        DEADLINE_MS,
    )
    .await;
    let waited = now().saturating_sub(sent);
    facts.upstream_ms = Some(waited);
    let response = answer.map_err(|reason| no_answer(reason.into(), facts))?;
    let lines = bindings::describe_head(&response).map_err(|error| facts.fault(error))?;
    let head = Head::from_lines(&lines);
    match proxy.assistant.judge(&head) {
        Judgement::Pass(content_type) => Ok(Answer::Chat {
            response,
            content_type,
        }),
        Judgement::Refuse(refusal) => {
            facts.upstream_status = Some(head.status);
            bindings::drop(&response).map_err(|error| facts.fault(error))?;
            Err(refusal.into())
        }
        Judgement::ReadError => {
            facts.upstream_status = Some(head.status);
            // An error counts by its status where the rest of the deadline brings no body.
            let left = DEADLINE_MS.saturating_sub(waited as u32);
            let body = bindings::read_at_most(&response, MAX_ERROR_BYTES, left).await;
            let bytes = body.map(|body| body.to_vec()).unwrap_or_default();
            let failure = proxy.assistant.read_error(&head, &bytes);
            facts.upstream_request_id = failure.request_id;
            Err(failure.refusal.into())
        }
    }
}

fn no_answer(failure: Failure, facts: &mut Facts) -> Stop {
    match failure {
        Failure::Left => Stop::ShopperLeft,
        Failure::Late => Refusal::UpstreamTimeout.into(),
        Failure::Other(reason) => {
            facts.detail = Some(format!("upstream: {reason}"));
            Refusal::UpstreamInvokeError.into()
        }
    }
}
