//! What goes upstream for a request, and in which conversation.

use super::Proxy;
use crate::account::Account;
use crate::assistants::{Assistant, Call, Ids, Operation, omi};
use crate::contract::body::Body;
use crate::contract::chat::{Chat, MEMORIES};
use crate::contract::omi::Wish;
use crate::contract::query;
use crate::contract::rewards::{Click, SignUp};
use crate::contract::route::Route;
use crate::entropy::Entropy;
use crate::identity::Identity;
use crate::keys::KeySlot;
use crate::network::Network;
use crate::refusal::Refusal;
use crate::sealed::{Kind, Sealed};
use crate::timestamp;
use crate::token::Claims;

/// Who asks, as far as the head of a request shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Nobody whom anything identifies.
    Unknown,
    /// The holder of a pass.
    Holder(Identity),
    /// A shopper whom the merchant knows, with what their token says, if they came with one.
    Verified(Account, Option<Claims>),
}

/// What is known of a request before its body is read.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// The network that it comes from.
    pub network: Network,
    /// The origin of the page.
    pub origin: Option<&'a str>,
    /// When it arrived, in seconds since 1970.
    pub now: u32,
    /// Its randomness.
    pub entropy: Entropy,
    /// The key slot under which anything new is signed.
    pub slot: KeySlot,
}

/// A request that may go on if the limiter admits it.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who asks.
    pub identity: Identity,
    /// What goes upstream.
    pub call: Call,
    /// The conversation that the request belongs to, if it is not a new one.
    pub conversation: Option<Conversation>,
    /// Stands for the idempotency key, or 0 if there is none.
    pub once: u32,
    /// What the shopper's memories are remembered by, and the call that reads them, if the chat has them
    /// as a hint.
    pub recall: Option<(String, Call)>,
}

/// A conversation that an upstream has an id of its own for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The session id that the page has.
    session_id: String,
    /// The upstream's id.
    id: String,
    /// The key slot that the session id was sealed under.
    slot: KeySlot,
}

impl Proxy {
    /// Checks a request, finds out who asks if that is unknown, and decides what goes upstream.
    ///
    /// `input` is the body, or the query of a route that has none.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the request breaks.
    pub fn plan(
        &self,
        asker: Asker<'_>,
        who: &Who,
        route: Route,
        input: &[u8],
    ) -> Result<Plan, Refusal> {
        match route {
            Route::Chat => {
                let chat = Chat::check(input)?;
                let identity = self.identify(asker, who, &chat.pass(), chat.session_id());
                if self.config.assistant == Assistant::SalesAssociate {
                    return self.contract(asker, identity, who, &chat);
                }
                let conversation = self.conversation(chat.session_id(), &identity);
                let turn = chat.turn(asker.origin, &self.config.origins);
                self.translated(asker, identity, conversation, Operation::Chat(turn))
            }
            Route::SignUp | Route::Clicks => {
                let body = Body::read(input)?;
                let session_id = body.session_id()?;
                let operation = if route == Route::SignUp {
                    Operation::SignUp(SignUp::read(&body)?)
                } else {
                    Operation::Click(Click::read(&body)?)
                };
                let identity = self.identify(asker, who, &body.pass(), session_id.as_deref());
                self.in_conversation(asker, identity, session_id.as_deref(), operation)
            }
            Route::History => {
                let session_id = parameter(input, "session_id");
                let identity = self.identify(asker, who, "", session_id);
                self.in_conversation(asker, identity, session_id, Operation::History)
            }
            Route::Products => {
                let page = parameter(input, "page").ok_or(Refusal::PageNotFound)?;
                let identity = self.identify(asker, who, "", Some(page));
                let (sealed, _) = self
                    .open(Kind::Page, page, &identity)
                    .ok_or(Refusal::PageNotFound)?;
                self.translated(asker, identity, None, Operation::Products(sealed.parts))
            }
            Route::CreateMemories => {
                let wish = Wish::read_memories(&Body::read(input)?)?;
                self.remembered(asker, who, route, &wish)
            }
            Route::CreateConversation => {
                let wish = Wish::read_conversation(&Body::read(input)?)?;
                self.remembered(asker, who, route, &wish)
            }
            Route::Memories | Route::Conversations => {
                self.remembered(asker, who, route, &Wish::read_list(input)?)
            }
        }
    }

    /// Returns who asks, by what the head, the pass in the body and the given id show, in that order.
    pub(super) fn identify(
        &self,
        asker: Asker<'_>,
        who: &Who,
        pass: &str,
        given: Option<&str>,
    ) -> Identity {
        let (keys, signer) = (&self.keys, self.keys.signer(asker.slot));
        let (network, now) = (asker.network, asker.now);
        match who {
            Who::Holder(identity) => identity.clone(),
            Who::Verified(account, _) => Identity::verified(account, given, keys, signer),
            Who::Unknown => {
                Identity::by_pass(pass, network, now, keys, signer).unwrap_or_else(|| {
                    let fresh = asker.entropy.shopper();
                    Identity::without_pass(given, network, now, fresh, keys, signer)
                })
            }
        }
    }

    /// Plans a chat of an assistant that speaks the page's contract.
    fn contract(
        &self,
        asker: Asker<'_>,
        identity: Identity,
        who: &Who,
        chat: &Chat<'_>,
    ) -> Result<Plan, Refusal> {
        let (nonce, signer) = (asker.entropy.nonce(), self.keys.signer(asker.slot));
        let session_id = identity.session_id(chat.session_id(), nonce, &self.keys, signer);
        // Where memories are a hint, only a token can stand for one.
        let has_memories = self
            .config
            .omi
            .as_ref()
            .is_some_and(omi::Settings::is_context);
        let dropped = has_memories.then_some(MEMORIES);
        Ok(Plan {
            call: Call::SalesAssociate(chat.body(&session_id, dropped)?),
            identity,
            conversation: None,
            once: 0,
            recall: self.recall(who, session_id),
        })
    }

    /// Plans an operation that needs a conversation of the shopper's own.
    fn in_conversation(
        &self,
        asker: Asker<'_>,
        identity: Identity,
        session_id: Option<&str>,
        operation: Operation,
    ) -> Result<Plan, Refusal> {
        let conversation = self.conversation(session_id, &identity);
        let conversation = conversation.ok_or(Refusal::SessionNotFound)?;
        self.translated(asker, identity, Some(conversation), operation)
    }

    fn translated(
        &self,
        asker: Asker<'_>,
        identity: Identity,
        conversation: Option<Conversation>,
        operation: Operation,
    ) -> Result<Plan, Refusal> {
        // The ids stay the same as long as the conversation does.
        let slot = conversation
            .as_ref()
            .map_or(asker.slot, |conversation| conversation.slot);
        let ids = self.ids(&identity, asker, slot);
        let id = conversation
            .as_ref()
            .map(|conversation| conversation.id.clone());
        let call = self.config.assistant.call(operation, &ids, id);
        Ok(Plan {
            call: call.ok_or(Refusal::NotOffered)?,
            identity,
            conversation,
            once: 0,
            recall: None,
        })
    }

    /// Returns the conversation that a session id stands for.
    ///
    /// Returns `None` if the id is not this shopper's, or was made for another assistant.
    fn conversation(&self, given: Option<&str>, identity: &Identity) -> Option<Conversation> {
        let session_id = given?;
        let (sealed, slot) = self.open(Kind::Session, session_id, identity)?;
        Some(Conversation {
            session_id: session_id.to_owned(),
            id: sealed
                .parts
                .into_iter()
                .next()
                .filter(|id| !id.is_empty())?,
            slot,
        })
    }

    /// Opens a text that was sealed for this shopper and this assistant.
    fn open(&self, kind: Kind, text: &str, identity: &Identity) -> Option<(Sealed, KeySlot)> {
        let opened = Sealed::open(kind, text, identity.first(), &self.keys);
        let assistant = self.config.assistant.code();
        opened.filter(|(sealed, _)| {
            sealed.shopper == identity.shopper && sealed.assistant == assistant
        })
    }

    fn ids(&self, identity: &Identity, asker: Asker<'_>, slot: KeySlot) -> Ids {
        let signer = self.keys.signer(slot);
        let assistant = self.config.assistant.code();
        let shopper = identity.shopper.0.to_be_bytes();
        let nonce = asker.entropy.nonce().to_be_bytes();
        // A shopper's number alone may be another shopper's, too, by chance.
        let first = &identity.first().0;
        Ids {
            shopper: signer.upstream_id(&[&[assistant, 1], &shopper, first]),
            conversation: signer.upstream_id(&[&[assistant, 2], &shopper, first, &nonce]),
            request: asker.entropy.request_id(),
            time: timestamp::rfc3339(asker.now),
        }
    }

    /// Returns the session id that the page keeps for a conversation.
    ///
    /// An id that the page has already stays as it is.
    pub fn session_id(
        &self,
        identity: &Identity,
        call: &Call,
        known: Option<&Conversation>,
        slot: KeySlot,
    ) -> String {
        let id = call.conversation().unwrap_or_default();
        if let Some(known) = known.filter(|known| known.id == id) {
            return known.session_id.clone();
        }
        let seal = |id: &str| self.seal(Kind::Session, vec![id.to_owned()], identity, slot);
        // An id that is too long is dropped. Then the next chat begins a new conversation.
        seal(id).or_else(|| seal("")).unwrap_or_default()
    }

    /// Returns what a page asks for the next page of products with.
    ///
    /// Returns `None` if the upstream's ids are too long to be sealed.
    pub fn page(&self, identity: &Identity, ids: Vec<String>, slot: KeySlot) -> Option<String> {
        self.seal(Kind::Page, ids, identity, slot)
    }

    fn seal(
        &self,
        kind: Kind,
        parts: Vec<String>,
        identity: &Identity,
        slot: KeySlot,
    ) -> Option<String> {
        let sealed = Sealed {
            shopper: identity.shopper,
            assistant: self.config.assistant.code(),
            parts,
        };
        sealed.seal(kind, identity.first(), self.keys.signer(slot))
    }
}

fn parameter<'a>(query: &'a [u8], name: &str) -> Option<&'a str> {
    query::parameter(str::from_utf8(query).ok()?, name)
}
