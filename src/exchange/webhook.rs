//! A webhook: what the assistant reports to the merchant, by way of the log.

use std::rc::Rc;

use super::end::{Report, Success};
use super::{BODY_TIMEOUT_MS, Context, Event, Exchange, Next, Rejection, State, Step, unexpected};
use crate::keys;
use crate::memory::Memory;
use crate::proxy::Proxy;
use crate::refusal::Refusal;

/// The largest body, in bytes.
pub const MAX_WEBHOOK_BYTES: usize = 65_536;
/// The header with the HMAC-SHA-256 of the body (published contract).
const SIGNATURE: &str = "X-Webhook-Signature";

/// A webhook whose body is still to come.
#[derive(Debug)]
pub(super) struct Webhook {
    context: Context,
    proxy: Rc<Proxy>,
}

impl Webhook {
    pub(super) fn begin(context: Context, proxy: Rc<Proxy>) -> Next {
        let step = Step::ReadSigned {
            header: SIGNATURE,
            max_bytes: MAX_WEBHOOK_BYTES + 1,
            timeout: BODY_TIMEOUT_MS,
        };
        Next::Step(
            step,
            Exchange(State::ReadingWebhook(Self { context, proxy })),
        )
    }

    pub(super) fn handle(self, memory: &mut Memory, event: Event, now: u64) -> Next {
        let (rejection, detail) = match event {
            Event::Signed { body, signature } => return self.take(memory, &body, &signature, now),
            Event::Elapsed => (
                Refusal::InvalidSignature.into(),
                Some("body: timeout".to_owned()),
            ),
            Event::Failed(_) => (Rejection::ShopperLeft, None),
            event => (
                Refusal::InternalError.into(),
                Some(unexpected(&event, "reading a webhook")),
            ),
        };
        let report = Report {
            detail,
            ..Report::default()
        };
        self.context.reject(rejection, report, now)
    }

    /// Logs a delivery that is signed, unless it was logged before. Nothing in the signature tells
    /// a delivery from its repetition.
    fn take(self, memory: &mut Memory, body: &[u8], signature: &str, now: u64) -> Next {
        let assistant = &self.proxy.config.assistant;
        let secret = assistant.webhook_secret();
        let is_signed = |secret: &str| keys::is_signed(body, secret.as_bytes(), signature);
        let refusal = if body.len() > MAX_WEBHOOK_BYTES {
            Some(Refusal::WebhookTooLarge)
        } else if secret.is_some_and(|secret| is_signed(secret.expose())) {
            None
        } else {
            Some(Refusal::InvalidSignature)
        };
        if let Some(refusal) = refusal {
            return self.context.reject(refusal.into(), Report::default(), now);
        }
        let entry = assistant.webhook(body);
        let report = Report {
            notices: entry
                .filter(|_| memory.deliveries.is_new(signature))
                .into_iter()
                .collect(),
            ..Report::default()
        };
        Next::Respond(self.context.end(&Ok(Success::Webhook), report, now))
    }
}
