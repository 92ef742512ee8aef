//! An answer that is translated into the page's contract.

use super::delivery::Delivery;
use super::end::Success;
use super::{MAX_TRANSLATED_BYTES, Next};
use crate::assistants::{Links, Reading};
use crate::attempts::Outcome;
use crate::log;
use crate::memory::Memory;
use crate::refusal::Refusal;

impl Delivery {
    /// Translates an answer whose body has arrived.
    pub(super) fn translate(
        mut self: Box<Self>,
        body: &[u8],
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        self.time(now);
        if body.len() > MAX_TRANSLATED_BYTES {
            let outcome = Outcome::Refused(Refusal::UpstreamError);
            self.detail = Some("answer: too large".to_owned());
            return self.ended(outcome, None, memory, now);
        }
        let links = match self.chat.proxy.local_address(self.attempts.endpoint) {
            Some(_) => Links::OfThisMachine,
            None => Links::Https,
        };
        match self.chat.call.read_answer(body, links) {
            Ok(Reading::Chat(answer)) => {
                self.record(log::ANSWERED);
                self.learn_good(memory);
                let proxy = &self.chat.proxy;
                let slot = proxy.signing_slot(memory);
                let known = self.chat.conversation.as_ref();
                let session_id =
                    proxy.session_id(&self.chat.identity, &self.chat.call, known, slot);
                let request_id = self.chat.context.entropy.request_id();
                let success = Success::Answer(answer.to_json(&session_id, &request_id));
                Next::Respond(self.end(&Ok(success), memory, now))
            }
            Ok(Reading::Continue) => self.go_on(memory, now),
            Err(outcome) => self.ended(outcome, None, memory, now),
        }
    }

    /// Sends the next request of a chat that takes several.
    ///
    /// Each of them is one of the requests that the chat may take. A chat that was created stays
    /// so, whatever becomes of its first message.
    fn go_on(mut self: Box<Self>, memory: &mut Memory, now: u64) -> Next {
        self.record(log::CONTINUED);
        if self.attempts.take() && self.attempts.time_left(now) > 0 {
            self.send(memory, now)
        } else {
            self.refuse(Refusal::UpstreamError, memory, now)
        }
    }
}
