//! The way of a request, as plain functions: what is decided before the limiter is asked, and
//! what follows from its decision and from the upstream's answer. The gate knows no platform; the
//! time and the randomness are given to it.

use std::rc::Rc;

use uuid::Uuid;

use crate::assistants::Assistant;
use crate::chat::Chat;
use crate::config::{self, Config, Misconfigured, Raw, Setting};
use crate::head::RequestHead;
use crate::headers::Headers;
use crate::identity::Identity;
use crate::keys::{Keys, LOG_HASH_BYTES, Slot};
use crate::media_type::MediaType;
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
    proxy: Result<Rc<Proxy>, Misconfigured>,
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
    Chat(Rc<Proxy>),
}

/// The randomness of one request: the request's id, a shopper, a nonce, a receipt, and what makes
/// three pauses longer or shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entropy([u8; Self::BYTES]);

/// A chat that may go on if the limiter lets it.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who asks.
    pub identity: Identity,
    /// The body that goes upstream.
    pub body: String,
}

/// One request upstream, a POST.
#[derive(Debug, PartialEq, Eq)]
pub struct UpstreamRequest {
    /// Where it goes.
    pub url: String,
    /// Its headers, the key among them.
    pub headers: Headers,
    /// Its body.
    pub body: String,
}

impl Gate {
    /// Opens the gate with what the platform holds for each setting.
    pub fn open(raw: impl Fn(Setting) -> Raw) -> Self {
        let (origins, config) = config::read(raw);
        Self {
            origins,
            proxy: config.map(|config| {
                Rc::new(Proxy {
                    keys: Keys::derive(&config.api_key, config.api_key_next.as_ref()),
                    assistant: Assistant::SalesAssociate,
                    config,
                })
            }),
        }
    }

    /// The proxy, where its settings are right.
    ///
    /// # Errors
    ///
    /// All mistakes in the settings.
    pub fn proxy(&self) -> Result<&Rc<Proxy>, Refusal> {
        self.proxy
            .as_ref()
            .map_err(|Misconfigured(mistakes)| Refusal::MisconfiguredProxy(mistakes.clone()))
    }

    /// The page's origin, where it may read the reply.
    pub fn reader<'a>(&self, head: &RequestHead<'a>) -> Option<&'a str> {
        head.origin.filter(|origin| self.origins.allows(origin))
    }

    /// Decides all that can be decided before the body is read, in this order: preflight, health,
    /// configuration, path, method, origin, content type.
    ///
    /// # Errors
    ///
    /// The first check that fails.
    pub fn receive(&self, head: &RequestHead<'_>) -> Result<Entry, Refusal> {
        let origin_allowed = self.reader(head).is_some();
        // Any path: a page has to be able to read that there is nothing.
        let preflight =
            head.method == "OPTIONS" && (head.asks_for_method || head.path == CHAT_PATH);
        if preflight {
            return if origin_allowed {
                Ok(Entry::Preflight)
            } else {
                Err(Refusal::OriginNotAllowed)
            };
        }
        if head.path == HEALTH_PATH {
            return match head.method {
                "GET" | "HEAD" => self.proxy().map(|_| Entry::Health),
                _ => Err(Refusal::MethodNotAllowed("GET, HEAD")),
            };
        }
        let proxy = self.proxy()?;
        if head.path != CHAT_PATH {
            return Err(Refusal::NotFound);
        }
        if head.method != "POST" {
            return Err(Refusal::MethodNotAllowed("POST, OPTIONS"));
        }
        if !origin_allowed {
            return Err(Refusal::OriginNotAllowed);
        }
        if MediaType::of(head.content_type) != Some(MediaType::Json) {
            return Err(Refusal::UnsupportedMediaType);
        }
        Ok(Entry::Chat(proxy.clone()))
    }
}

impl Proxy {
    /// The request that sends a chat on this route and under this key. Its headers are ours alone,
    /// none that a browser sent. A route or a key that is not set is the first one.
    pub fn request(&self, route: Route, slot: Slot, body: &str) -> UpstreamRequest {
        let key = match (&self.config.api_key_next, slot) {
            (Some(next), Slot::Next) => next,
            _ => &self.config.api_key,
        };
        let mut headers = Headers::default();
        headers.push("Content-Type", MediaType::Json.name());
        headers.push("Accept", MediaType::Json.name());
        headers.push("User-Agent", USER_AGENT);
        headers.push(self.assistant.key_header(), key.expose());
        UpstreamRequest {
            url: self.assistant.endpoint(self.base_url(route)),
            headers,
            body: body.to_owned(),
        }
    }

    /// The host and the port that this route leads to, where it leads to this machine: only there
    /// may a URL be http.
    pub fn local_address(&self, route: Route) -> Option<(&str, u16)> {
        let rest = self.base_url(route).strip_prefix("http://")?;
        let authority = rest.split('/').next()?;
        let with_port = authority
            .rsplit_once(':')
            .and_then(|(host, port)| Some((host, port.parse().ok()?)));
        Some(with_port.unwrap_or((authority, 80)))
    }

    fn base_url(&self, route: Route) -> &str {
        match (&self.config.fallback_url, route) {
            (Some(fallback), Route::Fallback) => fallback,
            _ => &self.config.base_url,
        }
    }

    /// Who asks, where the headers alone tell it: the holder of a good pass. The time is in seconds
    /// since 1970, here and below; what is new is made for this key's signatures.
    pub fn recognise(
        &self,
        pass: &str,
        network: Network,
        now: u32,
        slot: Slot,
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
        slot: Slot,
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

impl Entropy {
    /// How many random bytes a request needs.
    pub const BYTES: usize = 34;

    /// Takes the bytes that were drawn.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    fn shopper(&self) -> Shopper {
        Shopper(u32::from_be_bytes(self.part(16)))
    }

    fn nonce(&self) -> u32 {
        u32::from_be_bytes(self.part(20))
    }

    /// The number under which the limiter may refund the chat.
    pub fn receipt(&self) -> u32 {
        u32::from_be_bytes(self.part(24))
    }

    /// What makes the n-th pause between attempts, from 0, longer or shorter.
    pub fn pause(&self, n: usize) -> u16 {
        u16::from_be_bytes(self.part(28 + 2 * n))
    }

    /// The bytes from here on; zeros beyond the last one.
    fn part<const N: usize>(&self, start: usize) -> [u8; N] {
        let bytes = self.0.get(start..).and_then(<[u8]>::first_chunk);
        bytes.copied().unwrap_or([0; N])
    }

    /// Our id of the request: a random UUID.
    pub fn request_id(&self) -> String {
        uuid::Builder::from_random_bytes(self.part(0))
            .into_uuid()
            .hyphenated()
            .encode_lower(&mut Uuid::encode_buffer())
            .to_owned()
    }
}
