//! The request that goes upstream, and what comes back.

use wasm_bindgen::prelude::*;
use worker::web_sys::{AbortSignal, Response};

use super::{Answer, Stop, bindings};
use crate::assistants::{Head, Judgement};
use crate::gate::Proxy;
use crate::refusal::Refusal;

/// How long the upstream may take until the first byte of its answer, in milliseconds.
const DEADLINE_MS: u32 = 25_000;
/// How much of an error's body is read, in bytes, and for how long, in milliseconds.
const MAX_ERROR_BYTES: u32 = 16 * 1_024;
const ERROR_DEADLINE_MS: u32 = 5_000;

/// Why there is no chat to hand on.
pub struct Failure {
    pub stop: Stop,
    pub request_id: Option<String>,
}

/// Forwards a chat: one attempt, with the current key, at the primary URL.
pub async fn chat(proxy: &Proxy, body: &str, shopper: &AbortSignal) -> Result<Answer, Failure> {
    let attempt = proxy.attempt();
    let sent = bindings::send(
        &attempt.url,
        attempt.headers.lines(),
        body,
        shopper,
        DEADLINE_MS,
    )
    .await
    .unwrap_or_default();
    let response: Response = match sent.dyn_into() {
        Ok(response) => response,
        Err(reason) => return Err(no_answer(reason.as_string().as_deref()).into()),
    };
    let lines = bindings::describe_head(&response);
    let head = Head::from_lines(&lines);
    match proxy.assistant.judge(&head) {
        Judgement::Pass(content_type) => Ok(Answer::Chat {
            response,
            content_type,
        }),
        Judgement::Refuse(refusal) => Err(Stop::Refused(refusal).into()),
        Judgement::ReadError => {
            let body = bindings::read_in_time(response.body(), MAX_ERROR_BYTES, ERROR_DEADLINE_MS)
                .await
                .map(|bytes| bytes.to_vec())
                .unwrap_or_default();
            let failure = proxy.assistant.read_error(&head, &body);
            Err(Failure {
                stop: failure.refusal.into(),
                request_id: failure.request_id,
            })
        }
    }
}

fn no_answer(reason: Option<&str>) -> Stop {
    match reason {
        Some("left") => Stop::ShopperLeft,
        Some("timeout") => Refusal::UpstreamTimeout.into(),
        _ => Refusal::UpstreamInvokeError.into(),
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self {
            stop,
            request_id: None,
        }
    }
}
