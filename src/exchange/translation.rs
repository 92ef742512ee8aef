//! An answer that is translated into the page's contract.

use super::delivery::Delivery;
use super::end::Success;
use super::{MAX_TRANSLATED_BYTES, Next};
use crate::assistants::{Links, Reading};
use crate::attempts::Outcome;
use crate::contract::answer::Message;
use crate::contract::events;
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
        let links = match self
            .chat
            .proxy
            .local_address(&self.chat.call, self.attempts.endpoint)
        {
            Some(_) => Links::OfThisMachine,
            None => Links::Https,
        };
        match self.chat.call.read_answer(body, links) {
            Ok(Reading::Continue) => self.go_on(memory, now),
            Ok(reading) => self.answer(reading, memory, now),
            Err(outcome) => self.ended(outcome, None, memory, now),
        }
    }

    /// Answers the page.
    pub(super) fn answer(
        mut self: Box<Self>,
        reading: Reading,
        memory: &mut Memory,
        now: u64,
    ) -> Next {
        self.record(log::ANSWERED);
        self.learn_good(memory);
        let chat = &self.chat;
        let (proxy, identity) = (&chat.proxy, &chat.identity);
        let slot = proxy.signing_slot(memory);
        let request_id = chat.context.entropy.request_id();
        let session_id =
            || proxy.session_id(identity, &chat.call, chat.conversation.as_ref(), slot);
        let page = |ids: Option<Vec<String>>| ids.and_then(|ids| proxy.page(identity, ids, slot));
        let (status, json) = match reading {
            Reading::Chat(mut answer) => {
                let next = page(answer.next_page.take());
                (
                    200,
                    answer.to_json(&session_id(), next.as_deref(), &request_id),
                )
            }
            Reading::Products(mut products) => {
                let next = page(products.next_page.take());
                (200, products.to_json(next.as_deref(), &request_id))
            }
            Reading::Unchanged(json) => (200, json),
            Reading::History(messages) => {
                let json = Message::all_to_json(&messages, &session_id(), &request_id);
                (200, json)
            }
            Reading::Listed(mut object) => {
                object.text("request_id", &request_id);
                (200, object.end())
            }
            Reading::Accepted | Reading::Continue => {
                return self.note(Ok(Success::accepted(&request_id)), memory, now);
            }
        };
        let success = if chat.context.by_events {
            Success::Events(events::answer(&json))
        } else {
            Success::Answer { status, json }
        };
        Next::Respond(self.end(&Ok(success), memory, now))
    }

    /// Sends the next request of a chat that takes several.
    ///
    /// Each of them is one of the requests that the chat may take. A chat that was created stays
    /// so, whatever becomes of its first message.
    fn go_on(mut self: Box<Self>, memory: &mut Memory, now: u64) -> Next {
        self.record(log::CONTINUED);
        if !self.attempts.has_time(now) {
            self.give_up(Refusal::UpstreamTimeout, memory, now)
        } else if self.attempts.take() {
            self.send(memory, now)
        } else {
            self.give_up(Refusal::UpstreamError, memory, now)
        }
    }
}
