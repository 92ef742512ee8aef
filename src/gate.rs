//! What is decided of a request from its head alone.

use std::rc::Rc;

use crate::admin::AdminRoute;
use crate::app_proxy::{self, Visit};
use crate::config;
use crate::contract::route::{CAPABILITIES_PATH, CHAT_PATH, Route, WEBHOOK_PATH};
use crate::head::{Needs, RequestHead};
use crate::media_type::MediaType;
use crate::origin::AllowList;
use crate::proxy::Proxy;
use crate::refusal::Refusal;
use crate::settings::{Misconfigured, Raw, Setting};

/// The path where the merchant sees whether the worker is set up.
pub const HEALTH_PATH: &str = "/healthz";

/// The gate of one deployment.
///
/// It is made once from the settings, and every request passes it.
#[derive(Debug)]
pub struct Gate {
    /// The origins whose pages may read the replies.
    pub origins: AllowList,
    proxy: Result<Rc<Proxy>, Misconfigured>,
}

/// What a request is, once its headers are known to be valid.
#[derive(Debug)]
pub enum Entry {
    /// A preflight to allow.
    Preflight,
    /// A health check, when the settings are valid.
    Health(Rc<Proxy>),
    /// A question about what the assistant can do.
    Capabilities(Rc<Proxy>),
    /// What the assistant reports.
    Webhook(Rc<Proxy>),
    /// What the merchant asks, who may not be the merchant.
    Admin(Rc<Proxy>, AdminRoute),
    /// A request for the assistant, from a page that calls the worker, or by way of Shopify.
    Assistant(Rc<Proxy>, Route, Option<Visit>),
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

    /// Returns the proxy if its settings are valid.
    ///
    /// # Errors
    ///
    /// Returns all mistakes in the settings.
    pub fn proxy(&self) -> Result<&Rc<Proxy>, Refusal> {
        self.proxy
            .as_ref()
            .map_err(|Misconfigured(mistakes)| Refusal::MisconfiguredProxy(mistakes.clone()))
    }

    /// Returns which headers the settings make worth reading.
    pub fn needs(&self) -> Needs {
        let config = self.proxy.as_ref().map(|proxy| &proxy.config);
        Needs {
            tokens: config
                .is_ok_and(|config| config.token_key.is_some() || config.admin_token.is_some()),
            app_proxy: config.is_ok_and(|config| config.app_proxy.is_some()),
        }
    }

    /// Returns the page's origin if the page may read the reply.
    pub fn reader<'a>(&self, head: &RequestHead<'a>) -> Option<&'a str> {
        head.origin.filter(|origin| self.origins.allows(origin))
    }

    /// Decides everything that can be decided before the body is read.
    ///
    /// The order is preflight, health, configuration, path, method, origin, what the assistant offers,
    /// content type. The merchant's own requests need no origin. Where Shopify passes requests on, its signature stands in for the origin. The
    /// time is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// Returns the first check that fails.
    pub fn receive(&self, head: &RequestHead<'_>, now: u32) -> Result<Entry, Refusal> {
        let origin_allowed = self.reader(head).is_some();
        // This applies to any path: a page must be able to read that there is nothing.
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
                "GET" | "HEAD" => self.proxy().map(|proxy| Entry::Health(proxy.clone())),
                _ => Err(Refusal::MethodNotAllowed("GET, HEAD")),
            };
        }
        let proxy = self.proxy()?;
        if head.path == CAPABILITIES_PATH {
            return match head.method {
                "GET" | "HEAD" => Ok(Entry::Capabilities(proxy.clone())),
                _ => Err(Refusal::MethodNotAllowed("GET, HEAD, OPTIONS")),
            };
        }
        if head.path == WEBHOOK_PATH && proxy.config.assistant.webhook_secret().is_some() {
            return match head.method {
                "POST" => Ok(Entry::Webhook(proxy.clone())),
                _ => Err(Refusal::MethodNotAllowed("POST")),
            };
        }
        if let Some(route) = AdminRoute::of(head.path)
            && proxy.config.admin_token.is_some()
        {
            return if head.method == route.method() {
                Ok(Entry::Admin(proxy.clone(), route))
            } else {
                Err(Refusal::MethodNotAllowed(route.method()))
            };
        }
        let route = Route::of(head.path, head.method).ok_or(Refusal::NotFound)?;
        if head.method != route.method() {
            return Err(Refusal::MethodNotAllowed(route.methods()));
        }
        let visit = match &proxy.config.app_proxy {
            Some(app_proxy) if app_proxy::is_claimed(head.query) => {
                let visit = app_proxy.verify(head.query, route.parameter(), now);
                Some(visit.ok_or(Refusal::InvalidSignature)?)
            }
            _ => None,
        };
        if visit.is_none() && !origin_allowed {
            return Err(Refusal::OriginNotAllowed);
        }
        if !proxy.config.offers(route) {
            return Err(Refusal::NotOffered);
        }
        if route.has_body() && MediaType::of(head.content_type) != Some(MediaType::Json) {
            return Err(Refusal::UnsupportedMediaType);
        }
        Ok(Entry::Assistant(proxy.clone(), route, visit))
    }
}
