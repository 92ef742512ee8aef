//! A proxy whose settings are valid.
//!
//! It finds out who sends a request, and what of it goes upstream.

mod plan;
mod remembering;

pub use plan::{Asker, Conversation, Plan, Who};

use crate::assistants::{Call, Destination, UpstreamRequest, omi};
use crate::config::Config;
use crate::identity::Identity;
use crate::keys::{KeySlot, Keys, LOG_HASH_BYTES};
use crate::memory::Memory;
use crate::memory::endpoints::Endpoint;
use crate::network::{LimiterName, Network};
use crate::pass::{Pass, Shopper};

/// A proxy that is set up.
#[derive(Debug)]
pub struct Proxy {
    /// The settings.
    pub config: Config,
    keys: Keys,
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

    /// Returns the identity of whoever the head of a request shows, or `None` if it shows nobody.
    ///
    /// A session id may still show more of a verified shopper: which key of a rotation their
    /// conversation was made under.
    pub fn identity(&self, who: &Who) -> Option<Identity> {
        match who {
            Who::Unknown => None,
            Who::Holder(identity) => Some(identity.clone()),
            Who::Verified(account, _) => {
                let signer = self.keys.signer(KeySlot::Current);
                Some(Identity::verified(account, None, &self.keys, signer))
            }
        }
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

    /// Returns the limiter that counts the merchant's own requests from a network.
    pub fn admin_limiter(&self, network: Network) -> LimiterName {
        network.admin_limiter(&self.keys)
    }

    /// Returns the shopper's name in log lines, a keyed hash.
    pub fn log_name(&self, shopper: Shopper) -> [u8; LOG_HASH_BYTES] {
        self.keys.log_hash(&[&shopper.0.to_be_bytes()])
    }

    /// Returns the next request of a call to this endpoint under this key.
    ///
    /// An endpoint or a key that is not set is replaced by the primary or the current one.
    pub fn request(&self, call: &Call, endpoint: Endpoint, slot: KeySlot) -> UpstreamRequest {
        call.request(&self.destination(call, endpoint, slot))
    }

    /// Returns the request for the events of the next message of a call, if there are any.
    pub fn events_request(
        &self,
        call: &Call,
        endpoint: Endpoint,
        slot: KeySlot,
    ) -> Option<UpstreamRequest> {
        call.events_request(&self.destination(call, endpoint, slot))
    }

    fn destination(&self, call: &Call, endpoint: Endpoint, slot: KeySlot) -> Destination<'_> {
        let key = match (&self.config.api_key_next, slot) {
            (Some(next), KeySlot::Next) => Some(next),
            _ => self.config.api_key.as_ref(),
        };
        Destination {
            base_url: self.base_url(call, endpoint),
            key: self.omi(call).map_or(key, |omi| Some(&omi.key)),
        }
    }

    /// Returns the settings of omi.me if the call goes there.
    fn omi(&self, call: &Call) -> Option<&omi::Settings> {
        let omi = self.config.omi.as_ref();
        omi.filter(|_| call.is_to_omi())
    }

    /// Returns the host and the port that a call goes to, or `None` if they are not on this machine.
    ///
    /// Only a URL on this machine may be http.
    pub fn local_address(&self, call: &Call, endpoint: Endpoint) -> Option<(&str, u16)> {
        let rest = self.base_url(call, endpoint).strip_prefix("http://")?;
        let authority = rest.split('/').next()?;
        let with_port = authority
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        Some(with_port.unwrap_or((authority, 80)))
    }

    fn base_url(&self, call: &Call, endpoint: Endpoint) -> &str {
        if let Some(omi) = self.omi(call) {
            return &omi.base_url;
        }
        match (&self.config.fallback_url, endpoint) {
            (Some(fallback), Endpoint::Fallback) => fallback,
            _ => &self.config.base_url,
        }
    }
}
