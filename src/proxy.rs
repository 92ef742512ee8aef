//! A proxy whose settings are valid.
//!
//! It finds out who sends a request, and what of it goes upstream.

use crate::assistants::{Assistant, Call, Destination, Ids, Operation, UpstreamRequest};
use crate::config::Config;
use crate::contract::chat::Chat;
use crate::entropy::Entropy;
use crate::identity::Identity;
use crate::keys::{KeySlot, Keys, LOG_HASH_BYTES};
use crate::memory::Memory;
use crate::memory::endpoints::Endpoint;
use crate::network::Network;
use crate::pass::{Pass, Shopper};
use crate::refusal::Refusal;
use crate::sealed::{Kind, Sealed};

/// A proxy that is set up.
#[derive(Debug)]
pub struct Proxy {
    /// The settings.
    pub config: Config,
    keys: Keys,
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

/// A chat that may go on if the limiter admits it.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who sends the chat.
    pub identity: Identity,
    /// What goes upstream.
    pub call: Call,
    /// The conversation that the chat continues.
    pub conversation: Option<Conversation>,
}

/// A conversation that an upstream has an id of its own for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The session id that the page has.
    session_id: String,
    /// The upstream's id.
    id: String,
}

impl Proxy {
    /// Derives the signing keys, and keeps the settings.
    pub fn new(config: Config) -> Self {
        let signing = &config.signing;
        let next = signing.next.as_ref().map(|next| next.expose());
        Self {
            keys: Keys::derive(signing.current.expose(), next),
            config,
        }
    }

    /// Returns the holder of a valid pass, who is known from the headers alone.
    ///
    /// The time is in seconds since 1970. Anything new is made for the signatures of this key slot.
    pub fn recognise(
        &self,
        pass: &str,
        network: Network,
        now: u32,
        slot: KeySlot,
    ) -> Option<Identity> {
        let signer = self.keys.signer(slot);
        Identity::by_pass(pass, network, now, &self.keys, signer)
    }

    /// Checks the body, finds out who asks if that is unknown, and decides what goes upstream.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
    pub fn plan(
        &self,
        asker: Asker<'_>,
        known: Option<Identity>,
        body: &[u8],
    ) -> Result<Plan, Refusal> {
        let Asker {
            network,
            now,
            entropy,
            slot,
            ..
        } = asker;
        let signer = self.keys.signer(slot);
        let chat = Chat::check(body)?;
        let given = chat.session_id();
        let identity = known.unwrap_or_else(|| {
            let fresh = entropy.shopper();
            Identity::without_pass(given, network, now, fresh, &self.keys, signer)
        });
        if self.config.assistant == Assistant::SalesAssociate {
            let session_id = identity.session_id(given, entropy.nonce(), &self.keys, signer);
            return Ok(Plan {
                call: Call::SalesAssociate(chat.body(&session_id)?),
                identity,
                conversation: None,
            });
        }
        let turn = chat.turn(asker.origin, &self.config.origins);
        let (conversation, slot) = self.conversation(given, &identity).unzip();
        let call = self.config.assistant.call(
            Operation::Chat(turn),
            self.ids(&identity, entropy, slot.unwrap_or(asker.slot)),
            conversation
                .as_ref()
                .map(|conversation| conversation.id.clone()),
        );
        Ok(Plan {
            call: call.ok_or(Refusal::InternalError)?,
            identity,
            conversation,
        })
    }

    /// Returns the conversation that a session id stands for, and the key slot it was sealed under.
    ///
    /// Returns `None` if the id is not this shopper's, or was made for another assistant.
    fn conversation(
        &self,
        given: Option<&str>,
        identity: &Identity,
    ) -> Option<(Conversation, KeySlot)> {
        let session_id = given?;
        let (sealed, slot) = Sealed::open(Kind::Session, session_id, identity.first(), &self.keys)?;
        let is_own =
            sealed.shopper == identity.shopper && sealed.assistant == self.config.assistant.code();
        let id = sealed
            .parts
            .into_iter()
            .next()
            .filter(|id| is_own && !id.is_empty())?;
        let conversation = Conversation {
            session_id: session_id.to_owned(),
            id,
        };
        Some((conversation, slot))
    }

    fn ids(&self, identity: &Identity, entropy: Entropy, slot: KeySlot) -> Ids {
        let signer = self.keys.signer(slot);
        let assistant = self.config.assistant.code();
        let shopper = identity.shopper.0.to_be_bytes();
        let nonce = entropy.nonce().to_be_bytes();
        Ids {
            shopper: signer.upstream_id(&[&[assistant, 1], &shopper]),
            conversation: signer.upstream_id(&[&[assistant, 2], &shopper, &nonce]),
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
        let seal = |id: &str| {
            let sealed = Sealed {
                shopper: identity.shopper,
                assistant: self.config.assistant.code(),
                parts: vec![id.to_owned()],
            };
            sealed.seal(Kind::Session, identity.first(), self.keys.signer(slot))
        };
        // An id that is too long is dropped. Then the next chat begins a new conversation.
        seal(id).or_else(|| seal("")).unwrap_or_default()
    }

    /// Returns the text of a pass for the browser, signed under this key.
    pub fn write(&self, pass: &Pass, slot: KeySlot) -> String {
        pass.write(self.keys.signer(slot))
    }

    /// Returns the key slot to try first, as far as it is known.
    pub fn first_slot(&self, memory: &Memory, now: u64) -> KeySlot {
        memory
            .key_slots
            .first(self.config.api_key_next.is_some(), now)
    }

    /// Returns the key slot that signs.
    pub fn signing_slot(&self, memory: &Memory) -> KeySlot {
        if self.config.signing.by_api_key {
            memory.key_slots.signing()
        } else {
            // No upstream has to know a signing key.
            KeySlot::Next
        }
    }

    /// Returns the shopper's name in log lines, a keyed hash.
    pub fn log_name(&self, shopper: Shopper) -> [u8; LOG_HASH_BYTES] {
        self.keys.log_hash(&[&shopper.0.to_be_bytes()])
    }

    /// Returns the next request of a call to this endpoint under this key.
    ///
    /// An endpoint or a key that is not set is replaced by the primary or the current one.
    pub fn request(&self, call: &Call, endpoint: Endpoint, slot: KeySlot) -> UpstreamRequest {
        let key = match (&self.config.api_key_next, slot) {
            (Some(next), KeySlot::Next) => Some(next),
            _ => self.config.api_key.as_ref(),
        };
        call.request(&Destination {
            base_url: self.base_url(endpoint),
            key,
        })
    }

    /// Returns the host and the port of this endpoint, or `None` if it is not on this machine.
    ///
    /// Only a URL on this machine may be http.
    pub fn local_address(&self, endpoint: Endpoint) -> Option<(&str, u16)> {
        let rest = self.base_url(endpoint).strip_prefix("http://")?;
        let authority = rest.split('/').next()?;
        let with_port = authority
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        Some(with_port.unwrap_or((authority, 80)))
    }

    fn base_url(&self, endpoint: Endpoint) -> &str {
        match (&self.config.fallback_url, endpoint) {
            (Some(fallback), Endpoint::Fallback) => fallback,
            _ => &self.config.base_url,
        }
    }
}
