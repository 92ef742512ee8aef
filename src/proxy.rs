//! A proxy whose settings are valid.
//!
//! It finds out who sends a chat, and what of the chat goes upstream.

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
    /// The settings.
    pub config: Config,
    /// The assistant behind the proxy.
    pub assistant: Assistant,
    keys: Keys,
}

/// A chat that may go on if the limiter admits it.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who sends the chat.
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

    /// Returns the holder of a valid pass, who is known from the headers alone.
    ///
    /// The time is in seconds since 1970, here and below. Anything new is made for the signatures
    /// of this key slot.
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

    /// Checks the body, finds out who asks if that is unknown, and writes the body for upstream.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
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

    /// Returns the shopper's name in log lines, a keyed hash.
    pub fn log_name(&self, shopper: Shopper) -> [u8; LOG_HASH_BYTES] {
        self.keys.log_hash(&[&shopper.0.to_be_bytes()])
    }
}
