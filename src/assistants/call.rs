//! A request of a page on its way to an assistant, and what becomes of it.

use super::reading::{self, Links};
use super::{Destination, UpstreamRequest, homie, omi, omniops, rewardsbot, sales_associate};
use crate::attempts::Outcome;
use crate::contract::answer::{Answer, Message, Object, Page};
use crate::contract::chat::Turn;
use crate::contract::events::Part;
use crate::contract::rewards::{Click, SignUp};
use crate::head::ResponseHead;
use crate::keys::UPSTREAM_ID_BYTES;
use crate::media_type::MediaType;

/// A request of a page on its way to the assistant, and what is known of the conversation.
#[derive(Debug, PartialEq, Eq)]
pub enum Call {
    /// To the Sales Associate API, with this body.
    SalesAssociate(String),
    /// To the Homie AI chat API.
    Homie(Box<homie::Call>),
    /// To RewardsBot.
    RewardsBot(Box<rewardsbot::Call>),
    /// To the Omniops chat API.
    Omniops(Box<omniops::Call>),
    /// To omi.me.
    Omi(Box<omi::Call>),
}

/// What a page asks of an assistant that is translated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// The next turn of a conversation.
    Chat(Turn),
    /// The page of products that has these ids.
    Products(Vec<String>),
    /// What was said in the conversation.
    History,
    /// The shopper's sign-up for rewards.
    SignUp(SignUp),
    /// The shopper's click on a product.
    Click(Click),
}

/// What an upstream may be given to tell shoppers, conversations and requests apart.
///
/// Whoever does not know the signing key cannot guess the first two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids {
    /// Stands for the shopper.
    pub shopper: [u8; UPSTREAM_ID_BYTES],
    /// Stands for a new conversation of the shopper.
    pub conversation: [u8; UPSTREAM_ID_BYTES],
    /// Our id of the request.
    pub request: String,
    /// When the request arrived (RFC 3339).
    pub time: String,
}

/// What to do with an upstream's answer, as far as its head tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It is a chat. Its body goes to the browser unchanged, under this content type.
    Pass(MediaType),
    /// It is an answer that has to be read and translated.
    ReadAnswer,
    /// It says that the upstream has taken what it was told.
    Accepted,
    /// It is an error, and its body may say which one.
    ReadError,
    /// It is not a chat, and its body does not matter.
    End(Outcome),
}

/// A translated answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The answer to a chat.
    Chat(Answer),
    /// The answer to a chat that is in the page's contract already.
    Unchanged(String),
    /// A page of products.
    Products(Page),
    /// What was said in a conversation.
    History(Vec<Message>),
    /// A list, as the fields of an answer.
    Listed(Object),
    /// The upstream has taken what it was told.
    Accepted,
    /// Only a part. The next request belongs to the same chat, and is sent at once.
    Continue,
}

/// An upstream's error after it has been read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamError {
    /// What it means for the attempt.
    pub outcome: Outcome,
    /// The upstream's own id of the request, if it sent a UUID.
    pub request_id: Option<String>,
}

impl Operation {
    /// Returns whether it is a chat, or asks for the history of a conversation that is known.
    pub(super) fn is_of_conversation(&self, is_known: bool) -> bool {
        match self {
            Self::Chat(_) => true,
            Self::History => is_known,
            Self::Products(_) | Self::SignUp(_) | Self::Click(_) => false,
        }
    }
}

impl Call {
    /// Returns whether it goes to omi.me.
    pub const fn is_to_omi(&self) -> bool {
        matches!(self, Self::Omi(_))
    }

    /// Returns the next request.
    pub fn request(&self, target: &Destination<'_>) -> UpstreamRequest {
        match self {
            Self::SalesAssociate(body) => sales_associate::request(body, target),
            Self::Homie(call) => call.request(target),
            Self::RewardsBot(call) => call.request(target),
            Self::Omniops(call) => call.request(target),
            Self::Omi(call) => call.request(target),
        }
    }

    /// Returns the request for the events of the next message, if there are any.
    pub fn events_request(&self, destination: &Destination<'_>) -> Option<UpstreamRequest> {
        match self {
            Self::Homie(call) => call.events_request(destination),
            _ => None,
        }
    }

    /// Reads a piece of the events.
    pub fn read_events(&mut self, piece: &[u8]) -> Vec<Part> {
        match self {
            Self::Homie(call) => call.read_events(piece),
            _ => Vec::new(),
        }
    }

    /// Returns what an answer is, as far as its head tells.
    pub fn judge(&self, head: &ResponseHead) -> Judgement {
        match self {
            Self::SalesAssociate(_) => sales_associate::judge(head),
            Self::Homie(call) => call.judge(head),
            Self::RewardsBot(call) => call.judge(head),
            Self::Omniops(call) => call.judge(head),
            Self::Omi(call) => call.judge(head),
        }
    }

    /// Returns what an error is.
    ///
    /// `body` is `None` if it could not be read. The time is in milliseconds since 1970.
    pub fn read_error(&self, head: &ResponseHead, body: Option<&[u8]>, now: u64) -> UpstreamError {
        match self {
            Self::SalesAssociate(_) => sales_associate::read_error(head, body),
            Self::Omniops(call) => call.read_error(head, body, now),
            // Their errors are judged by their heads alone.
            Self::Homie(_) | Self::RewardsBot(_) | Self::Omi(_) => UpstreamError {
                outcome: reading::malformed(),
                request_id: None,
            },
        }
    }

    /// Translates an answer.
    ///
    /// # Errors
    ///
    /// Returns the outcome of the attempt if the answer is not of the documented form.
    pub fn read_answer(&mut self, body: &[u8], links: Links) -> Result<Reading, Outcome> {
        match self {
            Self::SalesAssociate(_) => sales_associate::read_answer(body),
            Self::Homie(call) => call.read_answer(body, links),
            Self::RewardsBot(call) => call.read_answer(body, links),
            Self::Omniops(call) => call.read_answer(body, links),
            Self::Omi(call) => call.read_answer(body),
        }
    }

    /// Returns the memories in an answer of omi.me, each as JSON, if they can be read.
    pub fn read_memories(body: &[u8]) -> Option<Vec<String>> {
        omi::read_memories(body)
    }

    /// Gives the assistant the shopper's memories as a hint, as many as fit.
    ///
    /// Only one that speaks the page's contract has a place for them.
    pub fn remind(&mut self, memories: &[String]) {
        if let Self::SalesAssociate(body) = self
            && let Some(reminded) = sales_associate::remind(body, memories)
        {
            *body = reminded;
        }
    }

    /// Returns how long the upstream asks to wait after its n-th error, counted from 0, in seconds.
    pub fn retry_after(&self, head: &ResponseHead, nth: usize) -> Option<u32> {
        match self {
            Self::Omi(_) => omi::Call::retry_after(head, nth),
            _ => head.retry_after,
        }
    }

    /// Returns the upstream's own id of the conversation, as far as it is known.
    pub fn conversation(&self) -> Option<&str> {
        match self {
            Self::SalesAssociate(_) | Self::Omi(_) => None,
            Self::Homie(call) => call.conversation(),
            Self::RewardsBot(call) => call.conversation(),
            Self::Omniops(call) => call.conversation(),
        }
    }

    /// Returns whether the next request carries what the page asks for.
    ///
    /// One that only creates a conversation does not. The engine has nothing of the chat before its
    /// message.
    pub fn carries_message(&self) -> bool {
        match self {
            Self::Homie(call) => call.carries_message(),
            _ => true,
        }
    }

    /// Forgets a conversation that the upstream does not know any more.
    pub fn forget_conversation(&mut self) {
        match self {
            // Their conversations are never gone.
            Self::SalesAssociate(_) | Self::RewardsBot(_) | Self::Omi(_) => {}
            Self::Homie(call) => call.forget_conversation(),
            Self::Omniops(call) => call.forget_conversation(),
        }
    }
}

impl Ids {
    /// Returns the shopper's id in the form of a random UUID (RFC 9562, section 5.4).
    pub(super) fn shopper_uuid(&self) -> String {
        let uuid = uuid::Builder::from_random_bytes(self.shopper).into_uuid();
        uuid.to_string()
    }

    /// Returns the new conversation's id as 32 hex digits.
    pub(super) fn conversation_hex(&self) -> String {
        let uuid = uuid::Uuid::from_bytes(self.conversation);
        uuid.simple().to_string()
    }
}
