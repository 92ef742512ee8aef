//! The way of a request, as plain functions: what is decided before the limiter is asked, and
//! what follows from its verdict and from the upstream's answer. The gate knows no platform; the
//! time and the randomness are given to it.

use uuid::Uuid;

use crate::arrival::Arrival;
use crate::assistants::Assistant;
use crate::chat::Chat;
use crate::config::{self, Config, Misconfigured, Raw, Setting};
use crate::headers::Headers;
use crate::identity::Identity;
use crate::keys::{Keys, LOG_HASH_BYTES, Slot};
use crate::media_type;
use crate::memory::Memory;
use crate::memory::routes::Route;
use crate::network::Network;
use crate::origin::AllowList;
use crate::pass::{Pass, Shopper};
use crate::refusal::Refusal;

/// Where chats go: the published contract's path.
pub const CHAT_PATH: &str = "/v1/concierge/chat";
/// Where the merchant sees whether the worker is set up.
pub const HEALTH_PATH: &str = "/healthz";

const USER_AGENT: &str = concat!("concierge-proxy/", env!("CARGO_PKG_VERSION"));

/// The gate of one deployment: made once, from its settings, and asked with every request.
#[derive(Debug)]
pub struct Gate {
    /// Whose pages may read the replies.
    pub origins: AllowList,
    proxy: Result<Proxy, Misconfigured>,
}

/// A proxy that is set up.
#[derive(Debug)]
pub struct Proxy {
    /// Its settings.
    pub config: Config,
    /// The assistant it stands before.
    pub assistant: Assistant,
    keys: Keys,
}

/// What a request is, once its headers are known to be good.
#[derive(Debug)]
pub enum Entry {
    /// A preflight, to be allowed.
    Preflight,
    /// A look at the settings, which are right.
    Health,
    /// A chat, whose body is to be read.
    Chat,
}

/// What one request is given of randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chance {
    request_id: [u8; 16],
    shopper: [u8; 4],
    nonce: [u8; 4],
    receipt: [u8; 4],
    pauses: [u8; 6],
}

/// A chat that may go on if the limiter lets it.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who asks.
    pub identity: Identity,
    /// The body that goes upstream.
    pub body: String,
}

/// One request upstream, but for its body.
#[derive(Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Where it goes.
    pub url: String,
    /// Its headers, the key among them.
    pub headers: Headers,
}

impl Gate {
    /// Opens the gate with what the platform holds for each setting.
    pub fn open(raw: impl Fn(Setting) -> Raw) -> Self {
        let (origins, config) = config::read(raw);
        Self {
            origins,
            proxy: config.map(|config| Proxy {
                keys: Keys::derive(&config.api_key, config.api_key_next.as_ref()),
                assistant: Assistant::SalesAssociate,
                config,
            }),
        }
    }

    /// The proxy, where its settings are right.
    ///
    /// # Errors
    ///
    /// All mistakes in the settings.
    pub fn proxy(&self) -> Result<&Proxy, Refusal> {
        self.proxy
            .as_ref()
            .map_err(|Misconfigured(mistakes)| Refusal::MisconfiguredProxy(mistakes.clone()))
    }

    /// The page's origin, where it may read the reply.
    pub fn reader<'a>(&self, arrival: &Arrival<'a>) -> Option<&'a str> {
        arrival.origin.filter(|origin| self.origins.allows(origin))
    }

    /// Decides all that can be decided before the body is read, in this order: preflight, health,
    /// configuration, path, method, origin, content type.
    ///
    /// # Errors
    ///
    /// The first check that fails.
    pub fn receive(&self, arrival: &Arrival<'_>) -> Result<Entry, Refusal> {
        let origin_allowed = self.reader(arrival).is_some();
        // Any path: a page has to be able to read that there is nothing.
        let preflight =
            arrival.method == "OPTIONS" && (arrival.asks_for_method || arrival.path == CHAT_PATH);
        if preflight {
            return if origin_allowed {
                Ok(Entry::Preflight)
            } else {
                Err(Refusal::OriginNotAllowed)
            };
        }
        if arrival.path == HEALTH_PATH {
            return match arrival.method {
                "GET" | "HEAD" => self.proxy().map(|_| Entry::Health),
                _ => Err(Refusal::MethodNotAllowed("GET, HEAD")),
            };
        }
        self.proxy()?;
        if arrival.path != CHAT_PATH {
            return Err(Refusal::NotFound);
        }
        if arrival.method != "POST" {
            return Err(Refusal::MethodNotAllowed("POST, OPTIONS"));
        }
        if !origin_allowed {
            return Err(Refusal::OriginNotAllowed);
        }
        if !media_type::is(arrival.content_type, media_type::JSON) {
            return Err(Refusal::UnsupportedMediaType);
        }
        Ok(Entry::Chat)
    }
}

impl Proxy {
    /// Where a chat goes and under which headers: ours alone, none that a browser sent. A route or
    /// a key that is not set is the first one.
    pub fn attempt(&self, route: Route, slot: Slot) -> Attempt {
        let base_url = match (&self.config.fallback_url, route) {
            (Some(fallback), Route::Fallback) => fallback,
            _ => &self.config.base_url,
        };
        let key = match (&self.config.api_key_next, slot) {
            (Some(next), Slot::Next) => next,
            _ => &self.config.api_key,
        };
        let mut headers = Headers::default();
        headers.push("Content-Type", media_type::JSON);
        headers.push("Accept", media_type::JSON);
        headers.push("User-Agent", USER_AGENT);
        headers.push(self.assistant.key_header(), key.expose());
        Attempt {
            url: self.assistant.endpoint(base_url),
            headers,
        }
    }

    /// Who asks, where the headers alone tell it: the holder of a good pass. The time is in seconds
    /// since 1970, here and below; what is new is made for this key's signatures.
    pub fn recognise(&self, arrival: &Arrival<'_>, now: u32, slot: Slot) -> Option<Identity> {
        let here = || Network::of(arrival.address);
        let signer = self.keys.signer(slot);
        Identity::by_pass(arrival.pass, here, now, &self.keys, signer)
    }

    /// Checks the body, finds out who asks where that is not known yet, and writes what would go
    /// upstream.
    ///
    /// # Errors
    ///
    /// The first rule that the body breaks.
    pub fn plan(
        &self,
        arrival: &Arrival<'_>,
        known: Option<Identity>,
        body: &[u8],
        now: u32,
        chance: Chance,
        slot: Slot,
    ) -> Result<Plan, Refusal> {
        let signer = self.keys.signer(slot);
        let chat = Chat::check(body)?;
        let identity = known.unwrap_or_else(|| {
            let here = Network::of(arrival.address);
            let fresh = Shopper(u32::from_be_bytes(chance.shopper));
            Identity::without_pass(chat.session_id(), here, now, fresh, &self.keys, signer)
        });
        let nonce = u32::from_be_bytes(chance.nonce);
        let session_id = identity.session_id(chat.session_id(), nonce, &self.keys, signer);
        Ok(Plan {
            body: chat.body(&session_id)?,
            identity,
        })
    }

    /// A pass as the browser is given it, signed under this key.
    pub fn write(&self, pass: &Pass, slot: Slot) -> String {
        pass.write(self.keys.signer(slot))
    }

    /// The key that goes first, as far as this is known.
    pub fn first_slot(&self, memory: &Memory, now: u64) -> Slot {
        memory.slots.first(self.config.api_key_next.is_some(), now)
    }

    /// The shopper as a log line names it: a keyed hash.
    pub fn log_name(&self, shopper: Shopper) -> [u8; LOG_HASH_BYTES] {
        self.keys.log_hash(&[&shopper.0.to_be_bytes()])
    }
}

impl Chance {
    /// How many random bytes a request needs.
    pub const BYTES: usize = 34;

    /// Takes the bytes that were drawn.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        let mut chance = Self {
            request_id: [0; 16],
            shopper: [0; 4],
            nonce: [0; 4],
            receipt: [0; 4],
            pauses: [0; 6],
        };
        let slots = chance
            .request_id
            .iter_mut()
            .chain(&mut chance.shopper)
            .chain(&mut chance.nonce)
            .chain(&mut chance.receipt)
            .chain(&mut chance.pauses);
        for (slot, byte) in slots.zip(bytes) {
            *slot = byte;
        }
        chance
    }

    /// The number under which the limiter may take the chat back.
    pub fn receipt(&self) -> u32 {
        u32::from_be_bytes(self.receipt)
    }

    /// What makes the n-th pause between attempts, from 0, longer or shorter.
    pub fn pause(&self, n: usize) -> u16 {
        self.pauses.chunks_exact(2).nth(n).map_or(0, |bytes| {
            bytes
                .iter()
                .fold(0, |all, byte| all << 8 | u16::from(*byte))
        })
    }

    /// Our id of the request: a random UUID.
    pub fn request_id(&self) -> String {
        uuid::Builder::from_random_bytes(self.request_id)
            .into_uuid()
            .hyphenated()
            .encode_lower(&mut Uuid::encode_buffer())
            .to_owned()
    }
}
