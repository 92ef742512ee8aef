//! A proxy whose settings are right: who sends a chat, and what of it goes upstream.

mod upstream_request;

pub use upstream_request::UpstreamRequest;

use crate::assistants::Assistant;
use crate::chat::Chat;
use crate::config::Config;
use crate::entropy::Entropy;
use crate::identity::Identity;
use crate::keys::{KeySlot, Keys, LOG_HASH_BYTES};
use crate::memory::Memory;
use crate::network::Network;
use crate::pass::{Pass, Shopper};
use crate::refusal::Refusal;

/// A proxy that is set up.
#[derive(Debug)]
pub struct Proxy {
    /// Its settings.
    pub config: Config,
    /// The assistant it stands before.
    pub assistant: Assistant,
    keys: Keys,
}

/// A chat that may go on if the limiter lets it.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who asks.
    pub identity: Identity,
    /// The body that goes upstream.
    pub body: String,
}

impl Proxy {
    /// Derives the signing keys, and keeps the settings.
    pub fn new(config: Config) -> Self {
        Self {
            keys: Keys::derive(&config.api_key, config.api_key_next.as_ref()),
            assistant: Assistant::SalesAssociate,
            config,
        }
    }

    /// Who asks, where the headers alone tell it: the holder of a good pass. The time is in seconds
    /// since 1970, here and below; what is new is made for this key's signatures.
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

    /// Checks the body, finds out who asks where that is not known yet, and writes what would go
    /// upstream.
    ///
    /// # Errors
    ///
    /// The first rule that the body breaks.
    pub fn plan(
        &self,
        network: Network,
        known: Option<Identity>,
        body: &[u8],
        now: u32,
        entropy: Entropy,
        slot: KeySlot,
    ) -> Result<Plan, Refusal> {
        let signer = self.keys.signer(slot);
        let chat = Chat::check(body)?;
        let identity = known.unwrap_or_else(|| {
            let fresh = entropy.shopper();
            Identity::without_pass(chat.session_id(), network, now, fresh, &self.keys, signer)
        });
        let nonce = entropy.nonce();
        let session_id = identity.session_id(chat.session_id(), nonce, &self.keys, signer);
        Ok(Plan {
            body: chat.body(&session_id)?,
            identity,
        })
    }

    /// A pass as the browser is given it, signed under this key.
    pub fn write(&self, pass: &Pass, slot: KeySlot) -> String {
        pass.write(self.keys.signer(slot))
    }

    /// The key that goes first, as far as this is known.
    pub fn first_slot(&self, memory: &Memory, now: u64) -> KeySlot {
        memory
            .key_slots
            .first(self.config.api_key_next.is_some(), now)
    }

    /// The shopper as a log line names it: a keyed hash.
    pub fn log_name(&self, shopper: Shopper) -> [u8; LOG_HASH_BYTES] {
        self.keys.log_hash(&[&shopper.0.to_be_bytes()])
    }
}
