//! What is decided of a request from its head alone.

use std::rc::Rc;

use crate::config::{self, Misconfigured, Raw, Setting};
use crate::head::RequestHead;
use crate::media_type::MediaType;
use crate::origin::AllowList;
use crate::proxy::Proxy;
use crate::refusal::Refusal;

/// Where chats go: the published contract's path.
pub const CHAT_PATH: &str = "/v1/concierge/chat";
/// Where the merchant sees whether the worker is set up.
pub const HEALTH_PATH: &str = "/healthz";

/// The gate of one deployment: made once, from its settings, and asked with every request.
#[derive(Debug)]
pub struct Gate {
    /// Whose pages may read the replies.
    pub origins: AllowList,
    proxy: Result<Rc<Proxy>, Misconfigured>,
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

impl Gate {
    /// Opens the gate with what the platform holds for each setting.
    pub fn open(raw: impl Fn(Setting) -> Raw) -> Self {
        let (origins, config) = config::read(raw);
        Self {
            origins,
            proxy: config.map(|config| Rc::new(Proxy::new(config))),
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
